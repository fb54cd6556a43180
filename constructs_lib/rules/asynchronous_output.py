"""Where asynchronous endpoints put their answers, and whom they notify."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import asynchronous_output as facts
from constructs_lib.facts.paths import FUNCTION, QUEUE, TOPIC
from constructs_lib.rules.asynchronous import asynchronous_configs
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.template import Template


@rule(facts.OUTPUT_PATH)
def output_given(template: Template) -> Iterator[Problem]:
    """OutputConfig is given, and its locations are in S3."""
    for config in asynchronous_configs(template):
        settings = config.at("AsyncInferenceConfig")
        if settings.at("OutputConfig").missing:
            yield Problem(settings, "OutputConfig is required", "give OutputConfig with S3OutputPath")


@rule(facts.TOPIC)
def topics_are_topics(template: Template) -> Iterator[Problem]:
    """SuccessTopic and ErrorTopic are ARNs of SNS topics."""
    for config in asynchronous_configs(template):
        notification = config.at("AsyncInferenceConfig", "OutputConfig", "NotificationConfig")
        for name in ("SuccessTopic", "ErrorTopic"):
            reference = notification.at(name).reference
            named = None if reference is None else template.resource(reference.logical_id)
            if reference is None or named is None or not _is_no_topic_arn(named.resource.type, reference.attribute):
                continue
            got = f"{reference.attribute or 'Ref'} of {named.resource.type}"
            yield Problem(
                notification.at(name), f"{name} must be the ARN of an SNS topic, got {got}", "give Ref of an SNS topic"
            )


def _is_no_topic_arn(type_: str, attribute: str) -> bool:
    return type_ in (QUEUE, FUNCTION) or (type_ == TOPIC and attribute == "TopicName")
