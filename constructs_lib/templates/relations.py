"""Which resource belongs to which: the variants of a configuration, the model of a variant, what is scaled, ..."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from constructs_lib.facts import scaling
from constructs_lib.templates.template import Node, Template
from constructs_lib.templates.values import Joined, Reference

Item = TypeVar("Item")

MODEL = "AWS::SageMaker::Model"
CONFIG = "AWS::SageMaker::EndpointConfig"
ENDPOINT = "AWS::SageMaker::Endpoint"
COMPONENT = "AWS::SageMaker::InferenceComponent"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
ALARM = "AWS::CloudWatch::Alarm"

PRODUCTION = "ProductionVariants"
SHADOW = "ShadowProductionVariants"

INSTANCE_DIMENSION = scaling.INSTANCE_COUNT_DIMENSION
CONCURRENCY_DIMENSION = scaling.PROVISIONED_CONCURRENCY_DIMENSION
COPY_DIMENSION = scaling.COPY_COUNT_DIMENSION


@dataclass(frozen=True, slots=True)
class Variant:
    """A production or shadow variant of an endpoint configuration; ``model`` is ``None`` if not of this template."""

    node: Node
    config: Node
    model: Node | None
    is_shadow: bool

    @property
    def is_serverless(self) -> bool:
        """It has a ServerlessConfig."""
        return self.node.at("ServerlessConfig").given

    @property
    def is_asynchronous(self) -> bool:
        """Its configuration has an AsyncInferenceConfig."""
        return self.config.at("AsyncInferenceConfig").given

    @property
    def holds_components(self) -> bool:
        """It names no model, so that inference components can be placed on it."""
        return self.node.at("ModelName").missing and isinstance(self.node.value, dict)

    @property
    def name(self) -> str | None:
        """VariantName, if it is written in the template."""
        return self.node.at("VariantName").text

    @property
    def instance_types(self) -> list[Node]:
        """The places that name its instance type, or the types of its pools."""
        pools = [pool.at("InstanceType") for pool in self.node.at("InstancePools").items]
        return [place for place in (self.node.at("InstanceType"), *pools) if place.text is not None]


def variants(template: Template) -> list[Variant]:
    """Every variant of every endpoint configuration, the production ones of a configuration first."""
    return template.once(_variants)


def _variants(template: Template) -> list[Variant]:
    return [variant for config in template.of(CONFIG) for variant in _variants_of(template, config)]


def _variants_of(template: Template, config: Node) -> Iterator[Variant]:
    for name in (PRODUCTION, SHADOW):
        # A variant known only at deploy time can be of any kind.
        for node in (item for item in config.at(name).items if isinstance(item.value, dict)):
            yield Variant(node, config, template.follow(node.at("ModelName"), MODEL), name == SHADOW)


def variants_of(template: Template, config: Node | None) -> list[Variant]:
    """The variants of one configuration, none if it is not of this template."""
    return [] if config is None else template.once(_variants_by_config).get(config.resource.logical_id, [])


def _variants_by_config(template: Template) -> Mapping[str, list[Variant]]:
    return grouped(variants(template), lambda variant: variant.config)


def config_of(template: Template, endpoint: Node | None) -> Node | None:
    """The configuration that an endpoint deploys, if it is of this template."""
    return None if endpoint is None else template.follow(endpoint.at("EndpointConfigName"), CONFIG)


def endpoints_of(template: Template, config: Node) -> list[Node]:
    """The endpoints of this template that deploy a configuration."""
    return template.once(_endpoints_by_config).get(config.resource.logical_id, [])


def _endpoints_by_config(template: Template) -> Mapping[str, list[Node]]:
    return grouped(template.of(ENDPOINT), lambda endpoint: config_of(template, endpoint))


def components_of(template: Template, endpoint: Node) -> list[Node]:
    """The inference components of this template that are placed on an endpoint."""
    return template.once(_components_by_endpoint).get(endpoint.resource.logical_id, [])


def _components_by_endpoint(template: Template) -> Mapping[str, list[Node]]:
    return grouped(template.of(COMPONENT), lambda component: endpoint_of(template, component))


def endpoint_of(template: Template, component: Node) -> Node | None:
    """The endpoint on which an inference component is placed, if it is of this template."""
    return template.follow(component.at("EndpointName"), ENDPOINT) or template.follow(
        component.at("EndpointArn"), ENDPOINT
    )


def containers(model: Node) -> list[Node]:
    """The containers of a model, however it names them."""
    primary = model.at("PrimaryContainer")
    return [*([primary] if isinstance(primary.value, dict) else []), *model.at("Containers").items]


@dataclass(frozen=True, slots=True)
class Scaled:
    """A scalable target for SageMaker, with what it scales as far as it is of this template."""

    target: Node
    dimension: str
    endpoint: Node | None
    variant: Variant | None
    component: Node | None

    @property
    def config(self) -> Node | None:
        """The configuration of the scaled endpoint."""
        return self.variant.config if self.variant else None


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


def alarms_on(template: Template, metric: str) -> list[Node]:
    """The alarms on a metric, by the metric's name."""
    return template.once(_alarms_by_metric).get(metric, [])


def _alarms_by_metric(template: Template) -> Mapping[str, list[Node]]:
    found: defaultdict[str, list[Node]] = defaultdict(list)
    for alarm in template.of(ALARM):
        queries = [query.at("MetricStat", "Metric", "MetricName") for query in alarm.at("Metrics").items]
        for name in {place.text for place in (alarm.at("MetricName"), *queries)}:
            if name is not None:
                found[name].append(alarm)
    return found


def grouped(items: Iterable[Item], by: Callable[[Item], Node | None]) -> Mapping[str, list[Item]]:
    """Items by the logical id of the resource that they belong to; those that belong to none are left out."""
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        owner = by(item)
        if owner is not None:
            found[owner.resource.logical_id].append(item)
    return found
