"""What the examples of data capture, metrics, explanations and Model Monitor do not show."""

from __future__ import annotations

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.capture import captured, explained
from constructs_lib.rules.examples.example import changed, resource
from constructs_lib.rules.examples.serverless import monitored
from tests.rules.support import found

CAPTURE = "Config.DataCaptureConfig"
SCHEDULE = "Schedule.MonitoringScheduleConfig"
CLUSTER = f"{SCHEDULE}.MonitoringJobDefinition.MonitoringResources.ClusterConfig"
EXPRESSION = f"{SCHEDULE}.ScheduleConfig.ScheduleExpression"
FEATURE_TYPES = "Config.ExplainerConfig.ClarifyExplainerConfig.InferenceConfig.FeatureTypes"


def test_capture_as_it_should_be_has_no_finding() -> None:
    assert judge(captured()) == []
    assert judge(explained()) == []


def test_unknown_values_are_not_judged() -> None:
    unknown = {"Ref": "Parameter"}
    places = ("InitialSamplingPercentage", "DestinationS3Uri", "CaptureOptions", "CaptureContentTypeHeader")
    assert judge(changed(captured(), {f"{CAPTURE}.{place}": unknown for place in places})) == []
    assert judge(changed(captured(), {CAPTURE: unknown})) == []


def test_numbers_in_quotes_are_numbers() -> None:
    assert found(changed(captured(), {f"{CAPTURE}.InitialSamplingPercentage": "100"}), "DC-SAMPLE") == []
    (finding,) = found(changed(captured(), {f"{CAPTURE}.InitialSamplingPercentage": "-1"}), "DC-SAMPLE")
    assert "from 0 to 100 %" in finding.message


def test_every_required_part_of_capture_is_asked_for() -> None:
    document = changed(captured(), {CAPTURE: {"EnableCapture": True}})
    assert {finding.rule for finding in judge(document)} == {"DC-SAMPLE", "DC-OPTS", "DC-S3"}
    assert {finding.path for finding in judge(document)} == {"Properties.DataCaptureConfig"}


def test_no_value_counts_as_absent() -> None:
    assert judge(changed(captured(), {CAPTURE: {"Ref": "AWS::NoValue"}})) == []
    assert len(found(changed(captured(), {f"{CAPTURE}.DestinationS3Uri": {"Ref": "AWS::NoValue"}}), "DC-S3")) == 1


def test_both_branches_of_a_condition_are_judged() -> None:
    choice = {"Fn::If": ["IsProduction", 100, 101]}
    document = changed(captured(), {f"{CAPTURE}.InitialSamplingPercentage": choice})
    document["Conditions"] = {"IsProduction": {"Fn::Equals": [{"Ref": "Stage"}, "production"]}}
    assert len(found(document, "DC-SAMPLE")) == 1


@pytest.mark.parametrize("kind", ["Csv", "Json"])
def test_both_lists_of_content_types_have_the_same_bounds(kind: str) -> None:
    place = f"{CAPTURE}.CaptureContentTypeHeader.{kind}ContentTypes"
    assert len(found(changed(captured(), {place: []}), "DC-CT")) == 1
    assert len(found(changed(captured(), {place: ["csv"]}), "DC-CT-TYPE")) == 1


def test_feature_types_that_are_not_all_known_are_not_judged() -> None:
    assert judge(changed(explained(), {FEATURE_TYPES: ["numerical", {"Ref": "Kind"}]})) == []


@pytest.mark.parametrize(
    "expression",
    [
        "NOW",
        "cron(0 * ? * * *)",
        "cron(0 12 ? * * *)",
        "cron(0 0 ? * * *)",
        "cron(0 17/12 ? * * *)",
        "cron(0 0/2 ? * * *)",
    ],
)
def test_the_expressions_of_the_api_reference_are_taken(expression: str) -> None:
    assert found(changed(monitored(realtime()), {EXPRESSION: expression}), "MM-SCHED") == []


@pytest.mark.parametrize(
    "expression", ["rate(1 day)", "cron(0 24 ? * * *)", "cron(5 * ? * * *)", "cron(0 0 ? * MON *)"]
)
def test_other_expressions_are_warned_of(expression: str) -> None:
    (finding,) = found(changed(monitored(realtime()), {EXPRESSION: expression}), "MM-SCHED")
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("rule", "name", "inside", "outside"),
    [
        ("MM-SCHED-INSTANCES", "InstanceCount", (1, 100), (0, 101)),
        ("MM-SCHED-VOLUME", "VolumeSizeInGB", (1, 16_384), (0, 16_385)),
    ],
)
def test_the_cluster_of_a_schedule_ends_exactly_on_its_bounds(
    rule: str, name: str, inside: tuple[int, ...], outside: tuple[int, ...]
) -> None:
    for value in inside:
        assert found(changed(monitored(realtime()), {f"{CLUSTER}.{name}": value}), rule) == []
    for value in outside:
        assert len(found(changed(monitored(realtime()), {f"{CLUSTER}.{name}": value}), rule)) == 1


@pytest.mark.parametrize("kind", ["DataQuality", "ModelQuality", "ModelBias", "ModelExplainability"])
def test_every_kind_of_job_definition_is_held_to_the_same(kind: str) -> None:
    document = realtime()
    document["Resources"]["Job"] = resource(
        f"AWS::SageMaker::{kind}JobDefinition",
        JobResources={"ClusterConfig": {"InstanceCount": 101, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}},
        StoppingCondition={"MaxRuntimeInSeconds": 86_401},
    )
    assert {finding.rule for finding in judge(document)} >= {"MM-CLOSED", "MM-SCHED-INSTANCES", "MM-SCHED-RUNTIME"}
