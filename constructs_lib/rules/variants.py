"""Production variants: what their settings demand of each other."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import variants as facts
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import CONFIG
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import Variant, grouped, production_variants, variants, variants_of
from constructs_lib.templates.template import Node, Template, repeated

_INSTANCE_SETTINGS = ("InstanceType", "InstancePools", "InitialInstanceCount")


@rule(facts.SERVERLESS_OR_INSTANCES)
def no_instances_beside_serverless(template: Template) -> Iterator[Problem]:
    """A variant is either serverless or on instances, and says which."""
    for variant in _written(template):
        if variant.is_serverless:
            beside = [variant.node.at(name) for name in _INSTANCE_SETTINGS if variant.node.at(name).given]
            for place in beside[:1]:
                yield Problem(
                    place,
                    f"a serverless variant must have no instances, got {_names(beside)} beside ServerlessConfig",
                    f"leave out {_names(beside)}, or ServerlessConfig",
                )


@rule(facts.SERVERLESS_OR_INSTANCES)
def something_to_run_on(template: Template) -> Iterator[Problem]:
    """A variant is either serverless or on instances, and says which."""
    for variant in _written(template):
        if all(variant.node.at(name).missing for name in ("ServerlessConfig", "InstanceType", "InstancePools")):
            yield Problem(
                variant.node,
                "a variant must have ServerlessConfig, InstanceType or InstancePools, got none of them",
                "give InstanceType and InitialInstanceCount, or ServerlessConfig",
            )


@rule(facts.ONE_KIND)
def one_kind(template: Template) -> Iterator[Problem]:
    """The production variants of a configuration are all serverless or all on instances."""
    production_variants = [variant for variant in _written(template) if not variant.is_shadow]
    for production in grouped(production_variants, lambda variant: variant.config).values():
        serverless = [variant for variant in production if variant.is_serverless]
        if serverless and any(_is_on_instances(variant) for variant in production):
            yield Problem(
                serverless[0].node.at("ServerlessConfig"),
                f"serverless variants must not be mixed with others, got {len(serverless)} among {len(production)}",
                "give each kind an endpoint of its own",
            )


def _is_on_instances(variant: Variant) -> bool:
    return not variant.is_serverless and any(variant.node.at(name).given for name in _INSTANCE_SETTINGS)


@rule(facts.VARIANT_NAME)
def unique_names(template: Template) -> Iterator[Problem]:
    """The name of a variant is up to 63 letters, digits and hyphens, and unique in its configuration."""
    for config in template.of(CONFIG):
        for name in repeated(variant.node.at("VariantName") for variant in variants_of(template, config)):
            message = f"VariantName must be unique in the configuration, got {name.text!r} again"
            yield Problem(name, message, "give each variant a name of its own")


@rule(facts.WEIGHT)
def traffic_goes_somewhere(template: Template) -> Iterator[Problem]:
    """Weights are 0 or more, and those of the production variants add up to more than 0."""
    for config in template.of(CONFIG):
        # A variant for inference components has no share of the traffic: each request names its component.
        sharing = [
            variant.node.at("InitialVariantWeight")
            for variant in production_variants(template, config)
            if not variant.holds_components
        ]
        if sharing and all(weight.number == 0 for weight in sharing):
            yield Problem(
                sharing[0],
                "the weights of the production variants must add up to more than 0, got 0",
                f"leave InitialVariantWeight out (it is {facts.WEIGHT.default} then) or raise one of them",
                Severity.WARNING,  # derived: the share of a variant is its weight divided by the sum
            )


@rule(facts.POOLS_REPLACE_TYPE)
def pools_replace_type(template: Template) -> Iterator[Problem]:
    """A variant with InstancePools has no InstanceType."""
    for variant in _written(template):
        if variant.node.at("InstancePools").given and variant.node.at("InstanceType").given:
            yield Problem(
                variant.node.at("InstanceType"),
                "InstancePools take the place of InstanceType, got both",
                "put the instance type into InstancePools with Priority 1",
            )


@rule(facts.PREFIX_ROUTING)
def prefix_routing_is_configured(template: Template) -> Iterator[Problem]:
    """PrefixAwareRoutingConfig is complete with the strategy PREFIX_AWARE, and left out with another."""
    for variant in variants(template):
        routing = variant.node.at("RoutingConfig")
        strategy, settings = routing.at("RoutingStrategy").text, routing.at("PrefixAwareRoutingConfig")
        if strategy == facts.PREFIX_AWARE:
            yield from _incomplete(settings)
        elif strategy is not None and settings.given:
            yield Problem(
                settings,
                f"PrefixAwareRoutingConfig is for RoutingStrategy {facts.PREFIX_AWARE} alone, got {strategy}",
                f"leave it out or set RoutingStrategy to {facts.PREFIX_AWARE}",
            )


def _incomplete(settings: Node) -> Iterator[Problem]:
    for limit in (facts.PREFIX_LENGTH, facts.PREFIX_THRESHOLD):
        if settings.missing or (isinstance(settings.value, dict) and settings.at(limit.what).missing):
            yield Problem(
                settings,
                f"{limit.what} is required with RoutingStrategy {facts.PREFIX_AWARE}",
                f"give PrefixAwareRoutingConfig a {limit.what} {limit}",
            )


@rule(facts.SSM_ACCESS)
def ssm_access_needs_a_network(template: Template) -> Iterator[Problem]:
    """SSM access is not enabled for containers in network isolation, which it cannot reach."""
    for variant in variants(template):
        access = variant.node.at("EnableSSMAccess")
        isolated = [owner for owner in (variant.model, variant.config) if owner and _is_isolated(owner)]
        if access.flag and isolated:
            yield Problem(
                access,
                f"no SSM session starts with network isolation, which {isolated[0].resource.logical_id} enables",
                "leave out EnableSSMAccess, or EnableNetworkIsolation while you debug",
            )


def _is_isolated(owner: Node) -> bool:
    return owner.at("EnableNetworkIsolation").flag is True


def _written(template: Template) -> list[Variant]:
    """The variants whose properties are written in the template: what comes from elsewhere can be of any kind."""
    return [variant for variant in variants(template) if isinstance(variant.node.value, dict)]


def _names(places: list[Node]) -> str:
    return " and ".join(str(place.path[-1]) for place in places)
