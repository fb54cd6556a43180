"""How far scaling of SageMaker may go down, and how a component gets to zero and back."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import scaling
from constructs_lib.facts import scaling_to_zero as facts
from constructs_lib.facts.paths import ENDPOINT
from constructs_lib.facts.scaling import (
    COPY_COUNT_DIMENSION,
    INSTANCE_COUNT_DIMENSION,
    PROVISIONED_CONCURRENCY_DIMENSION,
)
from constructs_lib.facts.scaling_policies import CONFIGURATIONS, STEP_SCALING, TARGET_TRACKING
from constructs_lib.rules.rows import judged
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.rules.scaling import capacities
from constructs_lib.templates.relations import Variant, components_of, config_of, variants_of
from constructs_lib.templates.scaling import Scaled, policies_of, scaled
from constructs_lib.templates.template import Node, Template


def _minimums(item: Scaled) -> list[Node]:
    return [place.at("MinCapacity") for place in capacities(item)]


@rule(scaling.LOWEST_MIN_CAPACITY)
def minimum_not_negative(template: Template) -> Iterator[Problem]:
    """MinCapacity of a variant or an inference component is at least 0."""
    for item in scaled(template):
        for minimum in _minimums(item):
            yield from judged(scaling.LOWEST_MIN_CAPACITY, minimum)


@rule(scaling.MIN_CAPACITY_REALTIME)
def realtime_keeps_an_instance(template: Template) -> Iterator[Problem]:
    """A real-time variant that names a model keeps at least one instance."""
    for item in scaled(template):
        if item.dimension != INSTANCE_COUNT_DIMENSION or item.variant is None or not _plain(item.variant):
            continue
        for minimum in _minimums(item):
            if minimum.number == 0:
                yield Problem(
                    minimum,
                    "MinCapacity of a real-time variant must be at least 1, got 0: "
                    "only asynchronous variants and inference components scale to zero and back",
                    "raise it to 1 or more",
                )


def _plain(variant: Variant) -> bool:
    return not (variant.is_serverless or variant.is_asynchronous or variant.holds_components)


@rule(scaling.MIN_CAPACITY_PROVISIONED_CONCURRENCY)
def provisioned_concurrency_keeps_one(template: Template) -> Iterator[Problem]:
    """MinCapacity of provisioned concurrency is at least 1 by SageMaker's guide; Application Auto Scaling lists 0."""
    for item in scaled(template):
        if item.dimension != PROVISIONED_CONCURRENCY_DIMENSION:
            continue
        for minimum in _minimums(item):
            if minimum.number == 0:
                yield Problem(
                    minimum,
                    "MinCapacity of provisioned concurrency must be at least 1 by SageMaker's guide, got 0",
                    "raise it to 1 or more",
                )


@rule(facts.COMPONENT_TO_ZERO)
def component_wakes(template: Template) -> Iterator[Problem]:
    """A component that target tracking scales in to zero copies has a step policy or a schedule that wakes it."""
    for item in scaled(template):
        policies = policies_of(template, item.target)
        sleeps = item.dimension == COPY_COUNT_DIMENSION and _reaches_zero(item)
        if sleeps and any(map(_scales_in, policies)) and not _wakes(template, item, policies):
            yield Problem(
                item.target.at("MinCapacity"),
                "copies scale in to 0 and no step policy that an alarm drives adds the first one again",
                f"add a policy of type {STEP_SCALING} on an alarm on {scaling.NO_CAPACITY_METRIC}, "
                "or raise MinCapacity to 1",
            )


def _reaches_zero(item: Scaled) -> bool:
    return item.target.at("MinCapacity").number == 0


def _scales_in(policy: Node) -> bool:
    tracking = policy.at(CONFIGURATIONS[TARGET_TRACKING])
    return policy.at("PolicyType").text == TARGET_TRACKING and tracking.at("DisableScaleIn").flag is not True


def _wakes(template: Template, item: Scaled, policies: list[Node]) -> bool:
    """A step policy to which nothing refers is driven by no alarm, neither of this stack nor of another one."""
    stepping = [policy for policy in policies if policy.at("PolicyType").text != TARGET_TRACKING]
    by_step = any(template.is_referred_to(policy) for policy in stepping)
    schedules = item.target.at("ScheduledActions")
    return by_step or (schedules.given and schedules.value != [])


@rule(facts.COMPONENT_TO_ZERO)
def instances_follow_copies(template: Template) -> Iterator[Problem]:
    """Where all components of an endpoint scale to zero copies, its instances do too."""
    idle = {item.component.resource.logical_id for item in scaled(template) if item.component and _reaches_zero(item)}
    for endpoint in template.of(ENDPOINT) if idle else []:
        components = [component.resource.logical_id for component in components_of(template, endpoint)]
        if not components or not idle.issuperset(components):
            continue
        for variant in variants_of(template, config_of(template, endpoint)):
            if variant.holds_components and _keeps_instances(variant):
                managed = variant.node.at("ManagedInstanceScaling")
                yield Problem(
                    managed,
                    "all components scale in to 0 copies but their instances stay: ManagedInstanceScaling must be "
                    f"ENABLED with MinInstanceCount 0, got {'none' if managed.missing else managed.value}",
                    "set ManagedInstanceScaling with Status ENABLED and MinInstanceCount 0, "
                    "or raise MinCapacity of a component to 1",
                )


def _keeps_instances(variant: Variant) -> bool:
    managed = variant.node.at("ManagedInstanceScaling")
    status, minimum = managed.at("Status"), managed.at("MinInstanceCount").number
    return managed.missing or status.text == "DISABLED" or (minimum is not None and minimum > 0)
