"""Faults of streaming inference: every record ends once, as a result or a failure, and keys keep their order.

Each test prints its accounts (``pytest -s`` shows them). They are those of the result stream and of the failure bucket.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from constructs_lib import (
    ContainerImage,
    Model,
    RealtimeEndpoint,
    ResultStream,
    StreamBatching,
    StreamingInference,
    StreamSource,
)
from constructs_lib.client import InferenceClient, StreamResult, results_of
from constructs_lib.local import LocalAws
from stream_score.deadline import Deadline
from stream_score.records import records_of
from stream_score.sinks import ResultStream as ResultStreamOfFunction
from tests.end_to_end.async_witness import until
from tests.end_to_end.deploying import bootstrap, deploy
from tests.end_to_end.ledger import FAILURE, RESULT, Ledger

LINES = [sys.executable, str(Path(__file__).with_name("line_model.py"))]
# By their MD5, one shard has the first of these keys, the other one the second.
ONE, OTHER = "zone-0", "zone-1"
# Real seconds, as a function that is ended has no other: shorter than a deployment would have them.
SHORT = {"REQUEST_TIMEOUT_SECONDS": "1", "RESERVE_SECONDS": "1"}
TIMEOUT = 5


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the model server is told what to do badly."""
    return tmp_path_factory.mktemp("control")


