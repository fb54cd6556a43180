"""How updates of a serverless endpoint are rolled out and back, and with which key its image is kept."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template

from constructs_lib import CapacitySize, DefaultAlarms, InvalidConfiguration, Rollout, ServerlessEndpoint
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_model, any_name, only, statements, synthesize

ALARM = "AWS::CloudWatch::Alarm"
ENDPOINT = "AWS::SageMaker::Endpoint"
TENTH = CapacitySize.percent(10)


def served(rollout: Rollout, **options: Any) -> Template:
    return synthesize(
        lambda s: ServerlessEndpoint(s, "Endpoint", model=any_model(s), rollout=rollout, monitoring=None, **options)
    )


def refused(rollout: Rollout) -> tuple[str, ...]:
    with pytest.raises(InvalidConfiguration) as caught:
        served(rollout)
    return tuple(caught.value.problems)


@pytest.fixture(scope="module")
def template() -> Template:
    return served(Rollout.canary(TENTH, default_alarms=DefaultAlarms(model_latency_p99_in_milliseconds=800)))


def test_a_canary_gets_its_share_and_is_watched_by_the_alarms(template: Template) -> None:
    deployment = only(template, ENDPOINT)["DeploymentConfig"]
    assert deployment["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"] == {
        "Type": "CANARY",
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
        "WaitIntervalInSeconds": 300,
    }
    alarms = template.find_resources(ALARM)
    assert deployment["AutoRollbackConfiguration"]["Alarms"] == [{"AlarmName": {"Ref": name}} for name in alarms]


def test_no_alarm_watches_a_metric_that_serverless_endpoints_do_not_have(template: Template) -> None:
    watched = {alarm["Properties"]["MetricName"] for alarm in template.find_resources(ALARM).values()}
    assert watched == {"Invocation5XXErrors", "Invocation4XXErrors", "ModelLatency"}


def test_the_rates_are_those_of_the_options() -> None:
    alarms = DefaultAlarms(server_error_rate_in_percent=2, model_error_rate_in_percent=20)
    found = served(Rollout.all_at_once(default_alarms=alarms)).find_resources(ALARM).values()
    thresholds = {alarm["Properties"]["MetricName"]: alarm["Properties"]["Threshold"] for alarm in found}
    assert thresholds == {"Invocation5XXErrors": 0.02, "Invocation4XXErrors": 0.2}


def test_the_alarms_know_the_endpoint_by_a_name_that_is_there_before_it(template: Template) -> None:
    name = only(template, ENDPOINT)["EndpointName"]
    assert isinstance(name, str)
    for alarm in template.find_resources(ALARM).values():
        assert {"Name": "EndpointName", "Value": name} in alarm["Properties"]["Dimensions"]


def test_the_execution_role_may_look_at_the_alarms_before_the_endpoint_is_there(template: Template) -> None:
    (policy,) = (name for name in template.find_resources("AWS::IAM::Policy") if "RollbackAlarms" in name)
    (statement,) = statements(template, "RollbackAlarms")
    assert statement["Action"] == "cloudwatch:DescribeAlarms"
    (endpoint,) = template.find_resources(ENDPOINT).values()
    assert policy in endpoint["DependsOn"]


def test_the_limit_check_finds_nothing(template: Template) -> None:
    assert_no_limit_findings(template, region="us-east-1")


def test_a_name_of_ones_own_is_kept() -> None:
    name = any_name()
    assert only(served(Rollout.linear(TENTH), endpoint_name=name), ENDPOINT)["EndpointName"] == name


def test_alarms_of_ones_own_alone_need_no_name() -> None:
    def build(stack: cdk.Stack) -> None:
        metric = cloudwatch.Metric(namespace="Pigeons", metric_name="Complaints")
        alarm = cloudwatch.Alarm(stack, "Alarm", metric=metric, threshold=1, evaluation_periods=1)
        rollout = Rollout.canary(TENTH, alarms=[alarm], default_alarms=None)
        endpoint = ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), rollout=rollout)
        assert endpoint.rollback_alarms == (alarm,)

    assert "EndpointName" not in only(synthesize(build), ENDPOINT)


def test_an_endpoint_without_a_rollout_has_neither_name_nor_deployment_configuration() -> None:
    template = synthesize(lambda s: ServerlessEndpoint(s, "Endpoint", model=any_model(s), monitoring=None))
    assert set(only(template, ENDPOINT)) == {"EndpointConfigName"}
    assert template.find_resources(ALARM) == {}


def test_a_rolling_update_is_for_instances() -> None:
    (problem,) = refused(Rollout.rolling(TENTH))
    assert "rollout must not be rolling for a serverless endpoint; give Rollout.canary or Rollout.linear" in problem
    assert "deployment-guardrails-exclusions" in problem


@pytest.mark.parametrize("rollout", [Rollout.canary, Rollout.linear])
def test_there_are_no_instances_to_count(rollout: Any) -> None:
    (problem,) = refused(rollout(CapacitySize.instances(2)))
    assert "rollout must have a share as its size, got 2 instances; give CapacitySize.percent" in problem


def test_more_alarms_than_a_deployment_takes_are_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Alarms")
    metric = cloudwatch.Metric(namespace="Pigeons", metric_name="Complaints")
    alarms = [
        cloudwatch.Alarm(stack, f"Alarm{number}", metric=metric, threshold=1, evaluation_periods=1)
        for number in range(9)
    ]
    (problem,) = refused(Rollout.canary(TENTH, alarms=alarms))
    assert "got 9 of alarms and 2 of default_alarms" in problem


def test_the_key_is_that_of_the_copy_of_the_image() -> None:
    def build(stack: cdk.Stack) -> None:
        ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), encryption_key=kms.Key(stack, "Key"))

    template = synthesize(build)
    (key,) = template.find_resources("AWS::KMS::Key")
    assert only(template, "AWS::SageMaker::EndpointConfig")["KmsKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    assert_no_limit_findings(template, region="us-east-1")
