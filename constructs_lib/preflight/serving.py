"""Which variants serve a model: those that name it, and those on which an inference component places it."""

from __future__ import annotations

from collections.abc import Container, Iterator

from constructs_lib.facts.paths import COMPONENT, ENDPOINT, MODEL
from constructs_lib.templates.fleets import during_update, fleets
from constructs_lib.templates.relations import Variant, config_of, endpoint_of, variants, variants_of
from constructs_lib.templates.state_machines import CREATE_TRANSFORM_JOB, tasks
from constructs_lib.templates.template import Node, Template


def serving(template: Template, model: Node) -> list[Variant]:
    """The variants that run the containers of a model."""
    return [*_naming(template, model), *_holding(template, model)]


def _naming(template: Template, model: Node) -> Iterator[Variant]:
    for variant in variants(template):
        if variant.model is not None and variant.model.resource.logical_id == model.resource.logical_id:
            yield variant


def _holding(template: Template, model: Node) -> Iterator[Variant]:
    for component in template.of(COMPONENT):
        named = template.follow(component.at("Specification", "ModelName"), MODEL)
        if named is not None and named.resource.logical_id == model.resource.logical_id:
            config = config_of(template, endpoint_of(template, component))
            name = component.at("VariantName").value
            yield from (each for each in variants_of(template, config) if each.node.at("VariantName").value == name)


def instance_types(template: Template, model: Node) -> list[str]:
    """The instance types that run the containers of a model: those of its variants, and of its transform jobs."""
    jobs = [job.parameters for job in tasks(template, CREATE_TRANSFORM_JOB)]
    places = [
        *(place for variant in serving(template, model) for place in variant.instance_types),
        *(job.at("TransformResources", "InstanceType") for job in jobs if _is_for(template, job, model)),
    ]
    return list(dict.fromkeys(place.text for place in places if place.text is not None))


def _is_for(template: Template, job: Node, model: Node) -> bool:
    named = template.follow(job.at("ModelName"), MODEL)
    return named is not None and named.resource.logical_id == model.resource.logical_id


def new_instances(template: Template, served: list[Variant], deployed: Container[str]) -> float:
    """The most instances that variants start, for updates and as they scale, beside those that run already.

    ``deployed`` has the logical ids of the endpoints that are there, with as many instances as they begin with.
    """
    wanted = {(variant.config.resource.logical_id, variant.node.path) for variant in served}
    total = 0.0
    for endpoint in template.of(ENDPOINT):
        for fleet in fleets(template, config_of(template, endpoint)):
            if (fleet.variant.config.resource.logical_id, fleet.variant.node.path) in wanted:
                initial = fleet.initial[1] if fleet.initial else 0
                most = max(during_update(endpoint, initial), fleet.maximum[1] if fleet.maximum else 0)
                total += most - (initial if endpoint.resource.logical_id in deployed else 0)
    return total