class Streaming:
    """The one deployed stack, and what the witnesses know of it."""

    def __init__(self, aws: LocalAws, outputs: Mapping[str, str]) -> None:
        self.outputs = outputs
        self.aws = aws
        self.client = InferenceClient(result_stream=outputs["ResultStreamName"], session=aws.session())
        [mapping] = aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        self.function_arn = mapping["FunctionArn"]

    def put(self, texts: Sequence[str], keys: Sequence[str]) -> list[str]:
        """Put records, 500 at a time at most; their ids as Lambda gives them."""
        records = [
            {"Data": text.encode(), "PartitionKey": keys[number % len(keys)]} for number, text in enumerate(texts)
        ]
        answer = self.aws.client("kinesis").put_records(StreamName=self.outputs["StreamName"], Records=records)
        return [f"{each['ShardId']}:{each['SequenceNumber']}" for each in answer["Records"]]

    def results(self) -> list[StreamResult]:
        """All results in the order of their keys, as often as they were put."""
        kinesis, found = self.aws.client("kinesis"), []
        name = self.outputs["ResultStreamName"]
        for shard in kinesis.list_shards(StreamName=name)["Shards"]:
            arguments = {"StreamName": name, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            place = kinesis.get_shard_iterator(**arguments)["ShardIterator"]
            for record in kinesis.get_records(ShardIterator=place)["Records"]:
                found += results_of(record["Data"], record["ApproximateArrivalTimestamp"].timestamp())
        return found

    def failures(self) -> list[dict[str, Any]]:
        """What the failure bucket holds."""
        s3, bucket = self.aws.client("s3"), self.outputs["FailureBucketName"]
        found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return [json.loads(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()) for each in found]

    def ends(self, ids: Sequence[str]) -> list[tuple[str, str]]:
        """How records ended, as often as they did."""
        known = set(ids)
        ends = [(result.id, RESULT) for result in self.results()] + [(each["id"], FAILURE) for each in self.failures()]
        return [end for end in ends if end[0] in known]

    def accounts(self, what: str, ids: Sequence[str]) -> Ledger:
        """The accounts of records once all have ended, and a moment later, when a second end would be there too."""
        until(lambda: len(self.ends(ids)) >= len(ids), 30)
        time.sleep(0.5)
        ledger = Ledger.of(what, ids, self.ends(ids))
        assert ledger.is_balanced
        known = set(ids)
        for key in (ONE, OTHER):
            numbers = [
                int(each.sequence_number) for each in self.results() if each.partition_key == key and each.id in known
            ]
            assert numbers == sorted(numbers), f"{key} is out of order"
        return ledger

    def logged(self) -> list[dict[str, Any]]:
        """What the function has logged."""
        name = self.function_arn.rpartition(":")[2]
        configuration = self.aws.client("lambda").get_function_configuration(FunctionName=name)
        pages = self.aws.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=configuration["LoggingConfig"]["LogGroup"])
        texts = [event["message"] for page in found for event in page["events"]]
        return [json.loads(line) for text in texts for line in text.splitlines() if line.startswith("{")]

    def counted(self, since: int, metric: str) -> int:
        """The sum of a metric in what was logged since."""
        return sum(line.get(metric, 0) for line in self.logged()[since:] if "_aws" in line)

    def configure(self, timeout: int, changes: Mapping[str, str]) -> None:
        """Give the function other variables than it was deployed with, and another time-out."""
        lambda_ = self.aws.client("lambda")
        variables = lambda_.get_function_configuration(FunctionName=self.function_arn)["Environment"]["Variables"]
        lambda_.update_function_configuration(
            FunctionName=self.function_arn, Timeout=timeout, Environment={"Variables": {**variables, **changes}}
        )

    def event(self, ids: Sequence[str]) -> dict[str, Any]:
        """The batch of these records, all of one shard, as Lambda hands it to the function."""
        kinesis, name, known = self.aws.client("kinesis"), self.outputs["StreamName"], set(ids)
        shard = ids[0].partition(":")[0]
        place = kinesis.get_shard_iterator(StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
        records = kinesis.get_records(ShardIterator=place["ShardIterator"])["Records"]
        events = [
            {
                "kinesis": {
                    "partitionKey": record["PartitionKey"],
                    "sequenceNumber": record["SequenceNumber"],
                    "data": base64.b64encode(record["Data"]).decode(),
                    "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
                },
                "eventSource": "aws:kinesis",
                "eventID": f"{shard}:{record['SequenceNumber']}",
                "eventSourceARN": arn,
            }
            for record in records
        ]
        return {"Records": [event for event in events if event["eventID"] in known]}

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """Hand the function an event, and wait for what it answers."""
        answer = self.aws.client("lambda").invoke(FunctionName=self.function_arn, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())


@pytest.fixture(scope="module")
def streaming(control: Path) -> Iterator[Streaming]:
    app = cdk.App()
    stack = cdk.Stack(app, "Streaming")
    image = ContainerImage.from_uri("000000000000.dkr.ecr.us-east-1.amazonaws.com/lines:1")
    model = Model(stack, "Model", image=image, environment={"CONTROL": str(control)})
    StreamingInference(
        stack,
        "Scoring",
        endpoint=RealtimeEndpoint(stack, "Endpoint", model=model, instance_type="ml.m5.large"),
        source=StreamSource(shard_count=2),
        sink=ResultStream(shard_count=2),
        batching=StreamBatching(content_type="text/csv", max_records_per_request=50),
    ).add_outputs()
    [assembly] = app.synth().stacks
    with LocalAws(containers={"lines": LINES}, time_scale=60.0) as aws:
        bootstrap(aws)
        deployed = Streaming(aws, deploy(aws, assembly))
        deployed.configure(TIMEOUT, SHORT)
        yield deployed


@contextmanager
def told(control: Path, name: str, text: str) -> Iterator[None]:
    """Inside, the model server does something badly."""
    (control / name).write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        (control / name).unlink()


def rides(count: int, name: str = "ride") -> list[str]:
    return [f"{name}-{number}" for number in range(count)]


def test_a_poisoned_record_in_a_batch_of_500_harms_no_other_one(streaming: Streaming) -> None:
    texts = rides(500)
    texts[317] = "poison"
    ids = streaming.put(texts, [ONE])
    ledger = streaming.accounts("a poisoned record in a batch of 500", ids)
    assert ledger.figures == (499, 1, 0, 0, 0)
    [kept] = streaming.failures()
    assert (kept["id"], kept["reason"]) == (ids[317], "400: no such ride")
    assert base64.b64decode(kept["data"]) == b"poison"
    assert [result.prediction for result in streaming.results()][:2] == ["6,ride-0", "6,ride-1"]
    assert 500 in [line.get("RecordsIn") for line in streaming.logged()], "it was one batch"


def test_while_the_endpoint_throttles_one_shard_waits_and_the_other_one_goes_on(
    streaming: Streaming, control: Path
) -> None:
    logged = len(streaming.logged())
    with told(control, "busy", "jam"):
        jammed = streaming.put(rides(40, "jam"), [ONE])
        free = streaming.put(rides(40, "free"), [OTHER])
        until(lambda: len(streaming.ends(free)) == 40)
        assert streaming.ends(jammed) == []
        until(lambda: any(line.get("Outcome") == "HandedBack" for line in streaming.logged()[logged:]))
        later = streaming.put(rides(40, "later"), [OTHER])
        until(lambda: len(streaming.ends(later)) == 40)
        assert streaming.ends(jammed) == []
    ledger = streaming.accounts("an endpoint that throttles one of two shards", [*jammed, *free, *later])
    assert ledger.figures == (120, 0, 0, 0, 0)
    assert streaming.counted(logged, "Throttled") > 3


def test_the_same_batch_delivered_three_times_at_once_and_again_has_one_result_a_record(streaming: Streaming) -> None:
    ids = streaming.put([*rides(200), "poison"], [ONE])
    event = streaming.event(ids)
    assert len(event["Records"]) == 201
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(streaming.invoke, [event, event]))
    assert all("batchItemFailures" in answer for answer in answers)
    ledger = streaming.accounts("a batch delivered three times at once", ids)
    assert ledger.figures == (200, 1, 0, 0, 0)
    logged = len(streaming.logged())
    assert streaming.invoke(event) == {"batchItemFailures": []}
    assert streaming.counted(logged, "Duplicates") == 201
    ledger = streaming.accounts("and once more when all is done", ids)
    assert ledger.figures == (200, 1, 0, 0, 0)


