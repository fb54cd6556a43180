"""Asynchronous endpoints."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Range

_CHECKED = date(2026, 11, 21)
_RUNTIME = "sagemaker-runtime API model 2017-05-13 (botocore 1.44.5)"
_MONITOR = "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html"

PAYLOAD = Limit(
    id="PAY-ASYNC",
    what="payload in S3",
    unit="bytes",
    allowed=Range(0, 1_073_741_824),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html",
    checked_on=_CHECKED,
)
INLINE_PAYLOAD = Limit(
    id="PAY-ASYNC-INLINE",
    what="inline Body of InvokeEndpointAsync",
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
    source="sagemaker API model 2017-07-24 (botocore 1.44.5): AsyncInferenceNotificationConfig",
    checked_on=_CHECKED,
)
INPUT_LOCATION_LENGTH = Limit(
    id="ASYNC-HDR-INPUTLOCATION",
    what="InputLocation",
    unit="characters",
    allowed=Range(1, 1024),
    source=f"{_RUNTIME}: InputLocationHeader",
    checked_on=_CHECKED,
)
INVOCATION_TIMEOUT = Limit(
    id="TMO-ASYNC",
    what="InvocationTimeoutSeconds",
    unit="s",
    allowed=Range(1, 3600),
    default=900,
    source=f"{_RUNTIME}: InvocationTimeoutSecondsHeader",
    checked_on=_CHECKED,
)
REQUEST_TTL = Limit(
    id="TTL-ASYNC",
    what="RequestTTLSeconds",
    unit="s",
    allowed=Range(60, 21_600),
    default=21_600,
    source=f"{_RUNTIME}: RequestTTLSecondsHeader",
    checked_on=_CHECKED,
)
MAX_CONCURRENT_INVOCATIONS_PER_INSTANCE = Limit(
    id="ASYNC-CONC",
    what="MaxConcurrentInvocationsPerInstance",
    unit="concurrent invocations",
    allowed=Range(1, 1000),
    source="sagemaker API model 2017-07-24 (botocore 1.44.5): MaxConcurrentInvocationsPerInstance",
    checked_on=_CHECKED,
)
# ASYNC-METRICS-EP: published with the dimension EndpointName alone. Source: _MONITOR, checked 2026-11-21.
BACKLOG_SIZE = "ApproximateBacklogSize"
BACKLOG_SIZE_PER_INSTANCE = "ApproximateBacklogSizePerInstance"
AGE_OF_OLDEST_REQUEST = "ApproximateAgeOfOldestRequest"
HAS_BACKLOG_WITHOUT_CAPACITY = "HasBacklogWithoutCapacity"
ENDPOINT_METRICS = (BACKLOG_SIZE, BACKLOG_SIZE_PER_INSTANCE, AGE_OF_OLDEST_REQUEST, HAS_BACKLOG_WITHOUT_CAPACITY)
ENDPOINT_METRICS_SOURCE = _MONITOR
