"""How many instances the variants of a template run: at first, at most, and while an endpoint is updated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from constructs_lib.facts.deployment import FLEETS_DURING_BLUE_GREEN
from constructs_lib.facts.scaling import INSTANCE_COUNT_DIMENSION
from constructs_lib.templates.relations import Variant, variants_of
from constructs_lib.templates.scaling import scaled
from constructs_lib.templates.template import Node, Template

# A place of the template that says how many instances there can be, and that number.
Count = tuple[Node, float]


@dataclass(frozen=True, slots=True)
class Fleet:
    """The instances of a variant: those it starts with, and the most it can have; ``None`` where that is not known."""

    variant: Variant
    initial: Count | None
    maximum: Count | None


def fleets(template: Template, config: Node | None) -> list[Fleet]:
    """The fleet of each variant of a configuration that is not serverless, as far as the template says."""
    return [_fleet(template, variant) for variant in variants_of(template, config) if not variant.is_serverless]


def during_update(endpoint: Node, instances: float) -> float:
    """How many instances run at once while ``instances`` are updated: two fleets, or one and a batch.

    Without a policy SageMaker updates blue/green, all at once.
    """
    batch = endpoint.at("DeploymentConfig", "RollingUpdatePolicy", "MaximumBatchSize")
    if batch.missing:
        return instances * FLEETS_DURING_BLUE_GREEN.maximum
    size = batch.at("Value").number or 0
    return instances + (ceil(instances * size / 100) if batch.at("Type").text == "CAPACITY_PERCENT" else size)


def _fleet(template: Template, variant: Variant) -> Fleet:
    initial = variant.node.at("InitialInstanceCount")
    managed = variant.node.at("ManagedInstanceScaling", "MaxInstanceCount")
    targets = template.once(_targets_by_variant).get((variant.config.resource.logical_id, variant.node.path), [])
    places = [initial, managed, *(target.at("MaxCapacity") for target in targets)]
    counts = [(place, place.number) for place in places if place.number is not None]
    first = (initial, initial.number) if initial.number is not None else None
    return Fleet(variant, first, max(counts, key=lambda count: count[1], default=None))


def _targets_by_variant(template: Template) -> Mapping[object, list[Node]]:
    found: defaultdict[object, list[Node]] = defaultdict(list)
    for it in scaled(template):
        if it.variant is not None and it.dimension == INSTANCE_COUNT_DIMENSION:
            found[it.variant.config.resource.logical_id, it.variant.node.path].append(it.target)
    return found
