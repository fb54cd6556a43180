"""The hybrid stack hands its settings to the construct, and serves one model in both ways."""

from __future__ import annotations

from aws_cdk.assertions import Match, Template

from tests.stacks.in_process import template_of
from tests.support import only

TOPIC = "arn:aws:sns:us-east-1:123456789012:operators"


def told(template: Template, name: str) -> str:
    """A variable of the one function that has it."""
    functions = template.find_resources("AWS::Lambda::Function").values()
    variables = [each["Properties"].get("Environment", {}).get("Variables", {}) for each in functions]
    [value] = [each[name] for each in variables if name in each]
    return str(value)


def test_times_the_default_and_the_bound_come_from_the_settings() -> None:
    template = template_of(
        "hybrid", maxAgeInHours=3, writeBackInHours=1, timeoutInSeconds=4, maxConcurrency=7, defaultAnswer="drama"
    )
    assert told(template, "MAX_AGE_SECONDS") == str(3 * 3600)
    assert told(template, "FRESH_EXPIRES_AFTER_SECONDS") == str(3600)
    assert told(template, "DEFAULT_ANSWER") == '"drama"'
    template.has_resource_properties("AWS::Lambda::Function", {"ReservedConcurrentExecutions": 7})


def test_schedule_topic_and_an_account_of_few_functions_come_from_the_settings() -> None:
    template = template_of("hybrid", schedule="rate(1 day)", alarmTopicArn=TOPIC, maxConcurrency="null")
    assert only(template, "AWS::Scheduler::Schedule")["ScheduleExpression"] == "rate(1 day)"
    template.resource_properties_count_is(
        "AWS::Lambda::Function", {"ReservedConcurrentExecutions": Match.any_value()}, 0
    )
    alarms = template.find_resources("AWS::CloudWatch::Alarm").values()
    assert all(alarm["Properties"]["AlarmActions"] == [TOPIC] for alarm in alarms)


def test_without_an_artifact_of_its_own_it_serves_that_of_the_app() -> None:
    for artifact, served in (("null", "model"), ("s3://bucket/hybrid.tar.gz", "hybrid")):
        container = only(template_of("hybrid", artifact=artifact), "AWS::SageMaker::Model")["PrimaryContainer"]
        assert container["ModelDataUrl"] == f"s3://bucket/{served}.tar.gz"
