"""The alarms that roll an update back: what they watch, who may see them, and that nothing waits in a circle."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from constructs_lib import InvalidConfiguration, Model, RealtimeEndpoint, Variant
from constructs_lib.endpoints.alarms import DefaultAlarms
from constructs_lib.endpoints.capacity import CapacitySize
from constructs_lib.endpoints.rollout import Rollout
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_artifact, any_image, any_model, any_name, any_role_arn, only, references, synthesize

TEN_PERCENT = CapacitySize.percent(10)


def built(rollout: Rollout, **arguments: Any) -> Template:
    return synthesize(
        lambda s: RealtimeEndpoint(
            s, "E", model=any_model(s), instance_type="ml.m5.large", rollout=rollout, monitoring=None, **arguments
        )
    )


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    """The properties of the alarms, by their metric."""
    found = template.find_resources("AWS::CloudWatch::Alarm").values()
    return {alarm["Properties"]["MetricName"]: alarm["Properties"] for alarm in found}


def has_cycle(graph: dict[str, set[str]]) -> bool:
    remaining = dict(graph)
    while remaining:
        free = [name for name, needed in remaining.items() if not needed & set(remaining)]
        if not free:
            return True
        for name in free:
            del remaining[name]
    return False


@pytest.fixture(scope="module")
def template() -> Template:
    return built(Rollout.canary(TEN_PERCENT, default_alarms=DefaultAlarms(model_latency_p99_in_milliseconds=250)))


def test_the_endpoint_is_rolled_back_by_every_alarm_that_is_made(template: Template) -> None:
    config = only(template, "AWS::SageMaker::Endpoint")["DeploymentConfig"]["AutoRollbackConfiguration"]
    named = {alarm["AlarmName"]["Ref"] for alarm in config["Alarms"]}
    assert named == set(template.find_resources("AWS::CloudWatch::Alarm"))
    assert set(alarms(template)) == {"Invocation5XXErrors", "InvocationModelErrors", "ModelLatency"}


def test_an_alarm_watches_one_variant_of_the_endpoint_by_its_name(template: Template) -> None:
    name = only(template, "AWS::SageMaker::Endpoint")["EndpointName"]
    assert isinstance(name, str)
    for alarm in alarms(template).values():
        assert alarm["Namespace"] == "AWS/SageMaker"
        assert alarm["Dimensions"] == [
            {"Name": "EndpointName", "Value": name},
            {"Name": "VariantName", "Value": "AllTraffic"},
        ]


def test_errors_are_counted_as_a_part_of_all_requests(template: Template) -> None:
    found = alarms(template)
    bounds = {name: (found[name]["Statistic"], found[name]["Threshold"]) for name in found if "Errors" in name}
    assert bounds == {"Invocation5XXErrors": ("Average", 0.01), "InvocationModelErrors": ("Average", 0.05)}


def test_latency_is_compared_in_microseconds(template: Template) -> None:
    latency = alarms(template)["ModelLatency"]
    assert (latency["ExtendedStatistic"], latency["Threshold"]) == ("p99", 250_000)


def test_no_traffic_is_no_alarm_and_one_minute_is_enough(template: Template) -> None:
    for alarm in alarms(template).values():
        assert alarm["TreatMissingData"] == "notBreaching"
        assert (alarm["Period"], alarm["EvaluationPeriods"]) == (60, 1)
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_latency_is_watched_only_against_a_bound_that_is_given() -> None:
    assert "ModelLatency" not in alarms(built(Rollout.canary(TEN_PERCENT)))


def test_the_errors_of_the_container_may_be_left_out() -> None:
    quiet = DefaultAlarms(model_error_rate_in_percent=None, evaluation_periods=3)
    (only_one,) = alarms(built(Rollout.canary(TEN_PERCENT, default_alarms=quiet))).items()
    assert (only_one[0], only_one[1]["EvaluationPeriods"]) == ("Invocation5XXErrors", 3)


def test_each_variant_has_alarms_of_its_own() -> None:
    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        made = [Variant(model=model, name=name, instance_type="ml.m5.large") for name in ("old", "new")]
        RealtimeEndpoint(stack, "E", variants=made, rollout=Rollout.canary(TEN_PERCENT), monitoring=None)

    found = synthesize(build).find_resources("AWS::CloudWatch::Alarm").values()
    watched = sorted((a["Properties"]["Dimensions"][1]["Value"], a["Properties"]["MetricName"]) for a in found)
    assert watched == [
        ("new", "Invocation5XXErrors"),
        ("new", "InvocationModelErrors"),
        ("old", "Invocation5XXErrors"),
        ("old", "InvocationModelErrors"),
    ]


def test_the_name_of_a_variant_may_be_a_parameter() -> None:
    def build(stack: cdk.Stack) -> None:
        name = cdk.CfnParameter(stack, "Name").value_as_string
        variant = Variant(model=any_model(stack), name=name, instance_type="ml.m5.large")
        RealtimeEndpoint(stack, "E", variants=[variant], rollout=Rollout.canary(TEN_PERCENT), monitoring=None)

    for alarm in alarms(synthesize(build)).values():
        assert alarm["Dimensions"][1] == {"Name": "VariantName", "Value": {"Ref": "Name"}}


def describing(template: Template) -> list[dict[str, Any]]:
    policies = template.find_resources("AWS::IAM::Policy").values()
    found = [statement for p in policies for statement in p["Properties"]["PolicyDocument"]["Statement"]]
    return [statement for statement in found if statement["Action"] == "cloudwatch:DescribeAlarms"]


def test_the_execution_role_may_describe_these_alarms_alone(template: Template) -> None:
    (statement,) = describing(template)
    ids = template.find_resources("AWS::CloudWatch::Alarm")
    assert sorted(resource["Fn::GetAtt"][0] for resource in statement["Resource"]) == sorted(ids)


def test_alarms_come_before_the_endpoint_and_nothing_waits_in_a_circle(template: Template) -> None:
    graph = references(template)
    (endpoint,) = template.find_resources("AWS::SageMaker::Endpoint")
    (policy,) = [name for name in template.find_resources("AWS::IAM::Policy") if "RollbackAlarms" in name]
    assert set(template.find_resources("AWS::CloudWatch::Alarm")) <= graph[endpoint]
    assert policy in graph[endpoint]
    assert not has_cycle(graph)


def test_the_check_for_circles_sees_one() -> None:
    assert has_cycle({"alarm": {"endpoint"}, "endpoint": {"alarm"}, "role": set()})


def test_a_fixed_name_is_the_one_that_is_watched() -> None:
    template = built(Rollout.canary(TEN_PERCENT), endpoint_name="classifier")
    assert only(template, "AWS::SageMaker::Endpoint")["EndpointName"] == "classifier"
    for alarm in alarms(template).values():
        assert alarm["Dimensions"][0] == {"Name": "EndpointName", "Value": "classifier"}


def test_a_fixed_name_may_be_a_parameter() -> None:
    def build(stack: cdk.Stack) -> None:
        name = cdk.CfnParameter(stack, "Name").value_as_string
        RealtimeEndpoint(
            stack,
            "E",
            model=any_model(stack),
            instance_type="ml.m5.large",
            rollout=Rollout.canary(TEN_PERCENT),
            monitoring=None,
            endpoint_name=name,
        )

    template = synthesize(build)
    for alarm in alarms(template).values():
        assert alarm["Dimensions"][0] == {"Name": "EndpointName", "Value": {"Ref": "Name"}}
    assert not has_cycle(references(template))


def test_without_default_alarms_the_endpoint_keeps_the_name_that_aws_chooses() -> None:
    def build(stack: cdk.Stack) -> None:
        own = cloudwatch.Alarm.from_alarm_name(stack, "Alarm", "errors")
        rollout = Rollout.canary(TEN_PERCENT, alarms=[own], default_alarms=None)
        RealtimeEndpoint(
            stack, "E", model=any_model(stack), instance_type="ml.m5.large", rollout=rollout, monitoring=None
        )

    template = synthesize(build)
    endpoint = only(template, "AWS::SageMaker::Endpoint")
    assert "EndpointName" not in endpoint
    assert endpoint["DeploymentConfig"]["AutoRollbackConfiguration"] == {"Alarms": [{"AlarmName": "errors"}]}
    template.resource_count_is("AWS::CloudWatch::Alarm", 0)
    assert_no_limit_findings(template)


def test_alarms_of_one_s_own_join_the_default_ones() -> None:
    def build(stack: cdk.Stack) -> None:
        own = cloudwatch.Alarm.from_alarm_arn(
            stack, "Alarm", f"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{any_name()}"
        )
        endpoint = RealtimeEndpoint(
            stack,
            "E",
            model=any_model(stack),
            instance_type="ml.m5.large",
            rollout=Rollout.canary(TEN_PERCENT, alarms=[own]),
        )
        assert len(endpoint.rollback_alarms) == 3

    template = synthesize(build)
    config = only(template, "AWS::SageMaker::Endpoint")["DeploymentConfig"]["AutoRollbackConfiguration"]
    assert len(config["Alarms"]) == 3
    (statement,) = describing(template)
    assert len(statement["Resource"]) == 3


def test_a_composite_alarm_can_be_seen_only_by_a_role_that_may_see_all() -> None:
    def build(stack: cdk.Stack) -> None:
        part = cloudwatch.Alarm.from_alarm_name(stack, "Part", "errors")
        own = cloudwatch.CompositeAlarm(
            stack, "Own", alarm_rule=cloudwatch.AlarmRule.from_alarm(part, cloudwatch.AlarmState.ALARM)
        )
        rollout = Rollout.canary(TEN_PERCENT, alarms=[own], default_alarms=None)
        RealtimeEndpoint(
            stack, "E", model=any_model(stack), instance_type="ml.m5.large", rollout=rollout, monitoring=None
        )

    (statement,) = describing(synthesize(build))
    assert statement["Resource"] == "*"


def test_an_alarm_on_another_endpoint_of_the_same_model_is_no_circle() -> None:
    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        first = RealtimeEndpoint(stack, "First", model=model, instance_type="ml.m5.large")
        own = first.metric_invocation_5xx_errors().create_alarm(stack, "Errors", threshold=1, evaluation_periods=1)
        RealtimeEndpoint(
            stack,
            "Second",
            model=model,
            instance_type="ml.m5.large",
            rollout=Rollout.canary(TEN_PERCENT, alarms=[own], default_alarms=None),
            monitoring=None,
        )

    template = synthesize(build)
    assert not has_cycle(references(template))
    assert_no_limit_findings(template)


def test_an_execution_role_that_cannot_be_changed_is_left_alone() -> None:
    def build(stack: cdk.Stack) -> None:
        role = iam.Role.from_role_arn(stack, "Role", any_role_arn(), mutable=False)
        model = Model(stack, "Model", image=any_image(), artifact=any_artifact(), execution_role=role)
        RealtimeEndpoint(
            stack, "E", model=model, instance_type="ml.m5.large", rollout=Rollout.canary(TEN_PERCENT), monitoring=None
        )

    template = synthesize(build)
    template.resource_count_is("AWS::IAM::Policy", 0)
    template.resource_count_is("AWS::CloudWatch::Alarm", 2)


def test_all_problems_of_default_alarms_are_raised_at_once() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        DefaultAlarms(
            server_error_rate_in_percent=100,
            model_error_rate_in_percent=-1,
            model_latency_p99_in_milliseconds=0,
            evaluation_periods=0,
        )
    assert [problem.split(" must be ")[0] for problem in caught.value.problems] == [
        "server_error_rate_in_percent",
        "model_error_rate_in_percent",
        "model_latency_p99_in_milliseconds",
        "evaluation_periods",
    ]


@pytest.mark.parametrize(("minutes", "fits"), [(1440, True), (1441, False)])
def test_alarms_look_back_a_day_at_most(minutes: int, fits: bool) -> None:
    if fits:
        assert DefaultAlarms(evaluation_periods=minutes).evaluation_periods == minutes
        return
    with pytest.raises(InvalidConfiguration, match="a day at most"):
        DefaultAlarms(evaluation_periods=minutes)
