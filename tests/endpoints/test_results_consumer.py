"""What takes the results of an asynchronous endpoint: the function, its queue, and the table of statuses."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template

from async_results.settings import Settings
from constructs_lib import AsyncEndpoint, InvalidConfiguration
from constructs_lib.endpoints.handlers import RETRIES
from constructs_lib.endpoints.results_consumer import ResultsConsumer
from constructs_lib.testing import assert_no_limit_findings
from tests.support import actions, any_model, any_role_arn, only, statements, synthesize


def built(consumer: ResultsConsumer, *, with_key: bool = False) -> Template:
    def build(stack: cdk.Stack) -> None:
        endpoint = AsyncEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type="ml.m5.large",
            encryption_key=kms.Key(stack, "Key") if with_key else None,
            removal_policy=cdk.RemovalPolicy.DESTROY if with_key else cdk.RemovalPolicy.RETAIN,
        )
        bound = consumer.bind(endpoint)
        bound.grant_read(iam.Role.from_role_arn(stack, "Reader", any_role_arn()))
        cdk.CfnOutput(stack, "Table", value=bound.table.table_name if bound.table else "none")

    return synthesize(build)


@pytest.fixture(scope="module")
def plain() -> Template:
    return built(ResultsConsumer())


@pytest.fixture(scope="module")
def template() -> Template:
    return built(
        ResultsConsumer(
            request_status=True,
            status_expires_in_days=90,
            batch_size=100,
            max_batching_window_in_seconds=5,
            max_concurrency=2,
        ),
        with_key=True,
    )


def function(template: Template) -> dict[str, Any]:
    return only(template, "AWS::Lambda::Function")


def queue_id(template: Template) -> str:
    [found] = [name for name in template.find_resources("AWS::SQS::Queue") if "NotificationsQueue" in name]
    return found


def test_what_is_synthesized_passes_the_limit_check(plain: Template, template: Template) -> None:
    assert_no_limit_findings(plain)
    assert_no_limit_findings(template)


def test_the_function_is_told_every_field_of_its_settings_and_nothing_else(template: Template) -> None:
    told = function(template)["Environment"]["Variables"]
    assert set(told) - set(RETRIES) == {field.name.upper() for field in fields(Settings)}
    [table] = template.find_resources("AWS::DynamoDB::Table")
    assert (told["STATUS_TABLE_NAME"], told["STATUS_EXPIRES_IN_DAYS"]) == ({"Ref": table}, "90")


def test_the_function_reads_the_queue_and_names_the_messages_that_fail(plain: Template) -> None:
    mapping = only(plain, "AWS::Lambda::EventSourceMapping")
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [queue_id(plain), "Arn"]}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BatchSize"] == 10
    assert not {"MaximumBatchingWindowInSeconds", "ScalingConfig"} & set(mapping)


def test_batches_may_be_larger_and_functions_fewer(template: Template) -> None:
    mapping = only(template, "AWS::Lambda::EventSourceMapping")
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (100, 5)
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_a_message_stays_hidden_for_six_times_as_long_as_the_function_runs(plain: Template) -> None:
    queue = plain.find_resources("AWS::SQS::Queue")[queue_id(plain)]["Properties"]
    assert queue["VisibilityTimeout"] >= 6 * function(plain)["Timeout"]


def test_without_status_there_is_no_table_and_nothing_to_read(plain: Template) -> None:
    plain.resource_count_is("AWS::DynamoDB::Table", 0)
    assert plain.find_outputs("Table")["Table"]["Value"] == "none"
    assert function(plain)["Environment"]["Variables"]["STATUS_TABLE_NAME"] == ""
    assert statements(plain, "Reader") == []


def test_the_table_is_on_demand_restorable_encrypted_and_forgets(template: Template) -> None:
    [(_, table)] = template.find_resources("AWS::DynamoDB::Table").items()
    [key] = template.find_resources("AWS::KMS::Key")
    properties = table["Properties"]
    assert properties["KeySchema"] == [{"AttributeName": "InferenceId", "KeyType": "HASH"}]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"]["KMSMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "ExpiresAt", "Enabled": True}
    assert table["DeletionPolicy"] == "Delete"


def test_the_table_stays_with_the_endpoint_s_other_data() -> None:
    template = built(ResultsConsumer(request_status=True))
    [table] = template.find_resources("AWS::DynamoDB::Table").values()
    assert table["DeletionPolicy"] == "Retain"


def test_the_function_may_update_items_and_take_messages_and_nothing_else(template: Template) -> None:
    rows = statements(template, "ResultsConsumerRole")
    assert {action for action in actions(rows) if action.startswith("dynamodb:")} == {"dynamodb:UpdateItem"}
    assert {action.partition(":")[0] for action in actions(rows)} == {"dynamodb", "kms", "logs", "sqs"}
    assert all(row["Resource"] != "*" for row in rows)


def test_who_is_let_read_gets_items_and_writes_none(template: Template) -> None:
    allowed = actions(statements(template, "Reader"))
    assert "dynamodb:GetItem" in allowed
    assert not {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"} & allowed


def test_metrics_are_those_of_the_endpoint() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    endpoint = AsyncEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large")
    bound = ResultsConsumer().bind(endpoint)
    metric = bound.metric("Duplicates", period=cdk.Duration.minutes(1))
    assert bound.table is None
    assert (metric.namespace, metric.metric_name, metric.statistic) == ("InferenceResults", "Duplicates", "Sum")
    assert metric.dimensions == {"EndpointName": endpoint.endpoint_name}
    assert metric.period.to_seconds() == 60


def test_all_problems_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        ResultsConsumer(
            status_expires_in_days=0, batch_size=10_001, max_batching_window_in_seconds=301, max_concurrency=1
        )
    days, size, window, concurrency = caught.value.problems
    assert "status_expires_in_days must be at least 1, got 0" in days
    assert "batch_size must be from 1 to 10000 records, got 10001" in size
    assert "max_batching_window_in_seconds must be from 0 to 300 s, got 301" in window
    assert "max_concurrency must be from 2 to 1000, got 1" in concurrency


def test_a_large_batch_needs_time_to_fill() -> None:
    with pytest.raises(InvalidConfiguration, match="from 1 to 10 messages, got 11; give max_batching_window_in_second"):
        ResultsConsumer(batch_size=11)
