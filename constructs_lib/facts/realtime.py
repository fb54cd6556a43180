"""Real-time endpoints, and the contract that every container keeps."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Range

_CHECKED = date(2026, 11, 21)
_CONTAINER = "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html"

PAYLOAD = Limit(
    id="PAY-RT",
    what="request payload of InvokeEndpoint on instances",
    unit="bytes",
    allowed=Range(0, 26_214_400),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/deploy-model-options.html",
    checked_on=_CHECKED,
)
# AWS contradicts itself: the guides say 25 MB, the API model and many containers stop at 6 MB.
PAYLOAD_IN_API_MODEL = Limit(
    id="PAY-RT-RESP",
    what="body of InvokeEndpoint in the API model",
    unit="bytes",
    allowed=Range(0, 6_291_456),
    source="sagemaker-runtime API model 2017-05-13 (botocore 1.44.5): BodyBlob",
    checked_on=_CHECKED,
)
INVOCATION_TIMEOUT = Limit(
    id="TMO-RT",
    what="time in which a container answers /invocations",
    unit="s",
    allowed=Range(0, 60),
    source=_CONTAINER,
    checked_on=_CHECKED,
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
INFERENCE_ID_LENGTH = Limit(
    id="RT-HDR-INFERENCEID",
    what="InferenceId",
    unit="characters",
    allowed=Range(1, 64),
    source="sagemaker-runtime API model 2017-05-13 (botocore 1.44.5): InferenceId",
    checked_on=_CHECKED,
)
CUSTOM_ATTRIBUTES_LENGTH = Limit(
    id="RT-HDR-CUSTOMATTRIBUTES",
    what="CustomAttributes",
    unit="characters",
    allowed=Range(0, 1024),
    source="sagemaker-runtime API model 2017-05-13 (botocore 1.44.5): CustomAttributesHeader",
    checked_on=_CHECKED,
)
