"""Policies of step scaling with the alarm that drives them: what target tracking does too late, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from constructs_lib.facts import realtime, scaling_policies

_Policy = autoscaling.CfnScalingPolicy
_PERIOD_IN_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of the capacity, and the sign at which it is due.

    :param name: of the policy, and its id.
    :param alarm_id: of the alarm.
    :param description: of the alarm: what it has seen, and what follows.
    :param metric_name: of SageMaker's.
    :param threshold: the value at which the alarm goes off, itself included.
    :param adjustment: by how much the capacity changes, or with ``is_exact`` what it becomes; Application Auto Scaling
        keeps it between the bounds of the target.
    :param below: whether the alarm goes off below the threshold, and not above it.
    :param statistic: of the metric.
    :param aggregation: how the policy sums up what the alarm saw.
    :param period: of the alarm, in seconds.
    :param evaluation_periods: how many of them in a row.
    :param cooldown: seconds before the policy acts again; AWS's default is 300.
    """

    name: str
    alarm_id: str
    description: str
    metric_name: str
    threshold: float
    adjustment: int
    is_exact: bool = False
    below: bool = False
    statistic: str = "Maximum"
    aggregation: str = "Maximum"
    period: int = _PERIOD_IN_SECONDS
    evaluation_periods: int = 1
    cooldown: int | None = None


def make_step(
    scope: Construct, target: autoscaling.CfnScalableTarget, dimensions: Mapping[str, str], step: Step
) -> None:
    """Make the policy, and the alarm on a metric with these dimensions."""
    bound = {f"metric_interval_{'upper' if step.below else 'lower'}_bound": 0}
    policy = _Policy(
        scope,
        step.name,
        policy_name=step.name,
        policy_type=scaling_policies.STEP_SCALING,
        scaling_target_id=target.ref,
        step_scaling_policy_configuration=_Policy.StepScalingPolicyConfigurationProperty(
            adjustment_type=scaling_policies.EXACT_CAPACITY if step.is_exact else scaling_policies.CHANGE_IN_CAPACITY,
            metric_aggregation_type=step.aggregation,
            cooldown=step.cooldown,
            step_adjustments=[_Policy.StepAdjustmentProperty(scaling_adjustment=step.adjustment, **bound)],
        ),
    )
    cloudwatch.CfnAlarm(
        scope,
        step.alarm_id,
        alarm_description=step.description,
        namespace=realtime.NAMESPACE,
        metric_name=step.metric_name,
        dimensions=[
            cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value) for name, value in dimensions.items()
        ],
        statistic=step.statistic,
        period=step.period,
        evaluation_periods=step.evaluation_periods,
        datapoints_to_alarm=step.evaluation_periods,
        threshold=step.threshold,
        comparison_operator=f"{'Less' if step.below else 'Greater'}ThanOrEqualToThreshold",
        treat_missing_data="missing",
        alarm_actions=[policy.ref],
    )
