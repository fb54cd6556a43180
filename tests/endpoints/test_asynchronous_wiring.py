"""An asynchronous endpoint with its submission and its results consumer: who reads what, and what a client learns."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from constructs_lib import AsyncEndpoint, InputSubmission, ResultsConsumer
from constructs_lib.testing import assert_no_limit_findings
from tests.support import actions, any_model, any_role_arn, one, statements, synthesize

NAMES = {"InferenceOption", "EndpointName", "InputBucketName", "InputPrefix", "OutputBucketName"}
NAMES |= {"SuccessTopicArn", "ErrorTopicArn"}


def made(**options: Any) -> Template:
    def build(stack: cdk.Stack) -> None:
        endpoint = AsyncEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large", **options)
        endpoint.grant_read_results(iam.Role.from_role_arn(stack, "Reader", any_role_arn()))
        endpoint.add_outputs()

    return synthesize(build)


@pytest.fixture(scope="module")
def alone() -> Template:
    return made()


@pytest.fixture(scope="module")
def with_both() -> Template:
    return made(submission=InputSubmission(), results_consumer=ResultsConsumer(request_status=True))


def test_clients_read_the_queue_where_no_consumer_does(alone: Template) -> None:
    assert set(alone.to_json()["Outputs"]) == NAMES | {"NotificationQueueUrl"}
    alone.has_output("InputPrefix", {"Value": "requests/"})
    assert "sqs:ReceiveMessage" in actions(statements(alone, "Reader"))


def test_clients_read_the_table_where_a_consumer_reads_the_queue(with_both: Template) -> None:
    assert set(with_both.to_json()["Outputs"]) == NAMES | {"StatusTableName"}
    table = one(with_both, "AWS::DynamoDB::Table", "")
    with_both.has_output("StatusTableName", {"Value": {"Ref": table}})
    allowed = actions(statements(with_both, "Reader"))
    assert "sqs:ReceiveMessage" not in allowed
    assert {"dynamodb:BatchGetItem", "s3:GetObject*"} <= allowed  # what the client calls


def test_a_consumer_without_a_table_leaves_the_answers_to_the_clients() -> None:
    template = made(results_consumer=ResultsConsumer())
    assert set(template.to_json()["Outputs"]) == NAMES
    assert actions(statements(template, "Reader")) == {"s3:GetBucket*", "s3:GetObject*", "s3:List*"}


def test_what_was_submitted_is_noted_in_the_table_too(with_both: Template) -> None:
    assert "dynamodb:PutItem" in actions(statements(with_both, "EndpointSubmission"))


def test_the_input_bucket_tells_event_bridge(with_both: Template, alone: Template) -> None:
    for template, tells in ((with_both, True), (alone, False)):
        bucket = template.find_resources("AWS::S3::Bucket")[one(template, "AWS::S3::Bucket", "InputBucket")]
        assert ("NotificationConfiguration" in bucket["Properties"]) is tells


def test_the_limit_check_finds_nothing_to_say(with_both: Template) -> None:
    assert_no_limit_findings(with_both)
