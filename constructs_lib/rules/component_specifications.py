"""Specifications of inference components: what one copy asks for, how it starts and where it is placed."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import component_specifications as facts
from constructs_lib.facts import instances
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import COMPONENT, ENDPOINT
from constructs_lib.rules.components import placements, specifications
from constructs_lib.rules.rows import ordered
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import Variant, components_of, config_of, production_variants
from constructs_lib.templates.template import Node, Template

_REQUIREMENTS = "ComputeResourceRequirements"
_ACCELERATORS = "NumberOfAcceleratorDevicesRequired"
_DEMANDS = ("NumberOfCpuCoresRequired", _ACCELERATORS, "MinMemoryRequiredInMb")


@rule(facts.MEMORY)
def memory_is_given_in_order(template: Template) -> Iterator[Problem]:
    """A component asks for at least 128 MB, and its minimum is at most its maximum."""
    for component in template.of(COMPONENT):
        for specification in specifications(component):
            requirements = specification.at(_REQUIREMENTS)
            minimum = requirements.at("MinMemoryRequiredInMb")
            if isinstance(requirements.value, dict) and minimum.missing:
                yield Problem(
                    requirements,
                    f"MinMemoryRequiredInMb is required in {_REQUIREMENTS}",
                    f"give MinMemoryRequiredInMb, {facts.MEMORY.minimum} or more",
                )
            yield from ordered(minimum, requirements.at("MaxMemoryRequiredInMb"))


@rule(facts.ACCELERATORS)
def accelerators_on_accelerated_instances(template: Template) -> Iterator[Problem]:
    """A component that asks for accelerators is placed on instances that have some."""
    for specification, types in _placed(template):
        wanted = specification.at(_REQUIREMENTS, _ACCELERATORS)
        if wanted.number is not None and all(_capacity(type_)[_ACCELERATORS] == 0 for type_ in types):
            yield Problem(
                wanted,
                f"{_ACCELERATORS} needs instances with accelerators, {', '.join(types)} has none",
                f"leave {_ACCELERATORS} out, or choose an instance type with accelerators",
            )


@rule(facts.TOO_LARGE)
def copy_fits_one_instance(template: Template) -> Iterator[Problem]:
    """One copy of a component asks for no more than one instance has."""
    for specification, types in _placed(template):
        for what in _DEMANDS:
            wanted = specification.at(_REQUIREMENTS, what)
            most = max(_capacity(type_)[what] for type_ in types)
            if wanted.number is not None and 0 < most < wanted.number:
                yield Problem(
                    wanted,
                    f"{what} must be at most {most} on {', '.join(types)}, got {wanted.number}",
                    f"lower it below {most}, or choose a larger instance type",
                )


@rule(facts.TOO_LARGE)
def all_copies_fit_all_instances(template: Template) -> Iterator[Problem]:
    """All copies of an endpoint's components together ask for no more than all its instances have."""
    for endpoint in template.of(ENDPOINT):
        found = production_variants(template, config_of(template, endpoint))
        types = _types(found)
        if len(found) != 1 or not types or any(instances.hardware(type_) is None for type_ in types):
            continue
        count = _most_instances(found[0])
        for what in _DEMANDS:
            demands = _demands(components_of(template, endpoint), what)
            one = max(_capacity(type_)[what] for type_ in types)
            wanted, most = sum(copies * each for copies, each in demands), one * (count.number or 0)
            if 0 < most < wanted and all(each <= one for _, each in demands):
                yield Problem(
                    count,
                    f"{what} of all copies must be at most {most} on {count.number} x {', '.join(types)}, got {wanted}",
                    f"raise {count.path[-1]}, choose a larger instance type, or lower CopyCount",
                    Severity.WARNING,
                )


def _most_instances(variant: Variant) -> Node:
    """How many instances a variant has at most, as far as SageMaker itself adds them."""
    managed = variant.node.at("ManagedInstanceScaling")
    return managed.at("MaxInstanceCount") if managed.given else variant.node.at("InitialInstanceCount")


def _demands(components: list[Node], what: str) -> list[tuple[float, float]]:
    """The copies of each component, and what one of them asks for."""
    places = [
        (each.at("RuntimeConfig", "CopyCount").number, each.at("Specification", _REQUIREMENTS, what).number)
        for each in components
    ]
    return [(copies, demand) for copies, demand in places if copies is not None and demand is not None]


def _placed(template: Template) -> Iterator[tuple[Node, list[str]]]:
    """Each specification with the instance types on which it can run, where their hardware is known."""
    for component in template.of(COMPONENT):
        everywhere = _types(placements(template, component))
        for specification in specifications(component):
            own = specification.at("InstanceType").text
            types = [own] if own is not None else everywhere
            if types and all(instances.hardware(type_) is not None for type_ in types):
                yield specification, types


