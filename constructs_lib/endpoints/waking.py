"""The way back from zero: a step policy that adds the first instance or copy, and the alarm that drives it."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_applicationautoscaling as autoscaling
from constructs import Construct

from constructs_lib.endpoints.step_scaling import Step, make_step
from constructs_lib.facts import asynchronous, scaling, scaling_to_zero

_NAME = "WakeFromZero"
# One is enough: with "greater than 1", as in the guide for components, a single request wakes nothing.
_ONE = 1

# Both are set as in AWS's guides.
_FOR_BACKLOG = Step(
    name=_NAME,
    alarm_id="BacklogWithoutCapacity",
    description="requests wait and no instance runs: adds the first one",
    metric_name=asynchronous.HAS_BACKLOG_WITHOUT_CAPACITY,
    threshold=_ONE,
    adjustment=1,
    statistic="Average",
    aggregation="Average",
    period=scaling.WAKE_PERIOD.maximum,
    evaluation_periods=scaling.WAKE_EVALUATION_PERIODS.maximum,
    cooldown=scaling.COOLDOWN.default,
)
_FOR_FAILURES = Step(
    name=_NAME,
    alarm_id="NoCapacity",
    description="a request met no copy: adds the first one",
    metric_name=scaling.NO_CAPACITY_METRIC,
    threshold=_ONE,
    adjustment=1,
    statistic="Sum",
    period=scaling_to_zero.WAKE_PERIOD_IN_SECONDS,
    evaluation_periods=scaling_to_zero.WAKE_EVALUATION_PERIODS,
    cooldown=scaling_to_zero.WAKE_COOLDOWN_IN_SECONDS,
)


def wake_for_backlog(scope: Construct, target: autoscaling.CfnScalableTarget, dimensions: Mapping[str, str]) -> None:
    """Add the first instance of an asynchronous variant when requests wait."""
    make_step(scope, target, dimensions, _FOR_BACKLOG)


def wake_for_failures(scope: Construct, target: autoscaling.CfnScalableTarget, dimensions: Mapping[str, str]) -> None:
    """Add the first copy of an inference component when a request has failed because there was none."""
    make_step(scope, target, dimensions, _FOR_FAILURES)
