"""Instance types: which there are, where, with what, and how many an account may run."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import instances as facts
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import CONFIG, EXPERIMENT
from constructs_lib.facts.variants import INSTANCE_TYPE
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import Variant, variants, variants_of
from constructs_lib.templates.template import Node, Template


@rule(INSTANCE_TYPE)
def type_exists(template: Template) -> Iterator[Problem]:
    """An instance type is one that SageMaker has for endpoints."""
    for place in _types(template):
        name = place.text or ""
        if name not in facts.types():
            yield Problem(
                place,
                f"InstanceType must be one of the {len(facts.types())} that SageMaker has for endpoints "
                f"({INSTANCE_TYPE.checked_on}), got {name!r}",
                _choose(facts.nearest(name)) + (_NEWER if facts.may_be_newer(name) else ""),
            )


@rule(facts.IN_REGION)
def type_is_in_the_region(template: Template) -> Iterator[Problem]:
    """An instance type is offered in the Region of the template."""
    offered = facts.offered(template.region) if template.region else None
    if offered is None:
        return
    # A type without a price in any Region says nothing about this one.
    judged = (facts.types() & facts.priced()) - offered
    for place in _types(template):
        if place.text in judged:
            yield Problem(
                place,
                f"InstanceType should be one with a price for hosting in {template.region}, {place.text} has none",
                _choose(facts.nearest(place.text, region=template.region or "")),
            )


# No family of this name is known here, so that it may be one that AWS has added since.
_NEWER = "; if AWS has added it since, accept this finding until the library knows it too"


def _choose(nearest: list[str]) -> str:
    return f"choose one such as {' or '.join(nearest or ['ml.m5.large'])}"


def _types(template: Template) -> Iterator[Node]:
    for variant in variants(template):
        yield from variant.instance_types
    for experiment in template.of(EXPERIMENT):
        for model in experiment.at("ModelVariants").items:
            place = model.at("InfrastructureConfig", "RealTimeInferenceConfig", "InstanceType")
            if place.text is not None:
                yield place


@rule(facts.VOLUME_ON_NVME)
def no_volume_on_nvme(template: Template) -> Iterator[Problem]:
    """A variant on instances with NVMe disks of their own has no VolumeSizeInGB."""
    for variant in variants(template):
        volume = variant.node.at("VolumeSizeInGB")
        types = _with_nvme(variant) if volume.given else []
        if types:
            refused = any(facts.refuses_a_volume(name) for name in types)
            yield Problem(
                volume,
                f"VolumeSizeInGB must be left out for an instance type with NVMe disks of its own, {types[0]} has them",
                "leave it out: models and images lie on the NVMe disks",
                None if refused else Severity.WARNING,
            )


@rule(facts.KEY_ON_NVME)
def key_reaches_the_disks(template: Template) -> Iterator[Problem]:
    """A key for the volumes is not given for NVMe disks, which it does not encrypt."""
    for config in template.of(CONFIG):
        types = [name for variant in variants_of(template, config) for name in _with_nvme(variant)]
        if config.at("KmsKeyId").given and types:
            yield Problem(
                config.at("KmsKeyId"),
                f"KmsKeyId does not encrypt the NVMe disks of {types[0]}, which the instance encrypts by itself",
                "choose an instance type without NVMe disks if your key has to cover all of them",
            )


def _with_nvme(variant: Variant) -> list[str]:
    found = {place.text: facts.hardware(place.text) for place in variant.instance_types if place.text}
    return [name for name, hardware in found.items() if hardware and hardware.has_local_nvme]


@rule(facts.AMI_HARDWARE)
def ami_fits_the_hardware(template: Template) -> Iterator[Problem]:
    """The InferenceAmiVersion is made for the accelerators of the instance type."""
    for variant in variants(template):
        place = variant.node.at("InferenceAmiVersion")
        version = place.text or ""
        types = [it.text for it in variant.instance_types if it.text in facts.types()]
        if types and not any(_fits(version, name) for name in types if name):
            made_for = "GPUs" if "-gpu-" in version else "Inferentia2 and Trainium"
            yield Problem(
                place,
                f"{version} is made for {made_for}, {types[0]} has none",
                "leave InferenceAmiVersion out, or choose an instance type with these accelerators",
            )


def _fits(version: str, instance_type: str) -> bool:
    if "-gpu-" in version:
        return facts.is_gpu(instance_type)
    if "-neuron-" in version:
        return facts.is_neuron(instance_type) and facts.family(instance_type) != "inf1"
    return True
