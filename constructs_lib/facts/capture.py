"""Data capture, metrics, explanations and Model Monitor."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Never, Pattern, Range, Severity, Told
from constructs_lib.facts.paths import CONFIG, MONITORING_JOB, MONITORING_JOB_DEFINITIONS, MONITORING_SCHEDULE

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg"

# Data capture.
_CAPTURE = f"{CONFIG}/DataCaptureConfig"
_HEADERS = tuple(f"{_CAPTURE}/CaptureContentTypeHeader/{kind}ContentTypes" for kind in ("Csv", "Json"))

SAMPLING_PERCENTAGE = Limit(
    id="DC-SAMPLE",
    what="InitialSamplingPercentage",
    unit="%",
    allowed=Range(0, 100),
    source=f"{_API}: SamplingPercentage",
    checked_on=_CHECKED,
    paths=(f"{_CAPTURE}/InitialSamplingPercentage",),
    shape="sagemaker.SamplingPercentage",
)
CAPTURE_OPTIONS = Limit(
    id="DC-OPTS",
    what="CaptureOptions",
    unit="options",
    allowed=Count(1, 32),
    source=f"{_API}: CaptureOptionList",
    checked_on=_CHECKED,
    paths=(f"{_CAPTURE}/CaptureOptions",),
    shape="sagemaker.CaptureOptionList",
)
CAPTURE_MODE = Limit(
    id="DC-OPTS-MODE",
    what="CaptureMode",
    unit="",
    allowed=Choice(("Input", "Output", "InputAndOutput")),
    source=f"{_API}: CaptureMode",
    checked_on=_CHECKED,
    paths=(f"{_CAPTURE}/CaptureOptions/*/CaptureMode",),
    shape="sagemaker.CaptureMode",
)
CONTENT_TYPES = Limit(
    id="DC-CT",
    what="CsvContentTypes or JsonContentTypes (other types are captured in base64)",
    unit="content types",
    allowed=Count(1, 10),
    source=f"{_API}: CaptureContentTypeHeader",
    checked_on=_CHECKED,
    paths=_HEADERS,
    shape="sagemaker.CsvContentTypes",
)
CONTENT_TYPE = Limit(
    id="DC-CT-TYPE",
    what="a content type to capture as text",
    unit="",
    allowed=Pattern(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*\/[a-zA-Z0-9](-*[a-zA-Z0-9.])*", 256),
    source=f"{_API}: CsvContentType",
    checked_on=_CHECKED,
    paths=tuple(f"{header}/*" for header in _HEADERS),
    shape="sagemaker.CsvContentType",
    fix="give a type such as text/csv, without parameters",
)
DESTINATION = Limit(
    id="DC-S3",
    what="DestinationS3Uri",
    unit="",
    allowed=Pattern("(https|s3)://([^/])/?(.*)", 512, 0),
    source=f"{_API}: DestinationS3Uri",
    checked_on=_CHECKED,
    paths=(f"{_CAPTURE}/DestinationS3Uri",),
    shape="sagemaker.DestinationS3Uri",
    fix="give a location such as s3://BUCKET/PREFIX",
)
DISK_USE = Limit(
    id="DC-DISK",
    what="use of the disk above which an instance stops capturing",
    unit="%",
    allowed=Range(None, 75),
    source=f"{_DOCS}/model-monitor-data-capture-endpoint.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)

# Metrics.
PUBLISH_FREQUENCY = Limit(
    id="METRICS-FREQ",
    what="MetricPublishFrequencyInSeconds",
    unit="s",
    allowed=Choice((10, 30, 60, 120, 180, 240, 300)),
    default=60,
    source=f"{_API}: MetricsConfig.MetricPublishFrequencyInSeconds",
    checked_on=_CHECKED,
    paths=(f"{CONFIG}/MetricsConfig/MetricPublishFrequencyInSeconds",),
)
DETAILED_OBSERVABILITY = Limit(
    id="METRICS-OBS-DEFAULT",
    what="EnableDetailedObservability",
    unit="",
    allowed=Told("true by default in new endpoint configurations, false in those from before it was offered"),
    source=f"{_API}: MetricsConfig.EnableDetailedObservability",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)

# Explanations.
_CLARIFY = f"{CONFIG}/ExplainerConfig/ClarifyExplainerConfig"

EXPLAINER_PAYLOAD = Limit(
    id="CLARIFY",
    what="MaxPayloadInMB of a request from the explainer to the container",
    unit="MB",
    allowed=Range(1, 25),
    default=6,
    source=f"{_API}: ClarifyMaxPayloadInMB",
    checked_on=_CHECKED,
    paths=(f"{_CLARIFY}/InferenceConfig/MaxPayloadInMB",),
    shape="sagemaker.ClarifyMaxPayloadInMB",
)
FEATURE_TYPES = Limit(
    id="CLARIFY-FEATURE-TYPES",
    what="FeatureTypes, of which one at least is text",
    unit="",
    allowed=Told("left out, or with text among them: they are for explaining text only"),
    source=f"{_API}: ClarifyInferenceConfig.FeatureTypes",
    checked_on=_CHECKED,
)

# Model Monitor.
_CLUSTERS = (
    f"{MONITORING_JOB}/MonitoringResources/ClusterConfig",
    *(f"{type_}/JobResources/ClusterConfig" for type_ in MONITORING_JOB_DEFINITIONS),
)
_STOPS = (
    f"{MONITORING_JOB}/StoppingCondition",
    *(f"{type_}/StoppingCondition" for type_ in MONITORING_JOB_DEFINITIONS),
)

MODEL_MONITOR = Limit(
    id="MM-CLOSED",
    what="Model Monitor in an account that has not used it before",
    unit="",
    allowed=Never(),
    source=f"{_DOCS}/model-monitor-availability-change.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
MONITORING_SCHEDULE_NAME = Limit(
    id="MM-SCHED-NAME",
    what="MonitoringScheduleName",
    unit="",
    allowed=Pattern("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", 63),
    source=f"{_API}: MonitoringScheduleName",
    checked_on=_CHECKED,
    paths=(f"{MONITORING_SCHEDULE}/MonitoringScheduleName",),
    shape="sagemaker.MonitoringScheduleName",
)
MONITORING_EXPRESSION = Limit(
    id="MM-SCHED",
    what="ScheduleExpression of a monitoring schedule",
    unit="",
    allowed=Pattern(r"NOW|cron\(0 (\*|([01]?\d|2[0-3])(/(0?[1-9]|1\d|2[0-4]))?) \? \* \* \*\)", 256),
    source=f"{_API}: ScheduleConfig.ScheduleExpression",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
    paths=(f"{MONITORING_SCHEDULE}/MonitoringScheduleConfig/ScheduleConfig/ScheduleExpression",),
    fix="give NOW, cron(0 * ? * * *) for every hour, cron(0 12 ? * * *) for a day's hour or cron(0 0/6 ? * * *)",
)
MONITORING_INPUTS = Limit(
    id="MM-SCHED-INPUTS",
    what="MonitoringInputs",
    unit="input",
    allowed=Count(1, 1),
    source=f"{_API}: MonitoringInputs",
    checked_on=_CHECKED,
    paths=(f"{MONITORING_JOB}/MonitoringInputs",),
    shape="sagemaker.MonitoringInputs",
)
MONITORING_OUTPUTS = Limit(
    id="MM-SCHED-OUTPUTS",
    what="MonitoringOutputs",
    unit="output",
    allowed=Count(1, 1),
    source=f"{_API}: MonitoringOutputs",
    checked_on=_CHECKED,
    paths=(f"{MONITORING_JOB}/MonitoringOutputConfig/MonitoringOutputs",),
    shape="sagemaker.MonitoringOutputs",
)
MONITORING_INSTANCES = Limit(
    id="MM-SCHED-INSTANCES",
    what="InstanceCount of a monitoring job",
    unit="instances",
    allowed=Range(1, 100),
    source=f"{_API}: ProcessingInstanceCount",
    checked_on=_CHECKED,
    paths=tuple(f"{cluster}/InstanceCount" for cluster in _CLUSTERS),
    shape="sagemaker.ProcessingInstanceCount",
)
MONITORING_VOLUME = Limit(
    id="MM-SCHED-VOLUME",
    what="VolumeSizeInGB of a monitoring job",
    unit="GB",
    allowed=Range(1, 16_384),
    source=f"{_API}: ProcessingVolumeSizeInGB",
    checked_on=_CHECKED,
    paths=tuple(f"{cluster}/VolumeSizeInGB" for cluster in _CLUSTERS),
    shape="sagemaker.ProcessingVolumeSizeInGB",
)
MONITORING_RUNTIME = Limit(
    id="MM-SCHED-RUNTIME",
    what="MaxRuntimeInSeconds of a monitoring job",
    unit="s",
    allowed=Range(1, 86_400),
    source=f"{_API}: MonitoringMaxRuntimeInSeconds",
    checked_on=_CHECKED,
    paths=tuple(f"{stop}/MaxRuntimeInSeconds" for stop in _STOPS),
    shape="sagemaker.MonitoringMaxRuntimeInSeconds",
)
