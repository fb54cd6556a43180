"""The id of a request: taken from outside only if it is plain, and then on every line, every hop, and in the answer."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given

from constructs_lib.facts import realtime
from hybrid_compute.correlation import Log, is_plain
from hybrid_compute.endpoint import Endpoint
from hybrid_compute.logic import Record as Asked
from hybrid_compute.settings import Settings
from stream_score.records import Record
from tests.handlers import lookups
from tests.handlers.conftest import _load
from tests.handlers.hostile import JSON, TEXTS, logged, quick
from tests.handlers.stream_events import ENVIRONMENT, LAMBDA, stream_record
from tests.handlers.stream_world import World as StreamWorld
from tests.handlers.tables import COMPUTE_ENVIRONMENT

RECORD: dict[str, Any] = {
    "id": "i", "source_arn": "a", "shard_id": "s", "position": "1", "key": "k", "arrived_at": 1.0, "data": b""
}  # fmt: skip
FOLDERS = Path(__file__).resolve().parents[2] / "lambda"
COMPUTE = Settings.from_environment(COMPUTE_ENVIRONMENT)
PLAIN = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@pytest.fixture(scope="module")
def score_handler() -> Iterator[ModuleType]:
    yield from _load("stream_score.handler", ENVIRONMENT | LAMBDA)


def test_all_functions_judge_an_id_by_the_same_file() -> None:
    files = sorted(FOLDERS.glob("*/correlation.py"))
    assert {file.parent.name for file in files} >= {"hybrid_lookup", "hybrid_compute", "hybrid_override"}
    assert len({file.read_text(encoding="utf-8") for file in files}) == 1


@pytest.mark.parametrize("name", ["a", "order-17", "A.b_c:9", "x" * 64, "1-5759e988-bd862e3fe1be46a994272793"])
def test_a_plain_id_is_taken_as_it_is(name: str) -> None:
    log: list[Log] = []
    assert logged(lambda: log.append(Log.of(name, "own"))) == []
    assert log[0].correlation_id == name


@pytest.mark.parametrize(
    "name", ["", "x" * 65, "a b", "a\n", "a/b", "../a", "\u00e4", "a,b", '"', 7, True, ["a"], {"a": 1}]
)
def test_any_other_is_replaced_and_that_is_noted_without_a_character_of_it(name: object) -> None:
    log: list[Log] = []
    [line] = logged(lambda: log.append(Log.of(name, "own")))
    assert log[0].correlation_id == line["correlation_id"] == "own"
    assert line["Outcome"] == "CorrelationIdReplaced"
    assert line["Given"] in (f"{len(name)} characters" if isinstance(name, str) else "", type(name).__name__)


@pytest.mark.parametrize("own", [None, "", "no id of Lambda's, this"])
def test_without_one_there_is_a_new_one_each_time(own: str | None) -> None:
    one, other = Log.of(None, own), Log.of(None, own)
    assert is_plain(one.correlation_id)
    assert one.correlation_id != other.correlation_id


@quick
@given(value=JSON)
def test_whatever_comes_the_id_is_plain_and_short_enough_for_sagemaker(value: Any) -> None:
    log: list[Log] = []
    logged(lambda: log.append(Log.of(value, None)))
    assert PLAIN.fullmatch(log[0].correlation_id)
    assert len(log[0].correlation_id) <= realtime.INFERENCE_ID_LENGTH.maximum


def over_http(name: object, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"x-correlation-id": name}
    return {"requestContext": {"http": {"method": "POST"}}, "headers": headers, "body": json.dumps(body)}


def test_the_callers_id_is_in_the_answer_on_each_line_and_in_what_computes(
    lookup_handler: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    world = lookups.World(lookup_handler)
    asked = {"requests": [{"id": "nobody", "payload": "1"}], "correlation_id": "order-17"}
    assert world.lookup().answer(asked)["correlation_id"] == "order-17"
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["correlation_id"] for line in lines] == ["order-17"] * 2
    assert [event["correlation_id"] for _, event in world.lambda_.events] == ["order-17"]


def test_over_http_it_is_a_header_and_lambdas_own_without_one(lookup_handler: ModuleType) -> None:
    look_up = lookups.World(lookup_handler).lookup().answer
    for name, taken in (("order-17", "order-17"), ("a b", "own"), (None, "own")):
        answer = look_up(over_http(name, {"id": "u"}), "own")
        assert (answer["statusCode"], json.loads(answer["body"])["correlation_id"]) == (200, taken)


def test_headers_of_any_shape_are_no_id(lookup_handler: ModuleType) -> None:
    look_up = lookups.World(lookup_handler).lookup().answer
    shapes: tuple[Any, ...] = (None, [], "x-correlation-id", {"x-correlation-id": {"a": 1}})
    for headers in shapes:
        answer = look_up(over_http(None, {"id": "u"}) | {"headers": headers}, "own")
        assert json.loads(answer["body"])["correlation_id"] == "own"


def test_a_request_of_a_stream_has_the_number_of_its_first_record_in_each_line_and_result(
    score_handler: ModuleType,
) -> None:
    world = StreamWorld(score_handler)
    records = [stream_record(number, f"ride{number}") for number in range(6)]
    numbers = [record["kinesis"]["sequenceNumber"] for record in records]
    lines = logged(lambda: world.deliver(records), namespace="Streams")
    firsts = [numbers[0], numbers[4]]
    assert world.model.ids == firsts
    assert [line["correlation_id"] for line in lines if line.get("Outcome") == "Scored"] == firsts
    assert {line["correlation_id"] for line in lines} == set(firsts)
    assert [line["correlation_id"] for line in world.results.lines()] == [firsts[0]] * 4 + [firsts[1]] * 2


def test_a_record_that_is_refused_is_found_by_its_own_number(score_handler: ModuleType) -> None:
    world = StreamWorld(score_handler)
    records = [stream_record(number, text) for number, text in enumerate(("ride", "poison", "ride"))]
    lines = logged(lambda: world.deliver(records), namespace="Streams")
    number = records[1]["kinesis"]["sequenceNumber"]
    assert [line["correlation_id"] for line in lines if line.get("Outcome") == "Poisoned"] == [number]
    assert [kept["correlation_id"] for kept in world.bucket.objects.values()] == [number]


@quick
@given(number=TEXTS)
def test_whatever_the_number_of_a_record_is_its_id_is_plain_and_always_the_same(number: str) -> None:
    one, other = (Record(sequence_number=number, **RECORD) for _ in range(2))
    assert PLAIN.fullmatch(one.correlation_id)
    assert one.correlation_id == other.correlation_id
    assert one.correlation_id == number or not PLAIN.fullmatch(number)


class Runtime:
    """Says which requests it had."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def describe_endpoint(self, **_: Any) -> dict[str, Any]:
        return {"EndpointConfigName": "config-1", "EndpointStatus": "InService"}

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        return {"Body": io.BytesIO(request["Body"])}


def test_it_is_the_inference_id_of_each_request_to_the_endpoint() -> None:
    runtime = Runtime()
    endpoint = Endpoint(COMPUTE, control=runtime, runtime=runtime)
    list(endpoint.ask([Asked(id=name, payload="x" * 15) for name in "ab"], 5, Log("order-17")))
    assert len(runtime.asked) == 2
    assert {request["InferenceId"] for request in runtime.asked} == {"order-17"}
    assert all("CustomAttributes" not in request for request in runtime.asked), "a container may read them"
