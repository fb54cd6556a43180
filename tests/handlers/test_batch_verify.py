"""Verifying a shard: an answer for each input, as many records out as in, and what its jobs are paid for."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from batch_verify import logic
from batch_verify.settings import Settings
from tests.handlers.batches import BUCKET, INPUTS, VERIFY_ENVIRONMENT, MemoryS3
from tests.handlers.conftest import _load

SETTINGS = Settings.from_environment(VERIFY_ENVIRONMENT)
PLACE = "work/run/shards/0/"
JOB = {"TransformStartTime": 1_000, "TransformEndTime": 61_000, "TransformResources": {"InstanceCount": 2}}
DONE = {"name": "job-0", "instance_type": "ml.m5.large", "job": JOB}
CAUSE = {**JOB, "TransformJobStatus": "Failed", "FailureReason": "ClientError: bad records"}
FAILED = {"name": "job-0", "instance_type": "ml.m5.large", "error": "States.TaskFailed", "cause": json.dumps(CAUSE)}


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("batch_verify.handler", VERIFY_ENVIRONMENT)


@pytest.fixture
def s3() -> MemoryS3:
    found = MemoryS3()
    manifest = json.dumps([{"prefix": f"s3://{INPUTS}/in/"}, "a", "b"]).encode()
    found.fill(BUCKET, {f"{PLACE}manifest.json": manifest})
    found.fill(INPUTS, {"in/a": b"1\n2\n", "in/b": b"3"})
    return found


def verified(handler: ModuleType, s3: MemoryS3, attempts: Any, **changed: Any) -> dict[str, Any]:
    event = {"shard": 0, "work": "work/run/", "attempts": attempts}
    handler.Verifier(replace(SETTINGS, **changed), s3=s3).verify(event)
    result: dict[str, Any] = json.loads(s3.objects[BUCKET, f"{PLACE}result.json"])
    return result


def test_a_shard_with_all_of_its_answers_is_complete(handler: ModuleType, s3: MemoryS3) -> None:
    s3.fill(BUCKET, {f"{PLACE}answers/a.out": b"x\ny\n", f"{PLACE}answers/b.out": b"z\n"})
    result = verified(handler, s3, [DONE])
    assert (result["status"], result["answers"], result["records"], result["answered_records"]) == ("Complete", 2, 3, 3)
    assert result["jobs"] == [{"name": "job-0", "instance_type": "ml.m5.large", "instance_seconds": 120.0}]


def test_answers_are_found_below_the_prefix_of_their_inputs_too(handler: ModuleType, s3: MemoryS3) -> None:
    s3.fill(BUCKET, {f"{PLACE}answers/in/a.out": b"x\ny\n", f"{PLACE}answers/in/b.out": b"z\n"})
    result = verified(handler, s3, [DONE])
    assert (result["status"], result["lead"], result["answered_records"]) == ("Complete", "in/", 3)


def test_a_first_input_without_an_answer_hides_no_other(handler: ModuleType, s3: MemoryS3) -> None:
    s3.fill(BUCKET, {f"{PLACE}answers/in/b.out": b"z\n"})
    assert verified(handler, s3, [DONE])["missing"] == ["a"]


def test_a_missing_answer_is_named(handler: ModuleType, s3: MemoryS3) -> None:
    s3.fill(BUCKET, {f"{PLACE}answers/a.out": b"x\ny\n"})
    result = verified(handler, s3, [DONE])
    assert (result["status"], result["missing"]) == ("Failed", ["b"])
    assert result["reason"] == "1 of 2 objects have no answer: b"


def test_fewer_answers_than_records_are_no_complete_shard(handler: ModuleType, s3: MemoryS3) -> None:
    s3.fill(BUCKET, {f"{PLACE}answers/a.out": b"x\n", f"{PLACE}answers/b.out": b"z\n"})
    assert verified(handler, s3, [DONE])["reason"] == "a: 2 records, 1 answers"
    assert verified(handler, s3, [DONE], counts_records=False)["status"] == "Complete"


def test_packed_inputs_are_unpacked_to_be_counted(handler: ModuleType, s3: MemoryS3) -> None:
    s3.fill(INPUTS, {"in/a": gzip.compress(b"1\n2\n"), "in/b": gzip.compress(b"3\n")})
    s3.fill(BUCKET, {f"{PLACE}answers/a.out": b"x\ny\n", f"{PLACE}answers/b.out": b"z\n"})
    assert verified(handler, s3, [DONE], is_packed=True)["records"] == 3


def test_a_failed_job_says_why_and_still_costs(handler: ModuleType, s3: MemoryS3) -> None:
    result = verified(handler, s3, FAILED)  # JSONata makes one item of a list of one
    assert result["status"] == "Failed"
    assert result["reason"].startswith("States.TaskFailed: ClientError: bad records")
    assert [job["instance_seconds"] for job in result["jobs"]] == [120.0]


def test_a_call_that_was_refused_says_why() -> None:
    refused = {"name": "job", "instance_type": "ml.m5.large", "error": "SageMaker.X", "cause": "Rate exceeded"}
    [attempt] = logic.as_attempts([refused])
    assert attempt["reason"] == "SageMaker.X: Rate exceeded"
    assert logic.job(attempt)["instance_seconds"] == 0


def test_only_the_last_attempt_decides(handler: ModuleType, s3: MemoryS3) -> None:
    s3.fill(BUCKET, {f"{PLACE}answers/a.out": b"x\ny\n", f"{PLACE}answers/b.out": b"z\n"})
    result = verified(handler, s3, [FAILED, DONE])
    assert (result["status"], len(result["jobs"])) == ("Complete", 2)


@pytest.mark.parametrize(
    ("chunks", "count"),
    [
        ([], 0),
        ([b"a\nb\n"], 2),
        ([b"a\nb"], 2),
        ([b"a", b"b\n"], 1),
        ([b"a\n", b"b\n"], 2),
        ([b"a\n\n \r\nb\r\n"], 2),
        ([b"\n", b"\n"], 0),
    ],
)
def test_records_are_lines_that_are_not_blank(chunks: list[bytes], count: int) -> None:
    assert logic.records(chunks) == count


def test_a_shard_is_logged_under_the_run_that_its_work_is_of(
    handler: ModuleType, s3: MemoryS3, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    verified(handler, s3, [DONE])
    assert logged() == [{"correlation_id": "run", "Outcome": "Failed", "Shard": 0}]
