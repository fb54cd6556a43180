"""What can be seen of a serverless endpoint, and the alarms on its cold starts."""

from __future__ import annotations

import random
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from constructs_lib import ColdStartBudget, InvalidConfiguration, ServerlessEndpoint, ServerlessMonitoring
from constructs_lib.facts import serverless_metrics as facts
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_model, any_name, only, synthesize

ALARM = "AWS::CloudWatch::Alarm"
METRICS = {
    "metric_invocations": ("Invocations", "Sum"),
    "metric_invocation_4xx_errors": ("Invocation4XXErrors", "Sum"),
    "metric_invocation_5xx_errors": ("Invocation5XXErrors", "Sum"),
    "metric_model_latency": ("ModelLatency", "p99"),
    "metric_overhead_latency": ("OverheadLatency", "p99"),
    "metric_model_setup_time": ("ModelSetupTime", "p99"),
    "metric_concurrent_executions_utilization": ("ServerlessConcurrentExecutionsUtilization", "Maximum"),
}
PROVISIONED = {
    "metric_provisioned_concurrency_executions": ("ServerlessProvisionedConcurrencyExecutions", "Maximum"),
    "metric_provisioned_concurrency_utilization": ("ServerlessProvisionedConcurrencyUtilization", "Maximum"),
    "metric_provisioned_concurrency_invocations": ("ServerlessProvisionedConcurrencyInvocations", "Average"),
    "metric_provisioned_concurrency_spillover_invocations": (
        "ServerlessProvisionedConcurrencySpilloverInvocations",
        "Average",
    ),
}


@pytest.fixture(scope="module")
def endpoint() -> ServerlessEndpoint:
    stack = cdk.Stack(cdk.App(), "Stack")
    return ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), endpoint_name=any_name())


@pytest.mark.parametrize("method", [*METRICS, *PROVISIONED])
def test_a_metric_is_of_the_variant(endpoint: ServerlessEndpoint, method: str) -> None:
    metric = getattr(endpoint, method)()
    assert (metric.metric_name, metric.statistic) == {**METRICS, **PROVISIONED}[method]
    assert metric.namespace == "AWS/SageMaker"
    assert metric.dimensions == {"EndpointName": endpoint.endpoint_name, "VariantName": "AllTraffic"}


def test_memory_is_in_the_namespace_of_instances(endpoint: ServerlessEndpoint) -> None:
    metric = endpoint.metric_memory_utilization()
    assert (metric.namespace, metric.metric_name, metric.statistic) == (
        "/aws/sagemaker/Endpoints",
        "MemoryUtilization",
        "Maximum",
    )
    assert facts.MEMORY_METRICS.allows(metric.metric_name)


@pytest.mark.parametrize("method", [*METRICS, *PROVISIONED, "metric_memory_utilization"])
def test_a_metric_may_have_any_statistic_and_period(endpoint: ServerlessEndpoint, method: str) -> None:
    percentile = f"p{random.randrange(1, 100)}"
    metric = getattr(endpoint, method)(statistic=percentile, period=cdk.Duration.minutes(5))
    assert (metric.statistic, metric.period.to_minutes()) == (percentile, 5)


def test_every_metric_of_the_list_of_aws_has_a_method_and_no_other_one_has() -> None:
    methods = {name for name in dir(ServerlessEndpoint) if name.startswith("metric_")}
    assert methods == {*METRICS, *PROVISIONED, "metric_memory_utilization", "metric_cold_start_share"}
    assert {name for name, _ in METRICS.values()} == set(facts.SERVERLESS_METRICS.allowed.values)  # type: ignore[union-attr]  # it is a Choice
    assert {name for name, _ in PROVISIONED.values()} == set(facts.PROVISIONED_METRICS.allowed.values)  # type: ignore[union-attr]  # it is a Choice


def test_the_share_of_cold_starts_is_of_the_starts_by_the_invocations(endpoint: ServerlessEndpoint) -> None:
    share = endpoint.metric_cold_start_share(minimum_invocations=20, period=cdk.Duration.minutes(10))
    assert share.expression == "IF(invocations >= 20, 100 * starts / invocations, 0)"
    used: Any = {name: (m.metric_name, m.statistic, m.period.to_minutes()) for name, m in share.using_metrics.items()}  # type: ignore[attr-defined]  # they are Metrics
    assert used == {"starts": ("ModelSetupTime", "SampleCount", 10), "invocations": ("Invocations", "Sum", 10)}


def watched(budget: ColdStartBudget) -> Template:
    monitoring = of_starts(budget)
    return synthesize(lambda s: ServerlessEndpoint(s, "Endpoint", model=any_model(s), monitoring=monitoring))


def of_starts(budget: ColdStartBudget, **others: Any) -> ServerlessMonitoring:
    return ServerlessMonitoring(
        server_error_rate_in_percent=None, model_error_rate_in_percent=None, cold_starts=budget, **others
    )


