"""The ways of serving against clients that misbehave: the demo has to see what is not as it should be."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from constructs_lib.client import (
    AsyncResult,
    AsyncResults,
    BatchFailed,
    InferenceClient,
    InferenceError,
    InferenceFailed,
    Prediction,
    TimedOut,
)
from constructs_lib.facts.asynchronous import INLINE_PAYLOAD
from constructs_lib.facts.serverless import PAYLOAD
from constructs_lib.local import LocalAws
from demo import asynchronous, batch, realtime, serverless, session
from demo.asynchronous import poison_found
from demo.dataset import DataSet
from demo.scoring import score
from demo.steps import Steps

DATA = DataSet(("1", "2", "3", "4"), (1, 2, 3, 4))


def client_error(code: str, **more: object) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}, **more}, "InvokeEndpoint")


class Endpoint:
    """Answers each row with itself, unless told to fail or answer otherwise."""

    def __init__(self, error: ClientError | None = None, answer: bytes | None = None) -> None:
        self.error = error
        self.answer = answer

    def invoke_endpoint(self, *, Body: bytes, **_: object) -> dict[str, Any]:  # noqa: N803 - boto3's names
        if self.error:
            raise self.error
        answer = Body if self.answer is None else self.answer
        return {"Body": StreamingBody(io.BytesIO(answer), len(answer)), "ContentType": "text/csv"}


def calling(endpoint: Endpoint, option: str = "realtime") -> InferenceClient:
    """The library's client, of this endpoint."""
    made = SimpleNamespace(client=lambda *_, **__: endpoint)
    return InferenceClient(endpoint_name="e", inference_option=option, session=made)


def test_scores_of_a_right_endpoint_are_complete() -> None:
    scores = score(calling(Endpoint()), DATA)
    assert (scores.requests, scores.succeeded, scores.accuracy) == (2, 2, 1.0)
    assert scores.every_row_answered.ok


@pytest.mark.parametrize("code", ["ModelError", "ValidationError"])
def test_failing_requests_are_counted_and_shown(code: str) -> None:
    scores = score(calling(Endpoint(client_error(code))), DATA)
    assert (scores.succeeded, scores.accuracy) == (0, 0.0)
    assert "0 of 2 requests answered; " in scores.every_row_answered.found
    assert "no" in scores.errors[0]


def test_an_answer_with_too_few_labels_is_no_success() -> None:
    scores = score(calling(Endpoint(answer=b"1")), DATA)
    assert (scores.succeeded, scores.every_row_answered.ok) == (0, False)


@pytest.mark.parametrize(
    ("endpoint", "ok"),
    [
        (Endpoint(client_error("ModelError", OriginalStatusCode=400)), True),
        (Endpoint(client_error("ModelError", OriginalStatusCode=500)), False),
        (Endpoint(answer=b"7"), False),
    ],
)
def test_a_malformed_row_has_to_be_refused_by_the_container_itself(endpoint: Endpoint, ok: bool) -> None:
    assert realtime.malformed(calling(endpoint)).ok is ok


def test_a_malformed_row_that_aws_refuses_is_an_error_of_its_own() -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        realtime.malformed(calling(Endpoint(client_error("ValidationError"))))


@pytest.mark.parametrize(
    ("endpoint", "ok"),
    [
        (Endpoint(client_error("ValidationError")), True),
        (Endpoint(client_error("ModelError", OriginalStatusCode=413)), False),
        (Endpoint(), False),
    ],
)
def test_a_payload_too_large_has_to_be_refused_with_aws_s_error(endpoint: Endpoint, ok: bool) -> None:
    body = bytes(PAYLOAD.maximum + 1)
    assert serverless.oversize_refused(endpoint, "e", calling(endpoint, "serverless"), body).ok is ok


def test_a_payload_too_large_has_to_be_refused_by_the_client_unsent() -> None:
    refusing = Endpoint(client_error("ValidationError"))
    assert not serverless.oversize_refused(refusing, "e", calling(Endpoint(), "serverless"), b"not too large").ok


def test_the_largest_payload_has_to_be_answered() -> None:
    assert serverless.largest_taken(calling(Endpoint()), b"x").ok
    assert not serverless.largest_taken(calling(Endpoint(client_error("ValidationError"))), b"x").ok


class Result:
    """Stands for an asynchronous result: an answer, or the error that is raised instead."""

    def __init__(self, answer: bytes = b"", error: InferenceError | None = None) -> None:
        self.inference_id = "i"
        self.error = error
        self.answer = answer

    def wait(self, _: float) -> None:
        if self.error:
            raise self.error

    def result(self, timeout: float) -> Prediction:
        self.wait(timeout)
        return Prediction(body=self.answer, content_type="text/csv")


