"""The report of a batch: complete or not, what failed, and what it cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from batch_report import logic
from batch_report.settings import Settings
from tests.handlers.batches import BUCKET, NOW, PLAN, REPORT_ENVIRONMENT, MemoryS3
from tests.handlers.conftest import _load

EVENT = {"plan": PLAN, "execution": "arn", "start_time": NOW.isoformat(), "redrive_count": 0}
LATER = NOW + timedelta(minutes=10)


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("batch_report.handler", REPORT_ENVIRONMENT)


def shard(number: int, status: str = "Complete", **members: Any) -> dict[str, Any]:
    job = {"name": f"job-{number}", "instance_type": "ml.m5.large", "instance_seconds": 1800.0}
    base = {"shard": number, "status": status, "objects": 2, "answers": 2, "missing": [], "lead": "", "jobs": [job]}
    return {**base, **({"reason": "ClientError"} if status == "Failed" else {}), **members}


def reported(handler: ModuleType, s3: MemoryS3, *shards: dict[str, Any], redrives: int = 0) -> dict[str, Any]:
    s3.fill(BUCKET, {f"{PLAN['work']}shards/{each['shard']}/result.json": json.dumps(each).encode() for each in shards})
    reporter = handler.Reporter(Settings.from_environment(REPORT_ENVIRONMENT), s3=s3)
    return dict(reporter.report({**EVENT, "redrive_count": redrives}, LATER))


def test_a_complete_batch_has_no_shards_left(handler: ModuleType) -> None:
    found = reported(handler, MemoryS3(), shard(0), shard(1))
    assert found["shards"] == []
    report = found["report"]
    assert (report["status"], report["duration_in_seconds"], report["instance_hours"]) == ("Complete", 600, 1)
    assert report["cost"] == 3600
    assert report["transform_job_name"] == "job-0"


def test_failed_shards_are_handed_on_with_their_reason(handler: ModuleType) -> None:
    s3 = MemoryS3()
    found = reported(handler, s3, shard(0), shard(1, "Failed", missing=["b"]))
    assert found["shards"] == [1]
    assert found["report"]["reason"] == "1 of 2 shards failed: shard 1: ClientError"
    document = json.loads(s3.objects[BUCKET, "work/nightly-1/report.json"])
    assert document["status"] == "Incomplete"
    assert [each["missing"] for each in document["failed"]] == [["b"]]
    assert json.loads(s3.objects[BUCKET, "work/nightly-1/shards.json"]) == [{"shard": 1}]


def test_a_shard_without_a_result_has_failed(handler: ModuleType) -> None:
    found = reported(handler, MemoryS3(), shard(0))
    assert found["shards"] == [1]
    assert "there is no result" in found["report"]["reason"]


def test_the_jobs_of_earlier_drives_count_too(handler: ModuleType) -> None:
    s3 = MemoryS3()
    reported(handler, s3, shard(0), shard(1, "Failed"))
    again = {"name": "job-1-1", "instance_type": "ml.m5.large", "instance_seconds": 3600.0}
    found = reported(handler, s3, shard(1, jobs=[again]), redrives=1)
    assert found["report"]["instance_hours"] == 2
    assert found["report"]["redrive_count"] == 1


def test_the_metrics_of_all_drives_add_up_to_what_the_batch_was(handler: ModuleType) -> None:
    s3 = MemoryS3()
    first = reported(handler, s3, shard(0, records=3), shard(1, "Failed"))["report"]
    again = {"name": "job-1-1", "instance_type": "ml.m5.large", "instance_seconds": 1800.0}
    last = reported(handler, s3, shard(1, jobs=[again], records=2), redrives=1)["report"]
    for name in ("objects", "records", "instance_hours", "cost"):
        assert first["added"][name] + last["added"][name] == pytest.approx(last[name]), name
    assert last["records"] == 5


def test_a_cost_that_nobody_knows_is_not_missing(handler: ModuleType) -> None:
    other = [{"name": "job-0", "instance_type": "ml.c5.large", "instance_seconds": 60.0}]
    report = reported(handler, MemoryS3(), shard(0, jobs=other), shard(1))["report"]
    assert (report["cost"], report["added"]["cost"]) == (None, None), "expressions of the state machine name it"


def test_a_folder_before_the_answers_is_handed_on(handler: ModuleType) -> None:
    assert reported(handler, MemoryS3(), shard(0, lead="in/"), shard(1, lead="in/"))["report"]["lead"] == "in/"


def test_without_prices_there_is_no_cost() -> None:
    assert "cost" not in logic.report(EVENT, [shard(0), shard(1)], {}, LATER)


def test_records_are_summed_where_they_were_counted() -> None:
    counted = [shard(0, records=3, answered_records=3), shard(1, "Failed")]
    assert logic.report(EVENT, counted, {}, LATER)["records"] == 3
    assert "records" not in logic.report(EVENT, [shard(0), shard(1)], {}, LATER)


def test_a_reason_names_a_few_of_many() -> None:
    found = logic.report(EVENT, [shard(number, "Failed") for number in range(9)], {}, LATER)
    assert logic.reason(found).endswith("; and 6 more")


def test_a_report_is_logged_under_its_run(handler: ModuleType, logged: Callable[[], list[dict[str, Any]]]) -> None:
    reported(handler, MemoryS3(), shard(0), shard(1, "Failed", missing=["b"]))
    assert logged() == [{"correlation_id": PLAN["run"], "Outcome": "Incomplete", "FailedShards": 1}]
