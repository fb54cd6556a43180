"""Several containers in a model, and several models in a container: pipelines, direct invocation, multi-model."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import containers as facts
from constructs_lib.facts import instances
from constructs_lib.facts.paths import MODEL
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import containers, is_multi_model, variants
from constructs_lib.templates.template import Node, Template, repeated

DIRECT = "Direct"
SERIAL = "Serial"


def execution_mode(model: Node) -> str | None:
    """How the containers of a model are run; ``None`` if that is not known."""
    mode = model.at("InferenceExecutionConfig", "Mode")
    return SERIAL if mode.missing else mode.text


def _multi_model(model: Node) -> list[Node]:
    return [container for container in containers(model) if is_multi_model(container)]


@rule(facts.ONE_OR_MANY)
def one_or_many_containers(template: Template) -> Iterator[Problem]:
    """A model has either PrimaryContainer or Containers."""
    for model in template.of(MODEL):
        one, many = model.at("PrimaryContainer"), model.at("Containers")
        has_many = many.given and many.value != []
        if one.known and many.known and has_many:
            message = f"model must have either PrimaryContainer or Containers, got both ({len(many.items)} Containers)"
            yield Problem(many, message, "put the container of PrimaryContainer first in Containers, and leave it out")
        elif one.missing and not has_many:
            message = "model must have either PrimaryContainer or Containers, got neither"
            yield Problem(model, message, "give PrimaryContainer, or two or more Containers")


@rule(facts.DIRECT_CONTAINERS)
def several_containers_for_direct_invocation(template: Template) -> Iterator[Problem]:
    """A model with direct invocation has more than one container, in Containers."""
    for model in template.of(MODEL):
        count = len(containers(model))
        given = model.at("Containers")
        if execution_mode(model) == DIRECT and count == 1 and (given.known or given.missing):
            message = f"model with direct invocation must have {facts.DIRECT_CONTAINERS} in Containers, got {count}"
            yield Problem(model.at("InferenceExecutionConfig", "Mode"), message, "leave InferenceExecutionConfig out")


@rule(facts.PIPELINE_HOSTNAMES)
def hostnames_in_a_pipeline(template: Template) -> Iterator[Problem]:
    """In a pipeline every container has a ContainerHostname, or none has."""
    for model in template.of(MODEL):
        hostnames = [container.at("ContainerHostname") for container in model.at("Containers").items]
        missing = [hostname for hostname in hostnames if hostname.missing]
        if execution_mode(model) == SERIAL and 0 < len(missing) < len(hostnames):
            message = (
                "ContainerHostname must be given on every container of a pipeline or on none, "
                f"got it on {len(hostnames) - len(missing)} of {len(hostnames)}"
            )
            yield Problem(missing[0], message, "give each container its ContainerHostname, or leave all out")


@rule(facts.DIRECT_HOSTNAMES)
def hostnames_for_direct_invocation(template: Template) -> Iterator[Problem]:
    """With direct invocation every container has a ContainerHostname of its own."""
    for model in template.of(MODEL):
        if execution_mode(model) != DIRECT:
            continue
        hostnames = [container.at("ContainerHostname") for container in model.at("Containers").items]
        remedy = "give each container a ContainerHostname of its own"
        for hostname in (hostname for hostname in hostnames if hostname.missing):
            yield Problem(hostname, "ContainerHostname is required on every container with direct invocation", remedy)
        for hostname in repeated(hostnames):
            message = f"ContainerHostname must differ from container to container, got {hostname.text!r} again"
            yield Problem(hostname, message, remedy)


@rule(facts.ONE_MULTI_MODEL_CONTAINER)
def one_multi_model_container(template: Template) -> Iterator[Problem]:
    """A pipeline has at most one container in MultiModel mode."""
    for model in template.of(MODEL):
        several = _multi_model(model)
        if execution_mode(model) == SERIAL and not facts.ONE_MULTI_MODEL_CONTAINER.allows(several):
            message = f"pipeline must have at most 1 container in MultiModel mode, got {len(several)}"
            yield Problem(several[1].at("Mode"), message, "leave one container in MultiModel mode")


@rule(facts.MULTI_MODEL_PREFIX)
def prefix_for_several_models(template: Template) -> Iterator[Problem]:
    """The ModelDataUrl of a container in MultiModel mode is a prefix, not one archive."""
    for model in template.of(MODEL):
        for container in _multi_model(model):
            url = container.at("ModelDataUrl")
            last = url.parts[-1]
            if isinstance(last, str) and last.endswith(".tar.gz"):
                message = f"ModelDataUrl of a container in MultiModel mode must be an S3 prefix, got {last[-60:]!r}"
                yield Problem(url, message, "give the prefix below which the archives are, with a slash at its end")


@rule(facts.MULTI_MODEL_DATA_SOURCE)
def no_data_source_for_several_models(template: Template) -> Iterator[Problem]:
    """A container in MultiModel mode has no ModelDataSource."""
    for model in template.of(MODEL):
        for container in _multi_model(model):
            source = container.at("ModelDataSource")
            if source.given:
                message = "ModelDataSource must be left out of a container in MultiModel mode"
                yield Problem(source, message, "give the prefix of the archives to ModelDataUrl")


@rule(facts.MULTI_MODEL_GPUS)
def one_gpu_for_several_models(template: Template) -> Iterator[Problem]:
    """An instance type for a model in MultiModel mode has at most one GPU."""
    most = facts.MULTI_MODEL_GPUS.maximum
    for place, accelerators in _accelerated(template):
        if accelerators.manufacturer == "NVIDIA" and accelerators.count > most:
            message = (
                f"instance type for a model in MultiModel mode must have at most {most} GPU, "
                f"{place.text} has {accelerators.count}"
            )
            yield Problem(place, message, f"give a CPU type, or {facts.MULTI_MODEL_GPU_TYPES}")


@rule(facts.MULTI_MODEL_GPU_TYPES)
def listed_gpu_type_for_several_models(template: Template) -> Iterator[Problem]:
    """An instance type with an accelerator for a model in MultiModel mode is one that AWS lists."""
    most = facts.MULTI_MODEL_GPUS.maximum
    for place, accelerators in _accelerated(template):
        many = accelerators.manufacturer == "NVIDIA" and accelerators.count > most
        if not many and not facts.MULTI_MODEL_GPU_TYPES.allows(place.text):
            message = (
                f"AWS does not list {place.text} ({accelerators.name}) for models in MultiModel mode, and may refuse it"
            )
            yield Problem(place, message, f"give a CPU type, or {facts.MULTI_MODEL_GPU_TYPES}")


def _accelerated(template: Template) -> Iterator[tuple[Node, instances.Accelerators]]:
    """The places that name an instance type with accelerators for a model in MultiModel mode."""
    for variant in variants(template):
        if variant.model is None or not _multi_model(variant.model):
            continue
        for place in variant.instance_types:
            hardware = instances.hardware(place.text or "")
            if hardware is not None and hardware.accelerators is not None:
                yield place, hardware.accelerators
