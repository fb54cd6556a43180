"""The ways of serving against clients that misbehave: the demo has to see what is not as it should be."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo import asynchronous, batch, realtime, serverless, session
from demo.asynchronous import Submitted, poison_found
from demo.dataset import DataSet
from demo.notifications import Arrival, Notification
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
        return {"Body": io.BytesIO(Body if self.answer is None else self.answer)}


def test_scores_of_a_right_endpoint_are_complete() -> None:
    scores = score(Endpoint(), "e", DATA)
    assert (scores.requests, scores.succeeded, scores.accuracy) == (2, 2, 1.0)
    assert scores.every_row_answered.ok


def test_failing_requests_are_counted_and_shown() -> None:
    scores = score(Endpoint(client_error("ModelError")), "e", DATA)
    assert (scores.succeeded, scores.accuracy) == (0, 0.0)
    assert "0 of 2 requests answered" in scores.every_row_answered.found
    assert "ModelError" in scores.every_row_answered.found


def test_an_answer_with_too_few_labels_is_no_success() -> None:
    scores = score(Endpoint(answer=b"1"), "e", DATA)
    assert (scores.succeeded, scores.every_row_answered.ok) == (0, False)


@pytest.mark.parametrize(
    ("endpoint", "ok"),
    [
        (Endpoint(client_error("ModelError", OriginalStatusCode=400)), True),
        (Endpoint(client_error("ModelError", OriginalStatusCode=500)), False),
        (Endpoint(client_error("ValidationError")), False),
        (Endpoint(answer=b"7"), False),
    ],
)
def test_a_malformed_row_has_to_be_refused_by_the_container_itself(endpoint: Endpoint, ok: bool) -> None:
    assert realtime.malformed(endpoint, "e").ok is ok


@pytest.mark.parametrize(
    ("endpoint", "ok"),
    [
        (Endpoint(client_error("ValidationError")), True),
        (Endpoint(client_error("ModelError", OriginalStatusCode=413)), False),
        (Endpoint(), False),
    ],
)
def test_a_payload_too_large_has_to_be_refused_with_aws_s_error(endpoint: Endpoint, ok: bool) -> None:
    assert serverless.oversize_refused(endpoint, "e", b"x").ok is ok


def test_the_largest_payload_has_to_be_answered() -> None:
    assert serverless.largest_taken(Endpoint(), "e", b"x").ok
    assert not serverless.largest_taken(Endpoint(client_error("ValidationError")), "e", b"x").ok


def poison_check(message: bytes, *, completed: bool = False, arrived: bool = True) -> bool:
    s3 = SimpleNamespace(get_object=lambda **_: {"Body": io.BytesIO(message)})
    aws: Any = SimpleNamespace(client=lambda _: s3)
    arrival = Arrival(Notification("p", completed, None, "x"), 0.0) if arrived else None
    return poison_found(aws, Submitted("p", 0.0, "s3://out/failure/p.out"), arrival).ok


def test_the_poison_counts_only_as_failed_and_with_the_container_s_reason_in_its_object() -> None:
    assert poison_check(b'{"error": "row 1: must have 64 columns, got 1"}')
    assert not poison_check(b"something else")
    assert not poison_check(b"must have 64 columns", completed=True)
    assert not poison_check(b"must have 64 columns", arrived=False)


def test_waiting_for_instances_ends_with_the_timeout() -> None:
    describe = {"ProductionVariants": [{"CurrentInstanceCount": 1}]}
    sagemaker = SimpleNamespace(describe_endpoint=lambda **_: describe)
    assert asynchronous.wait_for_instances(sagemaker, "e", zero=False, timeout=1)
    assert not asynchronous.wait_for_instances(sagemaker, "e", zero=True, timeout=0.15)


def states(**described: object) -> SimpleNamespace:
    return SimpleNamespace(
        start_execution=lambda **_: {"executionArn": "arn"},
        describe_execution=lambda **_: described,
        stop_execution=lambda **_: None,
    )


def test_a_failed_execution_is_reported_with_error_and_cause() -> None:
    execution = batch.run(states(status="FAILED", error="SageMaker", cause="no data"), "machine")
    assert (execution.status, execution.output, execution.reason) == ("FAILED", {}, "SageMaker: no data")


def test_an_execution_that_does_not_end_is_stopped() -> None:
    assert batch.run(states(status="RUNNING"), "machine", timeout=0.1).status == "TIMED_OUT"


def test_an_unexpected_error_in_one_way_is_its_outcome_and_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(realtime, "serve", explode)
    aws: Any = None
    outcome = session.serve("realtime", aws, {realtime.STACK: {}}, DATA, Steps(io.StringIO()))
    assert not outcome.ok
    assert outcome.failures[0].found == "ZeroDivisionError: by nought"


def test_a_stack_without_outputs_is_the_failure_of_its_way_alone() -> None:
    aws: Any = None
    outcome = session.serve("batch", aws, {}, DATA, Steps(io.StringIO()))
    assert outcome.failures[0].found == "KeyError: 'InferenceBatch'"
