"""Scheduled actions of scalable targets."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Count, Limit, Pattern, Range, Severity, Told

_CHECKED = date(2026, 11, 21)
_API = "application-autoscaling API model 2016-02-06 (botocore 1.44.5)"
_CRON = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html"

SCHEDULED_ACTIONS = Limit(
    id="AS-Q-SCHED",
    what="ScheduledActions of a scalable target",
    unit="scheduled actions",
    allowed=Count(None, 200),
    source="https://docs.aws.amazon.com/general/latest/gr/as-app.html",
    checked_on=_CHECKED,
)
ACTION_NAME = Limit(
    id="AS-NAMES-ACTION",
    what="ScheduledActionName",
    unit="",
    allowed=Pattern(r"(?! )[^\x00-\x1f\x7f-\x9f:/|]+(?<! )", 256),
    source=f"{_API}: ScheduledActionName",
    checked_on=_CHECKED,
    fix="give 1 to 256 characters without ':', '/' and '|', and no space at either end",
)
UNIQUE_ACTION_NAMES = Limit(
    id="AS-NAMES-ACTION-UNIQUE",
    what="names of the scheduled actions of a scalable target",
    unit="",
    allowed=Told("each only once"),
    source=f"{_API}: PutScheduledActionRequest.ScheduledActionName",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
SCHEDULE = Limit(
    id="AS-SCHEDULE",
    what="Schedule of a scheduled action",
    unit="",
    allowed=Pattern(
        r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?\)"
        r"|rate\(\s*0*[1-9]\d*\s+(minute|hour|day)s?\s*\)"
        r"|cron\(\s*\S+(\s+\S+){5}\s*\)",
        1600,
    ),
    source=f"{_API}: PutScheduledActionRequest.Schedule",
    checked_on=_CHECKED,
    fix="give at(yyyy-mm-ddThh:mm:ss), rate(value unit), or cron(minutes hours day-of-month month day-of-week year)",
)
# The fields of a cron expression in their order, with the numbers that each takes.
CRON_FIELDS = {
    "minutes": Range(0, 59),
    "hours": Range(0, 23),
    "day-of-month": Range(1, 31),
    "month": Range(1, 12),
    "day-of-week": Range(1, 7),
    "year": Range(1970, 2199),
}
CRON_DAY_FIELDS = ("day-of-month", "day-of-week")
CRON_NUMBERS = Limit(
    id="SCHEDULE-FIELD-RANGE",
    what="numbers of a cron expression",
    unit="",
    allowed=Told(", ".join(f"{name} {allowed}" for name, allowed in CRON_FIELDS.items())),
    source=_CRON,
    checked_on=_CHECKED,
)
CRON_DAYS = Limit(
    id="SCHEDULE-DAY-FIELDS",
    what="'?' of a cron expression",
    unit="",
    allowed=Told("in one of day-of-month and day-of-week, where the other says the days, and in no other field"),
    source=_CRON,
    checked_on=_CHECKED,
    aws_says="Invalid schedule expression. Details: Invalid CRON expression",
)
TIME_ZONE = Limit(
    id="AS-TIMEZONE",
    what="Timezone of a scheduled action",
    unit="",
    allowed=Pattern(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*", 1600),
    source=f"{_API}: PutScheduledActionRequest.Timezone",
    checked_on=_CHECKED,
    severity=Severity.INFO,
    fix="give the name of a time zone of IANA, such as Europe/Berlin; UTC if it is left out",
)
CAPACITY = Limit(
    id="AS-SCHEDULE-CAPACITY",
    what="MinCapacity and MaxCapacity of a scheduled action",
    unit="",
    allowed=Range(0, None),
    source=f"{_API}: PutScheduledActionRequest.ScalableTargetAction",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
