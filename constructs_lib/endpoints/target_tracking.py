"""Policies of target tracking, for instances of variants and for copies of inference components."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import CfnResource
from aws_cdk import aws_applicationautoscaling as autoscaling
from constructs import Construct

from constructs_lib.facts import components, scaling, scaling_policies
from constructs_lib.options import CustomMetric, TargetTracking, Tracked

Policy = autoscaling.CfnScalingPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """What is scaled: instances of a variant, or copies of an inference component.

    :param scope: under which the resources of its scaling are made.
    :param dimension: its scalable dimension.
    :param resource_id: what Application Auto Scaling knows it by.
    :param metric_dimensions: what CloudWatch knows it by.
    :param resource: what must be there first, unless ``resource_id`` refers to it.
    """

    scope: Construct
    dimension: str
    resource_id: str
    metric_dimensions: Mapping[str, str]
    resource: CfnResource | None = None

    @property
    def is_component(self) -> bool:
        """Whether copies are scaled, and not instances."""
        return self.dimension == scaling.COPY_COUNT_DIMENSION


_PREDEFINED = {
    (scaling.INSTANCE_COUNT_DIMENSION, Tracked.INVOCATIONS): scaling.INVOCATIONS_PER_INSTANCE,
    (scaling.INSTANCE_COUNT_DIMENSION, Tracked.CONCURRENT_REQUESTS): scaling.CONCURRENT_REQUESTS_PER_MODEL,
    (scaling.COPY_COUNT_DIMENSION, Tracked.INVOCATIONS): scaling.INVOCATIONS_PER_COPY,
    (scaling.COPY_COUNT_DIMENSION, Tracked.CONCURRENT_REQUESTS): scaling.CONCURRENT_REQUESTS_PER_COPY,
}
_NAMES = {
    scaling.INVOCATIONS_PER_INSTANCE: "InvocationsPerInstance",
    scaling.CONCURRENT_REQUESTS_PER_MODEL: "ConcurrentRequestsPerModel",
    scaling.INVOCATIONS_PER_COPY: "InvocationsPerCopy",
    scaling.CONCURRENT_REQUESTS_PER_COPY: "ConcurrentRequestsPerCopy",
}


def name_of(policy: TargetTracking, dimension: str) -> str:
    """The name of a policy: its own, or that of the metric."""
    if policy.name is not None:
        return policy.name
    if isinstance(policy.metric, CustomMetric):
        return policy.metric.metric_name
    predefined = _PREDEFINED.get((dimension, policy.metric))
    return str(policy.metric) if predefined is None else _NAMES[predefined]


def track(scaled: Scaled, target: autoscaling.CfnScalableTarget, policy: TargetTracking) -> None:
    """Make the policy."""
    configuration = Policy.TargetTrackingScalingPolicyConfigurationProperty(
        target_value=policy.target_value,
        scale_in_cooldown=policy.scale_in_cooldown_in_seconds,
        scale_out_cooldown=policy.scale_out_cooldown_in_seconds,
        disable_scale_in=True if policy.disable_scale_in else None,
        **_metric(scaled, policy.metric),
    )
    make_policy(scaled.scope, target, name_of(policy, scaled.dimension), configuration)


def make_policy(
    scope: Construct,
    target: autoscaling.CfnScalableTarget,
    name: str,
    configuration: autoscaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty,
) -> None:
    """Make a policy of that name, which no other policy of the target has."""
    Policy(
        scope,
        # A construct's id has no slashes.
        re.sub(r"[^A-Za-z0-9_.-]", "-", name),
        policy_name=name,
        policy_type=scaling_policies.TARGET_TRACKING,
        scaling_target_id=target.ref,
        target_tracking_scaling_policy_configuration=configuration,
    )


def _metric(scaled: Scaled, metric: Tracked | CustomMetric) -> dict[str, Any]:
    if isinstance(metric, CustomMetric):
        return _customized(metric)
    predefined = _PREDEFINED.get((scaled.dimension, metric))
    if predefined is not None:
        specification = Policy.PredefinedMetricSpecificationProperty(predefined_metric_type=predefined)
        return {"predefined_metric_specification": specification}
    return _customized(
        CustomMetric(
            namespace=components.UTILIZATION_NAMESPACE if scaled.is_component else scaling_policies.INSTANCE_NAMESPACE,
            metric_name=f"{metric}{scaling_policies.NORMALIZED}" if scaled.is_component else str(metric),
            dimensions=scaled.metric_dimensions,
        )
    )


def _customized(metric: CustomMetric) -> dict[str, Any]:
    if metric.statistic not in scaling_policies.STATISTICS:
        return {"customized_metric_specification": _query(metric)}
    dimensions = [
        Policy.MetricDimensionProperty(name=name, value=value) for name, value in sorted(metric.dimensions.items())
    ]
    specification = Policy.CustomizedMetricSpecificationProperty(
        namespace=metric.namespace,
        metric_name=metric.metric_name,
        dimensions=dimensions or None,
        statistic=metric.statistic,
    )
    return {"customized_metric_specification": specification}


def _query(metric: CustomMetric) -> autoscaling.CfnScalingPolicy.CustomizedMetricSpecificationProperty:
    """A percentile is not among the plain statistics; a query takes it."""
    dimensions = [
        Policy.TargetTrackingMetricDimensionProperty(name=name, value=value)
        for name, value in sorted(metric.dimensions.items())
    ]
    return Policy.CustomizedMetricSpecificationProperty(
        metrics=[
            Policy.TargetTrackingMetricDataQueryProperty(
                id="m1",
                return_data=True,
                metric_stat=Policy.TargetTrackingMetricStatProperty(
                    stat=metric.statistic,
                    metric=Policy.TargetTrackingMetricProperty(
                        namespace=metric.namespace, metric_name=metric.metric_name, dimensions=dimensions or None
                    ),
                ),
            )
        ]
    )
