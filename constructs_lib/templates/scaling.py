"""What Application Auto Scaling scales for SageMaker: scalable targets, and the policies that belong to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from constructs_lib.facts import scaling
from constructs_lib.facts.paths import COMPONENT, ENDPOINT, POLICY, TARGET
from constructs_lib.templates.relations import Variant, config_of, grouped, variants_of
from constructs_lib.templates.template import Node, Template
from constructs_lib.templates.values import Joined, Reference


@dataclass(frozen=True, slots=True)
class Scaled:
    """A scalable target for SageMaker, with what it scales as far as it is of this template."""

    target: Node
    dimension: str
    endpoint: Node | None
    variant: Variant | None
    component: Node | None


def scaled(template: Template) -> list[Scaled]:
    """Every scalable target for SageMaker."""
    return template.once(_scaled)


def _scaled(template: Template) -> list[Scaled]:
    return [_what_it_scales(template, target) for target in template.of(TARGET) if is_sagemaker(target)]


def is_sagemaker(node: Node) -> bool:
    """Whether a scalable target, or a scaling policy that names its own, is SageMaker's."""
    dimension = node.at("ScalableDimension").text or ""
    namespace = scaling.SERVICE_NAMESPACE
    return node.at("ServiceNamespace").text == namespace or dimension.startswith(f"{namespace}:")


def _what_it_scales(template: Template, target: Node) -> Scaled:
    dimension = target.at("ScalableDimension").text or ""
    kind, name, *rest = split_resource_id(target.at("ResourceId"))
    if kind == "inference-component":
        return Scaled(target, dimension, None, None, _named(template, target, name, COMPONENT))
    endpoint = _named(template, target, name, ENDPOINT) if kind == "endpoint" else None
    config = config_of(template, endpoint)
    wanted = rest[1] if len(rest) == 2 and rest[0] == "variant" else None
    found = [variant for variant in variants_of(template, config) if variant.node.at("VariantName").value == wanted]
    return Scaled(target, dimension, endpoint, found[0] if found and wanted is not None else None, None)


def _named(template: Template, target: Node, name: object, type_: str) -> Node | None:
    return template.follow(Node(target.resource, target.path, name), type_)


def split_resource_id(node: Node) -> tuple[object, ...]:
    """The steps between the slashes of a resource id, each a text or a reference; two empty ones if it has no steps.

    A step of several parts, or one that is not known, is ``None``.
    """
    steps: list[list[object]] = [[]]
    for part in node.parts:
        if not isinstance(part, str):
            steps[-1].append(part)
            continue
        first, *others = part.split("/")
        steps[-1].append(first)
        steps.extend([other] for other in others)
    found = [_single([part for part in step if part != ""]) for step in steps]
    return tuple(found) if len(found) > 1 else (None, None)


def _single(step: list[object]) -> object:
    return step[0] if len(step) == 1 and isinstance(step[0], (str, Reference)) else None


def policies_of(template: Template, target: Node) -> list[Node]:
    """The scaling policies of a scalable target: by reference, or by the same resource id and dimension."""
    return template.once(_policies_by_target).get(target.resource.logical_id, [])


def _policies_by_target(template: Template) -> Mapping[str, list[Node]]:
    return grouped(template.of(POLICY), lambda policy: target_of(template, policy))


def target_of(template: Template, policy: Node) -> Node | None:
    """The scalable target that a scaling policy belongs to, if it is of this template."""
    place = policy.at("ScalingTargetId")
    if place.given:
        return template.follow(place, TARGET)
    return template.once(_targets_by_resource).get(_identity(policy))


def _targets_by_resource(template: Template) -> Mapping[object, Node]:
    return {_identity(target): target for target in template.of(TARGET)}


def _identity(node: Node) -> object:
    """What Application Auto Scaling knows a target by; unique to the node where that is not written."""
    resource_id, dimension = node.at("ResourceId").value, node.at("ScalableDimension").value
    if isinstance(resource_id, (str, Joined)) and isinstance(dimension, str):
        return resource_id, dimension
    return node.resource.logical_id
