"""Schedules of batches: EventBridge Scheduler, and the older scheduled rules of EventBridge."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Pattern, Range, Told
from constructs_lib.facts.paths import EVENTS_RULE, SCHEDULE

_CHECKED = date(2026, 11, 21)
_API = "scheduler API model 2021-06-30 (botocore 1.44.5)"
_TYPES = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"
_RULES = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html"
_RATE = r"rate\(\s*[1-9][0-9]*\s+(minute|hour|day)s?\s*\)"

EXPRESSION = Limit(
    id="SCHED-EXPRESSION",
    what="ScheduleExpression",
    unit="",
    allowed=Pattern(rf"(at|cron)\(.+\)|{_RATE}", 256),
    source=_TYPES,
    checked_on=_CHECKED,
    paths=(f"{SCHEDULE}/ScheduleExpression",),
    fix="write at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(minutes hours day month weekday year)",
)
TIME_ZONE = Limit(
    id="SCHED-TIME-ZONE",
    what="ScheduleExpressionTimezone",
    unit="",
    allowed=Told("a name of the IANA time zone database, such as Europe/Berlin"),
    source=f"{_TYPES}#time-zones",
    checked_on=_CHECKED,
    fix="write it as the database does",
)
SUMMER_TIME = Limit(
    id="SCHED-SUMMER-TIME",
    what="a start that the clock skips when summer time begins",
    unit="",
    allowed=Told("left out that day; one that comes twice when it ends runs once"),
    source=f"{_TYPES}#daylist-savings-time",
    checked_on=_CHECKED,
    fix="choose another hour, or UTC",
)
EVENTS_EXPRESSION = Limit(
    id="SCHED-EVENTS-EXPRESSION",
    what="ScheduleExpression of a rule",
    unit="",
    allowed=Pattern(rf"cron\(.+\)|{_RATE}", 256),
    source=_RULES,
    checked_on=_CHECKED,
    paths=(f"{EVENTS_RULE}/ScheduleExpression",),
    fix="write rate(value unit) or cron(minutes hours day month weekday year); at(...) is for EventBridge Scheduler",
)
CRON_FIELDS = Limit(
    id="SCHED-CRON",
    what="fields of a cron expression",
    unit="fields",
    allowed=Range(6, 6),
    source=_RULES,
    checked_on=_CHECKED,
)
CRON_DAYS = Limit(
    id="SCHED-CRON-DAYS",
    what="day-of-month and day-of-week of a cron expression",
    unit="",
    allowed=Told("? in one of them"),
    source=_RULES,
    checked_on=_CHECKED,
)
NAME = Limit(
    id="SCHED-NAME",
    what="Name of a schedule",
    unit="",
    allowed=Pattern(r"[0-9a-zA-Z-_.]+", 64),
    source=f"{_API}: Name",
    checked_on=_CHECKED,
    paths=(f"{SCHEDULE}/Name",),
    shape="scheduler.Name",
)
INPUT = Limit(
    id="SCHED-INPUT",
    what="Input of the target of a schedule",
    unit="bytes",
    allowed=Range(1, 262_144),
    source="https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html",
    checked_on=_CHECKED,
    fix="put the data into S3 and give its address",
)
RETRY_ATTEMPTS = Limit(
    id="SCHED-RETRY",
    what="MaximumRetryAttempts",
    unit="attempts",
    allowed=Range(0, 185),
    default=185,
    source=f"{_API}: RetryPolicy.MaximumRetryAttempts",
    checked_on=_CHECKED,
    paths=(
        f"{SCHEDULE}/Target/RetryPolicy/MaximumRetryAttempts",
        f"{EVENTS_RULE}/Targets/*/RetryPolicy/MaximumRetryAttempts",
    ),
    shape="scheduler.MaximumRetryAttempts",
)
RETRY_AGE = Limit(
    id="SCHED-RETRY-AGE",
    what="MaximumEventAgeInSeconds",
    unit="s",
    allowed=Range(60, 86_400),
    default=86_400,
    source=f"{_API}: RetryPolicy.MaximumEventAgeInSeconds",
    checked_on=_CHECKED,
    paths=(
        f"{SCHEDULE}/Target/RetryPolicy/MaximumEventAgeInSeconds",
        f"{EVENTS_RULE}/Targets/*/RetryPolicy/MaximumEventAgeInSeconds",
    ),
    shape="scheduler.MaximumEventAgeInSeconds",
)
WINDOW = Limit(
    id="SCHED-WINDOW",
    what="MaximumWindowInMinutes",
    unit="minutes",
    allowed=Range(1, 1440),
    source=f"{_API}: FlexibleTimeWindow.MaximumWindowInMinutes",
    checked_on=_CHECKED,
    paths=(f"{SCHEDULE}/FlexibleTimeWindow/MaximumWindowInMinutes",),
    shape="scheduler.MaximumWindowInMinutes",
)
