"""Asynchronous endpoints."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Never, Range, Severity, Told
from constructs_lib.facts.paths import CONFIG

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_RUNTIME = "sagemaker-runtime API model 2017-05-13 (botocore 1.44.5)"
_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_GUIDE = f"{_DOCS}/async-inference.html"
_MONITOR = f"{_DOCS}/async-inference-monitor.html"
_CDK_RFC = "https://github.com/aws/aws-cdk-rfcs/blob/main/text/0431-sagemaker-l2-endpoint.md"
_OUTPUT = f"{CONFIG}/AsyncInferenceConfig/OutputConfig"

# Requests.
PAYLOAD = Limit(
    id="PAY-ASYNC",
    what="payload in S3",
    unit="bytes",
    allowed=Range(0, 1_073_741_824),
    source=_GUIDE,
    checked_on=_CHECKED,
)
INLINE_PAYLOAD = Limit(
    id="PAY-ASYNC-INLINE",
    what="inline Body of InvokeEndpointAsync, which takes the place of InputLocation",
    unit="bytes",
    allowed=Range(0, 128_000),
    source=f"{_RUNTIME}: AsyncBodyBlob",
    checked_on=_CHECKED,
)
SNS_RESPONSE = Limit(
    id="PAY-ASYNC-SNS",
    what="inference response that a notification carries itself",
    unit="bytes",
    allowed=Range(0, 131_072),
    source=f"{_API}: AsyncInferenceNotificationConfig",
    checked_on=_CHECKED,
)
INPUT_LOCATION_LENGTH = Limit(
    id="ASYNC-HDR-INPUTLOCATION",
    what="InputLocation",
    unit="characters",
    allowed=Range(1, 1024),
    source=f"{_RUNTIME}: InputLocationHeader",
    checked_on=_CHECKED,
    shape="sagemaker-runtime.InputLocationHeader",
)
OUTPUT_PATH_EXTENSION_LENGTH = Limit(
    id="ASYNC-HDR-S3OUTPUTPATHEXTENSION",
    what="S3OutputPathExtension",
    unit="characters",
    allowed=Range(1, 512),
    source=f"{_RUNTIME}: S3OutputPathExtensionHeader",
    checked_on=_CHECKED,
    shape="sagemaker-runtime.S3OutputPathExtensionHeader",
)
FILENAME_LENGTH = Limit(
    id="ASYNC-HDR-FILENAME",
    what="Filename",
    unit="characters",
    allowed=Range(1, 32),
    source=f"{_RUNTIME}: FilenameHeader",
    checked_on=_CHECKED,
    shape="sagemaker-runtime.FilenameHeader",
)
INVOCATION_TIMEOUT = Limit(
    id="TMO-ASYNC",
    what="InvocationTimeoutSeconds",
    unit="s",
    allowed=Range(1, 3600),
    default=900,
    source=f"{_RUNTIME}: InvocationTimeoutSecondsHeader",
    checked_on=_CHECKED,
    paths=("InvokeEndpointAsync/InvocationTimeoutSeconds",),
    shape="sagemaker-runtime.InvocationTimeoutSecondsHeader",
)
REQUEST_TTL = Limit(
    id="TTL-ASYNC",
    what="RequestTTLSeconds",
    unit="s",
    allowed=Range(60, 21_600),
    default=21_600,
    source=f"{_RUNTIME}: RequestTTLSecondsHeader",
    checked_on=_CHECKED,
    paths=("InvokeEndpointAsync/RequestTTLSeconds",),
    shape="sagemaker-runtime.RequestTTLSecondsHeader",
)
ASYNCHRONOUS_ONLY = Limit(
    id="ASYNC-ONLY",
    what="call of an asynchronous endpoint",
    unit="",
    allowed=Told("InvokeEndpointAsync only; InvokeEndpoint and InvokeEndpointWithResponseStream get a ValidationError"),
    source=_GUIDE,
    checked_on=_CHECKED,
)

# AsyncInferenceConfig.
MAX_CONCURRENT_INVOCATIONS_PER_INSTANCE = Limit(
    id="ASYNC-CONC",
    what="MaxConcurrentInvocationsPerInstance",
    unit="concurrent invocations",
    allowed=Range(1, 1000),
    source=f"{_API}: MaxConcurrentInvocationsPerInstance",
    checked_on=_CHECKED,
    paths=(f"{CONFIG}/AsyncInferenceConfig/ClientConfig/MaxConcurrentInvocationsPerInstance",),
    shape="sagemaker.MaxConcurrentInvocationsPerInstance",
)

# What asynchronous inference excludes.
NO_SERVERLESS = Limit(
    id="ASYNC-NO-SLS",
    what="serverless variant of an asynchronous endpoint",
    unit="",
    allowed=Never(),
    source=_CDK_RFC,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
# The developer guide does not say so: SageMaker's own engineers did, and the metrics of the queue know no variant.
ONE_VARIANT = Limit(
    id="ASYNC-ONE-VAR",
    what="production variants of an asynchronous endpoint",
    unit="variants",
    allowed=Count(1, 1),
    source=_CDK_RFC,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
NO_MARKETPLACE = Limit(
    id="ASYNC-NO-MKT",
    what="AWS Marketplace image on an asynchronous endpoint",
    unit="",
    allowed=Never(),
    source="https://github.com/aws/sagemaker-python-sdk/issues/3969",
    checked_on=_CHECKED,
    aws_says="Marketplace images are not supported when specifying an AsyncInferenceConfig.",
)
NO_INF1 = Limit(
    id="ASYNC-NO-INF1",
    what="Inf1 instance type of an asynchronous endpoint",
    unit="",
    allowed=Never(),
    source=_GUIDE,
    checked_on=_CHECKED,
)
INF1_FAMILY = "ml.inf1."
NO_SHADOW = Limit(
    id="ASYNC-NO-SHADOW",
    what="shadow variants of an asynchronous endpoint",
    unit="",
    allowed=Never(),
    source=f"{_DOCS}/shadow-tests.html",
    checked_on=_CHECKED,
)
# The call has neither TargetModel nor TargetContainerHostname.
NO_TARGET = Limit(
    id="ASYNC-NO-TARGET",
    what="model of an asynchronous endpoint of which each request names a part: multi-model, or direct invocation",
    unit="",
    allowed=Never(),
    source=f"{_RUNTIME}: InvokeEndpointAsyncInput",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
INSTANCE_TYPES = Limit(
    id="ASYNC-GPU",
    what="instance types of an asynchronous endpoint",
    unit="",
    allowed=Told("types with and without GPU, and InstancePools"),
    source=f"{_DOCS}/realtime-endpoints-heterogeneous.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
REGIONS_REFUSED = ("eu-south-1",)
NOT_IN_REGION = Limit(
    id="ASYNC-NOT-IN-REGION",
    what="Region of an asynchronous endpoint",
    unit="",
    allowed=Told(f"any but those where AWS has refused one: {', '.join(REGIONS_REFUSED)}"),
    source="https://github.com/boto/boto3/issues/4275",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
    aws_says="One or more endpoint features are not supported using this configuration",
)

# Metrics, and scaling on them.
BACKLOG_SIZE = "ApproximateBacklogSize"
BACKLOG_SIZE_PER_INSTANCE = "ApproximateBacklogSizePerInstance"
AGE_OF_OLDEST_REQUEST = "ApproximateAgeOfOldestRequest"
HAS_BACKLOG_WITHOUT_CAPACITY = "HasBacklogWithoutCapacity"
ENDPOINT_METRICS = (BACKLOG_SIZE, BACKLOG_SIZE_PER_INSTANCE, AGE_OF_OLDEST_REQUEST, HAS_BACKLOG_WITHOUT_CAPACITY)
ENDPOINT_METRICS_SOURCE = _MONITOR
# AWS's list says that the backlog is what waits and what runs; its page on troubleshooting, that it is what waits.
# The backlog per instance has no data while there is no instance.
METRICS_AT_ZERO = (BACKLOG_SIZE, AGE_OF_OLDEST_REQUEST, HAS_BACKLOG_WITHOUT_CAPACITY)
METRICS_OF_ENDPOINT = Limit(
    id="ASYNC-METRICS-EP",
    what="metrics of an asynchronous endpoint that have the dimension EndpointName alone",
    unit="",
    allowed=Choice(ENDPOINT_METRICS),
    source=_MONITOR,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
# With VariantName too, these have been seen without data; for the other two there are reports of the contrary.
METRICS_WITHOUT_VARIANT = (BACKLOG_SIZE_PER_INSTANCE, HAS_BACKLOG_WITHOUT_CAPACITY)
# AWS calls its list of what is published exhaustive, and a user has seen a policy on one of these do nothing:
# https://github.com/philschmid/terraform-aws-sagemaker-huggingface/issues/9. Its page on troubleshooting alone advises
# to look at InvocationsPerInstance.
METRICS_NOT_PUBLISHED = Limit(
    id="ASYNC-METRICS-NONE",
    what="metrics of real-time endpoints that an asynchronous one does not publish",
    unit="",
    allowed=Choice(("Invocations", "InvocationsPerInstance", "OverheadLatency")),
    source=_MONITOR,
    checked_on=_CHECKED,
)
# What a predefined metric of Application Auto Scaling reads.
PREDEFINED_METRICS = {"SageMakerVariantInvocationsPerInstance": "InvocationsPerInstance"}
WAKE_FROM_ZERO = Limit(
    id="ASYNC-ZERO",
    what="what adds the first instance when requests wait and none runs",
    unit="",
    allowed=Told(f"a step policy that an alarm on {HAS_BACKLOG_WITHOUT_CAPACITY} of 1 or more drives"),
    source=f"{_DOCS}/async-inference-autoscale.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
