"""The way back from zero: a step policy that adds the first instance or copy, and the alarm that drives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from constructs_lib.facts import asynchronous, realtime, scaling, scaling_policies, scaling_to_zero

_Policy = autoscaling.CfnScalingPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sign:
    """What tells that somebody asks and nothing runs, and how AWS's guide sets the alarm on it."""

    alarm_id: str
    description: str
    metric_name: str
    statistic: str
    aggregation: str
    period: int | None
    evaluation_periods: int
    cooldown: int | None


_BACKLOG = _Sign(
    alarm_id="BacklogWithoutCapacity",
    description="requests wait and no instance runs: adds the first one",
    metric_name=asynchronous.HAS_BACKLOG_WITHOUT_CAPACITY,
    statistic="Average",
    aggregation="Average",
    period=scaling.WAKE_PERIOD.default,
    evaluation_periods=scaling.WAKE_EVALUATION_PERIODS.default or 1,
    cooldown=scaling.COOLDOWN.default,
)
_FAILURES = _Sign(
    alarm_id="NoCapacity",
    description="a request met no copy: adds the first one",
    metric_name=scaling.NO_CAPACITY_METRIC,
    statistic="Sum",
    aggregation="Maximum",
    period=scaling_to_zero.WAKE_PERIOD_IN_SECONDS,
    evaluation_periods=scaling_to_zero.WAKE_EVALUATION_PERIODS,
    cooldown=scaling_to_zero.WAKE_COOLDOWN_IN_SECONDS,
)


def wake_for_backlog(scope: Construct, target: autoscaling.CfnScalableTarget, dimensions: Mapping[str, str]) -> None:
    """Add the first instance of an asynchronous variant when requests wait."""
    _wake(scope, target, dimensions, _BACKLOG)


def wake_for_failures(scope: Construct, target: autoscaling.CfnScalableTarget, dimensions: Mapping[str, str]) -> None:
    """Add the first copy of an inference component when a request has failed because there was none."""
    _wake(scope, target, dimensions, _FAILURES)


def _wake(scope: Construct, target: autoscaling.CfnScalableTarget, dimensions: Mapping[str, str], sign: _Sign) -> None:
    policy = _Policy(
        scope,
        "WakeFromZero",
        policy_name="WakeFromZero",
        policy_type=scaling_policies.STEP_SCALING,
        scaling_target_id=target.ref,
        step_scaling_policy_configuration=_Policy.StepScalingPolicyConfigurationProperty(
            adjustment_type="ChangeInCapacity",
            metric_aggregation_type=sign.aggregation,
            cooldown=sign.cooldown,
            step_adjustments=[
                _Policy.StepAdjustmentProperty(metric_interval_lower_bound=0, scaling_adjustment=1),
            ],
        ),
    )
    cloudwatch.CfnAlarm(
        scope,
        sign.alarm_id,
        alarm_description=sign.description,
        namespace=realtime.NAMESPACE,
        metric_name=sign.metric_name,
        dimensions=[
            cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value) for name, value in dimensions.items()
        ],
        statistic=sign.statistic,
        period=sign.period,
        evaluation_periods=sign.evaluation_periods,
        datapoints_to_alarm=sign.evaluation_periods,
        # One is enough: with "greater than 1", as in the guide for components, a single request wakes nothing.
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="missing",
        alarm_actions=[policy.ref],
    )