def of(answer: bytes = b"", error: InferenceError | None = None) -> AsyncResult:
    return cast(AsyncResult, Result(answer, error))


def failed(reason: str, location: str | None = "s3://out/failure/p.out") -> AsyncResult:
    return of(error=InferenceFailed(reason, failure_location=location))


def test_the_poison_counts_only_as_failed_and_with_the_container_s_reason_in_its_object() -> None:
    assert poison_found(failed('{"error": "row 1: must have 64 columns, got 1"}')).ok
    assert not poison_found(failed("something else")).ok
    assert not poison_found(failed("must have 64 columns", location=None)).ok
    assert not poison_found(of(b"must have 64 columns")).ok
    assert not poison_found(of(error=TimedOut("must have 64 columns"))).ok


def test_labels_of_a_result_that_failed_or_is_not_there_are_missing() -> None:
    assert asynchronous.labels(DATA, of(b"1\n2\n3\n4")) == [1, 2, 3, 4]
    missing = [None] * 4
    assert asynchronous.labels(DATA, of(b"1\n2")) == missing
    assert asynchronous.labels(DATA, failed("no")) == missing
    assert asynchronous.labels(DATA, of(error=TimedOut("late"))) == missing


def test_results_that_are_late_have_no_moment() -> None:
    def as_completed(_: float) -> Any:
        yield Result()
        raise TimedOut("late")

    assert list(asynchronous.moments(cast(AsyncResults, SimpleNamespace(as_completed=as_completed)))) == ["i"]


def test_one_input_is_too_large_to_go_along_and_holds_the_same_rows() -> None:
    first, second = asynchronous.payloads(DATA.parts(2))
    assert not INLINE_PAYLOAD.allows(len(first))
    assert (first.split(), second.split()) == ([b"1", b"2"], [b"3", b"4"])


def test_messages_that_stay_on_the_queue_are_seen() -> None:
    def queue(count: str) -> SimpleNamespace:
        attributes = {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": count}
        return SimpleNamespace(get_queue_attributes=lambda **_: {"Attributes": attributes})

    assert asynchronous.nothing_on_the_queue(queue("0"), "url", 0.1).ok
    assert not asynchronous.nothing_on_the_queue(queue("1"), "url", 0.1).ok


def test_waiting_for_instances_ends_with_the_timeout() -> None:
    describe = {"ProductionVariants": [{"CurrentInstanceCount": 1}]}
    sagemaker = SimpleNamespace(describe_endpoint=lambda **_: describe)
    aws, outputs = cast(LocalAws, SimpleNamespace(client=lambda _: sagemaker)), {"EndpointName": "e"}
    assert asynchronous.wait_for_instances(aws, outputs, zero=False, timeout=1)
    assert not asynchronous.wait_for_instances(aws, outputs, zero=True, timeout=0.15)


def running(error: InferenceError | None = None) -> InferenceClient:
    """A client whose pipeline answers each record with itself, or fails."""

    def run_batch(inputs: dict[str, str], **_: object) -> SimpleNamespace:
        if error:
            raise error
        answers = {f"{name}.out": Prediction(body=text.encode(), content_type="") for name, text in inputs.items()}
        return SimpleNamespace(items=answers.items)

    return cast(InferenceClient, SimpleNamespace(run_batch=run_batch))


def test_the_answers_of_a_run_are_labels_by_name() -> None:
    assert batch.run(running(), {"a.csv": "1\n2\n"}) == ({"a.csv.out": [1, 2]}, "")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BatchFailed("arn", "FAILED", "SageMaker", "no data"), "arn ended FAILED: SageMaker: no data"),
        (TimedOut("run_batch took longer than 90 s"), "run_batch took longer than 90 s"),
    ],
)
def test_a_run_that_fails_or_does_not_end_is_reported_with_its_reason(error: InferenceError, reason: str) -> None:
    assert batch.run(running(error), {"a.csv": "1"}) == ({}, reason)


def test_an_unexpected_error_in_one_way_is_its_outcome_and_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(realtime, "serve", explode)
    aws: Any = None
    outcome = session.serve("realtime", aws, {realtime.STACK: {}}, {"model": DATA}, Steps(io.StringIO()))
    assert not outcome.ok
    assert outcome.failures[0].found == "ZeroDivisionError: by nought"


def test_a_stack_without_outputs_is_the_failure_of_its_way_alone() -> None:
    aws: Any = None
    outcome = session.serve("batch", aws, {}, {"model": DATA}, Steps(io.StringIO()))
    assert outcome.failures[0].found == "KeyError: 'InferenceBatch'"
