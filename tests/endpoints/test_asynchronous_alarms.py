"""What watches an asynchronous endpoint: alarms, metrics, graphs."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from constructs_lib import AsyncEndpoint, AsyncMonitoring, InputSubmission, InvalidConfiguration, ResultsConsumer
from constructs_lib.facts.asynchronous import ENDPOINT_METRICS
from constructs_lib.facts.asynchronous_metrics import METRICS_OF_VARIANT
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_model, one, synthesize

ALARM = "AWS::CloudWatch::Alarm"
PLAIN = {"OldestRequest", "FailedRequests", "ExpiredRequests", "NotificationFailures", "SuccessTopicFailures"}
PLAIN |= {"ErrorTopicFailures", "OldestNotification", "DeadLetters"}


def endpoint(stack: cdk.Stack, **options: Any) -> AsyncEndpoint:
    return AsyncEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large", **options)


@pytest.fixture(scope="module")
def watched() -> Template:
    def build(stack: cdk.Stack) -> None:
        made = endpoint(
            stack,
            monitoring=AsyncMonitoring(
                actions=[sns.Topic(stack, "Operators")], failed_requests=5, oldest_notification_in_seconds=1800
            ),
            submission=InputSubmission(request_ttl_in_seconds=600),
        )
        cloudwatch.Dashboard(stack, "Dashboard").add_widgets(*made.dashboard_widgets())
        assert set(made.alarms) == PLAIN | {"SubmissionDeadLetters"}

    return synthesize(build)


def alarm(template: Template, name: str) -> dict[str, Any]:
    return dict(template.find_resources(ALARM)[one(template, ALARM, f"Endpoint{name}")]["Properties"])


@pytest.mark.parametrize(
    ("name", "metric", "statistic", "threshold"),
    [
        ("OldestRequest", "ApproximateAgeOfOldestRequest", "Maximum", 300),
        ("FailedRequests", "InvocationFailures", "Sum", 5),
        ("ExpiredRequests", "ExpiredRequests", "Sum", 1),
        ("NotificationFailures", "NotificationFailures", "Sum", 1),
        ("SuccessTopicFailures", "NumberOfNotificationsFailed", "Sum", 1),
        ("ErrorTopicFailures", "NumberOfNotificationsFailed", "Sum", 1),
        ("OldestNotification", "ApproximateAgeOfOldestMessage", "Maximum", 1800),
        ("DeadLetters", "ApproximateNumberOfMessagesVisible", "Maximum", 1),
        ("SubmissionDeadLetters", "ApproximateNumberOfMessagesVisible", "Maximum", 1),
    ],
)
def test_an_alarm_watches_its_metric(
    watched: Template, name: str, metric: str, statistic: str, threshold: float
) -> None:
    found = alarm(watched, name)
    assert (found["MetricName"], found["Statistic"], found["Threshold"]) == (metric, statistic, threshold)
    assert found["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert found["TreatMissingData"] == "notBreaching"


def test_the_queue_is_measured_for_the_endpoint_and_failures_for_the_variant(watched: Template) -> None:
    named = {name: [d["Name"] for d in alarm(watched, name)["Dimensions"]] for name in PLAIN}
    assert named["OldestRequest"] == ["EndpointName"]
    assert named["FailedRequests"] == named["ExpiredRequests"] == ["EndpointName", "VariantName"]


@pytest.mark.parametrize(("name", "topic"), [("SuccessTopicFailures", "SuccessTopic"), ("ErrorTopicFailures", "Error")])
def test_each_topic_has_an_alarm_of_its_own(watched: Template, name: str, topic: str) -> None:
    (dimension,) = alarm(watched, name)["Dimensions"]
    assert dimension["Value"] == {"Fn::GetAtt": [one(watched, "AWS::SNS::Topic", topic), "TopicName"]}


def test_the_dead_letters_of_each_queue_have_an_alarm_of_their_own(watched: Template) -> None:
    names = ("DeadLetters", "SubmissionDeadLetters")
    queues = [alarm(watched, name)["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for name in names]
    assert ["Notifications" in queues[0], "Submission" in queues[1]] == [True, True]


def test_operators_are_told_when_it_begins_and_when_it_is_over(watched: Template) -> None:
    topic = [{"Ref": one(watched, "AWS::SNS::Topic", "Operators")}]
    for found in watched.find_resources(ALARM).values():
        assert (found["Properties"]["AlarmActions"], found["Properties"]["OKActions"]) == (topic, topic)


def test_without_a_time_to_live_of_its_own_a_request_is_old_after_three_hours() -> None:
    template = synthesize(lambda stack: endpoint(stack))
    assert alarm(template, "OldestRequest")["Threshold"] == 10_800
    assert "AlarmActions" not in alarm(template, "OldestRequest")


def test_alarms_are_on_unless_they_are_switched_off() -> None:
    def build(stack: cdk.Stack) -> None:
        assert endpoint(stack, monitoring=None).alarms == {}

    synthesize(build).resource_count_is(ALARM, 0)
    assert set(endpoint(cdk.Stack()).alarms) == PLAIN - {"OldestNotification"}


def test_the_age_of_notifications_is_watched_where_a_consumer_is_to_take_them() -> None:
    made = endpoint(cdk.Stack(), results_consumer=ResultsConsumer(request_status=True))
    assert "OldestNotification" in made.alarms


def test_the_wait_in_the_queue_is_watched_against_a_stated_objective() -> None:
    monitoring = AsyncMonitoring(time_in_backlog_p99_in_seconds=90)
    found = alarm(synthesize(lambda stack: endpoint(stack, monitoring=monitoring)), "TimeInBacklog")
    assert (found["MetricName"], found["ExtendedStatistic"], found["Threshold"]) == ("TimeInBacklog", "p99", 90_000_000)


def test_all_problems_of_the_alarms_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        AsyncMonitoring(oldest_request_in_seconds=21_600, failed_requests=0, oldest_notification_in_seconds=0)
    assert [problem.split(", got")[0] for problem in caught.value.problems] == [
        "failed_requests must be at least 1",
        "oldest_notification_in_seconds must be at least 1",
        "oldest_request_in_seconds must be below 21600, when every request has expired",
    ]


def test_an_alarm_that_no_request_lives_to_see_is_refused() -> None:
    submission = InputSubmission(request_ttl_in_seconds=600)
    assert endpoint(
        cdk.Stack(), submission=submission, monitoring=AsyncMonitoring(oldest_request_in_seconds=600)
    ).alarms
    with pytest.raises(InvalidConfiguration, match=r"must be at most submission.request_ttl_in_seconds 600, got 601"):
        endpoint(cdk.Stack(), submission=submission, monitoring=AsyncMonitoring(oldest_request_in_seconds=601))


def test_every_metric_that_aws_publishes_has_a_method_with_its_dimensions() -> None:
    made = endpoint(cdk.Stack())
    names = [name for name in dir(made) if name.startswith("metric_")]
    metrics = [getattr(made, name)() for name in names]
    of_sagemaker = [metric for metric in metrics if metric.namespace == "AWS/SageMaker"]
    assert {metric.metric_name for metric in of_sagemaker} == {*ENDPOINT_METRICS, *METRICS_OF_VARIANT.allowed.values}  # type: ignore[union-attr]  # it is a Choice
    for metric in of_sagemaker:
        of_endpoint = metric.metric_name in ENDPOINT_METRICS
        assert ("VariantName" not in (metric.dimensions or {})) is of_endpoint
    assert {metric.metric_name for metric in metrics if metric not in of_sagemaker} >= {"CPUUtilization"}


def graphs(template: Template) -> list[dict[str, Any]]:
    """The widgets of the dashboard, with names of resources for what refers to them."""
    (dashboard,) = template.find_resources("AWS::CloudWatch::Dashboard").values()
    parts = dashboard["Properties"]["DashboardBody"]["Fn::Join"][1]
    body = json.loads("".join(part if isinstance(part, str) else "name" for part in parts))
    return [widget["properties"] for widget in body["widgets"]]


def test_the_graphs_show_the_backlog_the_requests_and_who_was_told(watched: Template) -> None:
    shown = [metric[1] for graph in graphs(watched) for metric in graph["metrics"]]
    assert {"ApproximateBacklogSize", "ApproximateBacklogSizePerInstance", "ApproximateAgeOfOldestRequest"} <= {*shown}
    assert {"InvocationsProcesssed", "InvocationFailures", "ExpiredRequests", "TimeInBacklog"} <= {*shown}
    assert {"CPUUtilization", "ApproximateAgeOfOldestMessage", "NotificationFailures"} <= {*shown}
    assert shown.count("ApproximateNumberOfMessagesVisible") == 3  # of the queue, and of two with dead letters


def test_graphs_lie_three_in_a_row(watched: Template) -> None:
    (dashboard,) = watched.find_resources("AWS::CloudWatch::Dashboard").values()
    body = "".join(part for part in dashboard["Properties"]["DashboardBody"]["Fn::Join"][1] if isinstance(part, str))
    assert body.count('"width":8') == 6


def test_the_limit_check_finds_nothing_to_say(watched: Template) -> None:
    assert_no_limit_findings(watched)
