"""What batches are asked for: shards, recovery, results, selection and deadlines, and what is refused of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from constructs_lib.checks import Checks
from constructs_lib.errors import InvalidConfiguration
from constructs_lib.facts import instance_quotas
from constructs_lib.options import TransformOptions
from constructs_lib.options.batch import BatchRecovery, BatchResults, InputSelection
from constructs_lib.options.deadline import Deadline
from constructs_lib.options.sharding import Sharding
from constructs_lib.patterns.batch_checks import check_prefix, check_split, check_start

HOUR = timedelta(hours=1)
QUOTA = int(instance_quotas.INSTANCES_OF_ALL_TRANSFORM_JOBS.maximum)


def problems(check: Callable[[Checks], None]) -> list[str]:
    checks = Checks("any")
    check(checks)
    try:
        checks.done()
    except InvalidConfiguration as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: Sharding(), "got 0 of them"),
        (lambda: Sharding(count=1, objects_per_shard=1), "got 2 of them"),
        (lambda: Sharding(count=0), "count must be at least 1, got 0"),
        (lambda: Sharding(count=1, max_concurrency=0), "max_concurrency must be at least 1"),
        (lambda: Sharding(count=10_001), "max_shards must be"),
        (lambda: BatchRecovery(max_attempts=0), "max_attempts must be 1 to 99, got 0"),
        (lambda: BatchRecovery(min_delay_in_seconds=9, max_delay_in_seconds=8), "min_delay_in_seconds must be at most"),
        (lambda: BatchRecovery(timeout_in_hours=0), "timeout_in_hours must be above 0"),
        (lambda: BatchRecovery(timeout_in_hours=366 * 24), "timeout_in_hours x 3600 must be"),
        (lambda: InputSelection(suffixes=[""]), "a list of texts that are not empty"),
        (lambda: InputSelection(suffixes=".csv"), "a list of texts that are not empty, such as ['.csv'], got '.csv'"),
        (lambda: InputSelection(modified_within_hours=0), "modified_within_hours must be at least 1"),
        (lambda: Deadline(complete_by="8", expected_duration=HOUR), "complete_by must be a time of day such as 08:00"),
        (lambda: Deadline(complete_by="24:00", expected_duration=HOUR), "complete_by must be a time of day"),
        (lambda: Deadline(complete_by="08:00", expected_duration=24 * HOUR), "below 24 hours"),
    ],
)
def test_what_cannot_be_is_refused(make: Callable[[], Any], problem: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        make()
    assert any(problem in each for each in caught.value.problems), caught.value.problems


@pytest.mark.parametrize("prefix", ["results/{date}/{run}/", "{date}/", "a/b={date}/", "runs/{run}/{date}/x/"])
def test_results_may_lie_in_any_dated_place(prefix: str) -> None:
    assert BatchResults(prefix=prefix).prefix == prefix


@pytest.mark.parametrize(
    "prefix", ["results/", "{date}", "/{date}/", "{date}/{run}-x/", "{date}/{day}/", "{date}/{date}/", "work/{date}/"]
)
def test_results_have_no_other_place(prefix: str) -> None:
    with pytest.raises(InvalidConfiguration, match=r"prefix must hold \{date\}"):
        BatchResults(prefix=prefix)


def test_jobs_at_once_stay_within_the_quota() -> None:
    assert Sharding(count=100).concurrency(1) == QUOTA
    assert Sharding(count=100, instance_quota=20).concurrency(4) == 5
    assert Sharding(count=2, instance_quota=20).concurrency(1) == 2
    assert Sharding(count=2, instance_quota=2).concurrency(4) == 1, "one job at least"


def test_more_jobs_at_once_than_the_quota_allows_are_refused() -> None:
    sharding = Sharding(count=9, max_concurrency=3, instance_quota=8)
    assert problems(lambda checks: sharding.check(checks, 2)) == []
    [problem] = problems(lambda checks: sharding.check(checks, 3))
    assert "must be at most sharding.instance_quota 8, got 9" in problem


def test_a_job_that_alone_needs_more_than_the_quota_is_refused() -> None:
    [problem] = problems(lambda checks: Sharding(count=1).check(checks, QUOTA + 1))
    assert problem.startswith(f"instance_count {QUOTA + 1} must be at most sharding.instance_quota {QUOTA}")
    assert problems(lambda checks: Sharding(count=1, instance_quota=QUOTA + 1).check(checks, QUOTA + 1)) == []


def test_records_are_counted_where_they_are_lines() -> None:
    results = BatchResults(counts_records=True)
    assert problems(lambda checks: results.check(checks, split_type="Line", assemble_with="Line")) == []
    assert len(problems(lambda checks: results.check(checks, split_type="Line", assemble_with="None"))) == 1


@pytest.mark.parametrize(
    ("content_type", "split_type", "is_right"),
    [
        ("text/csv", "Line", True),
        ("text/csv; header=absent", "TFRecord", False),
        ("application/jsonlines", "RecordIO", False),
        ("application/x-image", "Line", False),
        ("image/png", "Line", False),
        ("image/png", "None", True),
        ("application/x-image", "TFRecord", True),
        ("application/x-recordio-protobuf", "RecordIO", True),
        ("application/x-recordio-protobuf", "Line", False),
        ("application/x-own", "Line", True),
        ("${Token[TOKEN.1]}", "Line", True),
    ],
)
def test_inputs_are_split_as_their_content_type_allows(content_type: str, split_type: str, is_right: bool) -> None:
    options = TransformOptions(content_type=content_type, split_type=split_type)
    assert (problems(lambda checks: check_split(checks, options)) == []) is is_right


def deadline(complete_by: str, duration: timedelta) -> Deadline:
    return Deadline(complete_by=complete_by, expected_duration=duration)


@pytest.mark.parametrize(
    ("schedule", "complete_by", "duration", "problem"),
    [
        ("cron(0 2 * * ? *)", "08:00", 5 * HOUR, None),
        ("cron(0 2 * * ? *)", "08:00", 6 * HOUR, "is complete at 08:00 at best"),
        ("cron(0 2 * * ? *)", "08:00", timedelta(hours=5, minutes=59), None),
        ("cron(0 22 * * ? *)", "06:00", 7 * HOUR, None),
        ("cron(0 22 * * ? *)", "06:00", 9 * HOUR, "start it before 21:00"),
        ("cron(0 22 ? * MON-FRI *)", "06:00", 7 * HOUR, "must run every day"),
        ("cron(0 2 ? * MON-FRI *)", "06:00", HOUR, None),
        ("cron(0 2,14 * * ? *)", "08:00", HOUR, "with one start a day"),
        ("cron(0 24 * * ? *)", "08:00", HOUR, "with one start a day"),
        ("rate(1 day)", "08:00", HOUR, "with one start a day"),
        ("${Token[TOKEN.1]}", "08:00", HOUR, None),
        (None, "08:00", HOUR, None),
    ],
)
def test_a_schedule_must_leave_time_for_the_batch(
    schedule: str | None, complete_by: str, duration: timedelta, problem: str | None
) -> None:
    found = problems(lambda checks: deadline(complete_by, duration).check(checks, schedule))
    assert [problem in each for each in found if problem] == ([True] if problem else [])
    assert bool(found) is (problem is not None)


@pytest.mark.parametrize(
    ("schedule", "zone", "duration", "problem"),
    [
        ("cron(59 1 * * ? *)", "Europe/Berlin", 5 * HOUR, None),
        ("cron(0 2 * * ? *)", "Europe/Berlin", HOUR, "the clock of Europe/Berlin skips 02:00"),
        ("cron(0 3 * * ? *)", "Europe/Berlin", 4 * HOUR, None),
        ("cron(0 2 * * ? *)", "UTC", 5 * HOUR, None),
        ("cron(0 2 * * ? *)", "Asia/Tokyo", 5 * HOUR, None),
        ("cron(30 2 * * ? *)", "America/New_York", HOUR, "the clock of America/New_York skips 02:30"),
        ("cron(0 2 ? * MON-FRI *)", "Europe/Berlin", 5 * HOUR, None),
        ("cron(0 1 * * ? *)", "Europe/Berlin", 6 * HOUR, "when summer time begins in Europe/Berlin, it is 6:00 h"),
        ("cron(0 1 * * ? *)", "Europe/Berlin", timedelta(hours=5, minutes=59), None),
        ("cron(0 1 * * ? *)", "UTC", 6 * HOUR, None),
        ("cron(0 22 * * ? *)", "Europe/Berlin", 9 * HOUR, "it is 9:00 h"),
        ("cron(0 1 * * ? *)", "${Token[TOKEN.1]}", 6 * HOUR, None),
    ],
)
def test_a_schedule_must_leave_time_for_the_batch_on_the_day_on_which_summer_time_begins_too(
    schedule: str, zone: str, duration: timedelta, problem: str | None
) -> None:
    found = problems(lambda checks: deadline("08:00", duration).check(checks, schedule, zone))
    assert [problem in each for each in found if problem] == ([True] if problem else [])
    assert bool(found) is (problem is not None)


def test_a_deadline_that_the_clock_skips_one_day_would_not_be_looked_at() -> None:
    def check(zone: str) -> list[str]:
        return problems(lambda checks: deadline("02:30", HOUR).check(checks, "cron(0 22 * * ? *)", zone))

    assert check("UTC") == []
    [problem] = check("Europe/Berlin")
    assert problem.startswith("complete_by must be a time of every day")


@pytest.mark.parametrize(
    ("zone", "is_right"), [("Europe/Berlin", True), ("Europe/Berln", False), ("", False), ("${Token[TOKEN.1]}", True)]
)
def test_the_time_zone_of_a_schedule_is_known(zone: str, is_right: bool) -> None:
    assert (problems(lambda checks: check_start(checks, "rate(1 day)", zone, None)) == []) is is_right


@pytest.mark.parametrize(("prefix", "is_right"), [("input/", True), ("", True), ("/input/", False), ("s3://b/", False)])
def test_the_prefix_is_one_of_keys(prefix: str, is_right: bool) -> None:
    assert (problems(lambda checks: check_prefix(checks, prefix)) == []) is is_right


@pytest.mark.parametrize(
    ("schedule", "complete_by", "expression", "lead"),
    [
        ("cron(30 2 ? * MON-FRI *)", "08:00", "cron(0 8 ? * MON-FRI *)", 330),
        ("cron(0 22 * * ? *)", "06:15", "cron(15 6 * * ? *)", 495),
        (None, "08:00", "cron(0 8 * * ? *)", 480),
    ],
)
def test_a_deadline_is_looked_at_on_the_days_of_the_schedule(
    schedule: str | None, complete_by: str, expression: str, lead: int
) -> None:
    found = deadline(complete_by, HOUR)
    assert (found.expression(schedule), found.lead_in_minutes(schedule)) == (expression, lead)
