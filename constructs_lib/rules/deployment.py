"""Guarded deployments: blue/green and rolling updates of an endpoint, rolling updates of an inference component."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from constructs_lib.facts import deployment as facts
from constructs_lib.facts.instances import family
from constructs_lib.facts.limit import Limit, Severity
from constructs_lib.facts.paths import COMPONENT, ENDPOINT
from constructs_lib.facts.scaling import COPY_COUNT_DIMENSION
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import Variant, config_of, production_variants
from constructs_lib.templates.scaling import scaled
from constructs_lib.templates.template import Node, Template

# Where the parts of a deployment stand in an endpoint, and in an inference component.
DEPLOYMENT = "DeploymentConfig"
BLUE_GREEN = (DEPLOYMENT, "BlueGreenUpdatePolicy")
ROUTING = (*BLUE_GREEN, "TrafficRoutingConfiguration")
ROLLING = (DEPLOYMENT, "RollingUpdatePolicy")
ROLLBACK = (DEPLOYMENT, "AutoRollbackConfiguration")
STAGED = ("CANARY", "LINEAR")


@rule(facts.ONE_POLICY)
def one_update_policy(template: Template) -> Iterator[Problem]:
    """A deployment is either blue/green or rolling."""
    for endpoint in template.of(ENDPOINT):
        if endpoint.at(*BLUE_GREEN).given and endpoint.at(*ROLLING).given:
            yield Problem(
                endpoint.at(DEPLOYMENT),
                "only one of BlueGreenUpdatePolicy and RollingUpdatePolicy must be given, got both",
                "remove one of them",
            )


@rule(facts.CANARY_SIZE)
def canary_is_at_most_half(template: Template) -> Iterator[Problem]:
    """A canary deployment has a CanarySize of at most half of the instances."""
    yield from _routed(template, facts.CANARY_SIZE, "CANARY", "CanarySize")


@rule(facts.LINEAR_STEP_SIZE)
def linear_step_is_a_tenth_to_half(template: Template) -> Iterator[Problem]:
    """A linear deployment has a LinearStepSize of a tenth to half of the instances."""
    yield from _routed(template, facts.LINEAR_STEP_SIZE, "LINEAR", "LinearStepSize")


def _routed(template: Template, limit: Limit, type_: str, member: str) -> Iterator[Problem]:
    for endpoint in template.of(ENDPOINT):
        routing = endpoint.at(*ROUTING)
        if routing.at("Type").text != type_:
            continue
        if routing.at(member).missing:
            yield Problem(routing, f"{member} is required with {type_}", f"give {member}, {limit}")
        yield from _size(limit, routing.at(member), "INSTANCE_COUNT", _instances(template, endpoint))


@rule(facts.BATCH_SIZE)
def batch_is_a_twentieth_to_half(template: Template) -> Iterator[Problem]:
    """A rolling deployment has batches of 5 % to half of the instances."""
    for endpoint in template.of(ENDPOINT):
        size = endpoint.at(*ROLLING, "MaximumBatchSize")
        if isinstance(endpoint.at(*ROLLING).value, dict) and size.missing:
            problem = "MaximumBatchSize is required in RollingUpdatePolicy"
            yield Problem(endpoint.at(*ROLLING), problem, f"give MaximumBatchSize, {facts.BATCH_SIZE}")
        yield from _size(facts.BATCH_SIZE, size, "INSTANCE_COUNT", _instances(template, endpoint))


@rule(facts.COMPONENT_BATCH_SIZE)
def component_batch_is_a_twentieth_to_half(template: Template) -> Iterator[Problem]:
    """A rolling deployment of a component has batches of 5 % to half of its copies."""
    moving = template.once(_scaled_components)
    for component in template.of(COMPONENT):
        copies = component.at("RuntimeConfig", "CopyCount")
        fixed = "" not in moving and component.resource.logical_id not in moving
        size = component.at(*ROLLING, "MaximumBatchSize")
        yield from _size(facts.COMPONENT_BATCH_SIZE, size, "COPY_COUNT", [copies] if fixed else [])


def _scaled_components(template: Template) -> frozenset[str]:
    """The components whose copies a scalable target changes; an empty one for those that are not known."""
    components = [item.component for item in scaled(template) if item.dimension == COPY_COUNT_DIMENSION]
    return frozenset("" if component is None else component.resource.logical_id for component in components)


def _size(limit: Limit, size: Node, count_type: str, counted: list[Node]) -> Iterator[Problem]:
    """What is wrong with a share, in percent or as a count of what ``counted`` says there is."""
    value = size.at("Value")
    if value.number is None or value.number < facts.CAPACITY_SIZE.minimum:
        return
    if size.at("Type").text == "CAPACITY_PERCENT" and not limit.allows(value.number):
        yield Problem(value, f"{limit.what} must be {limit}, got {value.number}", f"give a percentage {limit.allowed}")
    if size.at("Type").text == count_type:
        for count in counted:
            if count.number and not limit.allows(100 * value.number / count.number):
                yield Problem(
                    value,
                    f"{limit.what} must be {limit}, got {value.number} of {count.path[-1]} {count.number}",
                    f"give Type CAPACITY_PERCENT and a percentage {limit.allowed}, or change the count",
                    # AWS takes steps of less than one instance: what it does with one of one is not certain.
                    Severity.WARNING if count.number == 1 else None,
                )


def _production(template: Template, endpoint: Node) -> list[Variant]:
    return production_variants(template, config_of(template, endpoint))


def _instances(template: Template, endpoint: Node) -> list[Node]:
    """The instance counts of an endpoint's variants where an update meets them as they are written."""
    retained = endpoint.at("RetainAllVariantProperties")
    if (retained.given and retained.flag is not False) or _is_scaled(template, endpoint):
        return []
    places = [variant.node.at("InitialInstanceCount") for variant in _production(template, endpoint)]
    return [place for place in places if place.number is not None]


