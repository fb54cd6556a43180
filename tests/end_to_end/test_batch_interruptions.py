"""Batches that are stopped, run out of time, or find no instance."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from constructs_lib.local import LocalAws
from tests.end_to_end.batch_app import Find


@pytest.fixture
def short_of(aws: LocalAws) -> Iterator[Callable[..., None]]:
    """Makes instances of a type scarce, none there by default, until the test is over."""
    scarce = []

    def limit(instance_type: str, **limits: int) -> None:
        scarce.append(instance_type)
        aws.limit_instances(instance_type, **(limits or {"available": 0}))

    yield limit
    for instance_type in scarce:
        aws.limit_instances(instance_type)


def test_an_aborted_execution_stops_its_jobs(pipeline: Find, folder: str) -> None:
    small = pipeline("Small")
    small.put(folder, {"a.csv": b"!sleep 3", "b.csv": b"b\n"})
    arn = small.start({"input_prefix": folder})
    assert small.awaited_job(arn)["TransformJobStatus"] == "InProgress"
    assert small.stop(arn)["status"] == "ABORTED"
    assert small.ended_job(arn) == "Stopped"


def test_a_batch_that_takes_too_long_stops_its_jobs_and_may_be_redriven(pipeline: Find, folder: str) -> None:
    short = pipeline("Short")
    short.put(folder, {"a.csv": b"!sleep 5", "b.csv": b"b\n"})
    arn = short.start({"input_prefix": folder})
    ended = short.end(arn)
    assert (ended["status"], ended["error"]) == ("FAILED", "BatchIncomplete")
    assert "States.Timeout" in ended["cause"]
    assert short.ended_job(arn) == "Stopped"
    short.put(folder, {"a.csv": b"a\n"})
    ended = short.redriven(arn)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert short.answers(json.loads(ended["output"])) == {"a.csv.out": b"A\n", "b.csv.out": b"B\n"}
    assert short.entered(arn).count("Plan") == 1, "what was done is not done again"


def test_without_capacity_the_next_instance_type_is_taken_at_once(
    aws: LocalAws, pipeline: Find, folder: str, short_of: Callable[..., None]
) -> None:
    wide = pipeline("Wide")
    wide.put(folder, {"a.csv": b"a\n"})
    short_of("ml.m5.large")
    arn = wide.start({"input_prefix": folder})
    ended = wide.end(arn)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    jobs = wide.jobs(arn)
    assert [job["TransformResources"]["InstanceType"] for job in jobs] == ["ml.m5.large", "ml.m5.xlarge"]
    assert jobs[0]["FailureReason"].startswith("CapacityError")


def test_capacity_that_comes_back_is_waited_for(
    aws: LocalAws, pipeline: Find, folder: str, short_of: Callable[..., None]
) -> None:
    small = pipeline("Small")
    small.put(folder, {"a.csv": b"a\n"})
    short_of("ml.m5.large")
    arn = small.start({"input_prefix": folder})
    assert small.awaited_job(arn)["TransformResources"]["InstanceType"] == "ml.m5.large"
    aws.limit_instances("ml.m5.large")
    ended = small.end(arn)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert len(small.jobs(arn)) >= 2
    assert "Back off" in small.entered(arn)


def test_a_quota_that_is_used_up_is_waited_for_a_bounded_number_of_times(
    aws: LocalAws, pipeline: Find, folder: str, short_of: Callable[..., None]
) -> None:
    wide = pipeline("Wide")
    wide.put(folder, {"a.csv": b"a\n"})
    short_of("ml.m5.large", quota=0)
    short_of("ml.m5.xlarge", quota=0)
    arn = wide.start({"input_prefix": folder})
    ended = wide.end(arn)
    assert ended["error"] == "BatchIncomplete"
    assert "ResourceLimitExceeded" in ended["cause"]
    assert wide.entered(arn).count("Transform") == 3
    assert wide.jobs(arn) == []
