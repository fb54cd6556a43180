"""The watch over an endpoint as CloudFormation gets it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from constructs_lib import (
    CapturedData,
    DataCapture,
    DriftBaseline,
    DriftMonitoring,
    DriftProcessing,
    DriftThresholds,
    DriftWatch,
    RealtimeEndpoint,
    VpcConfig,
)
from constructs_lib.endpoints.handlers import RETRIES
from constructs_lib.patterns.drift_processing import TOLD
from constructs_lib.testing import assert_no_limit_findings
from drift.settings import Settings
from tests.handlers.drifting import baseline
from tests.support import actions, any_image, any_model, one, only, statements, synthesize

THREE_SECTIONS = 3


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("baseline") / "baseline.json"
    path.write_text(json.dumps(baseline()), encoding="utf-8")
    return path


def endpoint_in(stack: cdk.Stack, **arguments: Any) -> RealtimeEndpoint:
    return RealtimeEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large", **arguments)


def watched(**arguments: Any) -> Callable[[cdk.Stack], None]:
    def build(stack: cdk.Stack) -> None:
        DriftWatch(stack, "Watch", endpoint=endpoint_in(stack, data_capture=DataCapture()), **arguments)

    return build


@pytest.fixture(scope="module")
def plain(file: Path) -> Template:
    return synthesize(watched(baseline=DriftBaseline.from_file(file)))


@pytest.fixture(scope="module")
def full() -> Template:
    """Everything that can be asked for, of an endpoint of somebody else."""

    def build(stack: cdk.Stack) -> None:
        key = kms.Key(stack, "Key")
        bucket = s3.Bucket.from_bucket_name(stack, "Captures", "captures")
        DriftWatch(
            stack,
            "Watch",
            endpoint=CapturedData(bucket=bucket, endpoint_name="scores", prefix="kept", variant_name="B"),
            baseline=DriftBaseline.from_bucket(s3.Bucket.from_bucket_name(stack, "Models", "models"), "b.json"),
            thresholds=DriftThresholds(min_records=1000),
            interval_in_hours=6,
            window_in_hours=48,
            processing=DriftProcessing(image=any_image(), vpc_config=VpcConfig(vpc=ec2.Vpc(stack, "Vpc"))),
            monitoring=DriftMonitoring(actions=[sns.Topic(stack, "Topic")]),
            encryption_key=key,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    return synthesize(build)


def function(template: Template) -> dict[str, Any]:
    [name] = [name for name in template.find_resources("AWS::Lambda::Function") if name.startswith("Watch")]
    return dict(template.find_resources("AWS::Lambda::Function")[name]["Properties"])


def alarm(template: Template, part: str) -> dict[str, Any]:
    name = one(template, "AWS::CloudWatch::Alarm", part)
    return dict(template.find_resources("AWS::CloudWatch::Alarm")[name]["Properties"])


def test_what_is_synthesized_passes_the_limit_check(plain: Template, full: Template) -> None:
    assert_no_limit_findings(plain)
    assert_no_limit_findings(full)


def test_the_function_is_told_every_field_of_its_settings_and_nothing_else(plain: Template) -> None:
    told = function(plain)["Environment"]["Variables"]
    assert set(told) - set(RETRIES) == {field.name.upper() for field in fields(Settings)}
    literal = {**told, **{name: "x" for name, value in told.items() if not isinstance(value, str)}}
    read = Settings.from_environment(literal)
    assert (read.window_in_hours, read.thresholds.min_records, read.processing) == (24, 500, {})
    assert function(plain)["Handler"] == "drift.handler.handle"


def test_the_prefix_is_that_of_data_capture_with_endpoint_and_variant(plain: Template, full: Template) -> None:
    [endpoint] = plain.find_resources("AWS::SageMaker::Endpoint")
    told = function(plain)["Environment"]["Variables"]["CAPTURE_PREFIX"]["Fn::Join"][1]
    assert told == ["captured/", {"Fn::GetAtt": [endpoint, "EndpointName"]}, "/AllTraffic/"]
    assert function(full)["Environment"]["Variables"]["CAPTURE_PREFIX"] == "kept/scores/B/"


def test_it_runs_as_often_as_is_asked_with_the_time_of_the_schedule(plain: Template, full: Template) -> None:
    assert only(plain, "AWS::Scheduler::Schedule")["ScheduleExpression"] == "rate(1 day)"
    schedule = only(full, "AWS::Scheduler::Schedule")
    assert schedule["ScheduleExpression"] == "rate(6 hours)"
    assert json.loads(schedule["Target"]["Input"]) == {"time": "<aws.scheduler.scheduled-time>"}


def test_the_alarm_on_drift_stays_as_it_is_while_nothing_is_judged(plain: Template) -> None:
    drifted = alarm(plain, "Drifted")
    assert (drifted["Namespace"], drifted["MetricName"], drifted["Threshold"]) == (
        "SageMakerInference/Drift",
        "Drifted",
        1,
    )
    assert (drifted["TreatMissingData"], drifted["EvaluationPeriods"]) == ("ignore", 1)
    assert {each["Name"]: each["Value"] for each in drifted["Dimensions"]}["VariantName"] == "AllTraffic"


def test_windows_that_cannot_be_judged_and_failures_alarm_too(plain: Template, full: Template) -> None:
    blind = alarm(full, "NotJudged")
    assert (blind["Period"], blind["EvaluationPeriods"], blind["Statistic"]) == (6 * 3600, 3, "Minimum")
    assert alarm(plain, "Failed")["MetricName"] == "Errors"
    assert all(len(alarm(full, name)["AlarmActions"]) == 1 for name in ("Drifted", "NotJudged", "Failed"))


def test_the_role_reads_what_was_captured_of_this_variant_and_writes_reports_alone(full: Template) -> None:
    rows = [row for row in statements(full, "WatchRole") if not str(row["Resource"]).startswith("*")]
    allowed = actions(rows)
    assert {action for action in allowed if action.startswith("s3:")} == {
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "s3:AbortMultipartUpload",
    }
    text = json.dumps([row for row in rows if "s3:GetObject" in row["Action"]])
    assert ":s3:::captures/kept/scores/B/*" in text
    assert ":s3:::models/b.json" in text
    [written] = [row for row in rows if "s3:PutObject" in row["Action"]]
    assert "/drift/scores/B/*" in json.dumps(written)


def test_no_statement_is_without_a_resource_but_those_that_have_none(plain: Template, full: Template) -> None:
    wild = [row for t in (plain, full) for row in statements(t, "Watch") if row["Resource"] == "*"]
    without_level = {"ecr:GetAuthorizationToken", "ec2:Describe"}
    assert {a for a in actions(wild) if not a.startswith(tuple(without_level))} == set()


def test_the_function_may_start_jobs_of_this_watch_and_hand_them_their_role(full: Template) -> None:
    rows = statements(full, "WatchRole")
    [start] = [row for row in rows if row["Action"] == "sagemaker:CreateProcessingJob"]
    told = json.loads(joined(function(full)["Environment"]["Variables"]["PROCESSING"]))
    assert json.dumps(start["Resource"]).endswith(f':processing-job/{told["job_name_prefix"]}-*"]]}}')
    [hand] = [row for row in rows if row["Action"] == "iam:PassRole"]
    assert hand["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def joined(value: Any) -> str:
    """A text of CloudFormation with its holes filled by a word."""
    return (
        value if isinstance(value, str) else "".join(p if isinstance(p, str) else "hole" for p in value["Fn::Join"][1])
    )


def test_the_job_is_told_what_its_settings_need_beside_its_own_bounds(full: Template) -> None:
    told = json.loads(joined(function(full)["Environment"]["Variables"]["PROCESSING"]))
    own = {"PROCESSING", "MAX_MEGABYTES", "MAX_RECORDS"}
    assert {*TOLD, *own} == {field.name.upper() for field in fields(Settings)}
    assert told["environment"] == list(TOLD)
    assert (told["instance_type"], told["max_runtime_in_seconds"]) == ("ml.m5.xlarge", 4 * 3600)
    assert len(told["network"]["VpcConfig"]["Subnets"]) == 2
    assert told["volume_key"] == "hole"


def test_the_code_of_the_job_is_that_of_the_function(full: Template) -> None:
    told = json.loads(joined(function(full)["Environment"]["Variables"]["PROCESSING"]))
    assert told["code_key"] == function(full)["Code"]["S3Key"]


def test_the_job_may_read_and_write_the_same_and_log(full: Template) -> None:
    allowed = actions(statements(full, "ProcessingExecutionRole"))
    assert {"s3:GetObject", "s3:PutObject", "logs:PutLogEvents", "ecr:BatchGetImage"} <= allowed
    assert not {action for action in allowed if action.startswith(("sagemaker:", "iam:"))}


def test_a_job_that_fails_is_told_to_the_function(full: Template) -> None:
    rule = only(full, "AWS::Events::Rule")
    told = json.loads(joined(function(full)["Environment"]["Variables"]["PROCESSING"]))
    assert rule["EventPattern"]["detail"]["ProcessingJobName"] == [{"prefix": f"{told['job_name_prefix']}-"}]


def test_without_processing_there_is_no_job_no_rule_and_no_permission(plain: Template) -> None:
    plain.resource_count_is("AWS::Events::Rule", 0)
    assert not {"sagemaker:CreateProcessingJob", "iam:PassRole"} & actions(statements(plain, "WatchRole"))


def test_reports_are_private_encrypted_and_stay(plain: Template, full: Template) -> None:
    [(_, bucket)] = full.find_resources("AWS::S3::Bucket").items()
    [rule] = bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert all(bucket["Properties"]["PublicAccessBlockConfiguration"].values())
    assert bucket["DeletionPolicy"] == "Delete"
    name = one(plain, "AWS::S3::Bucket", "WatchReportBucket")
    assert plain.find_resources("AWS::S3::Bucket")[name]["DeletionPolicy"] == "Retain"


def test_numbers_that_are_known_at_deployment_only_pass() -> None:
    def build(stack: cdk.Stack) -> None:
        hours = cdk.CfnParameter(stack, "Hours", type="Number").value_as_number
        DriftWatch(
            stack,
            "Watch",
            endpoint=CapturedData(bucket=s3.Bucket(stack, "Bucket"), endpoint_name="scores"),
            baseline=DriftBaseline.from_bucket(s3.Bucket(stack, "Models"), "b.json"),
            thresholds=DriftThresholds(min_records=hours),  # type: ignore[arg-type]
            window_in_hours=hours,  # type: ignore[arg-type]
        )

    told = function(synthesize(build))["Environment"]["Variables"]
    assert told["WINDOW_IN_HOURS"] == {"Ref": "Hours"}
    assert {"Ref": "Hours"} in told["THRESHOLDS"]["Fn::Join"][1]


def test_metrics_are_of_the_variant_and_of_a_feature_if_one_is_named(file: Path) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    captured = CapturedData(bucket=s3.Bucket(stack, "Bucket"), endpoint_name="scores")
    watch = DriftWatch(stack, "Watch", endpoint=captured, baseline=DriftBaseline.from_file(file))
    whole = watch.metric_drifted_features()
    assert (whole.metric_name, whole.dimensions) == (
        "DriftedFeatures",
        {"EndpointName": "scores", "VariantName": "AllTraffic"},
    )
    feature = watch.metric("Distance", feature="prediction:label", period=cdk.Duration.days(1))
    assert feature.dimensions == {**whole.dimensions, "Feature": "prediction:label"}  # type: ignore[dict-item]
    assert len(watch.dashboard_widgets()) == THREE_SECTIONS
    assert set(watch.alarms) == {"Drifted", "NotJudged", "Failed"}
