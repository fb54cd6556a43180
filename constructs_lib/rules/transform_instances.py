"""The instances of batch transform jobs, wherever a state machine starts one."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import instances
from constructs_lib.facts import transform_instances as facts
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.state_machines import CREATE_TRANSFORM_JOB, tasks
from constructs_lib.templates.template import Node, Template
from constructs_lib.templates.values import UNKNOWN, Reference


@rule(facts.NO_VOLUME_KEY)
def no_key_for_local_storage(template: Template) -> Iterator[Problem]:
    """A transform job on an instance type with local storage has no VolumeKmsKeyId."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        resources = job.parameters.at("TransformResources")
        instance_type, key = resources.at("InstanceType").text, resources.at("VolumeKmsKeyId")
        hardware = instances.hardware(instance_type) if instance_type else None
        if hardware and hardware.has_local_nvme and _is_surely_given(template, key):
            yield Problem(
                key,
                f"VolumeKmsKeyId must be left out with {instance_type}, which has local storage",
                "leave it out (the local storage is encrypted by its hardware), or choose a type without local storage",
            )


@rule(facts.INSTANCE_TYPE)
def instance_type_exists(template: Template) -> Iterator[Problem]:
    """The instance type of a transform job is one that SageMaker has for batch transform."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        place = job.parameters.at("TransformResources", "InstanceType")
        if place.text and place.text not in instances.types("transform"):
            near = instances.nearest(place.text, "transform")
            yield Problem(
                place,
                f"InstanceType {place.text} is not a type for transform jobs",
                f"choose a type such as {' or '.join(near or ['ml.m5.large'])}",
            )


@rule(facts.INSTANCE_TYPE_IN_REGION)
def instance_type_is_offered(template: Template) -> Iterator[Problem]:
    """The instance type of a transform job is offered in the Region."""
    offered = instances.offered(template.region, "transform") if template.region else None
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        place = job.parameters.at("TransformResources", "InstanceType")
        if offered is not None and place.text in instances.priced("transform") and place.text not in offered:
            yield Problem(
                place,
                f"InstanceType {place.text} has no price for batch transform in {template.region}",
                "choose a type that is offered there, or another Region",
            )


def _is_surely_given(template: Template, key: Node) -> bool:
    """Not a parameter or a value of an execution, which may be empty."""
    if isinstance(key.value, Reference):
        return template.resource(key.value.logical_id) is not None
    return key.given and key.value is not UNKNOWN and key.value != ""
