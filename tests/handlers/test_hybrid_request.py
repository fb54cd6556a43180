"""What callers send, of which anything may be wrong: it is understood as a whole, or refused with what to do."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from hybrid_lookup.request import Ask, BadRequest, asks_of, body_of, is_http
from hybrid_lookup.settings import Settings
from tests.handlers.tables import LOOKUP_ENVIRONMENT

SETTINGS = Settings.from_environment(LOOKUP_ENVIRONMENT)


def http(body: str, **members: Any) -> dict[str, Any]:
    return {"version": "2.0", "requestContext": {"http": {"method": "POST"}}, "body": body, **members}


@pytest.mark.parametrize(
    "event",
    [
        {"id": "u", "payload": "1,2"},
        http('{"id": "u", "payload": "1,2"}'),
        http(base64.b64encode(b'{"id": "u", "payload": "1,2"}').decode(), isBase64Encoded=True),
        {"requests": [{"id": "u", "payload": "1,2", "feature_version": None, "fresh": False}]},
    ],
)
def test_a_request_comes_directly_or_over_http_alone_or_in_a_list(event: dict[str, Any]) -> None:
    assert asks_of(body_of(event), SETTINGS) == [Ask(id="u", payload="1,2", feature_version=None, fresh=False)]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (None, None),
        ("", None),
        ("1,2", "1,2"),
        ([1, "ä"], '[1,"ä"]'),
        ({"a": 0}, '{"a":0}'),
        (0, "0"),
        (False, "false"),
    ],
)
def test_a_payload_is_text_or_json(payload: object, expected: str | None) -> None:
    [ask] = asks_of({"id": "u", "payload": payload}, SETTINGS)
    assert ask.payload == expected


@pytest.mark.parametrize("record", ["a", "tenant/user", "../pointer", "pointer", "ä" * 32, "u" * 64, "a b", "💡"])
def test_an_id_may_be_any_text_that_is_short_enough(record: str) -> None:
    [ask] = asks_of({"id": record}, SETTINGS)
    assert ask.id == record


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (None, "a request must be"),
        ([], "a request must be .*, got list"),
        ("text", "a request must be .*, got str"),
        ({}, "0: an id must be a text that is not empty, got None"),
        ({"requests": []}, "requests must be a list of 1 to 5"),
        ({"requests": {"id": "u"}}, "requests must be a list of 1 to 5"),
        ({"requests": [{"id": str(number)} for number in range(6)]}, "requests must be a list of 1 to 5"),
        ({"requests": ["u"]}, "0: must be an object of JSON, got str"),
        ({"requests": [{"id": "u"}, {"id": "u"}]}, "asked for once"),
        ({"id": 1}, "an id must be a text"),
        ({"id": ["u"]}, "an id must be a text"),
        ({"id": {"S": "u"}}, "an id must be a text"),
        ({"id": "u" * 65}, "at most 64 bytes, got 65"),
        ({"id": "ä" * 33}, "at most 64 bytes, got 66"),
        ({"id": "a\nb"}, "no control characters"),
        ({"id": "a\x7f"}, "no control characters"),
        ({"id": "\ud800"}, "text in Unicode"),
        ({"id": "u", "paylod": 1}, "'paylod' is none of feature_version, fresh, id, payload"),
        ({"id": "u", "fresh": "yes"}, "fresh must be true or false"),
        ({"id": "u", "fresh": 1}, "fresh must be true or false"),
        ({"id": "u", "feature_version": 3}, "feature_version must be a text of 1 to 256 characters"),
        ({"id": "u", "feature_version": "x" * 257}, "feature_version must be a text"),
        ({"id": "u", "payload": "\udfff"}, "payload must be text in Unicode, or JSON"),
        ({"id": "u", "payload": ["\udfff"]}, "payload must be text in Unicode, or JSON"),
        ({"requests": [{"id": "u", "payload": "x" * 1500}, {"id": "v", "payload": "x" * 501}]}, "at most 2000 bytes"),
        ({"requests": [{"id": ""}, {"id": "u", "fresh": 0, "x": 1}]}, "0: an id.*; 1: 'x' is none.*; 1: fresh must"),
    ],
)
def test_what_is_wrong_is_said(body: object, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        asks_of(body, SETTINGS)


@pytest.mark.parametrize(
    "event",
    [
        http(""),
        http("u"),
        http("[" * 100_000),
        http("9" * 5000),
        http("%%%", isBase64Encoded=True),
        http(base64.b64encode(b"\xff\xfe").decode(), isBase64Encoded=True),
        {"requestContext": {"http": {}}},
    ],
)
def test_a_body_that_is_no_json_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="the body must be JSON"):
        body_of(event)


@pytest.mark.parametrize("event", [None, [], "text", {}, {"requestContext": None}, {"requestContext": {"http": 1}}])
def test_anything_else_came_directly(event: object) -> None:
    assert not is_http(event)


def test_a_long_list_of_what_is_wrong_is_cut() -> None:
    with pytest.raises(BadRequest) as raised:
        asks_of({"requests": [{"id": "u" * 100_000, "x" * 100_000: 1, "fresh": 1} for _ in range(5)]}, SETTINGS)
    assert len(str(raised.value)) < 2000
    assert json.dumps(str(raised.value))
