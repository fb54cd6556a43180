"""What a drift watch, its baseline, its thresholds and its jobs do not take."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from constructs_lib import (
    CapturedData,
    DataCapture,
    DriftBaseline,
    DriftProcessing,
    DriftThresholds,
    DriftWatch,
    InvalidConfiguration,
    RealtimeEndpoint,
)
from tests.handlers.drifting import baseline
from tests.support import any_image, any_model


def endpoint_in(stack: cdk.Stack, data_capture: DataCapture | None) -> RealtimeEndpoint:
    model = any_model(stack)
    return RealtimeEndpoint(stack, "Endpoint", model=model, instance_type="ml.m5.large", data_capture=data_capture)


def test_all_problems_of_a_call_are_raised_together(tmp_path: Path) -> None:
    small = tmp_path / "small.json"
    small.write_text(json.dumps(baseline(499)), encoding="utf-8")
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(InvalidConfiguration) as caught:
        DriftWatch(
            stack,
            "Watch",
            endpoint=endpoint_in(stack, None),
            baseline=DriftBaseline.from_file(small),
            interval_in_hours=25,
            window_in_hours=2,
        )
    interval, window, endpoint, records = caught.value.problems
    assert "interval_in_hours must be from 1 to 24 h, got 25" in interval
    assert "window_in_hours must be from interval_in_hours 25 to 720 h, got 2" in window
    assert "endpoint must have data_capture; give it DataCapture()" in endpoint
    assert "at least min_records 500 records, got 499: nothing would ever be judged" in records


def test_a_variant_that_is_not_there_is_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    endpoint = endpoint_in(stack, DataCapture())
    known = DriftBaseline.from_bucket(s3.Bucket(stack, "Bucket"), "b.json")
    with pytest.raises(InvalidConfiguration, match="variant_name must be one of AllTraffic, got 'B'"):
        DriftWatch(stack, "Watch", endpoint=endpoint, baseline=known, variant_name="B")
    captured = CapturedData(bucket=s3.Bucket(stack, "Captured"), endpoint_name="scores")
    with pytest.raises(InvalidConfiguration, match="name the variant in CapturedData"):
        DriftWatch(stack, "Other", endpoint=captured, baseline=known, variant_name="B")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "path must be an existing file"),
        ("[]", "path must hold a baseline"),
        ("{", "path must hold a baseline"),
        ('{"version": 9, "inputs": [{"records": 1}]}', "a baseline of version 1, got 9"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused_with_how_to_make_one(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "b.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidConfiguration, match=f"{problem}.*; make one with: python -m constructs_lib baseline"):
        DriftBaseline.from_file(path)


def test_thresholds_that_say_nothing_are_refused_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        DriftThresholds(
            population_stability_index=0,
            distance=2,
            missing_share=0,
            significance=-1,
            min_records=49,
            min_drifted_features=0,
        )
    assert len(caught.value.problems) == len(fields(DriftThresholds))
    assert "min_records must be at least 50, got 49" in caught.value.problems[-2]


def test_a_job_that_aws_refuses_is_refused() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        DriftProcessing(image=any_image(), instance_type="m5", volume_size_in_gb=0, max_runtime_in_seconds=0)
    assert [problem.partition(" ")[0] for problem in caught.value.problems] == [
        "instance_type",
        "volume_size_in_gb",
        "max_runtime_in_seconds",
    ]


def test_a_key_that_a_job_cannot_be_told_is_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    bucket = s3.Bucket(stack, "Bucket")
    with pytest.raises(InvalidConfiguration, match=r"the key of the baseline must be 0 to 256 .* got 300 characters"):
        DriftWatch(
            stack,
            "Watch",
            endpoint=CapturedData(bucket=bucket, endpoint_name="scores"),
            baseline=DriftBaseline.from_bucket(bucket, "b" * 300),
            processing=DriftProcessing(image=any_image()),
        )


def test_a_topic_in_the_place_of_monitoring_is_refused_with_the_kind() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    known = DriftBaseline.from_bucket(s3.Bucket(stack, "Bucket"), "b.json")
    captured = CapturedData(bucket=s3.Bucket(stack, "Captured"), endpoint_name="scores")
    topic: Any = "arn:aws:sns:us-east-1:123456789012:operators"
    with pytest.raises(InvalidConfiguration, match="monitoring must be of the kind DriftMonitoring, got 'arn:aws:sns"):
        DriftWatch(stack, "Watch", endpoint=captured, baseline=known, monitoring=topic)
