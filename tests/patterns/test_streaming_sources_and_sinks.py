"""Queues instead of a stream, Firehose instead of another."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from constructs_lib import (
    FirehoseSink,
    InvalidConfiguration,
    QueueSource,
    ServerlessEndpoint,
    StreamBatching,
    StreamingInference,
    StreamRecovery,
    Throughput,
)
from constructs_lib.checks import Checks
from constructs_lib.testing import assert_no_limit_findings
from stream_score.settings import Settings
from tests.support import actions, any_model, any_name, any_role_arn, awaited, one, only, statements, synthesize

MAPPING = "AWS::Lambda::EventSourceMapping"
DELIVERY = "AWS::KinesisFirehose::DeliveryStream"
QUEUE = "AWS::SQS::Queue"
BUCKET = "AWS::S3::Bucket"
LAKE = any_name()


def scoring(stack: cdk.Stack, **options: Any) -> StreamingInference:
    endpoint = ServerlessEndpoint(stack, "Endpoint", model=any_model(stack))
    made = StreamingInference(stack, "Scoring", endpoint=endpoint, **options)
    made.grant_put(iam.Role.from_role_arn(stack, "Producer", any_role_arn()))
    made.grant_read(iam.Role.from_role_arn(stack, "Consumer", any_role_arn()))
    made.add_outputs()
    return made


def environment(template: Template) -> dict[str, Any]:
    return dict(only(template, "AWS::Lambda::Function")["Environment"]["Variables"])


@pytest.fixture(scope="module")
def both() -> Template:
    """A queue in, Firehose out, and a key for all."""
    return synthesize(
        lambda stack: scoring(
            stack,
            source=QueueSource(max_concurrency=7, max_receive_count=3),
            sink=FirehoseSink(prefix="prices/", buffering_in_seconds=30, buffering_in_mb=64, expire_in_days=90),
            batching=StreamBatching(batch_size=200, max_batching_window_in_seconds=4, timeout_in_seconds=100),
            encryption_key=kms.Key(stack, "Key"),
        )
    )


@pytest.fixture(scope="module")
def outer() -> Template:
    """A FIFO queue of ours, and a bucket of somebody else's."""
    return synthesize(
        lambda stack: scoring(
            stack,
            source=QueueSource(fifo=True),
            sink=FirehoseSink(bucket=s3.Bucket.from_bucket_name(stack, "Lake", LAKE), compressed=False),
        )
    )


def test_what_is_synthesized_passes_the_limit_check(both: Template, outer: Template) -> None:
    assert_no_limit_findings(both)
    assert_no_limit_findings(outer)


def test_the_handler_is_told_of_one_sink(both: Template) -> None:
    known = {name: value if isinstance(value, str) else "name" for name, value in environment(both).items()}
    settings = Settings.from_environment(known)
    assert (settings.result_stream_name, settings.delivery_stream_name) == ("", "name")
    assert settings.max_bytes_per_put == 4 * 1024 * 1024
    assert settings.max_bytes_per_result == 1_024_000


def test_firehose_collects_as_asked_for(both: Template) -> None:
    told = only(both, DELIVERY)["ExtendedS3DestinationConfiguration"]
    assert told["BufferingHints"] == {"IntervalInSeconds": 30, "SizeInMBs": 64}
    assert told["Prefix"].startswith("prices/!{timestamp:")
    assert told["ErrorOutputPrefix"].startswith("errors/!{firehose:error-output-type}/")
    assert told["CompressionFormat"] == "GZIP"
    assert told["BucketARN"] == {"Fn::GetAtt": [one(both, BUCKET, "Delivery"), "Arn"]}


def test_what_waits_in_firehose_is_encrypted(both: Template, outer: Template) -> None:
    key = {"Fn::GetAtt": [one(both, "AWS::KMS::Key", ""), "Arn"]}
    told = only(both, DELIVERY)["DeliveryStreamEncryptionConfigurationInput"]
    assert told == {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key}
    assert only(outer, DELIVERY)["DeliveryStreamEncryptionConfigurationInput"] == {"KeyType": "AWS_OWNED_CMK"}


