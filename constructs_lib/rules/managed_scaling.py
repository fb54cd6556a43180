"""Managed instance scaling: SageMaker adds and removes instances as inference components need them."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import managed_scaling as facts
from constructs_lib.rules.rows import ordered
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import variants
from constructs_lib.templates.template import Template


@rule(facts.MANAGED_SCALING)
def managed_scaling_for_components_only(template: Template) -> Iterator[Problem]:
    """Only a variant for inference components has ManagedInstanceScaling."""
    for variant in variants(template):
        scaling = variant.node.at("ManagedInstanceScaling")
        disabled = scaling.at("Status").text == "DISABLED"
        if isinstance(scaling.value, dict) and not disabled and variant.node.at("ModelName").given:
            yield Problem(
                scaling,
                f"ManagedInstanceScaling must be left out of a variant that names a model, "
                f"{variant.name or 'this variant'} does",
                "scale the variant with a scalable target, or serve the model as an inference component",
            )


@rule(facts.MANAGED_SCALING_RANGE)
def managed_minimum_within_maximum(template: Template) -> Iterator[Problem]:
    """MinInstanceCount of managed instance scaling is at most MaxInstanceCount."""
    for variant in variants(template):
        scaling = variant.node.at("ManagedInstanceScaling")
        yield from ordered(scaling.at("MinInstanceCount"), scaling.at("MaxInstanceCount"))


@rule(facts.NO_ZERO_REGIONS)
def region_scales_to_zero(template: Template) -> Iterator[Problem]:
    """The Region lets managed instance scaling go down to zero instances."""
    if template.region is None or not facts.NO_ZERO_REGIONS.allows(template.region):
        return
    for variant in variants(template):
        scaling = variant.node.at("ManagedInstanceScaling")
        if scaling.at("MinInstanceCount").number == 0 and scaling.at("Status").text == "ENABLED":
            yield Problem(
                scaling.at("MinInstanceCount"),
                f"MinInstanceCount must be at least 1 in {template.region}, got 0",
                "raise MinInstanceCount to 1, or deploy in another Region",
            )
