"""A stream through an endpoint: what is made, what the function is told, and what it may do."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template

from constructs_lib import (
    RealtimeEndpoint,
    ResultStream,
    ServerlessEndpoint,
    StreamBatching,
    StreamingInference,
    StreamRecovery,
    StreamSource,
)
from constructs_lib.endpoints.handlers import RETRIES
from constructs_lib.outputs import InferenceOption
from constructs_lib.testing import assert_no_limit_findings
from stream_score.settings import Settings
from tests.support import actions, any_model, any_name, any_role_arn, awaited, one, only, statements, synthesize

MAPPING = "AWS::Lambda::EventSourceMapping"
STREAM = "AWS::Kinesis::Stream"
BUCKET = "AWS::S3::Bucket"
OUTER_STREAM, OUTER_RESULTS = any_name(), any_name()


def build_plain(stack: cdk.Stack) -> None:
    endpoint = ServerlessEndpoint(stack, "Endpoint", model=any_model(stack))
    StreamingInference(stack, "Scoring", endpoint=endpoint).add_outputs()


def build_full(stack: cdk.Stack) -> None:
    endpoint = RealtimeEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large")
    scoring = StreamingInference(
        stack,
        "Scoring",
        endpoint=endpoint,
        source=StreamSource(shard_count=4, retention_in_hours=72, max_record_size_in_kib=2048, enhanced_fan_out=True),
        sink=ResultStream(shard_count=2, retention_in_hours=168),
        batching=StreamBatching(
            content_type="text/csv",
            accept="application/jsonlines",
            batch_size=1000,
            max_batching_window_in_seconds=5,
            parallelization_factor=3,
            max_records_per_request=50,
            max_bytes_per_request=100_000,
            timeout_in_seconds=600,
        ),
        recovery=StreamRecovery(
            max_record_age_in_seconds=7200,
            max_retry_attempts=20,
            bisect_on_error=False,
            failures_expire_in_days=None,
        ),
        encryption_key=kms.Key(stack, "Key"),
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    scoring.grant_put(iam.Role.from_role_arn(stack, "Producer", any_role_arn()))
    scoring.grant_read(iam.Role.from_role_arn(stack, "Consumer", any_role_arn()))
    scoring.grant_read_failures(iam.Role.from_role_arn(stack, "Mender", any_role_arn()))
    scoring.add_outputs("Rides")


def build_handed_in(stack: cdk.Stack) -> None:
    def stream(name: str) -> kinesis.IStream:
        return kinesis.Stream.from_stream_arn(stack, name, f"arn:aws:kinesis:us-east-1:123456789012:stream/{name}")

    endpoint = RealtimeEndpoint.from_endpoint_name(stack, "Endpoint", "mine")
    StreamingInference(
        stack,
        "Scoring",
        endpoint=endpoint,
        source=StreamSource(
            stream=stream(OUTER_STREAM),
            starting_position="AT_TIMESTAMP",
            starting_position_timestamp=1_790_000_000,
        ),
        sink=ResultStream(stream=stream(OUTER_RESULTS)),
    )


@pytest.fixture(scope="module")
def plain() -> Template:
    return synthesize(build_plain)


@pytest.fixture(scope="module")
def full() -> Template:
    return synthesize(build_full)


@pytest.fixture(scope="module")
def handed_in() -> Template:
    return synthesize(build_handed_in)


def environment(template: Template) -> dict[str, Any]:
    return dict(only(template, "AWS::Lambda::Function")["Environment"]["Variables"])


def stream(template: Template, part: str) -> dict[str, Any]:
    return dict(template.find_resources(STREAM)[one(template, STREAM, part)]["Properties"])


def test_what_is_synthesized_passes_the_limit_check(plain: Template, full: Template, handed_in: Template) -> None:
    assert_no_limit_findings(plain)
    assert_no_limit_findings(full)
    assert_no_limit_findings(handed_in)


def test_the_function_is_told_every_field_of_its_settings_and_nothing_else(plain: Template, full: Template) -> None:
    names = {field.name.upper() for field in fields(Settings)}
    for template in (plain, full):
        assert set(environment(template)) - set(RETRIES) == names


def test_the_handler_takes_its_settings(plain: Template) -> None:
    known = {name: value if isinstance(value, str) else "name" for name, value in environment(plain).items()}
    settings = Settings.from_environment(known)
    assert (settings.result_stream_name, settings.delivery_stream_name) == ("name", "")
    assert settings.request_timeout_seconds + settings.reserve_seconds < only(plain, "AWS::Lambda::Function")["Timeout"]


def test_streams_are_on_demand_and_encrypted_by_default(plain: Template) -> None:
    for part in ("Source", "Results"):
        found = stream(plain, part)
        assert found["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
        assert "ShardCount" not in found
        assert found["StreamEncryption"] == {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}


def test_the_mapping_waits_for_time_not_for_ever_and_keeps_what_it_gives_up(plain: Template) -> None:
    mapping = only(plain, MAPPING)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert (mapping["MaximumRetryAttempts"], mapping["MaximumRecordAgeInSeconds"]) == (-1, 6 * 3600)
    destination = mapping["DestinationConfig"]["OnFailure"]["Destination"]
    assert destination == {"Fn::GetAtt": [one(plain, BUCKET, "Failures"), "Arn"]}
    assert mapping["MetricsConfig"] == {"Metrics": ["EventCount"]}
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [one(plain, STREAM, "Source"), "Arn"]}


def test_batches_are_as_asked_for(full: Template) -> None:
    mapping, told = only(full, MAPPING), environment(full)
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (1000, 5)
    assert mapping["ParallelizationFactor"] == 3
    assert (mapping["MaximumRetryAttempts"], mapping["MaximumRecordAgeInSeconds"]) == (20, 7200)
    assert mapping["BisectBatchOnFunctionError"] is False
    assert (told["MAX_RECORDS_PER_REQUEST"], told["MAX_BYTES_PER_REQUEST"]) == ("50", "100000")
    assert (told["CONTENT_TYPE"], told["ACCEPT"]) == ("text/csv", "application/jsonlines")
    assert only(full, "AWS::Lambda::Function")["Timeout"] == 600


def test_a_batch_of_6_mb_has_room_in_the_function(plain: Template) -> None:
    assert only(plain, "AWS::Lambda::Function")["MemorySize"] == 512


def test_streams_have_the_shards_and_the_retention_that_are_asked_for(full: Template) -> None:
    source, results = stream(full, "Source"), stream(full, "Results")
    assert (source["ShardCount"], source["RetentionPeriodHours"]) == (4, 72)
    assert source["MaxRecordSizeInKiB"] == 2048
    assert (results["ShardCount"], results["RetentionPeriodHours"]) == (2, 168)


def test_what_was_put_is_remembered_for_longer_than_a_record_can_come_again(plain: Template, full: Template) -> None:
    assert environment(plain)["STATE_EXPIRES_IN_SECONDS"] == str((24 + 24) * 3600)
    assert environment(full)["STATE_EXPIRES_IN_SECONDS"] == str((72 + 24) * 3600)


def test_with_fan_out_the_function_reads_through_a_consumer_of_its_own(full: Template) -> None:
    consumer = one(full, "AWS::Kinesis::StreamConsumer", "")
    assert only(full, MAPPING)["EventSourceArn"] == {"Fn::GetAtt": [consumer, "ConsumerARN"]}
    subscribed = [row for row in statements(full, "ScoringRole") if "kinesis:SubscribeToShard" in row["Action"]]
    assert [row["Resource"] for row in subscribed] == [{"Fn::GetAtt": [consumer, "ConsumerARN"]}]


def test_requests_are_as_large_as_the_kind_of_endpoint_takes(plain: Template, handed_in: Template) -> None:
    """An imported endpoint may be serverless."""
    serverless = 4 * 1024 * 1024
    assert environment(plain)["MAX_BYTES_PER_REQUEST"] == environment(handed_in)["MAX_BYTES_PER_REQUEST"]
    assert environment(plain)["MAX_BYTES_PER_REQUEST"] == str(serverless)


def test_all_that_is_made_is_encrypted_with_the_key(full: Template) -> None:
    key = {"Fn::GetAtt": [one(full, "AWS::KMS::Key", ""), "Arn"]}
    assert only(full, "AWS::DynamoDB::Table")["SSESpecification"]["KMSMasterKeyId"] == key
    assert [stream(full, part)["StreamEncryption"]["KeyId"] for part in ("Source", "Results")] == [key, key]
    assert json.dumps(key) in json.dumps(only(full, BUCKET)["BucketEncryption"])


def test_what_holds_data_is_retained_unless_told_otherwise(plain: Template, full: Template) -> None:
    for kind in (STREAM, BUCKET, "AWS::DynamoDB::Table", "AWS::Logs::LogGroup"):
        assert {body["DeletionPolicy"] for body in plain.find_resources(kind).values()} == {"Retain"}
        assert {body["DeletionPolicy"] for body in full.find_resources(kind).values()} == {"Delete"}


def test_the_journal_forgets_and_costs_nothing_while_nothing_comes(plain: Template) -> None:
    table = only(plain, "AWS::DynamoDB::Table")
    assert {key["AttributeName"]: key["KeyType"] for key in table["KeySchema"]} == {"span": "HASH", "entry": "RANGE"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_failures_are_private_expire_and_are_told_of(plain: Template, full: Template) -> None:
    bucket = only(plain, BUCKET)
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["NotificationConfiguration"]["EventBridgeConfiguration"]["EventBridgeEnabled"] is True
    days = {rule.get("ExpirationInDays") for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert days == {None, 30}
    assert "ExpirationInDays" not in json.dumps(only(full, BUCKET)["LifecycleConfiguration"])


def test_the_function_may_do_what_it_does_and_no_more(plain: Template) -> None:
    rows = statements(plain, "ScoringRole")
    assert actions(rows) == {
        "dynamodb:PutItem",
        "dynamodb:Query",
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
        "kinesis:PutRecords",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:AbortMultipartUpload",
        "s3:ListBucket",
        "s3:PutObject",
        "sagemaker:InvokeEndpoint",
    }
    assert all("*" not in ([row["Resource"]] if isinstance(row["Resource"], str) else row["Resource"]) for row in rows)


def test_streams_with_keys_of_their_own_are_read_and_written_with_these() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    source, sink = (
        kinesis.Stream(stack, f"{name}Stream", encryption_key=kms.Key(stack, f"{name}Key")) for name in ("In", "Out")
    )
    StreamingInference(
        stack,
        "Scoring",
        endpoint=RealtimeEndpoint.from_endpoint_name(stack, "Endpoint", "mine"),
        source=StreamSource(stream=source),
        sink=ResultStream(stream=sink),
        encryption_key=kms.Key(stack, "OwnKey"),
    )
    template = Template.from_stack(stack)
    allowed: dict[str, set[str]] = {}
    for row in statements(template, "ScoringRole"):
        if row["Action"][:4] == "kms:" or row["Action"][0][:4] == "kms:":
            allowed.setdefault(row["Resource"]["Fn::GetAtt"][0], set()).update(actions([row]))
    assert allowed[one(template, "AWS::KMS::Key", "InKey")] == {"kms:Decrypt"}
    for name in ("OutKey", "OwnKey"):
        assert {"kms:Decrypt", "kms:GenerateDataKey"} <= allowed[one(template, "AWS::KMS::Key", name)]


def test_results_are_put_on_the_result_stream_alone(plain: Template) -> None:
    rows = [row for row in statements(plain, "ScoringRole") if "kinesis:PutRecords" in row["Action"]]
    assert [row["Resource"] for row in rows] == [{"Fn::GetAtt": [one(plain, STREAM, "Results"), "Arn"]}]


def test_objects_are_put_where_failures_belong_alone(plain: Template) -> None:
    [row] = [row for row in statements(plain, "ScoringRole") if "s3:PutObject" in row["Action"]]
    assert [item["Fn::Join"][1][-1] for item in row["Resource"]] == ["/failures/*", "/aws/lambda/*"]


def test_lambda_reads_only_when_the_role_may(plain: Template) -> None:
    assert one(plain, "AWS::IAM::Policy", "ScoringRole") in awaited(plain, MAPPING)


def test_producers_put_consumers_read_and_neither_does_more(full: Template) -> None:
    source, results = ({"Fn::GetAtt": [one(full, STREAM, part), "Arn"]} for part in ("Source", "Results"))
    put, read = statements(full, "Producer"), statements(full, "Consumer")
    assert {"kinesis:PutRecord", "kinesis:PutRecords"} <= actions(put)
    assert not {"kinesis:GetRecords", "kinesis:GetShardIterator"} & actions(put)
    assert {"kinesis:GetRecords", "kinesis:GetShardIterator"} <= actions(read)
    assert not {"kinesis:PutRecord", "kinesis:PutRecords"} & actions(read)
    assert [row["Resource"] for row in put if "kinesis:PutRecord" in row["Action"]] == [source]
    assert [row["Resource"] for row in read if "kinesis:GetRecords" in row["Action"]] == [results]


def test_failures_can_be_read_by_those_who_mend_them(full: Template) -> None:
    allowed = actions(statements(full, "Mender"))
    assert "s3:GetObject*" in allowed
    assert not [action for action in allowed if action.startswith("s3:Put")]


def test_streams_that_are_handed_in_are_used_as_they_are(handed_in: Template) -> None:
    handed_in.resource_count_is(STREAM, 0)
    mapping, told = only(handed_in, MAPPING), environment(handed_in)
    assert OUTER_STREAM in json.dumps(mapping["EventSourceArn"])
    assert told["RESULT_STREAM_NAME"] == OUTER_RESULTS
    assert told["ENDPOINT_NAME"] == "mine"
    assert (mapping["StartingPosition"], mapping["StartingPositionTimestamp"]) == ("AT_TIMESTAMP", 1_790_000_000)


def test_the_outputs_say_where_to_put_where_to_read_and_where_failures_lie(plain: Template, full: Template) -> None:
    found = plain.find_outputs("*")
    assert found["InferenceOption"]["Value"] == InferenceOption.STREAMING
    assert found["StreamName"]["Value"] == {"Ref": one(plain, STREAM, "Source")}
    assert found["ResultStreamName"]["Value"] == {"Ref": one(plain, STREAM, "Results")}
    assert found["FailureBucketName"]["Value"] == {"Ref": one(plain, BUCKET, "Failures")}
    assert set(full.find_outputs("*")) == {f"Rides{name}" for name in found}


def test_parts_are_there_for_whoever_needs_them() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    endpoint = ServerlessEndpoint(stack, "Endpoint", model=any_model(stack))
    made = StreamingInference(stack, "Scoring", endpoint=endpoint)
    assert made.endpoint is endpoint
    assert made.stream is stack.node.find_child("Scoring").node.find_child("Source")
    assert made.result_stream is stack.node.find_child("Scoring").node.find_child("Results")
    assert {"OldestRecord", "Poisoned", "Throttled", "Errors"} < set(made.alarms)
    assert StreamingInference(stack, "Unwatched", endpoint=endpoint, monitoring=None).alarms == {}
