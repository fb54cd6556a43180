"""Real-time endpoints, and the contract that every container keeps."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Range, Severity, Told

_CHECKED = date(2026, 11, 21)
_RUNTIME = "sagemaker-runtime API model 2017-05-13 (botocore 1.44.5)"
_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_CONTAINER = f"{_DOCS}/your-algorithms-inference-code.html"
_METRICS = f"{_DOCS}/monitoring-cloudwatch.html"

PAYLOAD = Limit(
    id="PAY-RT",
    what="request payload of InvokeEndpoint on instances",
    unit="bytes",
    allowed=Range(0, 26_214_400),
    source=f"{_DOCS}/deploy-model-options.html",
    checked_on=_CHECKED,
)
# AWS contradicts itself: the guides say 25 MB, the API model and many containers stop at 6 MB.
PAYLOAD_IN_API_MODEL = Limit(
    id="PAY-RT-RESP",
    what="body of InvokeEndpoint in the API model",
    unit="bytes",
    allowed=Range(0, 6_291_456),
    source=f"{_RUNTIME}: BodyBlob",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
STREAM_PAYLOAD = Limit(
    id="PAY-STREAM",
    what="request payload of InvokeEndpointWithResponseStream in the API model",
    unit="bytes",
    allowed=PAYLOAD_IN_API_MODEL.allowed,
    source=f"{_RUNTIME}: InvokeEndpointWithResponseStreamInput.Body",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
INVOCATION_TIMEOUT = Limit(
    id="TMO-RT",
    what="time in which a container answers /invocations",
    unit="s",
    allowed=Range(0, 60),
    source=_CONTAINER,
    checked_on=_CHECKED,
)
STREAM_TIMEOUT = Limit(
    id="TMO-STREAM",
    what="time in which a response is streamed as a whole",
    unit="s",
    allowed=Range(0, 480),
    source=f"{_DOCS}/deploy-model-options.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
HEALTH_CHECK_TIMEOUT = Limit(
    id="PING-RT",
    what="time in which a started container answers /ping",
    unit="s",
    allowed=Range(60, 3600),
    default=480,
    source=_CONTAINER,
    checked_on=_CHECKED,
)
PING_TIMEOUT = Limit(
    id="PING-RT-ONE",
    what="time in which one /ping is answered",
    unit="s",
    allowed=Range(0, 2),
    source=_CONTAINER,
    checked_on=_CHECKED,
)
STOP_GRACE = Limit(
    id="STOP-RT",
    what="time between SIGTERM and SIGKILL",
    unit="s",
    allowed=Range(0, 30),
    source=_CONTAINER,
    checked_on=_CHECKED,
)
CONTAINER_PORT = Limit(
    id="PORT",
    what="port on which a container listens",
    unit="",
    allowed=Range(8080, 8080),
    default=8080,
    source=_CONTAINER,
    checked_on=_CHECKED,
)
ACCEPT_TIMEOUT = Limit(
    id="PING-RT-ACCEPT",
    what="time in which a container accepts a connection",
    unit="ms",
    allowed=Range(0, 250),
    source=_CONTAINER,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
BIDIRECTIONAL_STREAMING = Limit(
    id="BIDI",
    what="container for bidirectional streaming",
    unit="",
    allowed=Told(
        "label com.amazonaws.sagemaker.capabilities.bidirectional-streaming=true, and a WebSocket on port 8080 at "
        "/invocations-bidirectional-stream that answers a ping every 60 s; 5 missed answers close it"
    ),
    source=_CONTAINER,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
INFERENCE_ID_LENGTH = Limit(
    id="RT-HDR-INFERENCEID",
    what="InferenceId",
    unit="characters",
    allowed=Range(1, 64),
    source=f"{_RUNTIME}: InferenceId",
    checked_on=_CHECKED,
    shape="sagemaker-runtime.InferenceId",
)
CONTENT_TYPE_LENGTH = Limit(
    id="RT-HDR-CONTENTTYPE",
    what="ContentType, in ASCII",
    unit="characters",
    allowed=Range(0, 1024),
    source=f"{_RUNTIME}: Header",
    checked_on=_CHECKED,
    shape="sagemaker-runtime.Header",
)
CUSTOM_ATTRIBUTES_LENGTH = Limit(
    id="RT-HDR-CUSTOMATTRIBUTES",
    what="CustomAttributes",
    unit="characters",
    allowed=Range(0, 1024),
    source=f"{_RUNTIME}: CustomAttributesHeader",
    checked_on=_CHECKED,
    shape="sagemaker-runtime.CustomAttributesHeader",
)
TARGET_MODEL_LENGTH = Limit(
    id="RT-HDR-TARGETMODEL",
    what="TargetModel",
    unit="characters",
    allowed=Range(1, 1024),
    source=f"{_RUNTIME}: TargetModelHeader",
    checked_on=_CHECKED,
    shape="sagemaker-runtime.TargetModelHeader",
)
SESSION_ID_LENGTH = Limit(
    id="RT-HDR-SESSIONID",
    what="SessionId",
    unit="characters",
    allowed=Range(0, 256),
    source=f"{_RUNTIME}: SessionIdHeader",
    checked_on=_CHECKED,
    shape="sagemaker-runtime.SessionIdHeader",
)
PREFIX_AWARE_ID_LENGTH = Limit(
    id="RT-HDR-PREFIXAWAREID",
    what="PrefixAwareId",
    unit="characters",
    allowed=Range(1, 64),
    source=f"{_RUNTIME}: PrefixAwareIdHeader",
    checked_on=_CHECKED,
    shape="sagemaker-runtime.PrefixAwareIdHeader",
)

# Metrics.
NAMESPACE = "AWS/SageMaker"
VARIANT_METRICS = Limit(
    id="MET-RT",
    what="metrics of a variant (EndpointName, VariantName); latencies are in microseconds",
    unit="",
    allowed=Choice(
        (
            "Invocations",
            "InvocationsPerInstance",
            "ModelLatency",
            "OverheadLatency",
            "Invocation4XXErrors",
            "Invocation5XXErrors",
            "InvocationModelErrors",
            "ConcurrentRequestsPerModel",
        )
    ),
    source=_METRICS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
MULTI_MODEL_METRICS = Limit(
    id="MET-MME",
    what="metrics of a multi-model variant (EndpointName, VariantName)",
    unit="",
    allowed=Choice(
        ("ModelLoadingWaitTime", "ModelUnloadingTime", "ModelDownloadingTime", "ModelLoadingTime", "ModelCacheHit")
    ),
    source=_METRICS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
LOADED_MODELS = Limit(
    id="MET-MME-LOADED",
    what="metric of the models that an instance holds, in the namespace /aws/sagemaker/Endpoints",
    unit="",
    allowed=Choice(("LoadedModelCount",)),
    source=_METRICS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
