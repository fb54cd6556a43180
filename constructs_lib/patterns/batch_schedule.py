"""What starts a batch by itself, and what looks whether it is complete in time."""

from __future__ import annotations

import json

from aws_cdk import TimeZone
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as event_targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_lib.endpoints.handlers import make_function
from constructs_lib.endpoints.permissions import allow, deputy
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.endpoints.storage import grant_read, notify_event_bridge
from constructs_lib.options.batch import SUCCESS_NAME
from constructs_lib.options.deadline import Deadline
from constructs_lib.patterns.batch_keys import grant_history
from constructs_lib.patterns.measures import LATE, NAMESPACE
from constructs_lib.patterns.schedule_role import schedule_role

UTC = "UTC"
_TIMEOUT_IN_SECONDS = 300


def time_zone_of(schedule: scheduler.ScheduleExpression | None) -> str:
    """The zone in which a schedule is meant, UTC without one."""
    zone = schedule.time_zone if schedule else None
    return zone.timezone_name if zone else UTC


def start_on_schedule(
    scope: Construct, schedule: scheduler.ScheduleExpression, state_machine: sfn.StateMachine, key: kms.IKey | None
) -> None:
    """Start the state machine at the times of ``schedule``, which ``key`` encrypts."""
    nothing = scheduler.ScheduleTargetInput.from_object({})
    role = schedule_role(scope)
    grant_history(scope, role, key)
    target = targets.StepFunctionsStartExecution(state_machine, input=nothing, role=role)
    scheduler.Schedule(scope, "Schedule", schedule=schedule, target=target, key=key)


def start_on_arrival(
    scope: Construct,
    bucket: s3.IBucket,
    prefix: str,
    suffix: str,
    state_machine: sfn.StateMachine,
    encryption_key: kms.IKey | None,
) -> None:
    """Start the state machine for each object below ``prefix`` whose key ends with ``suffix``; it reads the folder."""
    notify_event_bridge(bucket)
    key = f"{_literal(prefix)}*{_literal(suffix)}"
    pattern = events.EventPattern(
        source=["aws.s3"],
        detail_type=["Object Created"],
        detail={"bucket": {"name": [bucket.bucket_name]}, "object": {"key": [{"wildcard": key}]}},
    )
    ready = events.RuleTargetInput.from_object({"ready": events.EventField.from_path("$.detail.object.key")})
    role = iam.Role(scope, "ArrivalRole", assumed_by=deputy(scope, "events", "rule/*"))
    grant_history(scope, role, encryption_key)
    events.Rule(
        scope,
        "Arrival",
        description="starts a batch when its input is ready",
        event_pattern=pattern,
        targets=[event_targets.SfnStateMachine(state_machine, input=ready, role=role)],
    )


def watch_deadline(
    scope: Construct,
    deadline: Deadline,
    schedule: scheduler.ScheduleExpression | None,
    *,
    output_bucket: s3.IBucket,
    results_prefix: str,
    state_machine: sfn.StateMachine,
    safekeeping: Safekeeping,
) -> None:
    """Look at ``deadline`` for the results of the day, and put the metric ``Late``."""
    watch = Construct(scope, "Deadline")
    expression = schedule.expression_string if schedule else None
    zone = time_zone_of(schedule)
    function = make_function(
        watch,
        "batch_deadline",
        description="sees whether a batch is complete at its deadline",
        environment={
            "output_bucket_name": output_bucket.bucket_name,
            "results_prefix": results_prefix,
            "success_name": SUCCESS_NAME,
            "lead_in_minutes": json.dumps(deadline.lead_in_minutes(expression)),
            "time_zone": zone,
            "metric_namespace": NAMESPACE,
            "metric_name": LATE,
            "state_machine_name": state_machine.state_machine_name,
        },
        timeout_in_seconds=_TIMEOUT_IN_SECONDS,
        log_retention=logs.RetentionDays.ONE_MONTH,
        safekeeping=safekeeping,
    )
    assert function.role is not None
    grant_read(output_bucket, function.role)
    only = {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}
    allow(function.role, ["cloudwatch:PutMetricData"], ["*"], only)
    scheduler.Schedule(
        watch,
        "Schedule",
        schedule=scheduler.ScheduleExpression.expression(deadline.expression(expression), TimeZone.of(zone)),
        target=targets.LambdaInvoke(
            function,
            role=schedule_role(watch),
            input=scheduler.ScheduleTargetInput.from_object({"time": scheduler.ContextAttribute.scheduled_time}),
        ),
        key=safekeeping.encryption_key,
    )


def _literal(text: str) -> str:
    """``text`` in a pattern with wildcards."""
    return text.replace("\\", "\\\\").replace("*", "\\*")
