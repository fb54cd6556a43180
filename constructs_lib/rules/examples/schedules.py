"""Schedules of batches."""

from __future__ import annotations

import json

from constructs_lib.rules.examples.bases import ROLE_ARN
from constructs_lib.rules.examples.example import Document, Example, boundary, resource, template

_MACHINE_ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:nightly"


def scheduled() -> Document:
    """Schedule: one of EventBridge Scheduler that starts a state machine every night."""
    return template(
        Schedule=resource(
            "AWS::Scheduler::Schedule",
            ScheduleExpression="cron(0 2 * * ? *)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": _MACHINE_ARN, "RoleArn": ROLE_ARN},
        )
    )


def rule() -> Document:
    """Rule: a scheduled rule of EventBridge that starts a state machine every night."""
    target = {"Id": "nightly", "Arn": _MACHINE_ARN, "RoleArn": ROLE_ARN}
    return template(Rule=resource("AWS::Events::Rule", ScheduleExpression="cron(0 2 * * ? *)", Targets=[target]))


def _input(size: int) -> str:
    return json.dumps({"input_prefix": "x" * (size - len(json.dumps({"input_prefix": ""})))})


_WHEN = "Schedule.ScheduleExpression"
_RETRY = "Schedule.Target.RetryPolicy"
_WINDOW = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1440}

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "SCHED-EXPRESSION": (
        boundary(scheduled(), _WHEN, passes="rate(1 day)", fails="every(1 day)"),
        boundary(scheduled(), _WHEN, passes="rate(1 minute)", fails="rate(0 minutes)"),
    ),
    "SCHED-EVENTS-EXPRESSION": boundary(
        rule(), "Rule.ScheduleExpression", passes="rate(1 day)", fails="at(2027-01-01T02:00:00)"
    ),
    "SCHED-CRON": boundary(scheduled(), _WHEN, passes="cron(0 2 * * ? *)", fails="cron(0 2 * * ?)"),
    "SCHED-CRON-DAYS": (
        boundary(scheduled(), _WHEN, passes="cron(0 2 * * ? *)", fails="cron(0 2 * * * *)"),
        boundary(rule(), "Rule.ScheduleExpression", passes="cron(0 2 ? * 1 *)", fails="cron(0 2 1 * 1 *)"),
    ),
    "SCHED-NAME": boundary(scheduled(), "Schedule.Name", passes="x" * 64, fails="x" * 65),
    "SCHED-INPUT": boundary(scheduled(), "Schedule.Target.Input", passes=_input(262_144), fails=_input(262_145)),
    "SCHED-RETRY": boundary(scheduled(), f"{_RETRY}.MaximumRetryAttempts", passes=185, fails=186),
    "SCHED-RETRY-AGE": boundary(scheduled(), f"{_RETRY}.MaximumEventAgeInSeconds", passes=60, fails=59),
    "SCHED-WINDOW": boundary(
        scheduled(), "Schedule.FlexibleTimeWindow", passes=_WINDOW, fails={**_WINDOW, "MaximumWindowInMinutes": 1441}
    ),
}
