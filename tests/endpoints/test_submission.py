"""Objects that submit themselves: the rule, the function, what it may do, and where what failed ends."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from async_submit.settings import Settings
from constructs_lib import AsyncEndpoint, InvalidConfiguration
from constructs_lib.endpoints.async_storage import AsyncStorage
from constructs_lib.endpoints.handlers import RETRIES
from constructs_lib.endpoints.results_consumer import ResultsConsumer
from constructs_lib.endpoints.submission import CONTENT_TYPES, InputSubmission
from constructs_lib.facts import lambdas, realtime
from constructs_lib.testing import assert_no_limit_findings
from tests.support import actions, any_model, any_name, statements, synthesize


def built(submission: InputSubmission, *, with_key: bool = False, with_status: bool = False) -> Template:
    def build(stack: cdk.Stack) -> None:
        endpoint = AsyncEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type="ml.m5.large",
            encryption_key=kms.Key(stack, "Key") if with_key else None,
        )
        results = ResultsConsumer(request_status=True).bind(endpoint) if with_status else None
        submission.bind(endpoint, table=results.table if results else None)

    return synthesize(build)


@pytest.fixture(scope="module")
def template() -> Template:
    return built(
        InputSubmission(
            suffixes=[".csv", ".j*on"],
            content_types={".csv": "text/csv; header=present", ".avro": "application/avro"},
            request_ttl_in_seconds=3600,
            invocation_timeout_in_seconds=120,
        )
    )


@pytest.fixture(scope="module")
def with_everything() -> Template:
    return built(InputSubmission(), with_key=True, with_status=True)


def one(template: Template, type_name: str, part: str = "Submission") -> tuple[str, dict[str, Any]]:
    [(logical_id, found)] = [item for item in template.find_resources(type_name).items() if part in item[0]]
    return logical_id, found["Properties"]


def variables(template: Template) -> dict[str, Any]:
    return dict(one(template, "AWS::Lambda::Function")[1]["Environment"]["Variables"])


def test_what_is_synthesized_passes_the_limit_check(template: Template, with_everything: Template) -> None:
    assert_no_limit_findings(template)
    assert_no_limit_findings(with_everything)


def test_the_function_is_told_every_field_of_its_settings_and_nothing_else(template: Template) -> None:
    assert set(variables(template)) - set(RETRIES) == {field.name.upper() for field in fields(Settings)}


def test_the_settings_read_what_the_construct_writes(template: Template) -> None:
    known = {name: value if isinstance(value, str) else "any" for name, value in variables(template).items()}
    settings = Settings.from_environment(known)
    assert settings.input_prefix == "input/"
    assert (settings.request_ttl_seconds, settings.invocation_timeout_seconds) == (3600, 120)
    assert (settings.inference_id_length, settings.output_path_length) == (28, 512)
    assert settings.status_table_name == ""


def test_content_types_of_one_s_own_come_before_the_known_ones(template: Template) -> None:
    told = json.loads(variables(template)["CONTENT_TYPES"])
    assert told == CONTENT_TYPES | {".csv": "text/csv; header=present", ".avro": "application/avro"}


def test_a_claim_outlasts_the_function_and_ends_before_lambda_tries_again(template: Template) -> None:
    _, function = one(template, "AWS::Lambda::Function")
    assert function["Timeout"] < int(variables(template)["CLAIM_SECONDS"]) < lambdas.ASYNCHRONOUS_RETRY.minimum


def test_the_rule_takes_new_objects_of_the_bucket_under_the_prefix(with_everything: Template) -> None:
    bucket, _ = one(with_everything, "AWS::S3::Bucket", "InputBucket")
    _, rule = one(with_everything, "AWS::Events::Rule")
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [{"Ref": bucket}]}, "object": {"key": [{"prefix": "input/"}]}},
    }


def test_suffixes_are_part_of_the_pattern_as_they_are_written(template: Template) -> None:
    _, rule = one(template, "AWS::Events::Rule")
    assert rule["EventPattern"]["detail"]["object"]["key"] == [
        {"wildcard": "input/*.csv"},
        {"wildcard": "input/*.j\\*on"},
    ]


def test_the_input_bucket_tells_event_bridge_without_a_custom_resource(template: Template) -> None:
    _, bucket = one(template, "AWS::S3::Bucket", "InputBucket")
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert not [kind for kind in kinds(template) if kind.startswith("Custom::")]


def kinds(template: Template) -> set[str]:
    return {resource["Type"] for resource in template.to_json()["Resources"].values()}


def test_the_rule_alone_may_call_the_function(template: Template) -> None:
    rule, _ = one(template, "AWS::Events::Rule")
    permission = one(template, "AWS::Lambda::Permission", "")[1]
    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["SourceArn"] == {"Fn::GetAtt": [rule, "Arn"]}


def test_events_that_the_rule_cannot_deliver_and_the_function_cannot_submit_are_dead_letters(
    template: Template,
) -> None:
    queue, properties = one(template, "AWS::SQS::Queue", "SubmissionDeadLetterQueue")
    arn = {"Fn::GetAtt": [queue, "Arn"]}
    assert properties["MessageRetentionPeriod"] == 14 * 86_400
    assert properties["SqsManagedSseEnabled"] is True
    [target] = one(template, "AWS::Events::Rule")[1]["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": arn}
    assert one(template, "AWS::Lambda::Function")[1]["DeadLetterConfig"] == {"TargetArn": arn}
    assert {"sqs:SendMessage"} <= actions(statements(template, "SubmissionRole"))
    template.has_resource_properties(
        "AWS::SQS::QueuePolicy",
        {
            "Queues": [{"Ref": queue}],
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Resource": arn}
                        )
                    ]
                )
            },
        },
    )


def test_the_function_may_submit_to_this_endpoint_and_write_its_claims_and_nothing_else(template: Template) -> None:
    allowed = {action: row["Resource"] for row in statements(template, "SubmissionRole") for action in listed(row)}
    output, _ = one(template, "AWS::S3::Bucket", "OutputBucket")
    claims = {"Fn::Join": ["", [{"Fn::GetAtt": [output, "Arn"]}, "/submitted/*"]]}
    endpoint, _ = one(template, "AWS::SageMaker::Endpoint", "")
    assert allowed.pop("sagemaker:InvokeEndpointAsync") == {"Fn::GetAtt": [endpoint, "EndpointArn"]}
    assert [allowed.pop(action) for action in ("s3:GetObject", "s3:PutObject")] == [claims, claims]
    assert set(allowed) == {
        "s3:AbortMultipartUpload",
        "sqs:SendMessage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }


def listed(statement: dict[str, Any]) -> list[str]:
    action = statement["Action"]
    return [action] if isinstance(action, str) else action


def test_the_role_has_no_managed_policy_and_the_log_is_kept_for_a_month(template: Template) -> None:
    assert "ManagedPolicyArns" not in one(template, "AWS::IAM::Role")[1]
    log_group, properties = one(template, "AWS::Logs::LogGroup")
    assert properties["RetentionInDays"] == 30
    assert one(template, "AWS::Lambda::Function")[1]["LoggingConfig"] == {"LogGroup": {"Ref": log_group}}


def test_with_a_status_table_submissions_are_noted_there(with_everything: Template) -> None:
    table, _ = one(with_everything, "AWS::DynamoDB::Table", "Status")
    told = variables(with_everything)
    assert (told["STATUS_TABLE_NAME"], told["STATUS_EXPIRES_IN_DAYS"]) == ({"Ref": table}, "30")
    [row] = [row for row in statements(with_everything, "SubmissionRole") if "dynamodb:PutItem" in listed(row)]
    assert (listed(row), row["Resource"]) == (["dynamodb:PutItem"], {"Fn::GetAtt": [table, "Arn"]})


def test_the_endpoint_s_key_encrypts_dead_letters_and_lets_event_bridge_write_them(with_everything: Template) -> None:
    key, properties = one(with_everything, "AWS::KMS::Key", "Key")
    _, queue = one(with_everything, "AWS::SQS::Queue", "SubmissionDeadLetterQueue")
    assert queue["KmsMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    [row] = [
        row for row in properties["KeyPolicy"]["Statement"] if row["Principal"].get("Service") == "events.amazonaws.com"
    ]
    assert row["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert row["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_all_problems_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        InputSubmission(input_prefix="", request_ttl_in_seconds=59, invocation_timeout_in_seconds=3601)
    prefix, ttl, timeout = caught.value.problems
    assert "characters of input_prefix must be from 1 to 1024 characters, got 0; without one, what clients" in prefix
    assert "request_ttl_in_seconds must be from 60 to 21600 s, got 59" in ttl
    assert "invocation_timeout_in_seconds must be from 1 to 3600 s, got 3601" in timeout


def test_a_prefix_that_no_key_has_is_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="input_prefix must not begin with a slash, got '/input/'"):
        InputSubmission(input_prefix="/input/")


def test_content_types_that_no_header_holds_are_refused() -> None:
    longest = "a/" + "b" * (realtime.CONTENT_TYPE_LENGTH.maximum - 2)
    assert InputSubmission(default_content_type=longest).default_content_type == longest
    with pytest.raises(InvalidConfiguration) as caught:
        InputSubmission(content_types={".a": f"{longest}c", ".b": "text/größe"}, default_content_type="ä/ö")
    length, named, default = caught.value.problems
    assert "characters of content_types['.a'] must be from 0 to 1024 characters, got 1025" in length
    assert "content_types['.b'] must be in ASCII, got 'text/größe'; it is sent as a header" in named
    assert "default_content_type must be in ASCII, got 'ä/ö'" in default


def test_a_content_type_that_is_known_at_deploy_time_only_passes() -> None:
    content_type = cdk.CfnParameter(cdk.Stack(cdk.App(), "Stack"), "Type").value_as_string
    assert InputSubmission(default_content_type=content_type).default_content_type == content_type


@pytest.mark.parametrize("suffixes", [".csv", [".csv", ""]])
def test_suffixes_are_a_list_of_ends_none_of_which_is_empty(suffixes: Any) -> None:
    with pytest.raises(InvalidConfiguration, match="suffixes must be a list of ends of keys, none of them empty"):
        InputSubmission(suffixes=suffixes)


@pytest.mark.parametrize("prefix", ["submitted/", "submitted/rows/", "sub"])
def test_what_notes_the_submissions_is_not_submitted(prefix: str) -> None:
    with pytest.raises(InvalidConfiguration, match="input_prefix must lie apart from 'submitted/'"):
        InputSubmission(input_prefix=prefix)


def test_a_prefix_that_is_known_at_deploy_time_only_passes() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    prefix = cdk.CfnParameter(stack, "Prefix").value_as_string
    assert InputSubmission(input_prefix=prefix).input_prefix == prefix


def test_a_key_reaches_the_dead_letters_where_the_output_bucket_is_another_s() -> None:
    def build(stack: cdk.Stack) -> None:
        endpoint = AsyncEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type="ml.m5.large",
            encryption_key=kms.Key(stack, "Key"),
            storage=AsyncStorage(output_bucket=s3.Bucket.from_bucket_name(stack, "Outputs", any_name())),
        )
        InputSubmission().bind(endpoint)

    assert {"kms:Decrypt", "kms:GenerateDataKey"} <= actions(statements(synthesize(build), "SubmissionRole"))
