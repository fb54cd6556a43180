"""Scheduled actions of scalable targets for SageMaker."""

from __future__ import annotations

from constructs_lib.facts import scaling_schedules as facts
from constructs_lib.rules.examples.bases import scaled
from constructs_lib.rules.examples.example import Document, Example, boundary, changed

_ACTION = "Target.ScheduledActions.0"


def scheduled(count: int = 1) -> Document:
    """Model, Config, Endpoint, Target, Policy: an endpoint that has this many scheduled actions."""
    actions = [
        {
            "ScheduledActionName": f"morning-{number}",
            "Schedule": "cron(0 8 * * ? *)",
            "ScalableTargetAction": {"MinCapacity": 2, "MaxCapacity": 4},
        }
        for number in range(count)
    ]
    return changed(scaled(), {"Target.ScheduledActions": actions})


_MOST = facts.SCHEDULED_ACTIONS.maximum

EXAMPLES = {
    "AS-Q-SCHED": Example(scheduled(_MOST), scheduled(_MOST + 1)),
    "AS-NAMES-ACTION": (
        boundary(scheduled(), f"{_ACTION}.ScheduledActionName", passes="a" * 256, fails="a" * 257),
        boundary(scheduled(), f"{_ACTION}.ScheduledActionName", passes="8-00", fails="8:00"),
    ),
    "AS-NAMES-ACTION-UNIQUE": boundary(
        scheduled(2), f"{_ACTION}.ScheduledActionName", passes="evening", fails="morning-1"
    ),
    "AS-SCHEDULE": (
        boundary(scheduled(), f"{_ACTION}.Schedule", passes="cron(0 8 * * ? *)", fails="cron(0 8 * * ?)"),
        boundary(scheduled(), f"{_ACTION}.Schedule", passes="rate(1 hour)", fails="rate(0 hours)"),
        boundary(scheduled(), f"{_ACTION}.Schedule", passes="at(2026-11-21T08:00:00)", fails="at(2026-11-21 08:00:00)"),
    ),
    "SCHEDULE-DAY-FIELDS": boundary(
        scheduled(), f"{_ACTION}.Schedule", passes="cron(0 8 * * ? *)", fails="cron(0 8 * * * *)"
    ),
    "SCHEDULE-FIELD-RANGE": boundary(
        scheduled(), f"{_ACTION}.Schedule", passes="cron(0 8 ? * 1 *)", fails="cron(0 8 ? * 0 *)"
    ),
}
