"""When schedules are due: at, rate, and AWS's cron with its names and signs."""

from datetime import UTC, datetime

import pytest

from constructs_lib.local.autoscaling.schedule_expressions import parse, seconds


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def next_of(expression: str, after: str, zone: str = "UTC") -> str:
    due = parse(expression, zone).next_after(moment(after))
    assert due is not None
    return datetime.fromtimestamp(due, UTC).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        ("cron(0 8 * * ? *)", "2026-11-21 07:59:59", "2026-11-21 08:00"),
        ("cron(0 8 * * ? *)", "2026-11-21 08:00:00", "2026-11-22 08:00"),
        ("cron(0/15 * * * ? *)", "2026-11-21 07:46", "2026-11-21 08:00"),
        ("cron(*/20 9-17/4 * * ? *)", "2026-11-21 09:41", "2026-11-21 13:00"),
        ("cron(0 8 ? * MON-FRI *)", "2026-11-20 09:00", "2026-11-23 08:00"),
        ("cron(0 8 ? * 1,7 *)", "2026-11-20 09:00", "2026-11-21 08:00"),
        ("cron(0 0 1 JAN,JUL ? *)", "2026-02-01 00:00", "2026-07-01 00:00"),
        ("cron(0 0 L * ? *)", "2028-02-10 00:00", "2028-02-29 00:00"),
        ("cron(0 0 31 * ? *)", "2026-11-01 00:00", "2026-12-31 00:00"),
        ("cron(0 0 15W * ? *)", "2026-11-01 00:00", "2026-11-16 00:00"),
        ("cron(0 0 1W * ? *)", "2026-07-31 12:00", "2026-08-03 00:00"),
        ("cron(0 0 LW * ? *)", "2026-10-01 00:00", "2026-10-30 00:00"),
        ("cron(0 0 ? * 6L *)", "2026-11-01 00:00", "2026-11-27 00:00"),
        ("cron(0 0 ? * TUE#2 *)", "2026-11-01 00:00", "2026-11-10 00:00"),
        ("cron(0 0 ? * L *)", "2026-11-18 00:00", "2026-11-21 00:00"),
        ("cron(0 0 1 1 ? 2199)", "2026-11-01 00:00", "2199-01-01 00:00"),
    ],
)
def test_a_cron_expression_is_due_as_aws_documents_it(expression: str, after: str, due: str) -> None:
    assert next_of(expression, after) == due


def test_a_cron_expression_of_years_that_have_passed_is_never_due() -> None:
    assert parse("cron(0 0 1 1 ? 2020)").next_after(moment("2026-11-21")) is None


@pytest.mark.parametrize(("after", "due"), [("2026-01-10", "2026-01-10 13:00"), ("2026-07-10", "2026-07-10 12:00")])
def test_a_time_zone_keeps_its_summer_time(after: str, due: str) -> None:
    assert next_of("cron(0 8 * * ? *)", after, "America/New_York") == due


def test_at_is_due_once() -> None:
    schedule = parse("at(2026-11-21T08:00:00)", "Europe/Berlin")
    assert schedule.next_after(moment("2026-11-21")) == moment("2026-11-21 07:00")
    assert schedule.next_after(moment("2026-11-21 07:00")) is None


@pytest.mark.parametrize(
    ("expression", "period"), [("rate(1 minute)", 60), ("rate(2 hours)", 7200), ("rate(3 days)", 259_200)]
)
def test_a_rate_is_due_after_each_period(expression: str, period: int) -> None:
    schedule = parse(expression, created=1000.0)
    assert [schedule.next_after(each) for each in (1000.0, 1000.0 + period)] == [1000.0 + period, 1000.0 + 2 * period]


def test_a_rate_with_a_start_is_due_at_the_start() -> None:
    schedule = parse("rate(1 hour)", created=0.0, start=5000.0)
    assert [schedule.next_after(each) for each in (0.0, 5000.0)] == [5000.0, 8600.0]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("every day", "documented form"),
        ("rate(0 minutes)", "documented form"),
        ("cron(0 8 * * *)", "documented form"),
        ("cron(0 8 * * * *)", r"'\?'"),
        ("cron(0 8 ? * ? *)", r"'\?'"),
        ("cron(? 8 * * ? *)", r"'\?'"),
        ("cron(60 8 * * ? *)", "minutes of a cron expression"),
        ("cron(0 17-9 * * ? *)", "must go upwards"),
        ("cron(0/0 8 * * ? *)", "must be a number above 0"),
        ("cron(0 8 ? * FUNDAY *)", "day-of-week of a cron expression"),
    ],
)
def test_an_expression_that_cannot_be_says_why(expression: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(expression)


def test_an_unknown_time_zone_says_so() -> None:
    with pytest.raises(ValueError, match="Mars/Olympus"):
        parse("cron(0 8 * * ? *)", "Mars/Olympus")


@pytest.mark.parametrize("text", ["1970-01-01T00:01:00Z", "1970-01-01T00:01:00", "1970-01-01T02:01:00+02:00"])
def test_times_of_templates_are_utc_unless_they_say_otherwise(text: str) -> None:
    assert seconds(text) == 60.0
