"""Shadow variants and shadow tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from constructs_lib.facts import instances
from constructs_lib.facts import shadow as facts
from constructs_lib.facts.limit import Limit, Severity
from constructs_lib.facts.paths import CONFIG, EXPERIMENT, MODEL
from constructs_lib.rules.containers import DIRECT, execution_mode
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import PRODUCTION, SHADOW, Variant, containers, is_multi_model, variants_of
from constructs_lib.templates.template import Node, Template


@rule(facts.ONE_OF_EACH)
def one_production_variant(template: Template) -> Iterator[Problem]:
    """A configuration with shadow variants has exactly one of them, and one production variant."""
    for config in _tested_configs(template):
        production = config.at(PRODUCTION)
        if len(production.items) > facts.ONE_OF_EACH.maximum:
            yield Problem(
                production,
                f"ProductionVariants beside a shadow variant must be {facts.ONE_OF_EACH}, got {len(production.items)}",
                "give exactly 1 production variant, or leave out ShadowProductionVariants",
            )


@rule(facts.NO_SERVERLESS)
def no_serverless(template: Template) -> Iterator[Problem]:
    """Neither variant of a shadow test is serverless."""
    for variant in _tested_variants(template):
        if variant.is_serverless and isinstance(variant.node.value, dict):
            yield _refused(facts.NO_SERVERLESS, variant.node.at("ServerlessConfig"))


@rule(facts.NO_ASYNCHRONOUS)
def no_asynchronous(template: Template) -> Iterator[Problem]:
    """An asynchronous endpoint has no shadow variant."""
    for config in _tested_configs(template):
        if config.at("AsyncInferenceConfig").given:
            yield _refused(facts.NO_ASYNCHRONOUS, config.at("AsyncInferenceConfig"))


@rule(facts.NO_MULTI_CONTAINER)
def one_container(template: Template) -> Iterator[Problem]:
    """A model in a shadow test has one container."""
    for tested in template.once(_tested):
        if tested.model is not None and len(containers(tested.model)) > 1:
            direct = execution_mode(tested.model) == DIRECT
            # The guide excludes multi-container endpoints; whether it means pipelines too is not said.
            yield _refused(facts.NO_MULTI_CONTAINER, tested.model_name, None if direct else Severity.WARNING)


@rule(facts.NO_MULTI_MODEL)
def one_model(template: Template) -> Iterator[Problem]:
    """A model in a shadow test is not a multi-model one."""
    for tested in template.once(_tested):
        if tested.model is not None and any(map(is_multi_model, containers(tested.model))):
            yield _refused(facts.NO_MULTI_MODEL, tested.model_name)


@rule(facts.NO_INF1)
def no_inf1(template: Template) -> Iterator[Problem]:
    """No variant of a shadow test is on Inf1 instances."""
    for tested in template.once(_tested):
        for place in tested.types:
            if instances.family(place.text or "") == "inf1":
                yield _refused(facts.NO_INF1, place)


def _refused(limit: Limit, place: Node, severity: Severity | None = None) -> Problem:
    got = f", got {place.text}" if place.text else ""
    return Problem(place, f"{limit.what} is not supported{got}", limit.fix, severity)


def _tested_configs(template: Template) -> list[Node]:
    return [config for config in template.of(CONFIG) if config.at(SHADOW).items]


def _tested_variants(template: Template) -> list[Variant]:
    return [variant for config in _tested_configs(template) for variant in variants_of(template, config)]


@dataclass(frozen=True, slots=True)
class Tested:
    """A variant of a shadow test, of an endpoint configuration or of an inference experiment."""

    model_name: Node
    model: Node | None
    types: list[Node]


def _tested(template: Template) -> list[Tested]:
    variants = [Tested(it.node.at("ModelName"), it.model, it.instance_types) for it in _tested_variants(template)]
    return [*variants, *_of_experiments(template)]


def _of_experiments(template: Template) -> Iterator[Tested]:
    for experiment in template.of(EXPERIMENT):
        for variant in experiment.at("ModelVariants").items:
            name = variant.at("ModelName")
            type_ = variant.at("InfrastructureConfig", "RealTimeInferenceConfig", "InstanceType")
            yield Tested(name, template.follow(name, MODEL), [type_])


@rule(facts.EXPERIMENT_MODE)
def mode_given(template: Template) -> Iterator[Problem]:
    """A shadow test says which variant is tested against which."""
    for experiment in template.of(EXPERIMENT):
        if experiment.at("ShadowModeConfig").missing:
            yield Problem(
                experiment,
                "ShadowModeConfig is required, although CloudFormation does not ask for it",
                "name the production variant and the shadow variant in ShadowModeConfig",
            )


@rule(facts.EXPERIMENT_NAMES)
def names_of_its_variants(template: Template) -> Iterator[Problem]:
    """A shadow test names two different variants of its own."""
    for experiment in template.of(EXPERIMENT):
        models = [model.at("VariantName").text for model in experiment.at("ModelVariants").items]
        mode = experiment.at("ShadowModeConfig")
        source = mode.at("SourceModelVariantName")
        shadows = [item.at("ShadowModelVariantName") for item in mode.at("ShadowModelVariants").items]
        for place in (source, *shadows):
            if models and None not in models and place.text is not None and place.text not in models:
                names = " and ".join(name for name in models if name)
                yield Problem(
                    place, f"{place.path[-1]} must be one of ModelVariants, got {place.text!r}", f"give {names}"
                )
        for place in shadows:
            if place.text is not None and place.text == source.text:
                yield Problem(place, f"{place.text!r} must not be its own shadow", "name the other variant")


@rule(facts.EXPERIMENT_DURATION)
def ends_in_time(template: Template) -> Iterator[Problem]:
    """A shadow test ends at most 30 days after it starts."""
    for experiment in template.of(EXPERIMENT):
        start, end = (_time(experiment.at("Schedule", name)) for name in ("StartTime", "EndTime"))
        days = facts.EXPERIMENT_DURATION.maximum
        if start and end and end - start > timedelta(days=days):
            yield Problem(
                experiment.at("Schedule", "EndTime"),
                f"a shadow test must last {facts.EXPERIMENT_DURATION}, got {end - start}",
                f"end it at most {days} days after StartTime",
            )


def _time(place: Node) -> datetime | None:
    try:
        found = datetime.fromisoformat(place.text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
