"""Looking at a deadline: for the marker of the right day, wherever the results of a day lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from batch_deadline import logic
from batch_deadline.settings import Settings
from tests.handlers.batches import BUCKET, DEADLINE_ENVIRONMENT, MemoryS3
from tests.handlers.conftest import _load

SETTINGS = Settings.from_environment(DEADLINE_ENVIRONMENT)


class FakeCloudWatch:
    """Remembers what was put."""

    def __init__(self) -> None:
        self.put: list[dict[str, Any]] = []

    def put_metric_data(self, **request: Any) -> None:
        self.put.append(request)


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("batch_deadline.handler", DEADLINE_ENVIRONMENT)


@pytest.mark.parametrize(
    ("deadline", "lead", "day"),
    [
        ("2026-11-21T07:00:00Z", 360, "2026-11-21"),  # 08:00 in Berlin, begun at 02:00
        ("2026-11-21T05:00:00Z", 480, "2026-11-20"),  # 06:00 in Berlin, begun at 22:00 the day before
        ("2026-07-01T06:00:00Z", 480, "2026-07-01"),  # 08:00 in summer, begun at midnight
        ("2026-03-29T06:00:00Z", 450, "2026-03-29"),  # 08:00 on a day of 23 hours, begun at 00:30
        ("2026-10-25T07:00:00Z", 510, "2026-10-24"),  # 08:00 on a day of 25 hours, begun at 23:30 the day before
    ],
)
def test_the_day_is_that_of_the_start_in_the_time_zone(deadline: str, lead: int, day: str) -> None:
    assert logic.day_of(deadline, lead, "Europe/Berlin") == day


@pytest.mark.parametrize(
    ("prefix", "key", "is_late"),
    [
        ("results/{date}/{run}/", "results/2026-11-21/any/_SUCCESS", False),
        ("results/{date}/{run}/", "results/2026-11-21/any/report.json", True),
        ("results/{date}/{run}/", "results/2026-11-20/any/_SUCCESS", True),
        ("runs/{run}/{date}/", "runs/any/2026-11-21/_SUCCESS", False),
        ("daily/{date}/", "daily/2026-11-21/_SUCCESS", False),
        ("daily/{date}/", "daily/2026-11-21/other/_SUCCESS", True),
    ],
)
def test_a_batch_is_late_without_the_marker_of_its_day(
    handler: ModuleType, prefix: str, key: str, is_late: bool
) -> None:
    s3, cloudwatch = MemoryS3(), FakeCloudWatch()
    s3.fill(BUCKET, {key: b"{}"})
    watch = handler.Watch(replace(SETTINGS, results_prefix=prefix), s3=s3, cloudwatch=cloudwatch)
    assert watch.look({"time": "2026-11-21T07:00:00Z"}) == {"date": "2026-11-21", "late": is_late}
    [put] = cloudwatch.put
    assert (put["Namespace"], put["MetricData"][0]["Value"]) == ("Batches", int(is_late))