def test_firehose_writes_below_its_prefixes_alone(both: Template) -> None:
    [row] = [row for row in statements(both, "DeliveryRole") if "s3:PutObject" in row["Action"]]
    assert [item["Fn::Join"][1][-1] for item in row["Resource"]] == ["/prices/*", "/errors/*"]
    assert "s3:DeleteObject" not in actions(statements(both, "DeliveryRole"))


def test_firehose_begins_when_it_may_and_logs_what_it_cannot_deliver(both: Template) -> None:
    assert one(both, "AWS::IAM::Policy", "DeliveryRole") in awaited(both, DELIVERY)
    log = only(both, DELIVERY)["ExtendedS3DestinationConfiguration"]["CloudWatchLoggingOptions"]
    group = one(both, "AWS::Logs::LogGroup", "Delivery")
    assert (log["Enabled"], log["LogGroupName"]) == (True, {"Ref": group})
    [row] = [row for row in statements(both, "DeliveryRole") if "logs:PutLogEvents" in row["Action"]]
    assert row["Resource"] == {"Fn::GetAtt": [group, "Arn"]}


def test_a_queue_and_a_lake_with_keys_of_their_own_are_read_and_written_with_these() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    queue = sqs.Queue(
        stack,
        "Queue",
        encryption_master_key=kms.Key(stack, "QueueKey"),
        visibility_timeout=cdk.Duration.minutes(30),
    )
    lake = s3.Bucket(stack, "Lake", encryption_key=kms.Key(stack, "LakeKey"))
    scoring(
        stack,
        source=QueueSource(queue=queue),
        sink=FirehoseSink(bucket=lake),
        encryption_key=kms.Key(stack, "OwnKey"),
    )
    template = Template.from_stack(stack)

    def keys(role: str) -> set[str]:
        rows = [row for row in statements(template, role) if "kms:Decrypt" in row["Action"]]
        return {row["Resource"]["Fn::GetAtt"][0] for row in rows}

    key = {name: one(template, "AWS::KMS::Key", f"{name}Key") for name in ("Queue", "Lake", "Own")}
    assert keys("ScoringRole") == {key["Queue"], key["Own"]}
    assert keys("DeliveryRole") == {key["Lake"], key["Own"]}


def test_the_function_puts_into_that_delivery_stream_alone(both: Template) -> None:
    rows = [row for row in statements(both, "ScoringRole") if "firehose:PutRecordBatch" in row["Action"]]
    assert [row["Resource"] for row in rows] == [{"Fn::GetAtt": [one(both, DELIVERY, ""), "Arn"]}]
    assert not [action for action in actions(statements(both, "ScoringRole")) if action.startswith("kinesis:")]


def test_results_in_s3_are_read_below_their_prefix(both: Template) -> None:
    rows = [row for row in statements(both, "Consumer") if "s3:GetObject*" in row["Action"]]
    assert json.dumps(rows[0]["Resource"][1]).count("/prices/*") == 1
    found = both.find_outputs("*")
    assert found["OutputPrefix"]["Value"] == "prices/"
    assert found["OutputBucketName"]["Value"] == {"Ref": one(both, BUCKET, "Delivery")}
    assert "ResultStreamName" not in found


def test_a_bucket_that_is_handed_in_is_used_as_it_is(outer: Template) -> None:
    assert len(outer.find_resources(BUCKET)) == 1
    told = only(outer, DELIVERY)["ExtendedS3DestinationConfiguration"]
    assert LAKE in json.dumps(told["BucketARN"])
    assert told["CompressionFormat"] == "UNCOMPRESSED"


def test_the_queue_hides_messages_for_six_times_the_function_and_then_gives_up(both: Template) -> None:
    queues = both.find_resources(QUEUE)
    source, letters = (one(both, QUEUE, part) for part in ("ScoringSource", "DeadLetterQueue"))
    told = queues[source]["Properties"]
    assert told["VisibilityTimeout"] == 6 * only(both, "AWS::Lambda::Function")["Timeout"]
    assert told["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [letters, "Arn"]},
        "maxReceiveCount": 3,
    }
    key = {"Fn::GetAtt": [one(both, "AWS::KMS::Key", ""), "Arn"]}
    assert {json.dumps(body["Properties"]["KmsMasterKeyId"]) for body in queues.values()} == {json.dumps(key)}


