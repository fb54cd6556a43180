"""What an error of the runtime says: wait, the request is refused, the model broke, or nothing about the request."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, NoCredentialsError, ReadTimeoutError

from stream_score.deadline import Deadline, HandBack
from stream_score.endpoint import Answer, Broke, Endpoint, Refused
from stream_score.figures import Figures
from tests.handlers.fakes import client_error
from tests.handlers.stream_events import SETTINGS
from tests.handlers.streams import (
    model_error,
)
from tests.handlers.test_stream_puts import patient


class Runtime:
    """SageMaker's runtime, which gives one answer after the other, the last one for ever."""

    def __init__(self, *answers: Exception | bytes) -> None:
        self._answers = list(answers)
        self.requests: list[dict[str, Any]] = []

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {"Body": io.BytesIO(answer), "ContentType": "text/csv"}


def endpoint(runtime: Runtime, deadline: Deadline | None = None, **changed: Any) -> tuple[Endpoint, Figures]:
    figures = Figures()
    settings = replace(SETTINGS, **changed)
    return Endpoint(settings, runtime=runtime, deadline=deadline or patient(), figures=figures), figures


PASSING = [
    client_error("ThrottlingException"),
    client_error("ModelNotReadyException", status=429),
    client_error("ServiceUnavailable", status=503),
    client_error("Unheard", status=429),
    model_error(429, "one at a time"),
    model_error(503, "loading"),
    ConnectionClosedError(endpoint_url="x"),
]


@pytest.mark.parametrize("error", PASSING, ids=str)
def test_what_passes_is_waited_for_and_counted(error: Exception) -> None:
    asked, figures = endpoint(Runtime(error, error, b"1\n"))
    assert asked.ask(b"x", "c") == Answer(b"1\n", "text/csv")
    assert (figures.throttled, len(figures.requests)) == (2, 1)


@pytest.mark.parametrize("error", PASSING, ids=str)
def test_it_is_waited_for_no_longer_than_there_is_time_for_a_request(error: Exception) -> None:
    runtime = Runtime(error)
    asked, _ = endpoint(runtime, patient(40.0), request_timeout_seconds=30)
    with pytest.raises(HandBack):
        asked.ask(b"x", "c")
    assert len(runtime.requests) > 3


def test_no_request_is_begun_that_could_be_cut_off() -> None:
    runtime = Runtime(b"1\n")
    asked, _ = endpoint(runtime, patient(29.9), request_timeout_seconds=30)
    with pytest.raises(HandBack, match="no time left for another request to the endpoint"):
        asked.ask(b"x", "c")
    assert runtime.requests == []


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (model_error(400, "no"), Refused),
        (model_error(415, "no"), Refused),
        (client_error("RequestEntityTooLarge", status=413), Refused),
        (model_error(500, "no"), Broke),
        (model_error(0, "Your invocation timed out"), Broke),
        (ReadTimeoutError(endpoint_url="x"), Broke),
        (client_error("ValidationError"), HandBack),
        (client_error("AccessDeniedException", status=403), HandBack),
        (NoCredentialsError(), NoCredentialsError),
    ],
    ids=str,
)
def test_other_errors_are_told_apart(error: Exception, verdict: type[Exception]) -> None:
    runtime = Runtime(error)
    asked, figures = endpoint(runtime)
    with pytest.raises(verdict):
        asked.ask(b"x", "c")
    assert (len(runtime.requests), figures.throttled) == (1, 0)


@pytest.mark.parametrize(("accept", "expected"), [("", None), ("text/csv", "text/csv")])
def test_a_request_says_its_types(accept: str, expected: str | None) -> None:
    runtime = Runtime(b"1\n")
    asked, _ = endpoint(runtime, accept=accept)
    asked.ask(b"x", "c")
    [request] = runtime.requests
    assert (request["EndpointName"], request["ContentType"], request["Body"]) == ("scorer", "text/csv", b"x")
    assert request["InferenceId"] == "c"
    assert request.get("Accept") == expected
