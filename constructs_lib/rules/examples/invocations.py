"""Calls of endpoints by state machines."""

from __future__ import annotations

from constructs_lib.facts import asynchronous as async_facts
from constructs_lib.facts import containers, realtime
from constructs_lib.facts.limit import Limit
from constructs_lib.rules.examples import bases
from constructs_lib.rules.examples.containers import direct
from constructs_lib.rules.examples.example import ABSENT, Document, Example, boundary, changed, get
from constructs_lib.rules.examples.transform import machine

PARAMETERS = "Machine.Definition.States.Call.Parameters"


def calling(document: Document, action: str = "invokeEndpoint", **parameters: object) -> Document:
    """``document`` with Machine, whose one state calls ``Endpoint``."""
    given = {"EndpointName": get("Endpoint", "EndpointName"), **parameters}
    resource = f"arn:aws:states:::aws-sdk:sagemakerruntime:{action}"
    added = machine({"Call": {"Type": "Task", "Resource": resource, "Parameters": given, "End": True}})
    resources = {**changed(document, {})["Resources"], "Machine": added}
    return {**document, "Resources": resources}


def synchronous(document: Document) -> Document:
    """A state that waits for the answer of the model."""
    return calling(document, **{"Body.$": "$.body"})


def asynchronous(document: Document) -> Document:
    """A state that leaves a request, which lies in S3."""
    return calling(document, "invokeEndpointAsync", **{"InputLocation.$": "$.input"})


def _longest(document: Document, limit: Limit) -> Example:
    most = limit.maximum
    return boundary(document, f"{PARAMETERS}.{limit.what}", passes="a" * most, fails="a" * (most + 1))


_WAITING, _LEAVING = synchronous(bases.realtime()), asynchronous(bases.asynchronous())
_LOCATION = "s3://inputs-123456789012/"
_LONGEST_LOCATION = async_facts.INPUT_LOCATION_LENGTH.maximum - len(_LOCATION)
_TARGET = f"{PARAMETERS}.TargetContainerHostname"
_DIRECTLY = changed(synchronous(direct("first", "second")), {_TARGET: "first"})

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    realtime.INFERENCE_ID_LENGTH.id: _longest(_WAITING, realtime.INFERENCE_ID_LENGTH),
    realtime.CUSTOM_ATTRIBUTES_LENGTH.id: _longest(_WAITING, realtime.CUSTOM_ATTRIBUTES_LENGTH),
    realtime.TARGET_MODEL_LENGTH.id: _longest(_WAITING, realtime.TARGET_MODEL_LENGTH),
    realtime.SESSION_ID_LENGTH.id: _longest(_WAITING, realtime.SESSION_ID_LENGTH),
    realtime.PREFIX_AWARE_ID_LENGTH.id: _longest(_WAITING, realtime.PREFIX_AWARE_ID_LENGTH),
    async_facts.FILENAME_LENGTH.id: _longest(_LEAVING, async_facts.FILENAME_LENGTH),
    async_facts.OUTPUT_PATH_EXTENSION_LENGTH.id: _longest(_LEAVING, async_facts.OUTPUT_PATH_EXTENSION_LENGTH),
    async_facts.INPUT_LOCATION_LENGTH.id: boundary(
        calling(bases.asynchronous(), "invokeEndpointAsync"),
        f"{PARAMETERS}.InputLocation",
        passes=_LOCATION + "a" * _LONGEST_LOCATION,
        fails=_LOCATION + "a" * (_LONGEST_LOCATION + 1),
    ),
    async_facts.INVOCATION_TIMEOUT.id: boundary(
        _LEAVING, f"{PARAMETERS}.InvocationTimeoutSeconds", passes=3600, fails=3601
    ),
    async_facts.REQUEST_TTL.id: boundary(_LEAVING, f"{PARAMETERS}.RequestTTLSeconds", passes=60, fails=59),
    async_facts.INLINE_PAYLOAD.id: boundary(_LEAVING, f"{PARAMETERS}.Body", passes=ABSENT, fails="{}"),
    async_facts.ASYNCHRONOUS_ONLY.id: Example(_LEAVING, synchronous(bases.asynchronous())),
    containers.DIRECT_TARGET.id: (
        boundary(_DIRECTLY, _TARGET, passes="second", fails=ABSENT),
        boundary(_DIRECTLY, _TARGET, passes="second", fails="third"),
        boundary(_WAITING, _TARGET, passes=ABSENT, fails="first"),
    ),
}