def test_messages_are_read_in_batches_of_their_own_kind(both: Template, outer: Template) -> None:
    mapping = only(both, MAPPING)
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (200, 4)
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 7}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    in_order = only(outer, MAPPING)
    assert in_order["BatchSize"] == 10
    assert not {"MaximumBatchingWindowInSeconds", "ScalingConfig", "DestinationConfig"} & set(in_order)
    assert all(body["Properties"]["FifoQueue"] for body in outer.find_resources(QUEUE).values())


def test_messages_are_remembered_as_long_as_a_queue_can_keep_them(both: Template) -> None:
    assert environment(both)["STATE_EXPIRES_IN_SECONDS"] == str((14 + 1) * 24 * 3600)


def test_the_function_reads_the_queue_and_producers_send_to_it(both: Template) -> None:
    source = {"Fn::GetAtt": [one(both, QUEUE, "ScoringSource"), "Arn"]}
    rows = [row for row in statements(both, "ScoringRole") if "sqs:ReceiveMessage" in row["Action"]]
    assert [row["Resource"] for row in rows] == [source]
    sent = [row["Resource"] for row in statements(both, "Producer") if "sqs:SendMessage" in row["Action"]]
    assert sent == [source]


def test_a_queue_that_is_handed_in_stays_as_it_is() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    queue = sqs.Queue(stack, "Queue", visibility_timeout=cdk.Duration.minutes(30))
    made = scoring(stack, source=QueueSource(queue=queue))
    template = Template.from_stack(stack)
    assert made.stream is None
    assert only(template, MAPPING)["EventSourceArn"] == {"Fn::GetAtt": [one(template, QUEUE, ""), "Arn"]}
    assert template.find_outputs("QueueUrl")["QueueUrl"]["Value"] == {"Ref": one(template, QUEUE, "")}


def test_all_problems_of_a_sink_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        FirehoseSink(prefix="/x", buffering_in_seconds=901, buffering_in_mb=0, expire_in_days=0)
    prefix, seconds, size, days = caught.value.problems
    assert "prefix must be a folder such as results/ without expressions, got '/x'" in prefix
    assert "buffering_in_seconds must be from 0 to 900 s, got 901" in seconds
    assert "buffering_in_mb must be from 1 to 128 MiB, got 0" in size
    assert "expire_in_days must be" in days


def test_results_do_not_lie_among_the_errors_of_firehose() -> None:
    with pytest.raises(InvalidConfiguration, match="prefix must lie apart from 'errors/'"):
        FirehoseSink(prefix="errors/results/")


def test_all_problems_of_a_queue_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        QueueSource(max_concurrency=1, max_receive_count=0)
    assert "max_concurrency must be from 2 to 1000, got 1" in caught.value.problems[0]
    assert "max_receive_count must be at least 1, got 0" in caught.value.problems[1]


def test_a_large_batch_of_messages_needs_a_window() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    batching = StreamBatching(batch_size=11, max_batching_window_in_seconds=0)
    with pytest.raises(InvalidConfiguration, match="from 1 to 10 messages, got 11; give max_batching_window_in_second"):
        scoring(stack, source=QueueSource(), batching=batching)


def test_the_functions_that_read_a_queue_must_keep_up() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    load = Throughput(records_per_second=100, bytes_per_record=100, seconds_per_request=0.3)
    in_order = QueueSource(fifo=True, max_concurrency=2)
    with pytest.raises(
        InvalidConfiguration, match=r"100 records/s / 10 a request x 0.3 s, must be at most source.max_c"
    ):
        scoring(stack, source=in_order, throughput=load)
    Template.from_stack(stack).resource_count_is(MAPPING, 0)
    checks = Checks("Queue")
    QueueSource(max_concurrency=2).check(checks, StreamBatching(), StreamRecovery(), load, 1_000_000)
    in_order.check(
        checks, in_order.fitted(StreamBatching()), StreamRecovery(), replace(load, seconds_per_request=0.2), 1_000_000
    )
    checks.done()
