"""Look-ups and overrides as they go over the wire, and what comes back, with functions that answer from memory."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from constructs_lib.__main__ import main
from constructs_lib.client import Answer, Ask, InferenceClient, InferenceOption, LookupFailed, NotDeployed
from constructs_lib.client.deployed import Deployed
from constructs_lib.client.errors import UnsupportedPayload
from constructs_lib.errors import InvalidConfiguration
from constructs_lib.options.hybrid import MOST_REQUESTS

OUTPUTS = {
    "InferenceOption": "hybrid",
    "StateMachineArn": "arn",
    "LookupFunctionName": "look",
    "OverrideFunctionName": "forget",
}


class Functions:
    """Functions that note how they were called, as boto3 knows them."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.answer: Callable[[Any], dict[str, Any]] = self._stored
        self.error: str | None = None

    def client(self, service: str, **_: object) -> Any:
        assert service in ("lambda", "cloudformation")
        outputs = [{"OutputKey": name, "OutputValue": value} for name, value in OUTPUTS.items()]
        return SimpleNamespace(invoke=self._invoke, describe_stacks=lambda **_: {"Stacks": [{"Outputs": outputs}]})

    region_name = "eu-west-1"

    def _invoke(self, **given: Any) -> dict[str, Any]:
        request = json.loads(given["Payload"])
        self.calls.append((given["FunctionName"], request))
        answer = {"Payload": io.BytesIO(json.dumps(self.answer(request)).encode())}
        return answer | ({"FunctionError": self.error} if self.error else {})

    @staticmethod
    def _stored(request: Any) -> dict[str, Any]:
        named = {"correlation_id": request["correlation_id"]}
        if "override" in request:
            return {"since": 1.5, "overridden": len(request["override"]), **named}
        answers = [
            {"id": each["id"], "answer": "[1]", "path": "stored", "reason": None} for each in request["requests"]
        ]
        return {"batch": "b1", "answers": answers, **named}


@pytest.fixture
def functions() -> Functions:
    return Functions()


@pytest.fixture
def client(functions: Functions) -> InferenceClient:
    return InferenceClient(lookup_function="look", override_function="forget", session=functions)


def test_a_stack_of_hybrid_inference_is_found_by_its_outputs(functions: Functions) -> None:
    client = InferenceClient.for_stack("S", session=functions)
    assert client.inference_option is InferenceOption.HYBRID
    assert (client.deployed.lookup_function, client.deployed.override_function) == ("look", "forget")


def test_a_look_up_sends_what_was_given_and_answers_with_all_that_is_known(
    client: InferenceClient, functions: Functions
) -> None:
    answer = client.lookup("u1", {"watched": [3]}, feature_version="v2", fresh=True, correlation_id="order-17")
    asked = {"id": "u1", "payload": '{"watched":[3]}', "feature_version": "v2", "fresh": True}
    assert functions.calls == [("look", {"requests": [asked], "correlation_id": "order-17"})]
    assert answer == Answer(id="u1", answer="[1]", path="stored", batch="b1", correlation_id="order-17")
    assert answer.json() == [1]


@pytest.mark.parametrize(
    ("payload", "content_type", "text"),
    [("1,2", None, "1,2"), ([1, 2], "text/csv", "1,2"), ([1, 2], None, "[1,2]"), (b"1,2", None, "1,2")],
)
def test_a_payload_is_text_in_the_content_type_of_the_endpoint(
    payload: object, content_type: str | None, text: str
) -> None:
    assert Ask(id="u1", payload=payload, content_type=content_type).request() == {"id": "u1", "payload": text}


def test_a_payload_that_is_no_text_is_refused() -> None:
    with pytest.raises(UnsupportedPayload, match="must be text, got bytes"):
        Ask(id="u1", payload=b"\xff").request()


def test_many_ids_are_asked_for_in_portions_and_answered_in_their_order(
    client: InferenceClient, functions: Functions
) -> None:
    ids = [f"u{number}" for number in range(MOST_REQUESTS + 1)]
    assert [answer.id for answer in client.lookup_all(ids)] == ids
    assert [len(request["requests"]) for _, request in functions.calls] == [MOST_REQUESTS, 1]


def test_an_override_is_for_the_other_function(client: InferenceClient, functions: Functions) -> None:
    client.override(["u1", "u2"], correlation_id="order-17")
    assert functions.calls == [("forget", {"override": ["u1", "u2"], "correlation_id": "order-17"})]


def test_portions_of_one_look_up_have_one_new_id_and_the_next_look_up_another(
    client: InferenceClient, functions: Functions
) -> None:
    ids = [f"u{number}" for number in range(MOST_REQUESTS + 1)]
    made = {answer.correlation_id for answer in client.lookup_all(ids)}
    assert len(made) == 1
    assert {request["correlation_id"] for _, request in functions.calls} == made
    assert client.lookup("u1").correlation_id not in made


@pytest.mark.parametrize("name", ["", "x" * 65, "a b", "a/b", "a\n"])
def test_an_id_that_functions_would_replace_is_refused_before_anything_is_sent(
    client: InferenceClient, functions: Functions, name: str
) -> None:
    for call in (client.lookup_all, client.override):
        with pytest.raises(InvalidConfiguration, match="correlation_id must be"):
            call(["u1"], correlation_id=name)
    assert functions.calls == []


def test_what_is_refused_and_what_fails_is_raised(client: InferenceClient, functions: Functions) -> None:
    functions.answer = lambda _: {"error": "an id must have at most 1024 bytes"}
    with pytest.raises(LookupFailed, match="at most 1024 bytes"):
        client.lookup("u" * 2000)
    functions.answer, functions.error = lambda _: {"errorType": "KeyError", "errorMessage": "pk"}, "Unhandled"
    with pytest.raises(LookupFailed, match="look failed: KeyError: pk"):
        client.lookup("u1")


def test_one_id_in_place_of_a_list_is_not_overridden_letter_by_letter(
    client: InferenceClient, functions: Functions
) -> None:
    with pytest.raises(LookupFailed, match="list of ids, got 'u1'"):
        client.override("u1")
    assert functions.calls == []


def test_other_calls_say_what_to_do_instead() -> None:
    client = InferenceClient(lookup_function="look", inference_option="hybrid")
    with pytest.raises(NotDeployed, match=r"use lookup\(\), override\(\) or run_batch\(\)"):
        client.predict("x")
    pipeline = Deployed.from_outputs("S", {"StateMachineArn": "arn"}, "")
    with pytest.raises(NotDeployed, match="lookup needs lookup_function, and the outputs of stack S do not give it"):
        pipeline.need("lookup_function", "lookup")


def test_the_command_line_prints_a_line_an_id_and_fails_for_a_default_answer(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("constructs_lib.client.connections._session", lambda: functions)
    assert main(["lookup", "--stack", "S", "u1", "u2"]) == 0
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == ["u1", "u2"]
    default = {"id": "u1", "answer": None, "path": "default", "reason": "missing", "why": "no payload"}
    functions.answer = lambda _: {"batch": None, "answers": [default]}
    assert main(["lookup", "--stack", "S", "u1"]) == 1
    assert json.loads(capsys.readouterr().out) == {name: value for name, value in default.items() if value}
    assert main(["override", "--stack", "S", "u1"]) == 0
    name, request = functions.calls[-1]
    assert (name, request["override"]) == ("forget", ["u1"])


def test_a_payload_on_the_command_line_is_of_one_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lookup", "--stack", "S", "--payload", "1,2", "u1", "u2"]) == 1
    assert capsys.readouterr().err == "error: a payload is of one ID; ask for the others apart\n"
