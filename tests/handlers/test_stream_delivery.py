"""What one delivery does: scores, puts, keeps what fails, waits, hands back; and what it costs and says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from stream_score.sinks import DeliveryStream, ResultStream
from tests.handlers.conftest import _load
from tests.handlers.fakes import client_error
from tests.handlers.stream_events import (
    BEGIN,
    ENVIRONMENT,
    LAMBDA,
    SETTINGS,
    message,
    stream_record,
)
from tests.handlers.stream_world import World, check, rides
from tests.handlers.streams import (
    WORKS,
)

Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("stream_score.handler", ENVIRONMENT | LAMBDA)


def test_a_batch_in_which_nothing_fails_is_done_in_one_invocation(handler: ModuleType, logged: Logged) -> None:
    world = World(handler)
    records = rides(["ride"] * 20)
    assert world.invoke(records) == {"batchItemFailures": []}
    check(world, records)
    [line] = [each for each in logged() if "_aws" in each]
    assert [line[name] for name in ("RecordsIn", "RecordsOut", "Poisoned", "Duplicates", "Throttled")] == [
        20,
        20,
        0,
        0,
        0,
    ]
    assert len(line["EndpointLatency"]) == len(world.model.requests) == 5
    assert min(line["EndToEndLatency"]) == pytest.approx((60.0 - 1.9) * 1000)
    assert line["FunctionName"] == "score"


def test_a_result_says_whose_it_is(handler: ModuleType) -> None:
    world = World(handler)
    [record] = rides(["ride"])
    world.invoke([record])
    assert world.results.lines() == [
        {
            "id": record["eventID"],
            "partition_key": "a",
            "shard_id": "shardId-000000000000",
            "sequence_number": record["kinesis"]["sequenceNumber"],
            "arrived_at": BEGIN,
            "correlation_id": record["kinesis"]["sequenceNumber"],
            "prediction": "=ride0",
        }
    ]


def test_the_same_batch_delivered_again_asks_nothing_and_puts_nothing(handler: ModuleType, logged: Logged) -> None:
    world = World(handler)
    records = rides(["ride", "poison", "ride"])
    world.invoke(records)
    asked = len(world.model.requests)
    logged()
    assert world.invoke(records) == {"batchItemFailures": []}
    assert len(world.model.requests) == asked
    check(world, records)
    [line] = [each for each in logged() if "_aws" in each]
    assert (line["Duplicates"], line["RecordsIn"], line["RecordsOut"]) == (3, 3, 0)


def test_a_poisoned_record_harms_no_other_one_of_its_batch(handler: ModuleType) -> None:
    world = World(handler, max_records_per_request=500)
    records = rides(["ride"] * 317 + ["poison"] + ["ride"] * 182, 0.001)
    assert world.invoke(records) == {"batchItemFailures": []}
    check(world, records)
    [kept] = world.bucket.objects.values()
    assert kept["id"] == records[317]["eventID"]
    assert kept["reason"] == "400: no such ride"
    assert kept["data"] == records[317]["kinesis"]["data"]
    assert kept["partition_key"] == records[317]["kinesis"]["partitionKey"]
    # Halving: the one that is refused, and its other half, on each level.
    assert len(world.model.requests) <= 1 + 2 * 9


def test_while_the_endpoint_throttles_the_batch_waits_and_then_comes_again(handler: ModuleType, logged: Logged) -> None:
    world = World(handler)
    records = rides(["ride"] * 8)
    world.model.throttles = 500
    begun = world.clock()
    first = [{"itemIdentifier": records[0]["kinesis"]["sequenceNumber"]}]
    assert world.invoke(records) == {"batchItemFailures": first}
    assert 70 <= world.clock() - begun <= 90, "it waits as long as there is time for a request of 30 s"
    [line] = [each for each in logged() if "_aws" in each]
    assert line["Throttled"] == 500 - world.model.throttles
    assert (line["RecordsIn"], line["RecordsOut"]) == (0, 0)
    world.model.throttles = 3
    assert world.invoke(records) == {"batchItemFailures": []}
    check(world, records)


def test_what_was_scored_before_the_endpoint_throttles_is_put(handler: ModuleType) -> None:
    world = World(handler)
    records = rides(["ride"] * 12)
    # While the second request is answered, others take all there is of the endpoint.
    world.plan.faults = iter([WORKS, WORKS, lambda: setattr(world.model, "throttles", 500)])
    response = world.invoke(records)
    assert response == {"batchItemFailures": [{"itemIdentifier": records[8]["kinesis"]["sequenceNumber"]}]}
    assert len(world.results.lines()) == 8


def test_a_record_on_which_the_model_fails_by_chance_gets_further_tries(handler: ModuleType) -> None:
    world = World(handler)
    world.model.is_broken = True
    world.plan.faults = iter([*[WORKS] * 3, lambda: setattr(world.model, "is_broken", False)])
    records = rides(["ride"])
    world.invoke(records)
    assert len(world.model.requests) == 3
    assert world.tally().results


def test_a_broken_model_poisons_no_long_run_of_records(handler: ModuleType) -> None:
    world = World(handler)
    world.model.is_broken = True
    records = rides(["ride"] * 20)
    with pytest.raises(Exception, match="the model fails on every record"):
        world.invoke(records)
    assert not world.bucket.objects
    world.model.is_broken = False
    world.deliver(records)
    assert sum(world.tally().results.values()) == 20


def test_a_long_run_of_records_that_break_a_model_is_kept_if_it_answers_others(handler: ModuleType) -> None:
    world = World(handler)
    records = rides(["ride", *["bomb"] * 25, "ride"])
    assert world.invoke(records) == {"batchItemFailures": []}
    check(world, records)
    assert len(world.bucket.objects) == 25


def test_the_records_on_which_a_broken_model_fails_alone_are_bisected_free(handler: ModuleType) -> None:
    world = World(handler)
    records = rides(["bomb"] * 15 + ["ride"])
    world.deliver(records)
    check(world, records)


def test_a_record_that_makes_the_model_hang_is_found_though_time_is_over_before(handler: ModuleType) -> None:
    """To halve a request takes a request's time each; so Lambda has to halve the batch."""
    world = World(handler, max_records_per_request=64)
    records = rides(["ride"] * 20 + ["hang"] + ["ride"] * 43)
    assert world.deliver(records) < 40
    check(world, records)
    assert [kept["id"] for kept in world.bucket.objects.values()] == [records[20]["eventID"]]


