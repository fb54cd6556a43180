"""Look-ups: an answer to everybody, from the table, from the endpoint or by default, and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from tests.handlers.fakes import client_error
from tests.handlers.lookups import World, computed, paths, row


@pytest.fixture
def world(lookup_handler: ModuleType) -> World:
    return World(lookup_handler)


def test_answers_are_in_the_order_of_what_was_asked(world: World) -> None:
    answer = world.ask("w", "nobody", "u")
    assert answer["batch"] == "b1"
    assert paths(answer) == [
        ("b1 w", "stored", None),
        ("computed of nobody", "computed", None),
        ("b1 u", "stored", None),
    ]
    [(kind, event)] = world.lambda_.events
    assert (kind, event["mode"], event["model_version"]) == ("RequestResponse", "answer", "model-1")
    assert event["requests"] == [{"id": "nobody", "payload": "of nobody", "feature_version": None}]
    assert 0 < event["milliseconds"] <= 2000


def test_stored_answers_cost_no_other_call(world: World) -> None:
    assert len(paths(world.ask("u", "v", "w"))) == 3
    assert world.lambda_.events == []


def test_a_version_that_the_endpoint_does_not_serve_is_not_served_from_the_table(world: World) -> None:
    answer = world.ask("u", model_version="model-2")
    assert paths(answer) == [("computed of u", "computed", None)]
    assert (answer["answers"][0]["reason"], answer["answers"][0]["model_version"]) == ("model", "model-2")


def test_an_answer_of_another_version_than_asked_for_is_not_served(world: World) -> None:
    """The function behind is of a deployment that this one is not of yet."""
    world.lambda_.tell = lambda event: {**computed(event), "model_version": "model-2"}
    assert paths(world.ask("u", "nobody")) == [("b1 u", "stored", None), ("popular", "default", "deploying")]


def refuse(code: str) -> Callable[[dict[str, Any]], Any]:
    def tell(event: dict[str, Any]) -> Any:
        raise client_error(code, "Invoke", 429)

    return tell


@pytest.mark.parametrize(
    ("tell", "why"),
    [
        (refuse("TooManyRequestsException"), "refused"),
        (refuse("ServiceException"), "failed"),
        (lambda _: {"model_version": "model-1", "answers": {}}, "failed"),
        (lambda _: {"model_version": "model-1", "answers": {"nobody": {"why": "throttled"}}}, "throttled"),
        (lambda _: "nonsense", "failed"),
        (lambda _: None, "failed"),
    ],
)
def test_where_nothing_is_computed_the_default_is_answered(
    world: World, tell: Callable[[dict[str, Any]], Any], why: str
) -> None:
    world.lambda_.tell = tell
    assert paths(world.ask("u", "nobody")) == [("b1 u", "stored", None), ("popular", "default", why)]


def test_a_function_that_fails_is_no_answer(world: World) -> None:
    world.lambda_.fails = True
    assert paths(world.ask("nobody")) == [("popular", "default", "failed")]


def test_without_a_payload_the_endpoint_is_not_asked(world: World) -> None:
    answer = world.lookup().answer({"requests": [{"id": "u"}, {"id": "nobody"}]})
    assert paths(answer) == [("b1 u", "stored", None), ("popular", "default", "no payload")]
    assert world.lambda_.events == []


@pytest.mark.parametrize("failing", ["get_item", "batch_get_item"])
def test_a_table_that_fails_leaves_the_endpoint(world: World, failing: str) -> None:
    def fail(operation: str) -> None:
        if operation == failing:
            raise client_error("ProvisionedThroughputExceededException", "Any")

    world.table.before = fail
    answer = world.ask("u")
    assert paths(answer) == [("computed of u", "computed", None)]
    assert answer["answers"][0]["reason"] == "unread"


def test_what_the_table_leaves_over_is_asked_for_again(world: World) -> None:
    world.table.unprocessed = [3, 1, 2]
    assert paths(world.ask("u", "v", "w")) == [(f"b1 {record}", "stored", None) for record in "uvw"]
    assert world.table.unprocessed == []


def test_over_http_there_is_a_status(world: World) -> None:
    def over_http(body: str, method: str = "POST") -> tuple[int, dict[str, Any]]:
        answer = world.lookup().answer({"requestContext": {"http": {"method": method}}, "body": body}, "own")
        return answer["statusCode"], json.loads(answer["body"])

    status, body = over_http('{"id": "u"}')
    assert (status, paths(body)) == (200, [("b1 u", "stored", None)])
    assert over_http('{"id": ""}') == (
        400,
        {"error": "0: an id must be a text that is not empty, got ''", "correlation_id": "own"},
    )
    assert over_http("", "GET") == (405, {"error": "a look-up is a POST", "correlation_id": "own"})


def test_directly_what_is_wrong_is_said_too(world: World) -> None:
    assert "requests must be a list" in world.lookup().answer({"requests": 1})["error"]
    assert "a request must be" in world.lookup().answer(["u"])["error"]


def test_answers_that_no_response_would_hold_are_not_given(world: World) -> None:
    for record in ("u", "v"):
        world.table.items[f"row/b1/{record}"] = row("b1", record, answer="x" * 1500)
    assert len(world.ask("u")["answers"]) == 1
    assert "answers must have at most 2000 bytes together" in world.ask("u", "v")["error"]


def test_a_share_of_the_stored_answers_is_compared_and_the_caller_does_not_wait(world: World) -> None:
    answer = world.ask("u", "nobody", comparison_share=1.0)
    assert paths(answer)[0] == ("b1 u", "stored", None)
    (_, _), (kind, event) = world.lambda_.events
    assert kind == "Event"
    assert event == {
        "mode": "compare",
        "correlation_id": answer["correlation_id"],
        "model_version": "model-1",
        "requests": [{"id": "u", "payload": "of u", "answer": "b1 u"}],
    }


def test_a_comparison_that_is_refused_is_of_no_matter(world: World) -> None:
    world.lambda_.tell = refuse("TooManyRequestsException")
    assert paths(world.ask("u", comparison_share=1.0)) == [("b1 u", "stored", None)]


def test_what_is_logged_counts_each_answer(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.ask("u", "nobody")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (lines[0]["Hits"], lines[0]["Missing"], lines[0]["Fallbacks"], lines[0]["Defaults"]) == (1, 1, 1, 0)
    assert (lines[1]["Path"], lines[1]["Latency"] >= 0) == ("computed", True)
