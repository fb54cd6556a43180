"""One result or one failure for each record, in the order of its key, whatever fails and however often it comes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream_score.sinks import DeliveryStream, ResultStream
from tests.handlers.conftest import _load
from tests.handlers.fakes import client_error
from tests.handlers.streams import (
    BEGIN,
    BUSY,
    ENDED_AFTER,
    ENDED_BEFORE,
    ENVIRONMENT,
    FAULTS,
    LAMBDA,
    LATE,
    LOST,
    SETTINGS,
    VANISHED,
    WORKS,
    Ended,
    World,
    is_of_a_service,
    message,
    stream_record,
)

Logged = Callable[[], list[dict[str, Any]]]
KEYS = ("a", "b", "c")
BAD = ("poison", "bomb", "", "two")


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("stream_score.handler", ENVIRONMENT | LAMBDA)


def rides(texts: Sequence[str], seconds_apart: float = 0.1) -> list[dict[str, Any]]:
    return [
        stream_record(number, f"{text}{number}" if text else "", KEYS[number % 3], BEGIN + number * seconds_apart)
        for number, text in enumerate(texts)
    ]


def check(world: World, records: Sequence[dict[str, Any]]) -> None:
    """Counts in are results and failures, nothing twice, order kept."""
    tally = world.tally()
    ids = [record["eventID"] for record in records]
    assert tally.results + tally.failures == Counter(ids)
    for numbers in tally.order.values():
        assert numbers == sorted(numbers, key=int)


schedules = st.lists(st.one_of(st.just(WORKS), st.sampled_from(FAULTS)), max_size=60)
streams = st.lists(st.sampled_from(("ride", "ride", "ride", *BAD)), min_size=1, max_size=20)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)


@unhurried
@given(texts=streams, faults=schedules, seconds_apart=st.sampled_from((0.1, 25.0)))
def test_under_any_schedule_of_faults_every_record_ends_once(
    handler: ModuleType, texts: list[str], faults: list[str], seconds_apart: float
) -> None:
    world = World(handler, faults)
    records = rides(texts, seconds_apart)
    world.deliver(records)
    check(world, records)


@unhurried
@given(texts=streams, faults=schedules, cuts=st.lists(st.tuples(st.integers(0, 19), st.integers(1, 20)), max_size=4))
def test_records_that_come_again_in_other_batches_end_once(
    handler: ModuleType, texts: list[str], faults: list[str], cuts: list[tuple[int, int]]
) -> None:
    world = World(handler, faults)
    records = rides(texts)
    world.deliver(records)
    for begin, size in cuts:
        world.deliver(records[begin : begin + size])
    check(world, records)


@unhurried
@given(
    texts=streams,
    before=st.integers(0, 12),
    faults=st.lists(st.sampled_from((WORKS, *FAULTS)), max_size=10),
    seconds=st.sampled_from((15.0, 60.0, 200.0)),
)
def test_two_deliveries_of_the_same_batch_at_once_put_nothing_twice(
    handler: ModuleType, texts: list[str], before: int, faults: list[str], seconds: float
) -> None:
    """The second one runs while the first one is in the middle of a call."""
    records = rides(texts)

    def intrude() -> None:
        begun = world.clock()
        try:
            world.invoke(records, seconds)
        except Exception as error:
            if not is_of_a_service(error):
                raise
        if world.clock() > begun + 100:
            raise Ended

    world = World(handler, [*[WORKS] * before, intrude, *faults])
    world.deliver(records)
    check(world, records)


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


@pytest.mark.parametrize("fault", [ENDED_BEFORE, ENDED_AFTER])
@pytest.mark.parametrize("calls", range(1, 30))
def test_a_function_that_is_ended_at_any_call_leaves_nothing_lost_or_twice(
    handler: ModuleType, calls: int, fault: str
) -> None:
    world = World(handler, [*[WORKS] * calls, fault])
    records = rides(["ride", "ride", "poison", "ride", "ride", "ride", "ride", "bomb", "ride", "ride"])
    world.deliver(records)
    check(world, records)


@pytest.mark.parametrize("fault", [BUSY, LOST, LATE, VANISHED, ENDED_BEFORE, ENDED_AFTER])
def test_a_record_that_was_refused_once_is_not_scored_later(handler: ModuleType, fault: str) -> None:
    """The first delivery fails as it keeps the record; by the next one the model would take it."""
    world = World(handler, [*[WORKS] * 4, fault])
    [record] = rides(["poison"])
    with pytest.raises((Exception, Ended)):
        world.invoke([record])
    world.model.is_lenient = True
    world.clock.sleep(120)
    world.deliver([record])
    check(world, [record])
    assert world.tally().failures


def test_what_was_looked_up_once_is_remembered(handler: ModuleType) -> None:
    world = World(handler, [*[WORKS] * 4, ENDED_AFTER])
    records = rides(["ride"] * 4)
    world.deliver(records)
    world.deliver(records)
    assert world.results.looks == 1
    check(world, records)


def test_no_later_result_is_put_before_one_that_may_be_missing(handler: ModuleType) -> None:
    world = World(handler, [*[WORKS] * 5, VANISHED])
    records = [stream_record(number, f"ride{number}", "a", BEGIN + number) for number in range(12)]
    world.invoke(records)
    assert not world.results.lines()
    world.deliver(records)
    check(world, records)


def test_a_record_on_which_the_model_fails_by_chance_gets_further_tries(handler: ModuleType) -> None:
    world = World(handler)
    world.model.is_broken = True
    world.plan.faults = iter([*[WORKS] * 3, lambda: setattr(world.model, "is_broken", False)])
    records = rides(["ride"])
    world.invoke(records)
    assert len(world.model.requests) == 3
    assert world.tally().results


@pytest.mark.parametrize("fault", [LOST, LATE])
def test_a_put_whose_answer_is_lost_is_looked_up(handler: ModuleType, fault: str, logged: Logged) -> None:
    world = World(handler, [WORKS, WORKS, WORKS, WORKS, fault])
    records = rides(["ride"] * 4)
    response = world.invoke(records)
    assert response["batchItemFailures"] == [{"itemIdentifier": records[0]["kinesis"]["sequenceNumber"]}]
    asked = len(world.model.requests)
    world.deliver(records)
    assert len(world.model.requests) == asked, "what is there is not scored again"
    check(world, records)


def test_a_delivery_waits_for_another_one_that_has_announced_itself(handler: ModuleType) -> None:
    world = World(handler, [WORKS, WORKS, WORKS, WORKS, ENDED_BEFORE])
    records = rides(["ride"] * 4)
    with pytest.raises(Ended):
        world.invoke(records)
    begun = world.clock()
    assert world.invoke(records, 60)["batchItemFailures"], "the first one may still be at it"
    assert not world.results.records
    world.deliver(records)
    assert world.clock() - begun >= 120, "until then it may have been at it"
    check(world, records)


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
