"""Application Auto Scaling: for the variants of an endpoint, and for the copies of inference components."""

from __future__ import annotations

from collections.abc import Sequence

from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.endpoint import Endpoint
from constructs_lib.endpoints.scalable_target import scalable_target
from constructs_lib.endpoints.target_tracking import Scaled, name_of, track
from constructs_lib.endpoints.variant import DEFAULT_VARIANT
from constructs_lib.endpoints.waking import wake_for_failures
from constructs_lib.facts import instances, scaling_policies
from constructs_lib.facts import scaling as facts
from constructs_lib.options import (
    Autoscaling,
    CopyScaling,
    CustomMetric,
    TargetTracking,
    Tracked,
)
from constructs_lib.tokens import is_token


def scale_variant(endpoint: Endpoint, variant_name: str, options: Autoscaling) -> None:
    """Scale the instances of one variant by its policies and schedules."""
    scaled = instances_of(endpoint, variant_name)
    target = scalable_target(scaled, options, options.schedules)
    for policy in options.tracking:
        track(scaled, target, policy)


def scale_copies(scaled: Scaled, options: CopyScaling) -> None:
    """Scale the copies of an inference component, and wake it from zero if it can get there."""
    target = scalable_target(scaled, options, options.schedules)
    for policy in options.tracking:
        track(scaled, target, policy)
    if options.may_reach_zero:
        wake_for_failures(scaled.scope, target, scaled.metric_dimensions)


def check_variant_scaling(
    checks: Checks, subject: str, options: Autoscaling | None, instance_types: Sequence[str]
) -> None:
    """Note what keeps a variant on these instances from being scaled so; ``subject`` goes before its arguments."""
    if options is None:
        return
    check_not_burstable(checks, subject, instance_types)
    for policy in options.tracking:
        _check_utilization(checks, f"{subject}autoscaling", policy, instance_types)
    check_policy_names(checks, f"{subject}autoscaling", options.tracking, facts.INSTANCE_COUNT_DIMENSION)


def check_not_burstable(checks: Checks, subject: str, instance_types: Sequence[str]) -> None:
    """Note a problem where instances of a type are not scaled by AWS."""
    burstable = [name for name in instance_types if name in facts.BURSTABLE_INSTANCE_TYPES]
    problem = f"{subject}autoscaling needs another instance type than the burstable {', '.join(burstable)}"
    checks.require(not burstable, f"{problem}; take one such as ml.m5.large", facts.NO_BURSTABLE_INSTANCES)


def check_policy_names(checks: Checks, subject: str, policies: Sequence[TargetTracking], dimension: str) -> None:
    """Note a problem unless each policy has a name of its own: one of the same name would replace it."""
    names = [name_of(policy, dimension) for policy in policies]
    twice = sorted({name for name in names if names.count(name) > 1})
    problem = f"{subject}.policies must each have a name of their own, got {', '.join(twice)} more than once"
    checks.require(not twice, f"{problem}; give name", scaling_policies.POLICY_NAME)


def _check_utilization(checks: Checks, subject: str, policy: TargetTracking, instance_types: Sequence[str]) -> None:
    """A target that no instance can reach never adds one."""
    highest = [_highest(policy.metric, name) for name in instance_types]
    known = [value for value in highest if value is not None]
    if is_token(policy.target_value) or not known or len(known) != len(highest):
        return
    target, most = policy.target_value, max(known)
    problem = f"{subject}: {policy.metric} of {', '.join(instance_types)} reaches {most} percent, got target {target}"
    checks.require(target <= most, f"{problem}; lower it to {most} or less", scaling_policies.UTILIZATION)


def _highest(metric: Tracked | CustomMetric, instance_type: str) -> int | None:
    """The highest value of a metric on one instance, in percent; ``None`` where it is not known."""
    hardware = None if is_token(instance_type) else instances.hardware(instance_type)
    if hardware is None or instances.is_neuron(instance_type):
        return None
    accelerators = 0 if hardware.accelerators is None else hardware.accelerators.count
    counted = {
        Tracked.CPU_UTILIZATION: hardware.vcpus,
        Tracked.GPU_UTILIZATION: accelerators,
        Tracked.GPU_MEMORY_UTILIZATION: accelerators,
    }
    for tracked, count in counted.items():
        if metric == tracked:
            return count * scaling_policies.PERCENT
    return None


def instances_of(endpoint: Endpoint, variant_name: str) -> Scaled:
    """The instances of one variant, as what is scaled."""
    # Scaling of the default variant stands right below the endpoint; that of others has a scope named after them.
    is_default = variant_name == DEFAULT_VARIANT
    return Scaled(
        scope=endpoint if is_default else Construct(endpoint, f"{variant_name}Scaling"),
        dimension=facts.INSTANCE_COUNT_DIMENSION,
        # The endpoint's attribute makes the target wait for the endpoint, and go before it.
        resource_id=facts.RESOURCE_IDS[facts.INSTANCE_COUNT_DIMENSION].format(
            endpoint=endpoint.endpoint_name, variant=variant_name
        ),
        metric_dimensions={"EndpointName": endpoint.endpoint_name, "VariantName": variant_name},
    )
