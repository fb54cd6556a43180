"""Streams: records and messages of anybody, and a model that answers with anything."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_score.failures import name_of
from stream_score.records import Record, records_of
from stream_score.sinks import _ids_of
from tests.handlers.conftest import _load
from tests.handlers.hostile import BODIES, FORGED, JSON, KEYS, SECRET, TEXTS, logged, quick
from tests.handlers.stream_events import ENVIRONMENT, LAMBDA, message, stream_record
from tests.handlers.stream_world import World
from tests.handlers.streams import model_error

# Kinesis takes any characters for a key, and Lambda hands on those that are UTF-8.
PARTITION_KEYS = KEYS.filter(lambda key: len(key) <= 256)
DATA = st.binary(max_size=80) | BODIES.map(lambda text: text.encode("utf-8", "surrogatepass"))


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("stream_score.handler", ENVIRONMENT | LAMBDA)


@quick
@given(records=st.lists(st.tuples(DATA, PARTITION_KEYS), min_size=1, max_size=5), is_json=st.booleans())
def test_every_record_is_scored_or_kept_as_a_failure_whatever_it_holds(
    handler: ModuleType, records: list[tuple[bytes, str]], is_json: bool
) -> None:
    world = World(handler, content_type="application/jsonlines" if is_json else "text/csv")
    events = [stream_record(number, data, key) for number, (data, key) in enumerate(records)]
    lines = logged(lambda: world.deliver(events), namespace="Streams")
    found = world.tally()
    assert sum(found.results.values()) + sum(found.failures.values()) == len(records)
    assert all(key.startswith("failures/") for key in world.bucket.objects)
    assert all(len(json.dumps(line)) < 3000 for line in lines)


@quick
@given(body=DATA, content_type=st.sampled_from(("text/csv", "application/json", "", "\n")))
def test_whatever_the_model_answers_every_record_ends_once(handler: ModuleType, body: bytes, content_type: str) -> None:
    world = World(handler)
    world.model.invoke_endpoint = (  # type: ignore[method-assign]  # another model
        lambda **_: {"Body": io.BytesIO(body), "ContentType": content_type}
    )
    logged(lambda: world.deliver([stream_record(1, "a"), stream_record(2, "b")]), namespace="Streams")
    found = world.tally()
    assert sum(found.results.values()) + sum(found.failures.values()) == 2


def test_what_a_container_says_of_a_record_is_kept_with_it_and_not_logged(handler: ModuleType) -> None:
    world = World(handler)

    def refuse(**_: Any) -> Any:
        raise model_error(400, f"no float: {SECRET}{FORGED}")

    world.model.invoke_endpoint = refuse  # type: ignore[method-assign]  # another model
    lines = logged(lambda: world.deliver([stream_record(1, SECRET)]), namespace="Streams")
    assert [line["Reason"] for line in lines if line.get("Outcome") == "Poisoned"] == ["400"]
    assert SECRET in next(iter(world.bucket.objects.values()))["reason"]


@quick
@given(body=TEXTS, group=st.none() | TEXTS)
def test_any_message_of_a_queue_is_a_record(body: str, group: str | None) -> None:
    [record] = records_of({"Records": [message(1, body, group)]})
    assert record.data == body.encode("utf-8", "surrogatepass")


@quick
@given(shard=TEXTS, number=TEXTS)
def test_a_failure_lies_in_the_folder_of_its_day_and_shard(shard: str, number: str) -> None:
    record = Record(
        id="i", source_arn="a", shard_id=shard, sequence_number=number, position="p", key="k", arrived_at=0.0, data=b""
    )
    assert re.fullmatch(r"1970-01-01/[a-zA-Z0-9_-]+/[a-zA-Z0-9_-]*\.json", name_of(record))


@quick
@given(data=DATA | JSON.map(lambda value: json.dumps({"id": value}).encode()))
def test_what_else_is_in_a_result_stream_is_passed_over(data: bytes) -> None:
    assert all(isinstance(each, str) for each in _ids_of(data))
