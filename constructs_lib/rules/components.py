"""Inference components, and the managed instance scaling of the variants that hold them."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import components as facts
from constructs_lib.facts.paths import COMPONENT, CONFIG, MODEL, ROLE, SECURITY_GROUP, SUBNET
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import (
    Variant,
    config_of,
    endpoint_of,
    production_variants,
    variants,
    variants_of,
)
from constructs_lib.templates.template import Node, Template
from constructs_lib.templates.values import UNKNOWN, Reference, Value, references

# Two references to resources of these types name different things; other types can give out one thing twice.
_DISTINCT = (ROLE, SUBNET, SECURITY_GROUP)


def specifications(component: Node) -> list[Node]:
    """The single specification of a component, or those for each instance type."""
    single = component.at("Specification")
    return [*([single] if isinstance(single.value, dict) else []), *component.at("Specifications").items]


def placements(template: Template, component: Node) -> list[Variant]:
    """The production variants on which a component can be placed: the one that it names, else all of its endpoint."""
    config = config_of(template, endpoint_of(template, component))
    found = production_variants(template, config)
    wanted = component.at("VariantName").value
    named = [variant for variant in found if variant.node.at("VariantName").value == wanted]
    return named if named and wanted is not UNKNOWN else found


@rule(facts.VARIANT_WITHOUT_MODEL)
def variant_without_model_has_role(template: Template) -> Iterator[Problem]:
    """A variant that names no model has an execution role on its endpoint configuration."""
    for variant in variants(template):
        overridden = any(pool.at("ModelNameOverride").given for pool in variant.node.at("InstancePools").items)
        if variant.is_serverless or overridden or not variant.holds_components:
            continue
        role = variant.config.at("ExecutionRoleArn")
        if role.missing:
            yield Problem(
                role,
                "ExecutionRoleArn is required on an endpoint configuration with a variant that has no ModelName, "
                f"as {variant.name or 'this one'}",
                "give the endpoint configuration ExecutionRoleArn, or the variant ModelName",
            )


@rule(facts.VARIANT_NAME)
def variant_exists(template: Template) -> Iterator[Problem]:
    """A component names a production variant of its endpoint."""
    for component in template.of(COMPONENT):
        name = component.at("VariantName")
        names = [variant.name for variant in placements(template, component)]
        if name.text is not None and names and None not in names and name.text not in names:
            known = ", ".join(sorted(str(each) for each in names))
            yield Problem(
                name,
                f"VariantName must be a production variant of the endpoint ({known}), got {name.text!r}",
                f"give {known}",
            )


@rule(facts.ON_MODEL_ENDPOINT)
def endpoint_takes_components(template: Template) -> Iterator[Problem]:
    """The variant on which a component is placed names no model."""
    for component in template.of(COMPONENT):
        found = placements(template, component)
        if found and all(variant.node.at("ModelName").given for variant in found):
            place = component.at("EndpointName")
            yield Problem(
                place if place.given else component.at("EndpointArn"),
                f"an inference component needs a variant without ModelName, {found[0].name or 'the variant'} names one",
                "remove ModelName from the variant and give its endpoint configuration ExecutionRoleArn",
            )


@rule(facts.COMPATIBLE_MODEL)
def model_fits_endpoint(template: Template) -> Iterator[Problem]:
    """A model agrees with the endpoint on which a component places it on role, VPC and network isolation."""
    for component in template.of(COMPONENT):
        config = config_of(template, endpoint_of(template, component))
        for specification in specifications(component):
            name = specification.at("ModelName")
            model = template.follow(name, MODEL)
            if config is None or model is None:
                continue
            for what in _disagreements(template, model, config):
                yield Problem(
                    name,
                    f"{what} of the model {model.resource.logical_id} must be that of the endpoint configuration "
                    f"{config.resource.logical_id}, it is another",
                    f"give both the same {what}",
                )


def _disagreements(template: Template, model: Node, config: Node) -> Iterator[str]:
    role = "ExecutionRoleArn"
    one, other = model.at(role), config.at(role)
    if one.given and other.given and (_differ(template, one, other) or _is_not_named(template, one, other)):
        yield role
    places = ("VpcConfig", "Subnets"), ("VpcConfig", "SecurityGroupIds")
    if any(_differ(template, model.at(*place), config.at(*place)) for place in places):
        yield "VpcConfig"
    isolated = [
        False if place.missing else place.flag
        for place in (model.at("EnableNetworkIsolation"), config.at("EnableNetworkIsolation"))
    ]
    if None not in isolated and isolated[0] != isolated[1]:
        yield "EnableNetworkIsolation"


def _differ(template: Template, one: Node, other: Node) -> bool:
    if one.missing or other.missing:
        return one.missing != other.missing
    kind, values = _identity(template, one)
    other_kind, other_values = _identity(template, other)
    return kind == other_kind != "" and values != other_values


def _is_not_named(template: Template, one: Node, other: Node) -> bool:
    """Whether one of two roles is written as an ARN, and the other is a role of the template with another name."""
    for written, referred in ((one, other), (other, one)):
        role = template.follow(referred, ROLE) if referred.reference else None
        last = written.parts[-1]
        name = role.at("RoleName") if role is not None else None
        if name is not None and isinstance(last, str) and "/" in last and (name.missing or name.text is not None):
            return name.text != last.rpartition("/")[2]  # without RoleName it gets a name that nobody can know before
    return False


def _identity(template: Template, node: Node) -> tuple[str, frozenset[Value]]:
    """What a value or a list of values names, and how: by texts or by references; an empty kind if that is unknown."""
    values = node.value if isinstance(node.value, list) else [node.value]
    if all(isinstance(value, str) for value in values):
        return "text", frozenset(values)
    roots = [template.resource(value.logical_id) if isinstance(value, Reference) else None for value in values]
    if all(root is not None and root.resource.type in _DISTINCT for root in roots):
        return "reference", frozenset(values)
    return "", frozenset()


@rule(facts.NETWORK_ISOLATION)
def isolation_belongs_to_the_model(template: Template) -> Iterator[Problem]:
    """Only an endpoint configuration for inference components has EnableNetworkIsolation."""
    for config in template.of(CONFIG):
        isolation = config.at("EnableNetworkIsolation")
        found = variants_of(template, config)
        if isolation.flag and found and all(variant.node.at("ModelName").given for variant in found):
            yield Problem(
                isolation,
                "EnableNetworkIsolation of an endpoint configuration is only for inference components, "
                "its variants name models",
                "set EnableNetworkIsolation on the models instead",
            )


@rule(facts.REGIONS)
def region_has_components(template: Template) -> Iterator[Problem]:
    """CloudFormation has inference components in the Region."""
    if template.region is None or facts.REGIONS.allows(template.region):
        return
    for component in template.of(COMPONENT):
        yield Problem(
            component,
            f"CloudFormation does not list {COMPONENT} in {template.region}",
            "deploy in another Region, or check that the Region has it by now",
        )


@rule(facts.COPY_COUNT_AT_CREATION)
def component_is_created_with_copies(template: Template) -> Iterator[Problem]:
    """A component is created with at least one copy."""
    for component in template.of(COMPONENT):
        copies = component.at("RuntimeConfig", "CopyCount")
        if copies.number == 0:
            yield Problem(
                copies,
                f"CopyCount must be at least {facts.COPY_COUNT_AT_CREATION.minimum} when a component is created, got 0",
                "create it with 1, and let a scalable target with MinCapacity 0 take it to 0",
            )


@rule(facts.ADAPTER_ORDER)
def adapter_depends_on_its_base(template: Template) -> Iterator[Problem]:
    """An adapter refers to its base component, or depends on it, if both are in one template."""
    for component in template.of(COMPONENT):
        name = component.at("Specification", "BaseInferenceComponentName")
        base = template.follow(name, COMPONENT)
        if base is not None and base.resource.logical_id not in _needed(component):
            logical_id = base.resource.logical_id
            yield Problem(
                name,
                f"nothing makes this adapter wait for its base {logical_id}, which it names by a text",
                f"add DependsOn {logical_id}, so that it is created before the adapter and deleted after it",
            )


def _needed(component: Node) -> set[str]:
    """What a component waits for: DependsOn, and all that its properties refer to."""
    return {*component.resource.depends_on, *(reference.logical_id for reference in references(component.value))}