def test_a_function_that_is_timed_out_in_the_middle_loses_and_repeats_nothing(
    streaming: Streaming, control: Path
) -> None:
    logged = len(streaming.logged())
    # With no reserve it does not stop by itself, and is ended between two requests or two puts.
    streaming.configure(3, {"RESERVE_SECONDS": "-60"})
    with told(control, "slow", "0.4"):
        ids = streaming.put(rides(500), [ONE])
        until(lambda: len(streaming.ends(ids)) > 0)
        until(lambda: streaming.counted(logged, "Duplicates") > 0)
    ledger = streaming.accounts("a function that is timed out in the middle", ids)
    assert ledger.figures == (500, 0, 0, 0, 0)
    assert streaming.counted(logged, "RecordsOut") < 500, "the one that was ended could not count"


def test_the_function_can_look_up_what_was_put(streaming: Streaming) -> None:
    """As it does where another one died between putting results and saying so."""
    ids = streaming.put(rides(3), [ONE])
    streaming.accounts("results that are looked up", ids)
    put_at = [result.put_at for result in streaming.results() if result.id in ids]
    stream = ResultStreamOfFunction(None, streaming.aws.client("kinesis"), streaming.outputs["ResultStreamName"])
    records, time_left = records_of(streaming.event(ids)), Deadline(lambda: 10, reserve=0)
    assert stream.found(records, min(put_at), max(put_at), time_left) == set(ids)
    assert stream.found(records, max(put_at) + 60, max(put_at) + 120, time_left) == set()


def test_the_client_reads_every_result_once(streaming: Streaming) -> None:
    put = Counter(result.id for result in streaming.results())
    read = [result.id for result in streaming.client.read_results(count=len(put), timeout=10)]
    assert Counter(read) == put
