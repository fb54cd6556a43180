"""A batch of results: what cannot be taken fails alone, and everything else is logged once."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from async_results.settings import Settings
from tests.handlers.fakes import client_error
from tests.handlers.messages import RESULTS_ENVIRONMENT, batch, completed, failed

Logged = Callable[[], list[dict[str, Any]]]
SETTINGS = Settings.from_environment(RESULTS_ENVIRONMENT)


class FakeTable:
    """Answers each update with the next of ``answers``, and takes it when there is none left."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.updated: list[str] = []

    def update_item(self, **update: Any) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if answer:
            raise answer
        self.updated.append(update["Key"]["InferenceId"])


def failures(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_a_malformed_message_fails_alone(results_handler: ModuleType, logged: Logged) -> None:
    table = FakeTable()
    consumer = results_handler.Consumer(SETTINGS, table=table)
    assert failures(consumer.consume(batch(completed("a"), "nonsense", failed("b")))) == ["m1"]
    assert table.updated == ["a", "b"]
    assert [line.get("Status") or line["Outcome"] for line in logged()] == ["Completed", "NotTaken", "Failed"]


@pytest.mark.parametrize(
    "error",
    [
        client_error("ProvisionedThroughputExceededException", "UpdateItem"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
    ],
)
def test_what_the_table_did_not_take_comes_again(results_handler: ModuleType, logged: Logged, error: Exception) -> None:
    consumer = results_handler.Consumer(SETTINGS, table=FakeTable(error))
    assert failures(consumer.consume(batch(completed("a"), completed("b")))) == ["m0"]
    refused, taken = logged()
    assert refused["MessageId"] == "m0"
    assert taken["InferenceId"] == "b"
    assert "Completed" not in refused


def test_a_duplicate_is_counted_and_dropped(results_handler: ModuleType, logged: Logged) -> None:
    known = client_error("ConditionalCheckFailedException", "UpdateItem")
    consumer = results_handler.Consumer(SETTINGS, table=FakeTable(None, known))
    assert failures(consumer.consume(batch(completed(), completed()))) == []
    assert [(line["Completed"], line["Duplicates"]) for line in logged()] == [(1, 0), (0, 1)]


def test_without_a_table_results_are_counted_and_logged(results_handler: ModuleType, logged: Logged) -> None:
    assert results_handler.handle(batch(completed(), failed("b")), None) == {"batchItemFailures": []}
    assert [(line["Completed"], line["Failed"]) for line in logged()] == [(1, 0), (0, 1)]
