"""Who is told when a stream falls behind, loses records, or finds no room."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from constructs_lib import (
    FirehoseSink,
    InvalidConfiguration,
    QueueSource,
    ServerlessEndpoint,
    StreamingInference,
    StreamMonitoring,
)
from stream_score.figures import Figures
from tests.support import any_model, one, synthesize

ALARM = "AWS::CloudWatch::Alarm"


def scoring(stack: cdk.Stack, **options: Any) -> StreamingInference:
    endpoint = ServerlessEndpoint(stack, "Endpoint", model=any_model(stack))
    return StreamingInference(stack, "Scoring", endpoint=endpoint, **options)


@pytest.fixture(scope="module")
def template() -> Template:
    return synthesize(
        lambda stack: scoring(
            stack,
            monitoring=StreamMonitoring(
                actions=[sns.Topic(stack, "Topic")], oldest_record_in_seconds=60, poisoned=5, throttled=40
            ),
        )
    )


@pytest.fixture(scope="module")
def queue() -> Template:
    return synthesize(
        lambda stack: scoring(stack, source=QueueSource(), sink=FirehoseSink(), monitoring=StreamMonitoring())
    )


def alarm(template: Template, name: str) -> dict[str, Any]:
    return dict(template.find_resources(ALARM)[one(template, ALARM, f"Scoring{name}")]["Properties"])


def test_a_record_that_waits_trips_an_alarm_in_the_unit_of_the_metric(template: Template, queue: Template) -> None:
    age = alarm(template, "OldestRecord")
    assert (age["MetricName"], age["Statistic"], age["Threshold"]) == ("IteratorAge", "Maximum", 60_000)
    assert age["Dimensions"][0]["Name"] == "FunctionName"
    waiting = alarm(queue, "OldestRecord")
    assert (waiting["MetricName"], waiting["Threshold"]) == ("ApproximateAgeOfOldestMessage", 300)


@pytest.mark.parametrize(
    ("name", "metric", "namespace", "threshold", "periods"),
    [
        ("Poisoned", "Poisoned", "SageMakerInference/Streaming", 5, 1),
        ("Throttled", "Throttled", "SageMakerInference/Streaming", 40, 3),
        ("Errors", "Errors", "AWS/Lambda", 1, 1),
        ("FunctionThrottles", "Throttles", "AWS/Lambda", 1, 3),
        ("GivenUp", "OnFailureDestinationDeliveredEventCount", "AWS/Lambda", 1, 1),
        ("Lost", "DestinationDeliveryFailures", "AWS/Lambda", 1, 1),
        ("SourceRefused", "WriteProvisionedThroughputExceeded", "AWS/Kinesis", 1, 3),
        ("SinkRefused", "WriteProvisionedThroughputExceeded", "AWS/Kinesis", 1, 3),
    ],
)
def test_what_goes_wrong_trips_an_alarm(
    name: str, metric: str, namespace: str, threshold: int, periods: int, template: Template
) -> None:
    found = alarm(template, name)
    assert (found["MetricName"], found["Namespace"], found["Statistic"]) == (metric, namespace, "Sum")
    assert (found["Threshold"], found["EvaluationPeriods"]) == (threshold, periods)
    assert found["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert found["TreatMissingData"] == "notBreaching"


def test_each_stream_is_watched_by_its_own_name(template: Template) -> None:
    streams = {"SourceRefused": "Source", "SinkRefused": "Results"}
    for name, part in streams.items():
        expected = {"Name": "StreamName", "Value": {"Ref": one(template, "AWS::Kinesis::Stream", part)}}
        assert alarm(template, name)["Dimensions"] == [expected]
    mapping = {"Ref": one(template, "AWS::Lambda::EventSourceMapping", "")}
    assert alarm(template, "GivenUp")["Dimensions"] == [{"Name": "EventSourceMappingUUID", "Value": mapping}]


def test_the_topic_is_told_of_both_ways(template: Template) -> None:
    topic = [{"Ref": one(template, "AWS::SNS::Topic", "")}]
    alarms = template.find_resources(ALARM).items()
    found = [body["Properties"] for name, body in alarms if name.startswith("Scoring")]
    assert len(found) == 9
    assert all(each["AlarmActions"] == each["OKActions"] == topic for each in found)


def test_dead_letters_and_a_full_delivery_stream_are_told_of_too(queue: Template) -> None:
    letters = alarm(queue, "GivenUp")
    assert letters["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert "DeadLetterQueue" in json.dumps(letters["Dimensions"])
    assert alarm(queue, "SinkRefused")["MetricName"] == "ThrottledRecords"
    assert not [name for name in queue.find_resources(ALARM) if "SourceRefused" in name]


def test_a_queue_that_is_handed_in_has_no_dead_letters_of_ours() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    made = scoring(
        stack,
        source=QueueSource(queue=sqs.Queue(stack, "Queue", visibility_timeout=cdk.Duration.minutes(30))),
        monitoring=StreamMonitoring(),
    )
    assert made.metric_given_up() is None
    assert set(made.alarms) == {"OldestRecord", "Poisoned", "Throttled", "Errors", "FunctionThrottles", "SinkRefused"}


def test_the_metrics_are_those_that_the_function_puts() -> None:
    counted = Figures()
    counted.was_put(1)
    counted.request_took(1)
    put = counted.line("namespace", "function", 0)["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    made = scoring(cdk.Stack(cdk.App(), "Stack"))
    metrics = [
        made.metric_records_in(),
        made.metric_records_out(),
        made.metric_poisoned(),
        made.metric_duplicates(),
        made.metric_throttled(),
        made.metric_end_to_end_latency(),
        made.metric_endpoint_latency(),
    ]
    assert [metric.metric_name for metric in metrics] == [each["Name"] for each in put]
    assert all(metric.dimensions == {"FunctionName": made.function.function_name} for metric in metrics)
    assert [metric.statistic for metric in metrics] == ["Sum"] * 5 + ["p99"] * 2
    assert made.metric_poisoned(period=cdk.Duration.minutes(1)).period.to_seconds() == 60


def test_the_dashboard_shows_what_is_measured() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    widgets = json.dumps([stack.resolve(widget.to_json()) for widget in scoring(stack).dashboard_widgets()])
    shown = ("RecordsIn", "RecordsOut", "Poisoned", "Duplicates", "Throttled", "IteratorAge", "EndToEndLatency")
    more = ("EndpointLatency", "ConcurrentExecutions", "OnFailureDestinationDeliveredEventCount", "Errors")
    assert [name for name in (*shown, *more) if f'"{name}"' not in widgets] == []


def test_all_problems_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        StreamMonitoring(oldest_record_in_seconds=0, poisoned=0, throttled=0)
    assert [problem.partition(" ")[0] for problem in caught.value.problems] == [
        "oldest_record_in_seconds",
        "poisoned",
        "throttled",
    ]
