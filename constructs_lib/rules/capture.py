"""Data capture, metrics, explanations and Model Monitor."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import capture
from constructs_lib.facts.limit import Limit
from constructs_lib.facts.paths import CONFIG, MONITORING_JOB_DEFINITIONS, MONITORING_SCHEDULE
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.template import Template


@rule(capture.SAMPLING_PERCENTAGE)
def sampling_given(template: Template) -> Iterator[Problem]:
    """Data capture has an InitialSamplingPercentage from 0 to 100."""
    return _required(template, capture.SAMPLING_PERCENTAGE, "InitialSamplingPercentage")


@rule(capture.CAPTURE_OPTIONS)
def options_given(template: Template) -> Iterator[Problem]:
    """Data capture has 1 to 32 CaptureOptions."""
    return _required(template, capture.CAPTURE_OPTIONS, "CaptureOptions")


@rule(capture.DESTINATION)
def destination_given(template: Template) -> Iterator[Problem]:
    """Data capture has a DestinationS3Uri in S3."""
    return _required(template, capture.DESTINATION, "DestinationS3Uri")


def _required(template: Template, limit: Limit, name: str) -> Iterator[Problem]:
    for config in template.of(CONFIG):
        settings = config.at("DataCaptureConfig")
        if settings.known and settings.at(name).missing:
            yield Problem(settings, f"{name} is required", limit.fix or f"give {name}, {limit}")


@rule(capture.FEATURE_TYPES)
def a_feature_is_text(template: Template) -> Iterator[Problem]:
    """FeatureTypes of an explainer, if given, have text among them."""
    for config in template.of(CONFIG):
        types = config.at("ExplainerConfig", "ClarifyExplainerConfig", "InferenceConfig", "FeatureTypes")
        given = [item.text for item in types.items]
        if given and "text" not in given and None not in given:
            yield Problem(
                types,
                f"FeatureTypes must have text among them, got {', '.join(str(name) for name in given)}",
                "leave FeatureTypes out unless the model explains text",
            )


@rule(capture.MODEL_MONITOR)
def no_model_monitor(template: Template) -> Iterator[Problem]:
    """Model Monitor is not begun with: it is closed to new customers."""
    for monitor in template.of(MONITORING_SCHEDULE, *MONITORING_JOB_DEFINITIONS):
        yield Problem(
            monitor,
            "Model Monitor is no longer open to new customers, only accounts that used it before may create this",
            "watch the captured data in a job of your own, unless the account has used Model Monitor before",
        )