def test_a_journal_costs_few_writes_however_many_keys_there_are(handler: ModuleType) -> None:
    world = World(handler, max_records_per_request=500, max_records_per_put=500)
    records = [stream_record(number, f"ride{number}", f"key-{number}", BEGIN) for number in range(500)]
    world.invoke(records)
    assert world.table.writes == 2
    sizes = [sum(len(next(iter(value.values()))) for value in item.values()) for item in world.table.items.values()]
    assert max(sizes) < 7000
    check(world, records)


def test_what_is_remembered_expires(handler: ModuleType) -> None:
    world = World(handler)
    world.invoke(rides(["ride"]))
    [item] = world.table.items.values()
    assert int(item["expires_at"]["N"]) == int(world.clock()) + 172_800


def test_messages_of_a_queue_are_scored_once_too(handler: ModuleType) -> None:
    world = World(handler)
    messages = [message(number, f"ride{number}", group="g") for number in range(5)]
    assert world.invoke(messages) == world.invoke(messages) == {"batchItemFailures": []}
    assert [line["prediction"] for line in world.results.lines()] == [f"=ride{number}" for number in range(5)]
    assert {line["partition_key"] for line in world.results.lines()} == {"g"}


def test_of_a_queue_all_that_is_not_done_is_named(handler: ModuleType) -> None:
    world = World(handler)
    world.model.throttles = 500
    messages = [message(number, f"ride{number}") for number in range(3)]
    named = world.invoke(messages)["batchItemFailures"]
    assert named == [{"itemIdentifier": each["messageId"]} for each in messages]


def test_an_endpoint_that_is_not_there_poisons_nothing(handler: ModuleType) -> None:
    world = World(handler)

    def gone() -> None:
        raise client_error("ValidationError", "InvokeEndpoint")

    world.plan.faults = iter([WORKS, gone])
    records = rides(["ride"])
    assert world.invoke(records)["batchItemFailures"]
    assert not world.bucket.objects
    world.deliver(records)
    check(world, records)


@pytest.mark.parametrize(
    ("results", "delivery", "sink"), [("prices", "", ResultStream), ("", "prices", DeliveryStream)]
)
def test_results_go_where_the_settings_say(handler: ModuleType, results: str, delivery: str, sink: type) -> None:
    changed = replace(SETTINGS, result_stream_name=results, delivery_stream_name=delivery)
    assert isinstance(handler._sink(changed, handler.Config()), sink)


def test_every_line_that_is_logged_is_json(handler: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(handler)
    world.invoke(rides(["poison", "ride"]))
    assert all(isinstance(json.loads(line), dict) for line in capsys.readouterr().out.splitlines())
