"""Application Auto Scaling for the variant of an endpoint."""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_applicationautoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch

from constructs_lib.endpoints.endpoint import Endpoint
from constructs_lib.facts import asynchronous
from constructs_lib.facts import scaling as facts
from constructs_lib.options import Autoscaling, BacklogScaling

_Policy = autoscaling.CfnScalingPolicy


def scale_on_invocations(endpoint: Endpoint, options: Autoscaling) -> None:
    """Follow the invocations per instance."""
    target = _scalable_target(endpoint, options)
    _target_tracking(
        endpoint,
        target,
        options,
        name="InvocationsPerInstance",
        metric={
            "target_value": options.invocations_per_instance,
            "predefined_metric_specification": _Policy.PredefinedMetricSpecificationProperty(
                predefined_metric_type=facts.INVOCATIONS_PER_INSTANCE
            ),
        },
    )


def scale_on_backlog(endpoint: Endpoint, options: BacklogScaling) -> None:
    """Follow the backlog per instance, and wake the endpoint from zero if it can get there."""
    target = _scalable_target(endpoint, options)
    _target_tracking(
        endpoint,
        target,
        options,
        name="BacklogPerInstance",
        metric={
            "target_value": options.backlog_per_instance,
            "customized_metric_specification": _Policy.CustomizedMetricSpecificationProperty(
                namespace="AWS/SageMaker",
                metric_name=asynchronous.BACKLOG_SIZE_PER_INSTANCE,
                # The backlog metrics have the dimension EndpointName alone.
                dimensions=[_Policy.MetricDimensionProperty(name="EndpointName", value=endpoint.endpoint_name)],
                statistic="Average",
            ),
        },
    )
    if options.min_capacity == 0:
        _wake_from_zero(endpoint, target)


def _scalable_target(endpoint: Endpoint, options: Autoscaling | BacklogScaling) -> autoscaling.CfnScalableTarget:
    # No role: Application Auto Scaling takes its service-linked role. The endpoint's attribute in the resource id
    # makes the target wait for the endpoint, and go before it.
    return autoscaling.CfnScalableTarget(
        endpoint,
        "ScalableTarget",
        service_namespace=facts.SERVICE_NAMESPACE,
        scalable_dimension=facts.INSTANCE_COUNT_DIMENSION,
        resource_id=facts.RESOURCE_IDS[facts.INSTANCE_COUNT_DIMENSION].format(
            endpoint=endpoint.endpoint_name, variant=endpoint.variant_name
        ),
        min_capacity=options.min_capacity,
        max_capacity=options.max_capacity,
    )


def _target_tracking(
    endpoint: Endpoint,
    target: autoscaling.CfnScalableTarget,
    options: Autoscaling | BacklogScaling,
    *,
    name: str,
    metric: dict[str, Any],
) -> None:
    _Policy(
        endpoint,
        name,
        policy_name=name,
        policy_type="TargetTrackingScaling",
        scaling_target_id=target.ref,
        target_tracking_scaling_policy_configuration=_Policy.TargetTrackingScalingPolicyConfigurationProperty(
            scale_in_cooldown=options.scale_in_cooldown_in_seconds,
            scale_out_cooldown=options.scale_out_cooldown_in_seconds,
            **metric,
        ),
    )


def _wake_from_zero(endpoint: Endpoint, target: autoscaling.CfnScalableTarget) -> None:
    policy = _Policy(
        endpoint,
        "WakeFromZero",
        policy_name="WakeFromZero",
        policy_type="StepScaling",
        scaling_target_id=target.ref,
        step_scaling_policy_configuration=_Policy.StepScalingPolicyConfigurationProperty(
            adjustment_type="ChangeInCapacity",
            metric_aggregation_type="Average",
            cooldown=facts.COOLDOWN.default,
            step_adjustments=[
                _Policy.StepAdjustmentProperty(metric_interval_lower_bound=0, scaling_adjustment=1),
            ],
        ),
    )
    cloudwatch.CfnAlarm(
        endpoint,
        "BacklogWithoutCapacity",
        alarm_description="requests wait and no instance runs: adds the first one",
        namespace="AWS/SageMaker",
        metric_name=asynchronous.HAS_BACKLOG_WITHOUT_CAPACITY,
        dimensions=[cloudwatch.CfnAlarm.DimensionProperty(name="EndpointName", value=endpoint.endpoint_name)],
        statistic="Average",
        period=facts.WAKE_PERIOD.default,
        evaluation_periods=facts.WAKE_EVALUATION_PERIODS.default,
        datapoints_to_alarm=facts.WAKE_EVALUATION_PERIODS.default,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="missing",
        alarm_actions=[policy.ref],
    )
