"""Application Auto Scaling for SageMaker: what is scaled, and between which capacities."""

from __future__ import annotations

import re
from collections.abc import Iterator

from constructs_lib.facts import scaling
from constructs_lib.facts.paths import COMPONENT, ENDPOINT, POLICY
from constructs_lib.facts.scaling import (
    COPY_COUNT_DIMENSION,
    INSTANCE_COUNT_DIMENSION,
    PROVISIONED_CONCURRENCY_DIMENSION,
)
from constructs_lib.rules.rows import judged, ordered
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import config_of, variants_of
from constructs_lib.templates.scaling import Scaled, is_sagemaker, scaled, split_resource_id
from constructs_lib.templates.template import Node, Template
from constructs_lib.templates.values import Reference

_FORMS = {**scaling.RESOURCE_IDS, COPY_COUNT_DIMENSION: scaling.COMPONENT_RESOURCE_ID}
_NAME_ATTRIBUTES = {ENDPOINT: "EndpointName", COMPONENT: "InferenceComponentName"}


def registered(template: Template) -> list[Node]:
    """What names a resource id of SageMaker: its scalable targets, and policies that have no ScalingTargetId."""
    policies = [node for node in template.of(POLICY) if node.at("ScalingTargetId").missing and is_sagemaker(node)]
    return [*(item.target for item in scaled(template)), *policies]


def capacities(item: Scaled) -> list[Node]:
    """The places that give MinCapacity and MaxCapacity: the target itself, and its scheduled actions."""
    actions = [action.at("ScalableTargetAction") for action in item.target.at("ScheduledActions").items]
    return [item.target, *actions]


@rule(scaling.SCALABLE_DIMENSION)
def dimension_of_namespace(template: Template) -> Iterator[Problem]:
    """The namespace sagemaker has three scalable dimensions, and no other namespace has them."""
    for node in registered(template):
        namespace, dimension = node.at("ServiceNamespace"), node.at("ScalableDimension")
        yield from judged(scaling.SCALABLE_DIMENSION, dimension)
        is_sagemakers = scaling.SCALABLE_DIMENSION.allows(dimension.text)
        if is_sagemakers and namespace.text not in (None, scaling.SERVICE_NAMESPACE):
            yield Problem(
                namespace,
                f"ServiceNamespace of {dimension.text} must be {scaling.SERVICE_NAMESPACE}, got {namespace.text}",
                f"give {scaling.SERVICE_NAMESPACE}",
            )


@rule(scaling.SCALABLE_DIMENSION)
def resource_id_of_dimension(template: Template) -> Iterator[Problem]:
    """A resource id has the form that its dimension asks for."""
    for node in registered(template):
        place, form = node.at("ResourceId"), _FORMS.get(node.at("ScalableDimension").text or "")
        if form is not None and _contradicts(form, _outline(template, place)):
            shown = "".join(part if isinstance(part, str) else "..." for part in place.parts)
            yield Problem(
                place,
                f"ResourceId of {node.at('ScalableDimension').text} must be {form}, got {shown}",
                f"write it as {form}",
            )


def _outline(template: Template, place: Node) -> list[str | None]:
    """The parts of a resource id with a word for every name, ``None`` for what may hold anything."""
    return [part if isinstance(part, str) else _word(template, part) for part in place.parts]


def _word(template: Template, part: object) -> str | None:
    if not isinstance(part, Reference):
        return None
    root = template.resource(part.logical_id)
    names = root is not None and (root.resource.type in _NAME_ATTRIBUTES or part.attribute.endswith("Name"))
    return "name" if names or part.logical_id.startswith("AWS::") else None


def _contradicts(form: str, outline: list[str | None]) -> bool:
    known = [part for part in outline if part is not None]
    if len(known) == len(outline):
        return re.fullmatch(re.sub(r"{\w+}", "[^/]+", form), "".join(known)) is None
    start, prefix = outline[0] or "", form.partition("{")[0]
    return not start.startswith(prefix) and not prefix.startswith(start)


@rule(scaling.SCALABLE_DIMENSION)
def resource_id_has_names(template: Template) -> Iterator[Problem]:
    """A resource id holds names; Ref of an endpoint or of an inference component is an ARN."""
    for node in registered(template):
        for part in node.at("ResourceId").parts:
            root = template.resource(part.logical_id) if isinstance(part, Reference) else None
            name = _NAME_ATTRIBUTES.get(root.resource.type) if root is not None else None
            if name is not None and part.attribute != name:
                yield Problem(
                    node.at("ResourceId"),
                    f"ResourceId must hold the name of {part.logical_id}, got its {part.attribute or 'ARN (Ref)'}",
                    f"use Fn::GetAtt {part.logical_id}.{name}",
                )


@rule(scaling.SCALED_KIND)
def dimension_of_variant(template: Template) -> Iterator[Problem]:
    """Instances are scaled where a variant has them, provisioned concurrency where a serverless variant has it."""
    for item in scaled(template):
        misfit = _misfit(item)
        if misfit:
            yield Problem(
                item.target.at("ScalableDimension"),
                f"{item.dimension} does not fit variant {item.variant.name if item.variant else ''}: {misfit[0]}",
                misfit[1],
            )


