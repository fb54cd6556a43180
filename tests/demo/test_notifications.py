"""Notifications of asynchronous results: read from SNS's envelope or raw, each wanted one once."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from demo.notifications import Notification, UnknownMessage, collect

COMPLETED = {
    "awsRegion": "us-east-1",
    "eventName": "InferenceResult",
    "invocationStatus": "Completed",
    "requestParameters": {"endpointName": "e", "inputLocation": "s3://in/a.csv"},
    "responseParameters": {"contentType": "text/csv", "outputLocation": "s3://out/success/a.out"},
    "inferenceId": "a",
}
FAILED = {
    "invocationStatus": "Failed",
    "failureReason": "ClientError: 400",
    "requestParameters": {"endpointName": "e", "inputLocation": "s3://in/b.csv"},
    "inferenceId": "b",
}


def enveloped(message: dict[str, Any]) -> str:
    return json.dumps({"Type": "Notification", "TopicArn": "arn", "Message": json.dumps(message)})


@pytest.mark.parametrize("body", [json.dumps(COMPLETED), enveloped(COMPLETED)], ids=["raw", "enveloped"])
def test_a_completed_result_says_where_it_is(body: str) -> None:
    assert Notification.parse(body) == Notification("a", True, "s3://out/success/a.out", None)


@pytest.mark.parametrize("body", [json.dumps(FAILED), enveloped(FAILED)], ids=["raw", "enveloped"])
def test_a_failed_one_says_why(body: str) -> None:
    assert Notification.parse(body) == Notification("b", False, None, "ClientError: 400")


@pytest.mark.parametrize("body", ["", "[]", "7", "{}", '{"Type": "Notification"}', '{"invocationStatus": "Completed"}'])
def test_a_message_that_is_none_of_sagemakers_is_an_error(body: str) -> None:
    with pytest.raises(UnknownMessage):
        Notification.parse(body)


class Queue:
    """A queue that hands out batches of bodies and remembers what was deleted."""

    def __init__(self, *batches: list[str]) -> None:
        self.batches = list(batches)
        self.deleted: list[str] = []

    def receive_message(self, **_: object) -> dict[str, Any]:
        batch = self.batches.pop(0) if self.batches else []
        return {"Messages": [{"Body": body, "ReceiptHandle": body} for body in batch]} if batch else {}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803 - SQS's names
        self.deleted.append(ReceiptHandle)


def ticking() -> Any:
    return count().__next__


def test_the_queue_is_read_until_every_wanted_result_is_told_of() -> None:
    queue = Queue([enveloped(FAILED)], [], [enveloped(COMPLETED)], ["never read"])
    arrived = collect(queue, "url", ["a", "b"], 100, ticking())
    assert {name: each.notification.completed for name, each in arrived.items()} == {"a": True, "b": False}
    assert queue.deleted == [enveloped(FAILED), enveloped(COMPLETED)]


def test_a_message_delivered_twice_counts_once_with_its_first_arrival() -> None:
    queue = Queue([enveloped(COMPLETED)], [enveloped(COMPLETED)], [enveloped(FAILED)])
    arrived = collect(queue, "url", ["a", "b"], 100, ticking())
    assert arrived["a"].at < arrived["b"].at
    assert len(queue.deleted) == 3


def test_results_of_others_are_left_out_of_the_answer() -> None:
    queue = Queue([enveloped(FAILED), enveloped(COMPLETED)])
    assert set(collect(queue, "url", ["a"], 100, ticking())) == {"a"}


def test_waiting_ends_with_the_timeout_and_what_has_arrived() -> None:
    arrived = collect(Queue([enveloped(COMPLETED)]), "url", ["a", "b"], 5, ticking())
    assert set(arrived) == {"a"}
