"""Data capture, metrics, explanations and Model Monitor."""

from __future__ import annotations

from typing import Any

from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.example import ABSENT, Document, Example, boundary, changed, resource
from constructs_lib.rules.examples.serverless import monitored

_CAPTURE = "Config.DataCaptureConfig"
_CLARIFY = "Config.ExplainerConfig.ClarifyExplainerConfig"
_JOB = "Schedule.MonitoringScheduleConfig.MonitoringJobDefinition"
_CLUSTER = f"{_JOB}.MonitoringResources.ClusterConfig"
_DESTINATION = "s3://captured-123456789012/"
_TYPE = "text/"


def captured() -> Document:
    """Model, Config, Endpoint: a real-time endpoint that captures its requests and answers."""
    settings = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 20,
        "DestinationS3Uri": _DESTINATION,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
    }
    return changed(realtime(), {_CAPTURE: settings})


def explained() -> Document:
    """Model, Config, Endpoint: a real-time endpoint that explains its answers."""
    settings = {
        "InferenceConfig": {"MaxPayloadInMB": 6},
        "ShapConfig": {"ShapBaselineConfig": {"ShapBaseline": "0,0,0,0"}},
    }
    return changed(realtime(), {_CLARIFY: settings})


def watched(place: str, value: object) -> Example:
    """A monitoring schedule with one value outside of its bound.

    It passes without the schedule only: Model Monitor is warned of wherever it is.
    """
    return Example(realtime(), changed(monitored(realtime()), {place: value}), also=frozenset({"MM-CLOSED"}))


def _with_job_definition(type_: str) -> Document:
    document = realtime()
    document["Resources"]["Job"] = resource(type_, RoleArn="arn:aws:iam::123456789012:role/Monitor")
    return document


_INPUT: dict[str, Any] = {"EndpointInput": {"EndpointName": "classifier", "LocalPath": "/opt/ml/processing/in"}}
_OUTPUT: dict[str, Any] = {"S3Output": {"LocalPath": "/opt/ml/processing/out", "S3Uri": _DESTINATION}}

EXAMPLES = {
    "DC-SAMPLE": (
        boundary(captured(), f"{_CAPTURE}.InitialSamplingPercentage", passes=100, fails=101),
        boundary(captured(), f"{_CAPTURE}.InitialSamplingPercentage", passes=0, fails=ABSENT),
    ),
    "DC-OPTS": (
        boundary(
            captured(),
            f"{_CAPTURE}.CaptureOptions",
            passes=[{"CaptureMode": "Input"}] * 32,
            fails=[{"CaptureMode": "Input"}] * 33,
        ),
        boundary(captured(), f"{_CAPTURE}.CaptureOptions", passes=[{"CaptureMode": "Input"}], fails=[]),
        boundary(captured(), f"{_CAPTURE}.CaptureOptions", passes=[{"CaptureMode": "Output"}], fails=ABSENT),
    ),
    "DC-OPTS-MODE": boundary(
        captured(), f"{_CAPTURE}.CaptureOptions.0.CaptureMode", passes="InputAndOutput", fails="Both"
    ),
    "DC-CT": boundary(
        captured(),
        f"{_CAPTURE}.CaptureContentTypeHeader.CsvContentTypes",
        passes=[f"text/csv{number}" for number in range(10)],
        fails=[f"text/csv{number}" for number in range(11)],
    ),
    "DC-CT-TYPE": (
        boundary(
            captured(),
            f"{_CAPTURE}.CaptureContentTypeHeader.JsonContentTypes.0",
            passes="application/json",
            fails="application/json; charset=utf-8",
        ),
        boundary(
            captured(),
            f"{_CAPTURE}.CaptureContentTypeHeader.CsvContentTypes.0",
            passes=_TYPE + "c" * (256 - len(_TYPE)),
            fails=_TYPE + "c" * (257 - len(_TYPE)),
        ),
    ),
    "DC-S3": (
        boundary(captured(), f"{_CAPTURE}.DestinationS3Uri", passes=_DESTINATION, fails="captured-123456789012"),
        boundary(captured(), f"{_CAPTURE}.DestinationS3Uri", passes=_DESTINATION, fails=ABSENT),
    ),
    "METRICS-FREQ": boundary(realtime(), "Config.MetricsConfig.MetricPublishFrequencyInSeconds", passes=300, fails=20),
    "CLARIFY": boundary(explained(), f"{_CLARIFY}.InferenceConfig.MaxPayloadInMB", passes=25, fails=26),
    "CLARIFY-FEATURE-TYPES": boundary(
        explained(),
        f"{_CLARIFY}.InferenceConfig.FeatureTypes",
        passes=["numerical", "text"],
        fails=["numerical", "categorical"],
    ),
    "MM-CLOSED": (
        Example(realtime(), monitored(realtime())),
        Example(realtime(), _with_job_definition("AWS::SageMaker::ModelQualityJobDefinition")),
    ),
    "MM-SCHED": watched("Schedule.MonitoringScheduleConfig.ScheduleConfig.ScheduleExpression", "rate(1 hour)"),
    "MM-SCHED-NAME": watched("Schedule.MonitoringScheduleName", "d" * 64),
    "MM-SCHED-INPUTS": watched(f"{_JOB}.MonitoringInputs", [_INPUT, _INPUT]),
    "MM-SCHED-OUTPUTS": watched(f"{_JOB}.MonitoringOutputConfig.MonitoringOutputs", [_OUTPUT, _OUTPUT]),
    "MM-SCHED-INSTANCES": watched(f"{_CLUSTER}.InstanceCount", 101),
    "MM-SCHED-VOLUME": watched(f"{_CLUSTER}.VolumeSizeInGB", 16_385),
    "MM-SCHED-RUNTIME": watched(f"{_JOB}.StoppingCondition.MaxRuntimeInSeconds", 86_401),
}
