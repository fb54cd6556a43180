"""Functions that read a stream: order, partial answers, retries, cutting in two, and the destination of failures."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from tests.local.conftest import ROLE, any_name
from tests.local.test_functions import zipped

# Puts what it was asked into a queue. Fails on "poison", waits on "held" for a file to be there, reports "later" once.
HANDLER = """
import base64, json, os, time
import boto3

seen = set()

def handler(event, context):
    records = event["Records"]
    texts = [base64.b64decode(record["kinesis"]["data"]).decode() for record in records]
    said = {"texts": texts, "event": records[0]}
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(said))
    if "poison" in texts:
        raise ValueError("as you wished")
    while "held" in texts and not os.path.exists(os.environ["RELEASE"]):
        time.sleep(0.02)
    for record, text in zip(records, texts):
        if text == "later" and record["eventID"] not in seen:
            seen.add(record["eventID"])
            return {"batchItemFailures": [{"itemIdentifier": record["kinesis"]["sequenceNumber"]}]}
"""


class Reader:
    """A stream, a function that reads it, a queue of what the function was asked, a bucket of what was given up."""

    def __init__(self, aws: LocalAws, release: Path, shards: int, **mapping: Any) -> None:
        self._kinesis, self._lambda, self._sqs = map(aws.client, ("kinesis", "lambda", "sqs"))
        self._s3, self._cloudwatch = map(aws.client, ("s3", "cloudwatch"))
        self.stream, self.bucket = any_name("stream"), any_name("failures")
        self._kinesis.create_stream(StreamName=self.stream, ShardCount=shards)
        self._s3.create_bucket(Bucket=self.bucket)
        self._queue = self._sqs.create_queue(QueueName=any_name())["QueueUrl"]
        name = self.name = any_name("reader")
        self._lambda.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="index.handler",
            Role=ROLE,
            Timeout=30,
            Code={"ZipFile": zipped("index.py", HANDLER)},
            Environment={"Variables": {"QUEUE": self._queue, "RELEASE": str(release)}},
        )
        arn = self._kinesis.describe_stream(StreamName=self.stream)["StreamDescription"]["StreamARN"]
        destination = {"OnFailure": {"Destination": f"arn:aws:s3:::{self.bucket}"}}
        given = {"StartingPosition": "LATEST", "DestinationConfig": destination, **mapping}
        self.mapping = self._lambda.create_event_source_mapping(FunctionName=name, EventSourceArn=arn, **given)["UUID"]

    def put(self, *texts: str, key: str = "a") -> None:
        """Put all of them at once."""
        records = [{"Data": text.encode(), "PartitionKey": key} for text in texts]
        self._kinesis.put_records(StreamName=self.stream, Records=records)

    def asked(self, until: Callable[[list[Any]], bool], within: float = 20.0) -> list[Any]:
        """What the function was asked, in order, once that is enough."""
        found: list[Any] = []
        deadline = time.monotonic() + within
        while not until(found):
            assert time.monotonic() < deadline, found
            answer = self._sqs.receive_message(QueueUrl=self._queue, WaitTimeSeconds=1, MaxNumberOfMessages=10)
            for message in answer.get("Messages", []):
                found.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    def given_up(self, count: int) -> list[Any]:
        """The invocation records in the bucket, once there are so many."""
        deadline = time.monotonic() + 20
        while len(found := self._s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])) < count:
            assert time.monotonic() < deadline, found
            time.sleep(0.05)
        keys = [each["Key"] for each in found]
        assert all(key.startswith(f"aws/lambda/{self.mapping}/shardId-0") for key in keys)
        return [json.loads(self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()) for key in keys]

    def oldest(self) -> float:
        """The largest age of a batch when the function got it, in milliseconds, as CloudWatch has it."""
        now = datetime.now(UTC)
        [point] = self._cloudwatch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="IteratorAge",
            Dimensions=[{"Name": "FunctionName", "Value": self.name}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            Period=7200,
            Statistics=["Maximum"],
        )["Datapoints"]
        return float(point["Maximum"])

    def end(self) -> None:
        self._lambda.delete_event_source_mapping(UUID=self.mapping)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Where a file lets functions go on that are held."""
    return tmp_path / "release"


@pytest.fixture
def reader(local_aws: LocalAws, release: Path) -> Iterator[Callable[..., Reader]]:
    """Makes readers, and ends them."""
    made: list[Reader] = []

    def make(shards: int = 1, **mapping: Any) -> Reader:
        made.append(Reader(local_aws, release, shards, **mapping))
        return made[-1]

    yield make
    for each in made:
        each.end()


