"""One asynchronous request from its acceptance to its outcome. Pure."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

from constructs_lib.facts import asynchronous
from constructs_lib.local.errors import AwsError
from constructs_lib.local.s3io import split
from constructs_lib.local.store import Payload

# The metrics that count what the container refused, and what it broke on.
CLIENT_ERRORS, SERVER_ERRORS = "Invocation4XXErrors", "Invocation5XXErrors"


@dataclass(frozen=True, kw_only=True)
class AsyncRequest:
    """An accepted request. `received` and `expires` are scaled seconds, `ttl` and `timeout` as the caller gave them."""

    input_location: str | None
    body: bytes | None
    output_location: str
    failure_location: str | None
    inference_id: str
    content_type: str | None
    accept: str | None
    custom_attributes: str | None
    received: float
    ttl: float
    timeout: float
    received_time: float = field(default_factory=time.time)
    key: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def expires(self) -> float:
        """When its time in the queue is over, in scaled seconds."""
        return self.received + self.ttl

    @classmethod
    def accept_request(cls, request: Payload, config: Payload, now: float) -> AsyncRequest:
        """Take a request under an AsyncInferenceConfig; raises ValidationError when it is wrong."""
        _check(request)
        output = config.get("OutputConfig", {})
        request_id = str(uuid.uuid4())
        extension, name = request.get("S3OutputPathExtension"), request.get("Filename")
        failure_path = output.get("S3FailurePath")
        return cls(
            input_location=request.get("InputLocation"),
            body=request.get("Body"),
            output_location=_location(output.get("S3OutputPath", ""), extension, name or f"{request_id}.out"),
            failure_location=_location(failure_path, extension, f"{name or request_id}-error.out")
            if failure_path
            else None,
            inference_id=str(request.get("InferenceId") or uuid.uuid4()),
            content_type=request.get("ContentType"),
            accept=request.get("Accept"),
            custom_attributes=request.get("CustomAttributes"),
            received=now,
            ttl=float(request.get("RequestTTLSeconds") or asynchronous.REQUEST_TTL.default or 0),
            timeout=float(request.get("InvocationTimeoutSeconds") or asynchronous.INVOCATION_TIMEOUT.default or 0),
        )

    def container_headers(self) -> dict[str, str]:
        """What the container gets to see of the request."""
        headers = {
            "Content-Type": self.content_type or "application/octet-stream",
            "Accept": self.accept or "*/*",
            "X-Amzn-SageMaker-Inference-Id": self.inference_id,
        }
        if self.custom_attributes:
            headers["X-Amzn-SageMaker-Custom-Attributes"] = self.custom_attributes
        return headers


@dataclass(frozen=True)
class Outcome:
    """What became of a request: an answer, or the reason why there is none (`body` is then the error's text).

    `counted_as` is the metric that counts failures of its kind, where there is one.
    """

    body: bytes
    content_type: str = "application/octet-stream"
    failure_reason: str | None = None
    counted_as: str | None = None

    @classmethod
    def failure(cls, reason: str, counted_as: str | None = None) -> Outcome:
        """The request failed before or instead of an answer of the container."""
        return cls(reason.encode(), "text/plain", reason, counted_as)

    @classmethod
    def answered(cls, status: int, content_type: str | None, body: bytes) -> Outcome:
        """The container answered; anything but 2xx is a failure in SageMaker's words."""
        kind = content_type or "application/octet-stream"
        if 200 <= status < 300:
            return cls(body, kind)
        whose = "client" if status < 500 else "server"
        text = body.decode(errors="replace")
        reason = f'Received {whose} error ({status}) from primary with message "{text}".'
        return cls(reason.encode(), kind, reason, CLIENT_ERRORS if status < 500 else SERVER_ERRORS)


def _location(path: str, extension: str | None, name: str) -> str:
    parts = [path.rstrip("/"), *([extension.strip("/")] if extension else []), name]
    return "/".join(parts)


def _check(request: Payload) -> None:
    """Refuse, with every problem at once, what AWS refuses at once."""
    location, body = request.get("InputLocation"), request.get("Body")
    problems = []
    if (location is None) == (body is None):
        problems.append("exactly one of InputLocation and Body must be given")
    if location is not None:
        problems += _problems_of_location(location)
    for member, value, limit in (
        ("Body", None if body is None else len(body), asynchronous.INLINE_PAYLOAD),
        ("RequestTTLSeconds", request.get("RequestTTLSeconds"), asynchronous.REQUEST_TTL),
        ("InvocationTimeoutSeconds", request.get("InvocationTimeoutSeconds"), asynchronous.INVOCATION_TIMEOUT),
    ):
        if value is not None and not limit.allows(value):
            problems.append(f"{member} must be {limit}, got {value} (source: {limit.source})")
    if problems:
        raise AwsError("ValidationError", "; ".join(problems))


def _problems_of_location(location: str) -> list[str]:
    limit = asynchronous.INPUT_LOCATION_LENGTH
    if not limit.allows(len(location)):
        return [f"InputLocation must be {limit}, got {len(location)} (source: {limit.source})"]
    try:
        split(location)
    except AwsError as error:
        return [error.message]
    return []
