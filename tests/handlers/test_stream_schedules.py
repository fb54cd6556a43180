"""One result or one failure for each record, in the order of its key, whatever fails and however often it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.handlers.conftest import _load
from tests.handlers.stream_events import (
    BEGIN,
    ENVIRONMENT,
    LAMBDA,
    stream_record,
)
from tests.handlers.stream_world import World, check, is_of_a_service, rides
from tests.handlers.streams import (
    BUSY,
    ENDED_AFTER,
    ENDED_BEFORE,
    FAULTS,
    LATE,
    LOST,
    VANISHED,
    WORKS,
    Ended,
)

Logged = Callable[[], list[dict[str, Any]]]
BAD = ("poison", "bomb", "", "two")
schedules = st.lists(st.one_of(st.just(WORKS), st.sampled_from(FAULTS)), max_size=60)
streams = st.lists(st.sampled_from(("ride", "ride", "ride", *BAD)), min_size=1, max_size=20)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("stream_score.handler", ENVIRONMENT | LAMBDA)


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
