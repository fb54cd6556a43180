"""The buckets and paths of an asynchronous endpoint: ours, handed in, imported; and EventBridge told of objects."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as s3_notifications
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match, Template

from constructs_lib import AsyncEndpoint, AsyncStorage, InputSubmission, InvalidConfiguration
from constructs_lib.endpoints.storage import notify_event_bridge
from tests.support import actions, any_model, any_name, any_role_arn, only, statements, synthesize

MODEL = "ModelExecutionRole"


@pytest.fixture(scope="module")
def handed_in() -> Template:
    def build(stack: cdk.Stack) -> None:
        endpoint = AsyncEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type="ml.m5.large",
            storage=AsyncStorage(
                input_bucket=s3.Bucket(stack, "Inputs"),
                output_bucket=s3.Bucket.from_bucket_name(stack, "Outputs", "answers"),
                client_input_prefix="mine/",
                success_prefix="good",
                failure_prefix="bad/ones",
            ),
            encryption_key=kms.Key(stack, "Key"),
        )
        endpoint.grant_submit(iam.Role.from_role_arn(stack, "Caller", any_role_arn()))
        endpoint.grant_read_results(iam.Role.from_role_arn(stack, "Reader", any_role_arn()))
        endpoint.add_outputs()

    return synthesize(build)


def arn_of_object(key: str) -> dict[str, Any]:
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":s3:::answers/{key}"]]}


def allowed_to(template: Template, part: str, action: str) -> list[Any]:
    """On what a role may do an action."""
    found = [s["Resource"] for s in statements(template, part) if action in s["Action"]]
    return [resource for item in found for resource in (item if isinstance(item, list) else [item])]


def test_buckets_that_are_handed_in_are_taken_with_the_paths_that_were_said(handed_in: Template) -> None:
    handed_in.resource_count_is("AWS::S3::Bucket", 1)
    output = only(handed_in, "AWS::SageMaker::EndpointConfig")["AsyncInferenceConfig"]["OutputConfig"]
    assert (output["S3OutputPath"], output["S3FailurePath"]) == ("s3://answers/good", "s3://answers/bad/ones")


def test_the_model_writes_answers_and_errors_to_their_paths_alone(handed_in: Template) -> None:
    assert allowed_to(handed_in, MODEL, "s3:PutObject") == [arn_of_object("good/*"), arn_of_object("bad/ones/*")]


def test_what_goes_into_an_output_bucket_of_others_is_encrypted_with_the_key(handed_in: Template) -> None:
    (key,) = handed_in.find_resources("AWS::KMS::Key")
    output = only(handed_in, "AWS::SageMaker::EndpointConfig")["AsyncInferenceConfig"]["OutputConfig"]
    assert output["KmsKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    assert {"kms:Decrypt", "kms:GenerateDataKey"} <= actions(statements(handed_in, MODEL))
    assert "kms:Decrypt" in actions(statements(handed_in, "Reader"))


def test_clients_put_inputs_under_their_prefix_alone_and_are_told_of_it(handed_in: Template) -> None:
    (bucket,) = handed_in.find_resources("AWS::S3::Bucket")
    assert allowed_to(handed_in, "Caller", "s3:PutObject") == [
        {"Fn::Join": ["", [{"Fn::GetAtt": [bucket, "Arn"]}, "/mine/*"]]}
    ]
    handed_in.has_output("InputPrefix", {"Value": "mine/"})


def test_who_reads_results_reads_nothing_else(handed_in: Template) -> None:
    read = allowed_to(handed_in, "Reader", "s3:GetObject*")
    assert arn_of_object("good/*") in read
    assert arn_of_object("bad/ones/*") in read
    assert arn_of_object("*") not in read


def test_the_key_of_an_imported_bucket_is_granted_too() -> None:
    key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"

    def build(stack: cdk.Stack) -> None:
        bucket = s3.Bucket.from_bucket_attributes(
            stack, "B", bucket_name=any_name(), encryption_key=kms.Key.from_key_arn(stack, "K", key_arn)
        )
        endpoint = AsyncEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type="ml.m5.large",
            storage=AsyncStorage(input_bucket=bucket, output_bucket=bucket),
        )
        endpoint.grant_submit(iam.Role.from_role_arn(stack, "Caller", any_role_arn()))

    template = synthesize(build)
    for part in (MODEL, "Caller"):
        assert key_arn in allowed_to(template, part, "kms:Decrypt")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"client_input_prefix": "requests"}, "must end with a slash and not begin with one, got 'requests'"),
        ({"client_input_prefix": "/requests/"}, "must end with a slash and not begin with one"),
        ({"success_prefix": "/success"}, "success_prefix must neither be empty nor begin or end with a slash"),
        ({"failure_prefix": ""}, "failure_prefix must neither be empty nor begin or end with a slash, got ''"),
        ({"failure_prefix": "success"}, "success_prefix and failure_prefix must differ, got 'success' for both"),
    ],
)
def test_paths_that_mix_or_lead_nowhere_are_refused(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        AsyncStorage(**arguments)
    (found,) = caught.value.problems
    assert problem in found


@pytest.mark.parametrize("prefix", ["requests/", "requests/mine/", "req"])
def test_what_clients_submit_lies_apart_from_what_submits_itself(prefix: str) -> None:
    stack = cdk.Stack()
    with pytest.raises(InvalidConfiguration, match="what clients submit would be submitted twice"):
        AsyncEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type="ml.m5.large",
            submission=InputSubmission(input_prefix=prefix),
        )


@pytest.mark.parametrize("prefix", ["success/", "success/rows/", "failure/", "f"])
def test_what_sagemaker_answers_is_not_submitted_in_its_turn(prefix: str) -> None:
    stack = cdk.Stack()
    bucket = s3.Bucket(stack, "Both")
    with pytest.raises(InvalidConfiguration, match="would be submitted in their turn, without end"):
        AsyncEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type="ml.m5.large",
            storage=AsyncStorage(input_bucket=bucket, output_bucket=bucket),
            submission=InputSubmission(input_prefix=prefix),
        )


@pytest.mark.parametrize("prefix", ["successes/", "failures/"])
def test_a_prefix_that_only_begins_alike_is_apart(prefix: str) -> None:
    stack = cdk.Stack()
    endpoint = AsyncEndpoint(
        stack,
        "Endpoint",
        model=any_model(stack),
        instance_type="ml.m5.large",
        submission=InputSubmission(input_prefix=prefix),
    )
    assert endpoint.submission is not None


EVENTS = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


def test_a_bucket_of_the_app_tells_event_bridge_by_itself() -> None:
    template = synthesize(lambda stack: notify_event_bridge(s3.Bucket(stack, "B")))
    assert only(template, "AWS::S3::Bucket")["NotificationConfiguration"] == EVENTS
    template.resource_count_is("AWS::Lambda::Function", 0)


def test_what_already_changes_the_notifications_of_a_bucket_is_told_of_event_bridge() -> None:
    def build(stack: cdk.Stack) -> None:
        bucket = s3.Bucket(stack, "B")
        bucket.add_event_notification(
            s3.EventType.OBJECT_CREATED, s3_notifications.SnsDestination(sns.Topic(stack, "Topic"))
        )
        notify_event_bridge(bucket)

    configuration = only(synthesize(build), "Custom::S3BucketNotifications")["NotificationConfiguration"]
    assert set(configuration) == {"EventBridgeConfiguration", "TopicConfigurations"}


def test_the_owner_of_another_bucket_is_to_switch_it_on() -> None:
    stack = cdk.Stack()
    notify_event_bridge(s3.Bucket.from_bucket_name(stack, "B", "theirs"))
    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp("bucket theirs is not of this app"))
