"""Which resource belongs to which: the variants of a configuration, the endpoint of a component, ..."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from constructs_lib.facts.paths import COMPONENT, CONFIG, ENDPOINT, MODEL
from constructs_lib.templates.template import Node, Template

Item = TypeVar("Item")

PRODUCTION = "ProductionVariants"
SHADOW = "ShadowProductionVariants"


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


def production_variants(template: Template, config: Node | None) -> list[Variant]:
    """The variants of one configuration that are not shadows."""
    return [variant for variant in variants_of(template, config) if not variant.is_shadow]


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


def is_multi_model(container: Node) -> bool:
    """Whether a container is known to serve several models."""
    return container.at("Mode").text == "MultiModel"


def is_asynchronous(template: Template, endpoint: Node | None) -> bool:
    """Whether an endpoint is known to be asynchronous."""
    config = config_of(template, endpoint)
    return config is not None and config.at("AsyncInferenceConfig").known


def metrics(node: Node) -> Iterator[Node]:
    """Every place below an alarm or a metric specification that names a metric."""
    yield node
    for query in node.at("Metrics").items:
        yield query.at("MetricStat", "Metric")


def dimensions(metric: Node) -> Mapping[str, Node]:
    """The values of a metric's dimensions by name."""
    return {item.at("Name").text or "": item.at("Value") for item in metric.at("Dimensions").items}


def grouped(items: Iterable[Item], by: Callable[[Item], Node | None]) -> Mapping[str, list[Item]]:
    """Items by the logical id of the resource that they belong to; those that belong to none are left out."""
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        owner = by(item)
        if owner is not None:
            found[owner.resource.logical_id].append(item)
    return found
