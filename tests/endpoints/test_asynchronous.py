"""An asynchronous endpoint: its buckets, topics, queue, permissions, and the way down to zero and back."""

from __future__ import annotations

from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from constructs_lib import (
    AsyncEndpoint,
    AsyncStorage,
    Backlog,
    Container,
    Expiration,
    InvalidConfiguration,
    MultiContainerModel,
    MultiModel,
)
from constructs_lib.endpoints.model import BaseModel
from tests.support import (
    actions,
    any_artifact,
    any_image,
    any_model,
    any_name,
    any_role_arn,
    awaited,
    one,
    only,
    statements,
    synthesize,
)


@pytest.fixture(scope="module")
def template() -> Template:
    def build(stack: cdk.Stack) -> None:
        endpoint = AsyncEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type="ml.m5.large",
            max_concurrent_invocations_per_instance=4,
            autoscaling=Backlog(max_capacity=3, backlog_per_instance=5),
        )
        endpoint.grant_submit(iam.Role.from_role_arn(stack, "Caller", any_role_arn()))
        endpoint.grant_read_results(iam.Role.from_role_arn(stack, "Reader", any_role_arn()))

    return synthesize(build)


def test_answers_and_errors_go_to_paths_of_their_own(template: Template) -> None:
    bucket = one(template, "AWS::S3::Bucket", "OutputBucket")
    output = only(template, "AWS::SageMaker::EndpointConfig")["AsyncInferenceConfig"]["OutputConfig"]
    assert output["S3OutputPath"] == {"Fn::Join": ["", ["s3://", {"Ref": bucket}, "/success"]]}
    assert output["S3FailurePath"] == {"Fn::Join": ["", ["s3://", {"Ref": bucket}, "/failure"]]}


def test_both_topics_are_told(template: Template) -> None:
    config = only(template, "AWS::SageMaker::EndpointConfig")["AsyncInferenceConfig"]
    assert config["OutputConfig"]["NotificationConfig"] == {
        "SuccessTopic": {"Ref": one(template, "AWS::SNS::Topic", "SuccessTopic")},
        "ErrorTopic": {"Ref": one(template, "AWS::SNS::Topic", "ErrorTopic")},
    }
    assert config["ClientConfig"] == {"MaxConcurrentInvocationsPerInstance": 4}


def test_the_queue_hears_both_topics(template: Template) -> None:
    queue = one(template, "AWS::SQS::Queue", "NotificationsQueue")
    subscriptions = [found["Properties"] for found in template.find_resources("AWS::SNS::Subscription").values()]
    assert {subscription["TopicArn"]["Ref"] for subscription in subscriptions} == set(
        template.find_resources("AWS::SNS::Topic")
    )
    assert all(s["Endpoint"] == {"Fn::GetAtt": [queue, "Arn"]} and s["RawMessageDelivery"] for s in subscriptions)


def test_a_message_that_nobody_can_handle_becomes_a_dead_letter(template: Template) -> None:
    dead = one(template, "AWS::SQS::Queue", "DeadLetterQueue")
    template.has_resource_properties(
        "AWS::SQS::Queue",
        {"RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": [dead, "Arn"]}, "maxReceiveCount": 100}},
    )


def test_buckets_are_private_encrypted_and_take_tls_only(template: Template) -> None:
    buckets = template.find_resources("AWS::S3::Bucket")
    assert len(buckets) == 2
    for logical_id, bucket in buckets.items():
        properties = bucket["Properties"]
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert properties["BucketEncryption"]
        template.has_resource_properties(
            "AWS::S3::BucketPolicy",
            {
                "Bucket": {"Ref": logical_id},
                "PolicyDocument": {
                    "Statement": Match.array_with(
                        [Match.object_like({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})]
                    )
                },
            },
        )


def test_inputs_and_outputs_expire_and_broken_uploads_are_cleared(template: Template) -> None:
    rules = {
        logical_id: bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        for logical_id, bucket in template.find_resources("AWS::S3::Bucket").items()
    }
    days = {name: [r["ExpirationInDays"] for r in found if "ExpirationInDays" in r] for name, found in rules.items()}
    assert days[one(template, "AWS::S3::Bucket", "InputBucket")] == [7]
    assert days[one(template, "AWS::S3::Bucket", "OutputBucket")] == [30]
    assert all(any("AbortIncompleteMultipartUpload" in rule for rule in found) for found in rules.values())


