"""A template as one deployment sees it: with the values of its parameters, in the branches that these choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from constructs_lib.templates.conditions import Scenario, default_scenario, scenarios
from constructs_lib.templates.template import Template, resources

_SAGEMAKER, _SCALING = "AWS::SageMaker::", "AWS::ApplicationAutoScaling::"


def template_of(
    document: Mapping[str, Any],
    *,
    parameters: Mapping[str, str] | None = None,
    references: Mapping[str, Any] | None = None,
    region: str | None = None,
) -> Template:
    """The template with these parameters, and with the defaults of the others.

    ``references`` are what ``Ref`` gives of resources and of pseudo parameters, where that is known. Where neither
    decides a condition, the first combination of conditions that a deployment can meet is taken.
    """
    given = _with_parameters(document, parameters or {})
    relevant = [raw for _, raw in resources(given) if raw["Type"].startswith((_SAGEMAKER, _SCALING))]
    scenario = default_scenario(given, relevant, region) or next(iter(scenarios(given, relevant, region)), Scenario())
    known = replace(scenario, defaults={**scenario.defaults, **(references or {})})
    return Template(given, known, region)


def _with_parameters(document: Mapping[str, Any], values: Mapping[str, str]) -> Mapping[str, Any]:
    """The template with the values as the defaults of its parameters."""
    declared = document.get("Parameters")
    if not isinstance(declared, Mapping):
        return document
    given = {
        name: {**body, "Type": _plain(str(body.get("Type", "String"))), "Default": values[name]}
        for name, body in declared.items()
        if name in values and isinstance(body, Mapping)
    }
    return {**document, "Parameters": {**declared, **given}}


def _plain(type_: str) -> str:
    """The type of a parameter's value: one of the Parameter Store is given as what stands there."""
    inner = type_.removeprefix("AWS::SSM::Parameter::Value<")
    return inner.removesuffix(">") if inner != type_ else type_