def texts(asked: list[Any]) -> list[list[str]]:
    return [each["texts"] for each in asked]


def has(text: str) -> Callable[[list[Any]], bool]:
    return lambda asked: any(text in each["texts"] for each in asked)


def test_records_come_in_order_in_batches_as_large_as_allowed_and_as_aws_writes_them(
    reader: Callable[..., Reader],
) -> None:
    reading = reader(BatchSize=3)
    reading.put(*"abcdefg")
    asked = reading.asked(has("g"))
    assert texts(asked) == [["a", "b", "c"], ["d", "e", "f"], ["g"]]
    event = asked[0]["event"]
    number = event["kinesis"]["sequenceNumber"]
    assert event["eventID"] == f"shardId-000000000000:{number}"
    assert event["eventSource"] == "aws:kinesis"
    assert time.time() - event["kinesis"]["approximateArrivalTimestamp"] < 60
    assert reading.oldest() > 0


def test_a_record_that_no_filter_lets_through_is_done_with_unseen(reader: Callable[..., Reader]) -> None:
    reading = reader(FilterCriteria={"Filters": [{"Pattern": json.dumps({"partitionKey": ["a"]})}]})
    reading.put("unseen", key="b")
    reading.put("seen", key="a")
    assert texts(reading.asked(has("seen"))) == [["seen"]]


def test_a_window_gathers_what_comes_in_it(reader: Callable[..., Reader]) -> None:
    reading = reader(MaximumBatchingWindowInSeconds=60)  # a real second
    reading.put("a")
    time.sleep(0.2)
    reading.put("b")
    assert texts(reading.asked(has("b"))) == [["a", "b"]]


def test_a_poisoned_record_is_cut_out_and_given_up_alone_with_its_data(reader: Callable[..., Reader]) -> None:
    reading = reader(BisectBatchOnFunctionError=True, MaximumRetryAttempts=1, BatchSize=4)
    reading.put("a", "poison", "b", "c", "d")
    asked = texts(reading.asked(has("d")))
    assert asked == [["a", "poison", "b", "c"], ["a", "poison"], ["a"], ["poison"], ["poison"], ["b", "c"], ["d"]]
    [record] = reading.given_up(1)
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["KinesisBatchInfo"]["batchSize"] == 1
    [lost] = json.loads(record["payload"])["Records"]
    assert base64.b64decode(lost["kinesis"]["data"]) == b"poison"
    assert lost["kinesis"]["sequenceNumber"] == record["KinesisBatchInfo"]["startSequenceNumber"]


def test_a_partial_answer_is_followed_by_the_rest_alone(reader: Callable[..., Reader]) -> None:
    reading = reader(FunctionResponseTypes=["ReportBatchItemFailures"])
    reading.put("a", "later", "b")
    assert texts(reading.asked(lambda asked: len(asked) == 2)) == [["a", "later", "b"], ["later", "b"]]


def test_records_that_are_too_old_are_given_up_untried(reader: Callable[..., Reader]) -> None:
    reading = reader(MaximumRecordAgeInSeconds=60)  # a real second, and two at least
    reading.put("poison")
    [record] = reading.given_up(1)
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    reading.put("a")
    assert texts(reading.asked(has("a")))[-1] == ["a"]


def test_a_shard_that_is_stuck_does_not_hold_up_another(reader: Callable[..., Reader], release: Path) -> None:
    reading = reader(shards=2)
    # The MD5 of "b" lies in the upper half, that of "a" in the lower.
    reading.put("held", key="a")
    reading.put("after it", key="a")
    reading.put("quick", key="b")
    asked = reading.asked(has("quick"))
    assert not has("after it")(asked)
    release.touch()
    asked += reading.asked(has("after it"))
    shards = {each["event"]["eventID"].partition(":")[0] for each in asked}
    assert shards == {"shardId-000000000000", "shardId-000000000001"}


def test_keys_of_one_shard_go_on_beside_each_other_and_each_in_order(
    reader: Callable[..., Reader], release: Path
) -> None:
    reading = reader(ParallelizationFactor=4, BatchSize=1)
    reading.put("held", key="a")
    for text in ("1", "2"):
        for key in ("a", "b", "c", "d"):
            reading.put(f"{key}{text}", key=key)
    asked = reading.asked(lambda found: has("b2")(found) and has("c2")(found))
    assert not has("a1")(asked)
    release.touch()
    asked += reading.asked(has("a2"))
    for key in ("a", "b", "c"):
        assert [text for [text] in texts(asked) if text.startswith(key)] == [f"{key}1", f"{key}2"]
