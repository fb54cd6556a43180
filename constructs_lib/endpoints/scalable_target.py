"""Scalable targets: what is scaled, between which bounds, and other bounds at certain times."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_applicationautoscaling as autoscaling

from constructs_lib.endpoints.target_tracking import Scaled
from constructs_lib.facts import scaling as facts
from constructs_lib.options import ScheduledAction
from constructs_lib.options.bounds import Bounds

_Target = autoscaling.CfnScalableTarget


def scalable_target(
    scaled: Scaled, bounds: Bounds, schedules: Sequence[ScheduledAction] = ()
) -> autoscaling.CfnScalableTarget:
    """Register what is scaled, with its scheduled actions."""
    # No role: Application Auto Scaling takes its service-linked role.
    target = _Target(
        scaled.scope,
        "ScalableTarget",
        service_namespace=facts.SERVICE_NAMESPACE,
        scalable_dimension=scaled.dimension,
        resource_id=scaled.resource_id,
        min_capacity=bounds.min_capacity,
        max_capacity=bounds.max_capacity,
        scheduled_actions=[_scheduled(action) for action in schedules] or None,
    )
    if scaled.resource is not None:
        target.add_resource_dependency(scaled.resource)
    return target


def _scheduled(action: ScheduledAction) -> autoscaling.CfnScalableTarget.ScheduledActionProperty:
    return _Target.ScheduledActionProperty(
        scheduled_action_name=action.name,
        schedule=action.schedule,
        timezone=action.timezone,
        scalable_target_action=_Target.ScalableTargetActionProperty(
            min_capacity=action.min_capacity, max_capacity=action.max_capacity
        ),
    )
