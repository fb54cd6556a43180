"""What every construct watches by default, whom its alarms tell, and the one alarm over all of them."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from constructs_lib import (
    AsyncEndpoint,
    ColdStartBudget,
    ComponentEndpoint,
    InvalidConfiguration,
    RealtimeEndpoint,
    RealtimeMonitoring,
    ServerlessEndpoint,
    ServerlessMonitoring,
    Variant,
)
from constructs_lib.endpoints.monitoring import monitored_in
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_model, one, only, synthesize

ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"


def endpoint(stack: cdk.Stack, monitoring: RealtimeMonitoring | None) -> RealtimeEndpoint:
    return RealtimeEndpoint(
        stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large", monitoring=monitoring
    )


def watched(monitoring: RealtimeMonitoring) -> Template:
    return synthesize(lambda stack: endpoint(stack, monitoring))


def alarm(template: Template, name: str) -> dict[str, Any]:
    return dict(template.find_resources(ALARM)[one(template, ALARM, f"Endpoint{name}")]["Properties"])


@pytest.fixture(scope="module")
def by_default() -> Template:
    return synthesize(
        lambda stack: RealtimeEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large")
    )


def test_a_real_time_endpoint_is_watched_for_errors_by_default_and_tells_nobody(by_default: Template) -> None:
    by_default.resource_count_is(ALARM, 2)
    by_default.resource_count_is(COMPOSITE, 0)
    for name, metric, share in (
        ("ServerErrors", "Invocation5XXErrors", 0.01),
        ("ModelErrors", "InvocationModelErrors", 0.05),
    ):
        found = alarm(by_default, name)
        assert (found["MetricName"], found["Statistic"], found["Threshold"]) == (metric, "Average", share)
        assert found["ComparisonOperator"] == "GreaterThanThreshold"
        assert [each["Name"] for each in found["Dimensions"]] == ["EndpointName", "VariantName"]
        assert "AlarmActions" not in found


def test_one_bad_minute_is_no_alarm_and_no_request_is_none(by_default: Template) -> None:
    found = alarm(by_default, "ServerErrors")
    assert (found["Period"], found["EvaluationPeriods"], found["DatapointsToAlarm"]) == (60, 5, 3)
    assert found["TreatMissingData"] == "notBreaching"


def test_the_limit_check_has_nothing_to_say_of_the_alarms(by_default: Template) -> None:
    assert_no_limit_findings(by_default, region="us-east-1")


@pytest.mark.parametrize("name", ["ServerErrors", "ModelErrors"])
def test_an_alarm_says_what_has_happened_and_what_to_do(by_default: Template, name: str) -> None:
    happened, do, *_ = alarm(by_default, name)["AlarmDescription"].split(". ")
    assert "% of the requests" in happened
    assert len(do) > 20


def test_the_time_of_an_answer_is_watched_against_a_stated_objective_alone() -> None:
    stated = watched(RealtimeMonitoring(latency_p99_in_milliseconds=250, evaluation_periods=10, datapoints_to_alarm=10))
    found = alarm(stated, "Latency")
    assert (found["MetricName"], found["ExtendedStatistic"], found["Threshold"]) == ("ModelLatency", "p99", 250_000)
    assert "Statistic" not in found
    assert (found["EvaluationPeriods"], found["DatapointsToAlarm"]) == (10, 10)
    assert "longer than 250 ms" in found["AlarmDescription"]


def test_every_threshold_can_be_left_out_and_every_alarm() -> None:
    stack = cdk.Stack()
    none = RealtimeMonitoring(server_error_rate_in_percent=None, model_error_rate_in_percent=None)
    assert endpoint(stack, none).alarms == {}
    assert set(endpoint(cdk.Stack(), RealtimeMonitoring(exclude=["ModelErrors"])).alarms) == {"ServerErrors"}
    assert endpoint(cdk.Stack(), None).alarms == {}


def test_an_alarm_that_there_is_not_cannot_be_left_out() -> None:
    with pytest.raises(InvalidConfiguration, match=r"got Latency; there are ServerErrors, ModelErrors"):
        endpoint(cdk.Stack(), RealtimeMonitoring(exclude=["Latency"]))


def test_each_of_several_variants_has_alarms_of_its_own() -> None:
    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        made = [Variant(model=model, name=name, instance_type="ml.m5.large") for name in ("old", "new")]
        several = RealtimeEndpoint(stack, "Endpoint", variants=made)
        assert set(several.alarms) == {"oldServerErrors", "oldModelErrors", "newServerErrors", "newModelErrors"}

    template = synthesize(build)
    assert alarm(template, "newServerErrors")["Dimensions"][1] == {"Name": "VariantName", "Value": "new"}
    assert alarm(template, "oldServerErrors")["Dimensions"][1] == {"Name": "VariantName", "Value": "old"}


def test_topics_are_told_of_begin_and_end_and_the_runbook_is_named() -> None:
    def build(stack: cdk.Stack) -> None:
        topics = [sns.Topic(stack, "Operators"), sns.Topic.from_topic_arn(stack, "Others", "arn:aws:sns:a:1:others")]
        endpoint(stack, RealtimeMonitoring(actions=topics, runbook_url="https://example.com/runbook"))

    template = synthesize(build)
    told = [{"Ref": one(template, "AWS::SNS::Topic", "Operators")}, "arn:aws:sns:a:1:others"]
    for name in ("ServerErrors", "ModelErrors"):
        found = alarm(template, name)
        assert (found["AlarmActions"], found["OKActions"]) == (told, told)
        assert found["AlarmDescription"].endswith("Runbook: https://example.com/runbook")


def test_any_other_action_acts_when_an_alarm_goes_off_and_topics_beside_it_are_told() -> None:
    def build(stack: cdk.Stack) -> None:
        opens = actions.SsmAction(actions.OpsItemSeverity.HIGH)
        both: list[Any] = [opens, sns.Topic(stack, "Operators")]
        endpoint(stack, RealtimeMonitoring(actions=both, latency_p99_in_milliseconds=100))

    template = synthesize(build)
    found = alarm(template, "Latency")
    opened, told = found["AlarmActions"]
    assert "opsitem:2" in str(opened)
    assert [told] == found["OKActions"] == [{"Ref": one(template, "AWS::SNS::Topic", "Operators")}]
    assert (found["ExtendedStatistic"], found["Threshold"], found["DatapointsToAlarm"]) == ("p99", 100_000, 3)


def test_one_alarm_over_all_of_them_acts_in_their_place() -> None:
    def build(stack: cdk.Stack) -> None:
        topic = sns.Topic(stack, "Operators")
        made = endpoint(stack, RealtimeMonitoring(actions=[topic], composite=True))
        assert made.composite_alarm is not None

    template = synthesize(build)
    composite = only(template, COMPOSITE)
    names = [one(template, ALARM, f"Endpoint{name}") for name in ("ServerErrors", "ModelErrors")]
    rule = composite["AlarmRule"]["Fn::Join"][1]
    assert [part["Fn::GetAtt"][0] for part in rule if isinstance(part, dict)] == names
    assert "OR" in "".join(part for part in rule if isinstance(part, str))
    topic = [{"Ref": one(template, "AWS::SNS::Topic", "Operators")}]
    assert (composite["AlarmActions"], composite["OKActions"]) == (topic, topic)
    assert all("AlarmActions" not in each["Properties"] for each in template.find_resources(ALARM).values())
    assert_no_limit_findings(template, region="us-east-1")


def test_a_serverless_endpoint_is_watched_by_the_metrics_that_it_has() -> None:
    template = synthesize(lambda stack: ServerlessEndpoint(stack, "Endpoint", model=any_model(stack)))
    assert alarm(template, "ServerErrors")["MetricName"] == "Invocation5XXErrors"
    assert alarm(template, "ModelErrors")["MetricName"] == "Invocation4XXErrors"
    assert_no_limit_findings(template, region="us-east-1")


def test_cold_starts_are_watched_against_a_stated_budget_alone() -> None:
    stack = cdk.Stack()
    monitoring = ServerlessMonitoring(cold_starts=ColdStartBudget())
    made = ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), monitoring=monitoring)
    assert set(made.alarms) == {"ServerErrors", "ModelErrors", "ColdStartShare"}


def test_the_instances_of_components_are_watched_as_others_are() -> None:
    stack = cdk.Stack()
    assert set(ComponentEndpoint(stack, "E", instance_type="ml.m5.large").alarms) == {"ServerErrors", "ModelErrors"}
    assert ComponentEndpoint(stack, "F", instance_type="ml.m5.large", monitoring=None).alarms == {}


def test_all_problems_of_a_monitoring_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        RealtimeMonitoring(
            server_error_rate_in_percent=100,
            model_error_rate_in_percent=-1,
            latency_p99_in_milliseconds=0,
            evaluation_periods=1441,
            datapoints_to_alarm=1442,
        )
    assert [problem.split(" (")[0].split(", got")[0] for problem in caught.value.problems] == [
        "server_error_rate_in_percent must be at least 0 and below 100",
        "model_error_rate_in_percent must be at least 0 and below 100",
        "latency_p99_in_milliseconds must be above 0",
        "datapoints_to_alarm must be at most evaluation_periods 1441",
        "evaluation_periods x 60 s must be at most 86400 s",
    ]
    RealtimeMonitoring(server_error_rate_in_percent=0, evaluation_periods=1440, datapoints_to_alarm=1440)


def test_thresholds_that_are_known_at_deploy_time_only_pass() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    number: Any = cdk.CfnParameter(stack, "Objective", type="Number").value_as_number
    made = endpoint(stack, RealtimeMonitoring(latency_p99_in_milliseconds=number))
    assert "Latency" in made.alarms


def test_the_constructs_of_a_stack_are_found_though_nobody_holds_them() -> None:
    app = cdk.App()
    stack, other = cdk.Stack(app, "Stack"), cdk.Stack(app, "Other")
    model = any_model(stack)
    RealtimeEndpoint(stack, "First", model=model, instance_type="ml.m5.large")
    AsyncEndpoint(stack, "Second", model=model, instance_type="ml.m5.large", monitoring=None)
    ServerlessEndpoint(other, "Third", model=any_model(other))
    assert [type(each).__name__ for each in monitored_in(stack)] == ["RealtimeEndpoint", "AsyncEndpoint"]
    assert [each.node.id for each in monitored_in(other)] == ["Third"]