def _is_scaled(template: Template, endpoint: Node) -> bool:
    """Whether something changes, or may change, how many instances the endpoint has."""
    moving = template.once(_scaled_endpoints)
    if "" in moving or endpoint.resource.logical_id in moving:
        return True
    return any(variant.node.at("ManagedInstanceScaling").given for variant in _production(template, endpoint))


def _scaled_endpoints(template: Template) -> frozenset[str]:
    """The endpoints whose instances a scalable target changes; an empty one for those that are not known."""
    endpoints = [item.endpoint for item in scaled(template) if item.dimension != COPY_COUNT_DIMENSION]
    return frozenset("" if endpoint is None else endpoint.resource.logical_id for endpoint in endpoints)


@rule(facts.WAIT_INTERVAL)
def steps_have_a_wait_interval(template: Template) -> Iterator[Problem]:
    """A deployment in steps says how long it waits between them."""
    for endpoint in template.of(ENDPOINT):
        routing, rolling = endpoint.at(*ROUTING), endpoint.at(*ROLLING)
        steps = [rolling] if isinstance(rolling.value, dict) else []
        # The API wants it, CloudFormation's schema does not.
        staged = [routing] if routing.at("Type").text in STAGED else []
        for policy in (*steps, *staged):
            if policy.at("WaitIntervalInSeconds").missing:
                yield Problem(
                    policy,
                    f"{policy.path[-1]} must have WaitIntervalInSeconds",
                    f"give WaitIntervalInSeconds, {facts.WAIT_INTERVAL}",
                    Severity.WARNING if policy is routing else None,
                )


@rule(facts.TOTAL_WAITING)
def timeout_exceeds_waiting(template: Template) -> Iterator[Problem]:
    """MaximumExecutionTimeoutInSeconds is larger than all waiting together."""
    for endpoint in template.of(ENDPOINT):
        routing = endpoint.at(*ROUTING)
        step = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(routing.at("Type").text or "", "")
        steps = 2 if step == "CanarySize" else _steps(routing.at(step), _instances(template, endpoint))
        wait = routing.at("WaitIntervalInSeconds").number or 0
        termination = endpoint.at(*BLUE_GREEN, "TerminationWaitInSeconds").number or 0
        yield from _waiting(endpoint.at(*BLUE_GREEN), wait, steps, termination, None)
    for owner in template.of(ENDPOINT, COMPONENT):
        rolling = owner.at(*ROLLING)
        copies = owner.at("RuntimeConfig", "CopyCount")
        counted = [copies] if owner.resource.type == COMPONENT else _instances(template, owner)
        wait = rolling.at("WaitIntervalInSeconds").number or 0
        yield from _waiting(rolling, wait, _steps(rolling.at("MaximumBatchSize"), counted), 0, Severity.WARNING)


def _steps(size: Node, counted: list[Node]) -> int:
    """In how many steps all is replaced; 1 where that is not known."""
    value = size.at("Value").number
    if value is None or value < facts.CAPACITY_SIZE.minimum:
        return 1
    if size.at("Type").text == "CAPACITY_PERCENT":
        return max(1, ceil(100 / value))
    return max([1, *(ceil((count.number or 0) / value) for count in counted)])


def _waiting(policy: Node, wait: float, steps: int, termination: float, severity: Severity | None) -> Iterator[Problem]:
    """The API states the sum for one interval; that each step waits is derived from what the steps do."""
    timeout = policy.at("MaximumExecutionTimeoutInSeconds")
    needed = wait * steps + termination
    if timeout.number is None or timeout.number > needed or wait + termination <= 0:
        return
    total = f"{steps} x WaitIntervalInSeconds {wait}" if steps > 1 else f"WaitIntervalInSeconds {wait}"
    total += f" + TerminationWaitInSeconds {termination}" if termination else ""
    yield Problem(
        timeout,
        f"MaximumExecutionTimeoutInSeconds must be larger than all waiting ({total} = {needed}), got {timeout.number}",
        f"raise it well above {needed}, by the time that new instances need to start, or wait less",
        severity if timeout.number <= wait + termination else Severity.WARNING,
    )


@rule(facts.FALLBACK_FAMILIES)
def guarded_instances(template: Template) -> Iterator[Problem]:
    """An endpoint with guarded deployments has no Inf1 instances."""
    for endpoint in template.of(ENDPOINT):
        staged = endpoint.at(*ROUTING, "Type").text in STAGED or endpoint.at(*ROLLING).given
        if not staged and endpoint.at(*ROLLBACK).missing:
            continue
        for variant in _production(template, endpoint):
            types = [
                place.text for place in variant.instance_types if family(place.text or "") == facts.FALLBACK_FAMILY
            ]
            if types:
                yield Problem(
                    endpoint.at(DEPLOYMENT),
                    f"an endpoint on {types[0]} is updated all at once and without a baking period, "
                    "whatever DeploymentConfig says",
                    "serve from other instances, or remove the policy and the alarms",
                )


@rule(facts.NO_ROLLING)
def rolling_needs_one_variant_on_instances(template: Template) -> Iterator[Problem]:
    """A rolling deployment is of one variant, on instances."""
    for endpoint in template.of(ENDPOINT):
        rolling = endpoint.at(*ROLLING)
        found = _production(template, endpoint)
        if rolling.missing:
            continue
        if len(found) > 1:
            got = f"{len(found)} variants"
        elif any(variant.is_serverless for variant in found):
            got = "a serverless variant"
        else:
            continue
        yield Problem(
            rolling,
            f"a rolling deployment must be of one variant on instances, got {got}",
            "give BlueGreenUpdatePolicy instead",
        )
