"""From a message of the notification queue to the status of a request, and the line that is logged of it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

COMPLETED = "Completed"
FAILED = "Failed"
SUBMITTED = "Submitted"
# The name becomes a dimension of metrics: whoever may write to the topic must not make others of any text.
_ENDPOINT_NAME = re.compile(r"[a-zA-Z0-9-]{1,256}")
# From here on SageMaker's reason for a failure is what the container said, and that may be part of the payload.
_CONTAINER_SAYS = " with message "
_LONGEST_REASON = 500


class MalformedMessage(ValueError):
    """The message does not say what became of which request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a request, after how many milliseconds. ``location`` is that of the answer or of the error."""

    inference_id: str
    endpoint_name: str
    status: str
    received_time: str
    event_time: str
    milliseconds: int
    input_location: str | None = None
    location: str | None = None
    failure_reason: str | None = None

    @classmethod
    def from_body(cls, body: str) -> Result:
        """Read SageMaker's message, raw or in the envelope of SNS; raises ``MalformedMessage``."""
        try:
            return cls._from_message(_unwrapped(json.loads(body)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise MalformedMessage(f"{type(error).__name__}: {str(error)[:_LONGEST_REASON]}") from error

    @classmethod
    def _from_message(cls, message: Mapping[str, Any]) -> Result:
        status = message["invocationStatus"]
        if status not in (COMPLETED, FAILED):
            raise ValueError(f"invocationStatus must be {COMPLETED} or {FAILED}, got {status!r:.100}")
        inference_id = message["inferenceId"]
        if not isinstance(inference_id, str) or not inference_id:
            raise ValueError(f"inferenceId must be a text, got {inference_id!r:.100}")
        parameters = message["requestParameters"]
        endpoint_name = parameters["endpointName"]
        if not _ENDPOINT_NAME.fullmatch(endpoint_name):
            raise ValueError(f"endpointName must be the name of an endpoint, got {endpoint_name!r:.100}")
        return cls(
            inference_id=inference_id,
            endpoint_name=endpoint_name,
            status=status,
            received_time=message["receivedTime"],
            event_time=message["eventTime"],
            milliseconds=_milliseconds(message["receivedTime"], message["eventTime"]),
            input_location=_text(parameters, "inputLocation"),
            location=_text(message.get("responseParameters", {}), "outputLocation"),
            failure_reason=_text(message, "failureReason"),
        )

    @property
    def attributes(self) -> dict[str, str]:
        """What the status table holds of it, besides the key."""
        location = "OutputLocation" if self.status == COMPLETED else "FailureLocation"
        found = {
            "Status": self.status,
            "EndpointName": self.endpoint_name,
            "InputLocation": self.input_location,
            location: self.location,
            "FailureReason": self.failure_reason,
            "ReceivedTime": self.received_time,
            "EventTime": self.event_time,
        }
        return {name: value for name, value in found.items() if value is not None}


def _unwrapped(message: Mapping[str, Any]) -> Mapping[str, Any]:
    inner: Mapping[str, Any] = json.loads(message["Message"]) if message.get("Type") == "Notification" else message
    return inner


def _text(message: Mapping[str, Any], name: str) -> str | None:
    value = message.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} must be a text, got {type(value).__name__}")
    return value


def _milliseconds(start: str, end: str) -> int:
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() * 1000)


def update_of(result: Result, expires_at: int) -> dict[str, Any]:
    """The arguments of ``update_item``: the first outcome is written, and none after it.

    What a submission noted of the output is taken back where the request failed. Every name is written through a
    placeholder, as some are reserved words.
    """
    written: dict[str, Any] = {**result.attributes, "ExpiresAt": expires_at}
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in written)
    names = {f"#{name}": name for name in written}
    if result.status == FAILED:
        expression += " REMOVE #OutputLocation"
        names["#OutputLocation"] = "OutputLocation"
    return {
        "Key": {"InferenceId": result.inference_id},
        "UpdateExpression": expression,
        "ConditionExpression": "attribute_not_exists(#Status) OR #Status = :submitted",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {f":{name}": value for name, value in written.items()} | {":submitted": SUBMITTED},
    }


def log_line(result: Result, namespace: str, now: float, *, is_duplicate: bool) -> dict[str, Any]:
    """What is logged of a result, in CloudWatch's embedded metric format: the line is the metric.

    The words of the container are left out of it; they are in the status, and in the object that tells of the failure.
    """
    counts: dict[str, int] = {
        "Completed": int(result.status == COMPLETED and not is_duplicate),
        "Failed": int(result.status == FAILED and not is_duplicate),
        "Duplicates": int(is_duplicate),
    }
    units = dict.fromkeys(counts, "Count")
    values = dict(counts)
    if not is_duplicate:
        values["TimeToResult"], units["TimeToResult"] = result.milliseconds, "Milliseconds"
    metrics = [{"Name": name, "Unit": unit} for name, unit in units.items()]
    directive = {"Namespace": namespace, "Dimensions": [["EndpointName"]], "Metrics": metrics}
    return {
        "_aws": {"Timestamp": round(now * 1000), "CloudWatchMetrics": [directive]},
        "InferenceId": result.inference_id,
        **result.attributes,
        **_without_the_container(result.failure_reason),
        **values,
    }


def _without_the_container(reason: str | None) -> dict[str, str]:
    return {} if reason is None else {"FailureReason": reason.partition(_CONTAINER_SAYS)[0][:_LONGEST_REASON]}
