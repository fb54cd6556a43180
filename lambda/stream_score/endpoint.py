"""Requests to the endpoint: repeated while it is busy, and judged when it answers with an error."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ReadTimeoutError,
)

from stream_score.deadline import Deadline, HandBack
from stream_score.figures import Figures
from stream_score.settings import Settings

# Errors of the runtime after which the same request may succeed. Throttling arrives as HTTP 400: the code decides.
_PASSING = (
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "ServiceUnavailable",
    "ModelNotReadyException",
    "InternalFailure",
    "InternalDependencyException",
)
_BUSY = (429, 503)
_TOO_LARGE = 413
_CLIENT_ERRORS = range(400, 500)


class Refused(Exception):
    """The model will not take this request, now or later."""


class Broke(Exception):
    """The model failed on this request: by the fault of a record, or by its own."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered."""

    body: bytes
    content_type: str


class Endpoint:
    """One endpoint as one invocation sees it."""

    def __init__(
        self,
        settings: Settings,
        *,
        runtime: Any,
        deadline: Deadline,
        figures: Figures,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._request = {"EndpointName": settings.endpoint_name, "ContentType": settings.content_type}
        if settings.accept:
            self._request["Accept"] = settings.accept
        self._longest = settings.request_timeout_seconds
        self._runtime = runtime
        self._deadline = deadline
        self._figures = figures
        self._clock = clock
        self._throttled = 0
        self._was_slow = False

    def ask(self, body: bytes, inference_id: str) -> Answer:
        """The model's answer; raises ``Refused``, ``Broke``, or ``HandBack`` if it is busy until time is over.

        What the endpoint captures of it is found by the id, which is the same for each attempt.
        """
        while True:
            # Where a record makes the model hang, the same batch would take as long the next time, and never end.
            self._deadline.need(self._longest, "another request to the endpoint", is_passing=not self._was_slow)
            begun = self._clock()
            try:
                answer = self._runtime.invoke_endpoint(Body=body, InferenceId=inference_id, **self._request)
                content = answer["Body"].read()
            except (ClientError, BotoCoreError) as error:
                self._judge(error)
            else:
                self._throttled = 0
                self._figures.request_took(self._clock() - begun)
                return Answer(content, answer.get("ContentType", ""))

    def pause(self, attempt: int) -> None:
        """Wait before a request that broke is sent again."""
        self._deadline.back_off(attempt, "a request that failed")

    def _judge(self, error: Exception) -> None:
        """Wait if the same request may succeed later; raises what it means if not."""
        if isinstance(error, ReadTimeoutError):
            self._was_slow = True
            raise Broke(f"no answer within {self._longest} s") from error
        if not _passes(error):
            raise _verdict(error) from error
        self._figures.throttled += 1
        self._throttled += 1
        self._deadline.back_off(self._throttled, f"the endpoint, which is busy: {_name(error)}")


def _passes(error: Exception) -> bool:
    if not isinstance(error, ClientError):
        return isinstance(error, (ConnectionError, HTTPClientError, IncompleteReadError))
    if _code(error) == "ModelError":
        return error.response.get("OriginalStatusCode") in _BUSY
    return _code(error) in _PASSING or _status(error) in _BUSY


def _verdict(error: Exception) -> Exception:
    """What an error says of the request. One that says nothing of it is a fault of the deployment: all goes back."""
    if not isinstance(error, ClientError):
        return error
    if _status(error) == _TOO_LARGE:
        return Refused("it is too large for the endpoint")
    if _code(error) != "ModelError":
        return HandBack(f"the endpoint cannot be asked: {error}")
    original = int(error.response.get("OriginalStatusCode") or 0)
    reason = str(error.response.get("OriginalMessage") or error)
    is_refused = original in _CLIENT_ERRORS
    return Refused(f"{original}: {reason}") if is_refused else Broke(f"{original}: {reason}")


def _name(error: Exception) -> str:
    """Without the words of the container, which may be those of a record."""
    return _code(error) if isinstance(error, ClientError) else type(error).__name__


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
