"""The serverless stack with the settings that are left out by default."""

from __future__ import annotations

from tests.stacks.in_process import template_of
from tests.support import only

CONFIG = "AWS::SageMaker::EndpointConfig"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
ALARM = "AWS::CloudWatch::Alarm"
TOPIC = "arn:aws:sns:us-east-1:123456789012:operators"


def test_what_is_provisioned_follows_its_use_and_cold_starts_are_told_of() -> None:
    template = template_of("serverless", provisionedConcurrency="2", maxProvisionedConcurrency="4", alarmTopicArn=TOPIC)
    target = only(template, TARGET)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 4)
    (variant,) = only(template, CONFIG)["ProductionVariants"]
    assert variant["ServerlessConfig"]["ProvisionedConcurrency"] == 2
    told = [alarm["Properties"].get("AlarmActions") for alarm in template.find_resources(ALARM).values()]
    assert told
    assert all(actions == [TOPIC] for actions in told)


def test_by_default_nothing_is_provisioned_scaled_or_told() -> None:
    template = template_of("serverless")
    template.resource_count_is(TARGET, 0)
    alarms = template.find_resources(ALARM).values()
    assert {"AlarmActions" in alarm["Properties"] for alarm in alarms} == {False}
    (variant,) = only(template, CONFIG)["ProductionVariants"]
    assert "ProvisionedConcurrency" not in variant["ServerlessConfig"]


def test_the_most_alone_begins_with_one() -> None:
    target = only(template_of("serverless", maxProvisionedConcurrency="3"), TARGET)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 3)
