"""Hybrid inference: callers send anything, files of answers hold anything, and a model answers anything."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from hybrid_compute.comparison import agree
from hybrid_compute.correlation import Log, is_plain
from hybrid_compute.endpoint import Endpoint
from hybrid_compute.logic import Record, log_line
from hybrid_compute.settings import Settings as ComputeSettings
from hybrid_load.logic import Load
from hybrid_override.settings import Settings as OverrideSettings
from hybrid_switch.logic import Batch
from tests.handlers import loads, lookups
from tests.handlers.conftest import _load
from tests.handlers.hostile import BODIES, FORGED, JSON, SECRET, TEXTS, like, logged, quick, refusal
from tests.handlers.tables import COMPUTE_ENVIRONMENT, LOAD_ENVIRONMENT, OVERRIDE_ENVIRONMENT, MemoryTable

COMPUTE = ComputeSettings.from_environment(COMPUTE_ENVIRONMENT)
# As many bytes as a letter may have where ten go at once.
LETTER = 26_000
REQUEST = {"requests": [{"id": "u", "payload": [1, SECRET], "feature_version": "today", "fresh": False}]}


def http(body: Any, *, is_base64: bool = False) -> dict[str, Any]:
    return {"requestContext": {"http": {"method": "POST"}}, "body": body, "isBase64Encoded": is_base64}


REQUESTS = st.one_of(
    JSON,
    like(REQUEST),
    like(http(json.dumps(REQUEST))),
    BODIES.map(http),
    like(REQUEST).map(lambda request: http(json.dumps(request))),
    st.binary(max_size=60).map(lambda body: http(base64.b64encode(body).decode(), is_base64=True)),
    TEXTS.map(lambda body: http(body, is_base64=True)),
)


@pytest.fixture(scope="module")
def override_handler() -> Iterator[ModuleType]:
    yield from _load("hybrid_override.handler", OVERRIDE_ENVIRONMENT)


@pytest.fixture(scope="module")
def load_handler() -> Iterator[ModuleType]:
    yield from _load("hybrid_load.handler", LOAD_ENVIRONMENT)


def refused_or(answer: dict[str, Any], *members: str) -> bool:
    """Whether an answer, over HTTP or not, is an error or has these members; either way it is JSON."""
    found = json.loads(answer["body"]) if "statusCode" in answer else answer
    json.dumps(found).encode()
    assert is_plain(found.pop("correlation_id"))
    return found.keys() == {"error"} or found.keys() == set(members)


@quick
@given(event=REQUESTS)
def test_any_look_up_is_answered_or_told_what_is_wrong(lookup_handler: ModuleType, event: Any) -> None:
    world = lookups.World(lookup_handler)
    before = dict(world.table.items)
    answers: list[dict[str, Any]] = []
    logged(lambda: answers.append(world.lookup().answer(event)), namespace="Hybrid")
    assert refused_or(answers[0], "batch", "answers")
    assert world.table.items == before


@quick
@given(event=REQUESTS | JSON.map(lambda value: {"override": [value]}) | TEXTS.map(lambda text: {"override": [text]}))
def test_any_override_writes_overrides_and_nothing_else(override_handler: ModuleType, event: Any) -> None:
    table, answers = MemoryTable(), list[dict[str, Any]]()
    settings = OverrideSettings.from_environment(OVERRIDE_ENVIRONMENT)
    logged(lambda: answers.append(override_handler.Override(settings, dynamodb=table).answer(event)))
    assert refused_or(answers[0], "since", "overridden")
    assert all(key.startswith("override/") for key in table.items)


@pytest.mark.parametrize("body", [7, True, [1], {"a": 1}])
def test_a_body_that_is_no_text_is_a_wrong_request(lookup_handler: ModuleType, body: Any) -> None:
    answer = lookups.World(lookup_handler).lookup().answer(http(body))
    assert (answer["statusCode"], "must be a text of JSON" in answer["body"]) == (400, True)


# Lines that stand for records of any kind, in both forms.
LINES = st.lists(BODIES | JSON.map(lambda value: json.dumps({"id": value, "answer": value})) | TEXTS, max_size=6)


@quick
@given(lines=LINES, is_csv=st.booleans())
def test_any_file_of_answers_becomes_rows_of_its_batch_and_dead_letters(
    load_handler: ModuleType, lines: list[str], is_csv: bool
) -> None:
    body = "\n".join(lines).encode("utf-8", "surrogatepass")
    world = loads.World(load_handler, body)
    by_name = {"answer_type": "application/jsonlines", "id_member": "id", "answer_member": "answer"}
    form: dict[str, Any] = {} if is_csv else by_name
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loads, "SETTINGS", replace(loads.SETTINGS, letter_bytes=2 * LETTER, **form))
        answers: list[dict[str, Any]] = []
        logged(lambda: answers.append(world.load()), namespace="Hybrid")
    records = [line for line in body.split(b"\n") if line.strip()]
    assert answers[0]["done"]
    assert answers[0]["loaded"] + answers[0]["failed"] == len(records)
    assert all(key.startswith(("row/nightly-1/", "load/nightly-1/")) for key in world.table.items)
    assert all(len(letter.encode()) <= LETTER for letter in world.queue.bodies)


@quick
@given(event=JSON | like(loads.EVENT))
def test_an_event_of_another_shape_is_refused_by_a_value_error(event: Any) -> None:
    assert len(refusal(lambda: Load.from_event(event), ValueError)) < 400
    assert len(refusal(lambda: Batch.from_event(event), ValueError)) < 400


class Model:
    """An endpoint that answers with anything, or fails and says anything."""

    def __init__(self, body: bytes, failure: str | None = None) -> None:
        self._body = body
        self._failure = failure

    def describe_endpoint(self, **_: Any) -> dict[str, Any]:
        return {"EndpointConfigName": "config-1", "EndpointStatus": "InService"}

    def invoke_endpoint(self, **_: Any) -> dict[str, Any]:
        if self._failure is not None:
            error = {"Error": {"Code": "ModelError", "Message": self._failure}, "OriginalStatusCode": 400}
            raise ClientError(error, "InvokeEndpoint")
        return {"Body": io.BytesIO(self._body)}


@quick
@given(body=st.binary(max_size=100) | BODIES.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_each_record_gets_one_answer_or_a_reason_whatever_the_model_says(body: bytes) -> None:
    model = Model(body)
    endpoint = Endpoint(COMPUTE, control=model, runtime=model)
    told: list[Any] = []
    logged(
        lambda: told.extend(endpoint.ask([Record(id="a", payload="1"), Record(id="b", payload=SECRET)], 5, Log("c")))
    )
    assert sorted(record.id for record, _, _ in told) == ["a", "b"]


def test_what_a_container_says_of_a_payload_is_not_logged() -> None:
    model = Model(b"", failure=f"no float: {SECRET}{FORGED}")
    endpoint = Endpoint(COMPUTE, control=model, runtime=model)
    lines = logged(lambda: list(endpoint.ask([Record(id="a", payload="1")], 5, Log("c"))))
    said = {"Outcome": "NotAnswered", "Records": 1, "Error": "ModelError", "OriginalStatusCode": 400}
    assert lines == [{"correlation_id": "c", **said}]


@quick
@given(stored=BODIES, fresh=BODIES)
def test_any_two_answers_agree_or_do_not(stored: str, fresh: str) -> None:
    assert agree(stored, fresh, 0.01) in (True, False)
    assert agree(stored, stored, 0.01)


def test_numbers_beyond_all_bounds_are_compared() -> None:
    assert not agree("1" + "0" * 400, "1.5", 0.01)


def test_a_line_of_the_log_holds_a_few_ids_however_many_disagree() -> None:
    line = log_line(500, ["x" * 1000] * 500, COMPUTE, 0.0)
    assert (line["Disagreed"], len(line["Ids"])) == (500, 20)
