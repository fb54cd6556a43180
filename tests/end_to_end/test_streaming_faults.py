"""Faults of streaming inference: every record ends once, as a result or a failure, and keys keep their order.

Each test prints its accounts (``pytest -s`` shows them). They are those of the result stream and of the failure bucket.
"""

from __future__ import annotations

import base64
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

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
from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws
from stream_score.deadline import Deadline
from stream_score.records import records_of
from stream_score.sinks import ResultStream as ResultStreamOfFunction
from tests.end_to_end.async_witness import until
from tests.end_to_end.streaming_witness import ONE, OTHER, Streaming

LINES = [sys.executable, str(Path(__file__).with_name("line_model.py"))]
# Real seconds, as a function that is ended has no other: shorter than a deployment would have them.
SHORT = {"REQUEST_TIMEOUT_SECONDS": "1", "RESERVE_SECONDS": "1"}
TIMEOUT = 5


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the model server is told what to do badly."""
    return tmp_path_factory.mktemp("control")


aws = local_aws(containers={"lines": LINES}, time_scale=60.0, scope="module")


@pytest.fixture(scope="module")
def streaming(aws: LocalAws, control: Path) -> Streaming:
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
    deployed = Streaming(aws, deploy(aws, app))
    deployed.configure(TIMEOUT, SHORT)
    return deployed


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
