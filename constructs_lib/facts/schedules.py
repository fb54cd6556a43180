"""Schedules of EventBridge Scheduler."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Pattern

EXPRESSION = Limit(
    id="SCHED-EXPRESSION",
    what="ScheduleExpression",
    unit="",
    allowed=Pattern(r"(at|cron|rate)\(.+\)", 256),
    source="https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
    checked_on=date(2026, 11, 21),
)
