"""What CloudWatch shows of a variant of an asynchronous endpoint; AWS calls the list exhaustive."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Severity

_CHECKED = date(2026, 11, 21)
_MONITOR = "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html"

# Counts; a request that fails for any reason is an invocation failure.
INVOCATION_FAILURES = "InvocationFailures"
REQUEST_DOWNLOAD_FAILURES = "RequestDownloadFailures"
RESPONSE_UPLOAD_FAILURES = "ResponseUploadFailures"
NOTIFICATION_FAILURES = "NotificationFailures"
EXPIRED_REQUESTS = "ExpiredRequests"
# With three s, as AWS spells it; it has been seen with two as well.
INVOCATIONS_PROCESSED = "InvocationsProcesssed"
# In microseconds, but for the total, which is in milliseconds.
TIME_IN_BACKLOG = "TimeInBacklog"
REQUEST_DOWNLOAD_LATENCY = "RequestDownloadLatency"
RESPONSE_UPLOAD_LATENCY = "ResponseUploadLatency"
TOTAL_PROCESSING_TIME = "TotalProcessingTime"

METRICS_OF_VARIANT = Limit(
    id="ASYNC-METRICS-VAR",
    what="metrics of an asynchronous endpoint that have the dimensions EndpointName and VariantName",
    unit="",
    allowed=Choice(
        (
            REQUEST_DOWNLOAD_FAILURES,
            RESPONSE_UPLOAD_FAILURES,
            NOTIFICATION_FAILURES,
            REQUEST_DOWNLOAD_LATENCY,
            RESPONSE_UPLOAD_LATENCY,
            EXPIRED_REQUESTS,
            INVOCATION_FAILURES,
            INVOCATIONS_PROCESSED,
            TIME_IN_BACKLOG,
            TOTAL_PROCESSING_TIME,
            "Invocation4XXErrors",
            "Invocation5XXErrors",
            "ModelLatency",
        )
    ),
    source=_MONITOR,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