def _types(found: list[Variant]) -> list[str]:
    """The instance types of variants, none if one is unknown."""
    places = [
        place for variant in found for place in (variant.node.at("InstanceType"), *_pools(variant)) if place.given
    ]
    texts = [place.text for place in places if place.text is not None]
    return sorted(set(texts)) if len(texts) == len(places) else []


def _pools(variant: Variant) -> list[Node]:
    return [pool.at("InstanceType") for pool in variant.node.at("InstancePools").items]


def _capacity(type_: str) -> dict[str, float]:
    """What one instance has, by the property that asks for it."""
    hardware = instances.hardware(type_)
    if hardware is None:
        raise ValueError(f"the hardware of {type_} is not known; nobody asks for it")
    count = hardware.accelerators.count if hardware.accelerators else 0
    return {
        "NumberOfCpuCoresRequired": hardware.vcpus,
        # Neuron devices have several cores each, and AWS does not say which of the two it counts.
        _ACCELERATORS: float("inf") if instances.is_neuron(type_) else count,
        "MinMemoryRequiredInMb": hardware.memory_mib,
    }


@rule(facts.SPECIFICATION)
def one_way_to_specify(template: Template) -> Iterator[Problem]:
    """A component has either Specification or Specifications."""
    for component in template.of(COMPONENT):
        single, several = component.at("Specification"), component.at("Specifications")
        if single.given == several.given and isinstance(component.value, dict):
            got = "both" if single.given else "none"
            yield Problem(
                several if several.given else single,
                f"exactly one of Specification and Specifications must be given, got {got}",
                "give Specification, or Specifications with one entry for each instance type",
            )


@rule(facts.SPECIFICATION_TYPE)
def specification_for_a_type_of_the_pools(template: Template) -> Iterator[Problem]:
    """Each entry of Specifications is for one of the instance types of the variant's pools."""
    for component in template.of(COMPONENT):
        found = placements(template, component)
        types = _types(found) if any(_pools(variant) for variant in found) else []
        for specification in component.at("Specifications").items:
            place = specification.at("InstanceType")
            if isinstance(specification.value, dict) and place.missing:
                yield Problem(
                    specification,
                    "InstanceType is required in each entry of Specifications",
                    "give the instance type that it is for",
                )
            elif types and place.text is not None and place.text not in types:
                yield Problem(
                    place,
                    f"InstanceType must be one of the InstancePools ({', '.join(types)}), got {place.text}",
                    "give one of them, or add the type to the InstancePools of the variant",
                )


@rule(facts.SPECIFICATION_TYPE)
def single_specification_for_every_type(template: Template) -> Iterator[Problem]:
    """The single Specification is for no instance type in particular."""
    for component in template.of(COMPONENT):
        place = component.at("Specification", "InstanceType")
        if place.given:
            yield Problem(
                place,
                "CloudFormation takes InstanceType only in Specifications, not in the single Specification",
                "leave it out, or give Specifications with one entry for each instance type",
            )


@rule(facts.ADAPTER)
def adapter_has_a_single_specification(template: Template) -> Iterator[Problem]:
    """An adapter names its base in the single Specification."""
    for component in template.of(COMPONENT):
        for specification in component.at("Specifications").items:
            base = specification.at("BaseInferenceComponentName")
            if base.given:
                yield Problem(
                    base,
                    "adapters (BaseInferenceComponentName) are supported only in the single Specification",
                    "give it in Specification instead",
                )


@rule(facts.ADAPTER)
def adapter_brings_only_its_artifact(template: Template) -> Iterator[Problem]:
    """An adapter has the URL of its artifact and no compute resources of its own."""
    for component in template.of(COMPONENT):
        specification = component.at("Specification")
        if specification.at("BaseInferenceComponentName").missing:
            continue
        requirements = specification.at(_REQUIREMENTS)
        if requirements.given:
            yield Problem(
                requirements,
                f"an adapter (BaseInferenceComponentName) must have no {_REQUIREMENTS}, it runs on those of its base",
                "leave it out",
            )
        artifact = specification.at("Container", "ArtifactUrl")
        if artifact.missing:
            yield Problem(
                artifact,
                "ArtifactUrl is required for an adapter (BaseInferenceComponentName)",
                "give the S3 URL of the adapter's artifact",
            )


@rule(facts.SCHEDULING)
def scheduling_is_complete(template: Template) -> Iterator[Problem]:
    """SchedulingConfig has a placement strategy and says how Availability Zones are balanced."""
    for component in template.of(COMPONENT):
        for specification in specifications(component):
            scheduling = specification.at("SchedulingConfig")
            balance = scheduling.at("AvailabilityZoneBalance")
            for holder, member in (
                (scheduling, "PlacementStrategy"),
                (scheduling, "AvailabilityZoneBalance"),
                (balance, "EnforcementMode"),
            ):
                if isinstance(holder.value, dict) and holder.at(member).missing:
                    yield Problem(holder, f"{member} is required in {holder.path[-1]}", f"give {member}")