def test_what_holds_data_stays_when_the_stack_goes(template: Template) -> None:
    for type_name in ("AWS::S3::Bucket", "AWS::SQS::Queue"):
        for resource in template.find_resources(type_name).values():
            assert resource["DeletionPolicy"] == "Retain"


def test_the_model_s_role_reads_inputs_writes_outputs_and_publishes(template: Template) -> None:
    allowed = actions(statements(template, "ModelExecutionRole"))
    assert {"s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:AbortMultipartUpload", "sns:Publish"} <= allowed
    put = next(s for s in statements(template, "ModelExecutionRole") if "s3:PutObject" in s["Action"])
    output = one(template, "AWS::S3::Bucket", "OutputBucket")
    assert put["Resource"] == [
        {"Fn::Join": ["", [{"Fn::GetAtt": [output, "Arn"]}, f"/{prefix}/*"]]} for prefix in ("success", "failure")
    ]


def test_the_endpoint_waits_for_the_policies_of_its_role(template: Template) -> None:
    before = awaited(template, "AWS::SageMaker::Endpoint")
    assert any(name.startswith("ModelExecutionRoleDefaultPolicy") for name in before)


def test_who_submits_may_put_inputs_and_call_this_endpoint(template: Template) -> None:
    allowed = actions(statements(template, "Caller"))
    assert {"sagemaker:InvokeEndpointAsync", "s3:PutObject"} <= allowed
    assert "s3:GetObject" not in allowed


def test_who_reads_results_may_take_notifications_and_get_outputs(template: Template) -> None:
    assert {"sqs:ReceiveMessage", "sqs:DeleteMessage", "s3:GetObject*"} <= actions(statements(template, "Reader"))


def test_one_key_encrypts_buckets_topics_queues_and_volumes() -> None:
    def build(stack: cdk.Stack) -> None:
        AsyncEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type="ml.m5.large",
            encryption_key=kms.Key(stack, "Key"),
            storage=AsyncStorage(expiration=Expiration(inputs_in_days=None, outputs_in_days=1)),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    template = synthesize(build)
    key = one(template, "AWS::KMS::Key", "Key")
    arn = {"Fn::GetAtt": [key, "Arn"]}
    for bucket in template.find_resources("AWS::S3::Bucket").values():
        (rule,) = bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == arn
        assert rule["BucketKeyEnabled"] is True
        assert bucket["DeletionPolicy"] == "Delete"
    for topic in template.find_resources("AWS::SNS::Topic").values():
        assert topic["Properties"]["KmsMasterKeyId"] == {"Ref": key} or topic["Properties"]["KmsMasterKeyId"] == arn
    for queue in template.find_resources("AWS::SQS::Queue").values():
        assert queue["Properties"]["KmsMasterKeyId"] == arn
    assert only(template, "AWS::SageMaker::EndpointConfig")["KmsKeyId"] == arn
    assert {"kms:Decrypt", "kms:GenerateDataKey"} <= actions(statements(template, "ModelExecutionRole"))


@pytest.mark.parametrize("concurrency", [0, 1001])
def test_concurrency_beyond_its_bound_is_refused(concurrency: int) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(InvalidConfiguration, match=f"from 1 to 1000 concurrent invocations, got {concurrency}"):
        AsyncEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type="ml.m5.large",
            max_concurrent_invocations_per_instance=concurrency,
        )


def many_models(stack: cdk.Stack) -> BaseModel:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", any_name())
    return MultiModel(stack, "Model", image=any_image(), bucket=bucket, prefix="models/")


def side_by_side(stack: cdk.Stack) -> BaseModel:
    containers = [Container(image=any_image(), artifact=any_artifact(), hostname=name) for name in ("a", "b")]
    return MultiContainerModel(stack, "Model", containers=containers)


@pytest.mark.parametrize("make", [many_models, side_by_side])
def test_a_model_of_which_requests_name_a_part_is_refused(make: Callable[[cdk.Stack], BaseModel]) -> None:
    stack = cdk.Stack()
    with pytest.raises(InvalidConfiguration, match="an asynchronous request cannot name a part of it"):
        AsyncEndpoint(stack, "Endpoint", model=make(stack), instance_type="ml.m5.large")