def _misfit(item: Scaled) -> tuple[str, str] | None:
    if item.variant is None:
        return None
    serverless = item.variant.node.at("ServerlessConfig")
    if item.dimension == INSTANCE_COUNT_DIMENSION and isinstance(serverless.value, dict):
        return (
            "it is serverless and has no instances",
            f"scale {PROVISIONED_CONCURRENCY_DIMENSION}, or remove the scalable target",
        )
    if item.dimension == PROVISIONED_CONCURRENCY_DIMENSION and serverless.missing:
        return "it is not serverless", f"scale {INSTANCE_COUNT_DIMENSION}"
    if item.dimension == PROVISIONED_CONCURRENCY_DIMENSION and serverless.at("ProvisionedConcurrency").missing:
        return "it has no ProvisionedConcurrency", "give ServerlessConfig a ProvisionedConcurrency"
    return None


@rule(scaling.SCALED_VARIANT)
def variant_exists(template: Template) -> Iterator[Problem]:
    """The variant in a resource id is one of the endpoint's configuration."""
    for item in scaled(template):
        steps = split_resource_id(item.target.at("ResourceId"))
        names = [variant.name for variant in variants_of(template, config_of(template, item.endpoint))]
        wanted = steps[-1] if len(steps) == 4 and item.variant is None else None
        if isinstance(wanted, str) and names and None not in names:
            known = ", ".join(str(name) for name in names)
            yield Problem(
                item.target.at("ResourceId"),
                f"variant {wanted} is not in the configuration of the endpoint, which has {known}",
                f"name one of {known}",
            )


@rule(scaling.NO_BURSTABLE_INSTANCES)
def no_burstable_instances(template: Template) -> Iterator[Problem]:
    """A variant on burstable instances is not a scalable target."""
    for item in scaled(template):
        places = item.variant.instance_types if item.variant and item.dimension == INSTANCE_COUNT_DIMENSION else []
        for burstable in [place.text for place in places if place.text in scaling.BURSTABLE_INSTANCE_TYPES]:
            yield Problem(
                item.target.at("ResourceId"),
                f"a variant on burstable instances must not be scaled, its instance type is {burstable}",
                "take another instance type, such as ml.m5.large, or remove the scalable target",
            )


@rule(scaling.MAX_CAPACITY)
def minimum_within_maximum(template: Template) -> Iterator[Problem]:
    """MinCapacity is at most MaxCapacity, in a scalable target and in each scheduled action."""
    for item in scaled(template):
        for place in capacities(item):
            yield from ordered(place.at("MinCapacity"), place.at("MaxCapacity"))


@rule(scaling.MAX_CAPACITY_PROVISIONED_CONCURRENCY)
def provisioned_concurrency_within_maximum(template: Template) -> Iterator[Problem]:
    """Provisioned concurrency scales up to MaxConcurrency of its variant at most."""
    for item in scaled(template):
        if item.dimension != PROVISIONED_CONCURRENCY_DIMENSION or item.variant is None:
            continue
        limit = item.variant.node.at("ServerlessConfig", "MaxConcurrency").number
        for maximum in [place.at("MaxCapacity") for place in capacities(item)]:
            if limit is not None and maximum.number is not None and maximum.number > limit:
                yield Problem(
                    maximum,
                    f"MaxCapacity must be at most MaxConcurrency {limit} of the variant, got {maximum.number}",
                    f"lower it to {limit} or raise MaxConcurrency",
                )


@rule(scaling.RETAIN_VARIANT_PROPERTIES)
def count_survives_update(template: Template) -> Iterator[Problem]:
    """An update of a scaled endpoint keeps the instance count."""
    for item in scaled(template):
        has_instances = item.variant is None or not item.variant.is_serverless
        counted = item.endpoint if item.dimension == INSTANCE_COUNT_DIMENSION and has_instances else None
        if counted is not None and _forgets_count(counted):
            yield Problem(
                counted.at("RetainAllVariantProperties"),
                "an update of the endpoint puts the instance count, which is scaled, back to InitialInstanceCount",
                f"set RetainAllVariantProperties to true without excluding {scaling.RETAINED_COUNT}",
            )


def _forgets_count(endpoint: Node) -> bool:
    retains = endpoint.at("RetainAllVariantProperties")
    excluded = [item.at("VariantPropertyType").text for item in endpoint.at("ExcludeRetainedVariantProperties").items]
    return retains.missing or retains.flag is False or (retains.flag is True and scaling.RETAINED_COUNT in excluded)


@rule(scaling.RESOURCE_ID_LENGTH)
def resource_id_length(template: Template) -> Iterator[Problem]:
    """A resource id has 1 to 1600 characters."""
    for place in [node.at("ResourceId") for node in registered(template)]:
        if place.text is not None and not scaling.RESOURCE_ID_LENGTH.allows(len(place.text)):
            message = f"ResourceId must be {scaling.RESOURCE_ID_LENGTH} long, got {len(place.text)}"
            yield Problem(place, message, "name the endpoint and variant, or the inference component")
