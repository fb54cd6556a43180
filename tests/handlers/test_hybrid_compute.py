"""The endpoint is asked as seldom as it takes, its answers are those of one version, and each is the right record's."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from hybrid_compute.endpoint import Endpoint
from hybrid_compute.settings import Settings
from tests.handlers.conftest import _load
from tests.handlers.fakes import client_error
from tests.handlers.tables import COMPUTE_ENVIRONMENT, TABLE, MemoryTable, text

SETTINGS = Settings.from_environment(COMPUTE_ENVIRONMENT)
SERVING = {"EndpointConfigName": "config-1", "EndpointStatus": "InService"}
Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("hybrid_compute.handler", COMPUTE_ENVIRONMENT)


class FakeEndpoint:
    """Both clients of SageMaker. ``tell`` makes the body of the answer."""

    def __init__(self) -> None:
        self.described: dict[str, Any] = dict(SERVING)
        self.descriptions = 0
        self.bodies: list[str] = []
        self.tell: Callable[[str], str] = str.upper

    def describe_endpoint(self, **_: Any) -> dict[str, Any]:
        self.descriptions += 1
        return self.described

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        self.bodies.append(request["Body"].decode())
        return {"Body": io.BytesIO(self.tell(self.bodies[-1]).encode())}


class World:
    def __init__(self, handler: ModuleType) -> None:
        self._handler = handler
        self.table, self.sagemaker, self.now = MemoryTable(), FakeEndpoint(), 0.0
        self._endpoint = self._made(SETTINGS)

    def _made(self, settings: Settings) -> Endpoint:
        return Endpoint(settings, control=self.sagemaker, runtime=self.sagemaker, clock=lambda: self.now)

    def compute(self, event: dict[str, Any], **settings: Any) -> dict[str, Any]:
        told = replace(SETTINGS, **settings)
        endpoint = self._made(told) if settings else self._endpoint
        answer: dict[str, Any] = self._handler.Computer(told, endpoint=endpoint, dynamodb=self.table).compute(event)
        return answer

    def ask(self, *payloads: str, **settings: Any) -> dict[str, str]:
        """What is answered to each of these payloads, or why nothing is."""
        answers = self.compute(event(*payloads), **settings)["answers"]
        return {name: each.get("answer", each.get("why")) for name, each in answers.items()}


def event(*payloads: str, **members: Any) -> dict[str, Any]:
    requests = [{"id": f"u{place}", "payload": payload} for place, payload in enumerate(payloads)]
    return {"mode": "answer", "model_version": "model-1", "milliseconds": 1000, "requests": requests, **members}


@pytest.fixture
def world(handler: ModuleType) -> World:
    return World(handler)


def test_records_go_together_as_far_as_a_request_holds_them(world: World) -> None:
    assert world.ask("a,b", "c,d", "e" * 11, "f") == {"u0": "A,B", "u1": "C,D", "u2": "E" * 11, "u3": "F"}
    assert world.sagemaker.bodies == ["a,b\nc,d\n" + "e" * 11, "f"]


def test_other_types_are_asked_for_one_by_one_and_the_answer_is_the_body(world: World) -> None:
    assert world.ask('{"a":\n1}', "b", content_type="application/json") == {"u0": '{"A":\n1}', "u1": "B"}
    assert world.sagemaker.bodies == ['{"a":\n1}', "b"]


@pytest.mark.parametrize("payload", ["a\nb", "a\rb", "a\r\n", "\n", " ", "x" * 21])
def test_a_payload_that_would_be_two_records_or_none_is_left_out(world: World, payload: str) -> None:
    """Otherwise a caller could shift the answers of all records after its own."""
    assert world.ask("a", payload, "b") == {"u0": "A", "u1": "bad payload", "u2": "B"}
    assert world.sagemaker.bodies == ["a\nb"]


def test_a_container_that_does_not_answer_line_by_line_is_asked_for_each_record_alone(world: World) -> None:
    world.sagemaker.tell = lambda body: body.replace("\n", ";").upper()
    assert world.ask("a", "b", "c") == {"u0": "A", "u1": "B", "u2": "C"}
    assert world.sagemaker.bodies == ["a\nb\nc", "a", "b", "c"]
    assert world.ask("a", "b") == {"u0": "A", "u1": "B"}
    assert world.sagemaker.bodies[4:] == ["a", "b"], "it is remembered"


@pytest.mark.parametrize("body", ["", "\n", "a\nb"])
def test_a_record_that_gets_no_answer_or_several_has_none(world: World, body: str) -> None:
    world.sagemaker.tell = lambda _: body
    assert world.ask("a") == {"u0": "failed"}
    assert world.table.items == {}


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (client_error("ThrottlingException"), "throttled"),
        (client_error("ServiceUnavailable", status=503), "throttled"),
        (client_error("ModelError", status=424), "failed"),
        (ReadTimeoutError(endpoint_url="https://runtime"), "failed"),
    ],
)
def test_an_endpoint_that_fails_is_asked_once(world: World, error: Exception, why: str) -> None:
    def fail(body: str) -> str:
        raise error

    world.sagemaker.tell = fail
    assert world.ask("a", "b") == {"u0": why, "u1": why}
    assert world.sagemaker.bodies == ["a\nb"]
    assert world.table.items == {}


def test_nothing_is_begun_when_the_caller_has_gone(world: World) -> None:
    def take_a_second(body: str) -> str:
        world.now += 1.0
        return body.upper()

    world.sagemaker.tell = take_a_second
    assert world.ask("a" * 15, "b" * 15) == {"u0": "A" * 15, "u1": "no time"}


@pytest.mark.parametrize(
    ("described", "is_served"),
    [
        (SERVING, True),
        ({**SERVING, "EndpointStatus": "Updating"}, True),
        ({**SERVING, "EndpointStatus": "SystemUpdating"}, True),
        ({**SERVING, "EndpointStatus": "Updating", "PendingDeploymentSummary": {}}, False),
        ({**SERVING, "EndpointStatus": "RollingBack"}, False),
        ({**SERVING, "EndpointStatus": "Failed"}, False),
        ({**SERVING, "EndpointConfigName": "config-2"}, False),
    ],
)
def test_while_it_is_deployed_to_the_endpoint_is_not_asked(
    world: World, described: dict[str, Any], is_served: bool
) -> None:
    world.sagemaker.described = described
    answer = world.compute(event("a"))
    assert answer["model_version"] == ("model-1" if is_served else "")
    assert len(world.sagemaker.bodies) == int(is_served)


def test_a_caller_of_another_version_gets_nothing(world: World) -> None:
    assert world.compute(event("a", model_version="model-2")) == {"model_version": "", "answers": {}}
    assert world.sagemaker.bodies == []


def test_the_endpoint_is_looked_at_every_few_seconds(world: World) -> None:
    for now, descriptions in ((0.0, 1), (4.9, 1), (5.0, 2), (9.9, 2), (10.0, 3)):
        world.now = now
        world.ask("a")
        assert world.sagemaker.descriptions == descriptions
    world.sagemaker.described = {**SERVING, "EndpointConfigName": "config-2"}
    world.now = 15.0
    for _ in range(2):
        assert world.compute(event("a"))["answers"] == {}
    assert world.sagemaker.descriptions == 5, "that it does not serve is not believed for long"


def test_a_deployment_that_begins_between_two_requests_ends_them(world: World) -> None:
    def deploy(body: str) -> str:
        world.now += 10.0
        world.sagemaker.described = {**SERVING, "EndpointStatus": "Updating", "PendingDeploymentSummary": {}}
        return body.upper()

    world.sagemaker.tell = deploy
    asked = event("a" * 15, "b" * 15, milliseconds=60_000)
    assert [each.get("why") for each in world.compute(asked)["answers"].values()] == [None, "deploying"]
    assert len(world.sagemaker.bodies) == 1


def test_answers_are_kept_with_version_features_and_time(world: World) -> None:
    asked = event("a")
    asked["requests"][0]["feature_version"] = "now"
    computed_at = world.compute(asked)["answers"]["u0"]["computed_at"]
    item = world.table.items["fresh/model-1/u0"]
    assert {name: text(item, name) for name in item} == {
        "pk": "fresh/model-1/u0",
        "answer": "A",
        "model_version": "model-1",
        "feature_version": "now",
        "computed_at": f"{computed_at:.3f}",
        "expires_at": str(int(computed_at) + 100),
    }


def test_without_a_time_to_live_nothing_is_kept(world: World) -> None:
    assert world.ask("a", fresh_expires_after_seconds=0) == {"u0": "A"}
    assert world.table.items == {}


def test_an_answer_that_is_too_large_for_the_table_is_given_and_not_kept(world: World) -> None:
    world.sagemaker.tell = lambda _: "x" * 3000
    assert world.ask("a") == {"u0": "x" * 3000}
    assert world.table.items == {}


def test_a_newer_answer_stays(world: World) -> None:
    newer = {"pk": {"S": "fresh/model-1/u0"}, "answer": {"S": "newer"}, "computed_at": {"N": "99999999999"}}
    world.table.items["fresh/model-1/u0"] = dict(newer)
    assert world.ask("a") == {"u0": "A"}
    assert world.table.items["fresh/model-1/u0"] == newer


def test_a_table_that_takes_nothing_is_of_no_matter_to_the_caller(world: World) -> None:
    def refuse(_: str) -> None:
        raise client_error("ThrottlingException", "PutItem")

    world.table.before = refuse
    assert world.ask("a") == {"u0": "A"}


def test_many_who_ask_for_the_same_at_once_are_all_answered(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: world.ask("a"), range(64)))
    assert answers == [{"u0": "A"}] * 64
    assert list(world.table.items) == ["fresh/model-1/u0"]


def test_stored_answers_are_compared_and_those_that_disagree_are_named(world: World, logged: Logged) -> None:
    stored = {"u0": ("1.0", "1.005"), "u1": ("1.0", "1.2"), "u2": ("cat", "cat"), "u3": ("x\ny", "never asked")}
    requests = [{"id": name, "payload": payload, "answer": answer} for name, (payload, answer) in stored.items()]
    world.sagemaker.tell = str
    assert world.compute({"mode": "compare", "model_version": "model-1", "requests": requests})["answers"] == {}
    assert world.table.items == {}
    [line] = logged()
    assert (line["Compared"], line["Disagreed"], line["Ids"], line["TableName"]) == (3, 1, ["u1"], TABLE)
    assert json.dumps(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]) == '[["TableName"]]'
