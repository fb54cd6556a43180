"""That what nobody asks costs nothing, as an assertion."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import asynchronous
from constructs_lib.facts.paths import ENDPOINT
from constructs_lib.facts.scaling import (
    INSTANCE_COUNT_DIMENSION,
    PROVISIONED_CONCURRENCY_DIMENSION,
)
from constructs_lib.facts.scaling_to_zero import COMPONENT_TO_ZERO
from constructs_lib.rules import judge
from constructs_lib.rules.rule import path_of
from constructs_lib.templates.relations import Variant, components_of, config_of, grouped, variants_of
from constructs_lib.templates.scaling import Scaled, policies_of, scaled
from constructs_lib.templates.template import Node, Template, templates
from constructs_lib.testing.synthesis import Source, Subject, sources_of

_WAKING = (asynchronous.WAKE_FROM_ZERO.id, COMPONENT_TO_ZERO.id)


def assert_scales_to_zero(subject: Subject, endpoint: str = "") -> None:
    """Fail unless every endpoint goes down to no instance, copy or provisioned concurrency, and wakes again.

    A serverless endpoint does unless it provisions concurrency; an asynchronous one and inference components do if
    their MinCapacity is 0, no schedule leaves it higher, and something scales them in and wakes them. A real-time
    variant that names a model never does.

    :param subject: a stack, an app with all of its stacks, or a template.
    :param endpoint: a part of the logical ids of the endpoints that are meant. Default: all.

    Raises AssertionError with what keeps each endpoint up and what to change, also if there is no such endpoint.
    """
    __tracebackhide__ = True
    kept: dict[str, dict[str, None]] = {}
    for source in sources_of(subject):
        for template in templates(source.file.document, lambda _: True, source.file.region):
            for each in template.of(ENDPOINT):
                if endpoint in each.resource.logical_id:
                    place = f"{source.name}: {each.resource.logical_id}"
                    kept.setdefault(place, {}).update(dict.fromkeys(_problems(source, template, each)))
    if not kept:
        meant = f" with {endpoint!r} in its logical id" if endpoint else ""
        raise AssertionError(f"expected an {ENDPOINT}{meant}, found none")
    lines = [
        f"\n{place} does not scale to zero and back:" + "".join(f"\n  - {problem}" for problem in problems)
        for place, problems in kept.items()
        if problems
    ]
    if lines:
        raise AssertionError("".join(lines).lstrip())


def _problems(source: Source, template: Template, endpoint: Node) -> Iterator[str]:
    variants = variants_of(template, config_of(template, endpoint))
    if not variants:
        yield "its variants are not of this template; give the stack that holds its configuration"
    judged = {variant.config.resource.logical_id for variant in variants}
    for variant in variants:
        if variant.is_serverless:
            yield from _serverless(template, variant)
            continue
        if not (variant.holds_components or variant.is_asynchronous):
            yield (
                f"{_place(variant.node)}: a real-time variant keeps at least one instance; make it a "
                "ServerlessEndpoint, an AsyncEndpoint, or inference components of a ComponentEndpoint"
            )
            continue
        counts = _copies(template, endpoint) if variant.holds_components else _instances(template, variant)
        if not counts:
            yield "no inference component of this template is placed on it; give the stack that holds them"
        for count, items in counts:
            if not items:
                yield f"{_place(count)}: nothing scales it, got {_value(count)}; give it autoscaling"
            for item in items:
                judged.add(item.target.resource.logical_id)
                yield from _stays(template, item)
    for finding in judge(source.file.document, region=source.file.region):
        if finding.rule in _WAKING and finding.logical_id in judged:
            yield f"{finding.logical_id} {finding.path}: {finding.message}; {finding.fix}"


def _serverless(template: Template, variant: Variant) -> Iterator[str]:
    provisioned = variant.node.at("ServerlessConfig", "ProvisionedConcurrency")
    if provisioned.given and provisioned.number != 0:
        yield f"{_place(provisioned)}: {_value(provisioned)} requests at once are always provisioned; leave it out"
    for item in _scaled(template, variant, PROVISIONED_CONCURRENCY_DIMENSION):
        yield f"{_place(item.target)}: at least one is always provisioned where it is scaled; leave autoscaling out"


def _instances(template: Template, variant: Variant) -> list[tuple[Node, list[Scaled]]]:
    """The number of a variant's instances, with what scales it."""
    return [(variant.node.at("InitialInstanceCount"), _scaled(template, variant, INSTANCE_COUNT_DIMENSION))]


def _copies(template: Template, endpoint: Node) -> list[tuple[Node, list[Scaled]]]:
    """The number of copies of each component of an endpoint, with what scales it."""
    by_component = grouped(scaled(template), lambda item: item.component)
    return [
        (component.at("RuntimeConfig", "CopyCount"), by_component.get(component.resource.logical_id, []))
        for component in components_of(template, endpoint)
    ]


def _scaled(template: Template, variant: Variant, dimension: str) -> list[Scaled]:
    return [item for item in scaled(template) if item.variant is variant and item.dimension == dimension]


def _stays(template: Template, item: Scaled) -> Iterator[str]:
    """What keeps a scalable target from reaching zero."""
    minimum = item.target.at("MinCapacity")
    if minimum.number != 0:
        yield f"{_place(minimum)}: must be 0, got {_value(minimum)}; set min_capacity=0"
    if not policies_of(template, item.target):
        yield f"{_place(item.target)}: no policy of this template scales it in; give it one"
    actions = item.target.at("ScheduledActions").items
    minimums = [action.at("ScalableTargetAction", "MinCapacity") for action in actions]
    raised = [place for place in minimums if place.given and place.number != 0]
    if raised and not any(place.number == 0 for place in minimums):
        yield f"{_place(raised[0])}: a schedule sets {_value(raised[0])} and none sets 0 again; add one that does"


def _place(node: Node) -> str:
    return f"{node.resource.logical_id} {path_of(node)}"


def _value(node: Node) -> str:
    if node.missing:
        return "none"
    return str(node.value) if node.known else "a value that is known only at deployment"