@pytest.fixture(scope="module")
def template() -> Template:
    return watched(
        ColdStartBudget(
            share_in_percent=2.5, setup_time_p99_in_milliseconds=9000, minimum_invocations=50, window_in_minutes=30
        )
    )


def alarm(template: Template, part: str) -> dict[str, Any]:
    (found,) = (each for name, each in template.find_resources(ALARM).items() if part in name)
    return dict(found["Properties"])


def test_more_starts_than_the_budget_has_trip_an_alarm(template: Template) -> None:
    found = alarm(template, "ColdStartShare")
    assert (found["ComparisonOperator"], found["Threshold"]) == ("GreaterThanThreshold", 2.5)
    expression, *stats = found["Metrics"]
    assert expression["Expression"] == "IF(invocations >= 50, 100 * starts / invocations, 0)"
    read = {each["Id"]: each["MetricStat"] for each in stats}
    assert {id: (each["Metric"]["MetricName"], each["Stat"], each["Period"]) for id, each in read.items()} == {
        "starts": ("ModelSetupTime", "SampleCount", 1800),
        "invocations": ("Invocations", "Sum", 1800),
    }
    (name,) = template.find_resources("AWS::SageMaker::Endpoint")
    assert all(
        {"Name": "EndpointName", "Value": {"Fn::GetAtt": [name, "EndpointName"]}} in each["Metric"]["Dimensions"]
        for each in read.values()
    )


def test_longer_starts_than_the_budget_has_trip_an_alarm_in_microseconds(template: Template) -> None:
    found = alarm(template, "ColdStartTime")
    assert (found["MetricName"], found["ExtendedStatistic"], found["Period"]) == ("ModelSetupTime", "p99", 1800)
    assert (found["ComparisonOperator"], found["Threshold"]) == ("GreaterThanThreshold", 9_000_000)


@pytest.mark.parametrize("part", ["ColdStartShare", "ColdStartTime"])
def test_where_nobody_asks_nothing_is_wrong(template: Template, part: str) -> None:
    assert alarm(template, part)["TreatMissingData"] == "notBreaching"


def test_the_alarms_are_not_those_of_a_rollout_and_the_limit_check_finds_nothing(template: Template) -> None:
    assert "DeploymentConfig" not in only(template, "AWS::SageMaker::Endpoint")
    assert_no_limit_findings(template, region="us-east-1")


def test_the_topic_is_told_of_both_and_of_their_ends() -> None:
    def build(stack: cdk.Stack) -> None:
        budget = ColdStartBudget(setup_time_p99_in_milliseconds=1)
        monitoring = of_starts(budget, actions=[sns.Topic(stack, "Operators")])
        ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), monitoring=monitoring)

    template = synthesize(build)
    (topic,) = template.find_resources("AWS::SNS::Topic")
    found = [each["Properties"] for each in template.find_resources(ALARM).values()]
    assert [(each["AlarmActions"], each["OKActions"]) for each in found] == [([{"Ref": topic}], [{"Ref": topic}])] * 2


def test_the_alarms_are_known_by_their_names() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    endpoint = ServerlessEndpoint(stack, "E", model=any_model(stack), monitoring=of_starts(ColdStartBudget()))
    assert set(endpoint.alarms) == {"ColdStartShare"}
    assert set(ServerlessEndpoint(stack, "Other", model=endpoint.model).alarms) == {"ServerErrors", "ModelErrors"}


def test_one_of_the_two_may_be_left_out() -> None:
    template = watched(ColdStartBudget(share_in_percent=None, setup_time_p99_in_milliseconds=1))
    assert only(template, ALARM)["MetricName"] == "ModelSetupTime"


def test_all_problems_of_a_budget_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        ColdStartBudget(
            share_in_percent=100, setup_time_p99_in_milliseconds=0, minimum_invocations=0, window_in_minutes=10_081
        )
    found = caught.value.problems
    assert len(found) == 4
    assert "share_in_percent must be at least 0 and below 100, got 100" in found[0]
    assert "setup_time_p99_in_milliseconds must be above 0, got 0" in found[1]
    assert "minimum_invocations must be at least 1, got 0" in found[2]
    assert "window_in_minutes x 60 s must be at most 604800 s, got 604860" in found[3]


def test_a_budget_that_watches_nothing_is_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="share_in_percent or setup_time_p99_in_milliseconds must be given"):
        ColdStartBudget(share_in_percent=None)


def test_the_bounds_themselves_are_taken() -> None:
    ColdStartBudget(share_in_percent=0, minimum_invocations=1, window_in_minutes=1)
    ColdStartBudget(window_in_minutes=7 * 24 * 60)


def test_what_is_computed_with_must_be_known_and_thresholds_need_not() -> None:
    parameter: Any = cdk.CfnParameter(cdk.Stack(cdk.App(), "S"), "P", type="Number").value_as_number
    ColdStartBudget(share_in_percent=parameter)
    with pytest.raises(InvalidConfiguration) as caught:
        ColdStartBudget(minimum_invocations=parameter, window_in_minutes=parameter)
    assert len(caught.value.problems) == 2
