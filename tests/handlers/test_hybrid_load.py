"""Loading answers: each record in is a row or a dead letter, wherever the load is cut and however often it is begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest

from hybrid_load import lines, writing
from tests.handlers.conftest import _load
from tests.handlers.fakes import client_error
from tests.handlers.loads import EVENT, World
from tests.handlers.tables import LOAD_ENVIRONMENT, TABLE

Logged = Callable[[], list[dict[str, Any]]]


class Cut(BaseException):
    """The function is killed."""


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("hybrid_load.handler", LOAD_ENVIRONMENT)


@pytest.fixture(autouse=True)
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_MOST_LINES", 5)
    monkeypatch.setattr(writing, "_FIRST_WAIT", 0.0)
    monkeypatch.setattr(writing, "_LONGEST_WAIT", 0.0)


@pytest.fixture
def world(handler: ModuleType) -> World:
    return World(handler)


def test_each_record_is_a_row_or_a_dead_letter(world: World, logged: Logged) -> None:
    world.check(world.load())
    assert set(world.letters.values()) == {1}
    [line] = logged()
    assert (line["TableName"], line["RowsLoaded"], line["RowsFailed"]) == (TABLE, 24, 3)
    assert line["correlation_id"] == EVENT["batch"]
    assert [metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]] == [
        "RowsLoaded",
        "RowsFailed",
    ]


def operations(handler: ModuleType) -> int:
    """How many operations change something in an undisturbed load."""
    world = World(handler)
    seen: list[str] = []
    world.table.before = world.queue.before = seen.append
    world.load()
    return len([operation for operation in seen if operation != "get_item"])


@pytest.mark.parametrize("when", ["before", "after"])
def test_cut_at_any_write_it_goes_on_with_nothing_lost(handler: ModuleType, when: str) -> None:
    """Killed before a write or just after it, at each of them in turn; then the same event once more."""
    count = operations(handler)
    assert count > 20
    for place in range(count):
        world, seen = World(handler), 0
        due = place + (when == "after")

        def cut(operation: str, due: int = due) -> None:
            nonlocal seen
            if operation != "get_item":
                seen += 1
                if seen == due + 1:
                    raise Cut

        world.table.before = world.queue.before = cut
        if due < count:
            with pytest.raises(Cut):
                world.load()
        else:
            world.load()
        world.check(world.load())
        assert set(world.letters.values()) <= {1, 2}


def test_what_there_is_no_time_for_is_left_to_another_call(world: World, logged: Logged) -> None:
    """A call that has no time to spare does one portion, so that there always is an end."""
    answers = [world.load(lambda: 0)]
    while not answers[-1]["done"]:
        answers.append(world.load(lambda: 0))
    assert len(answers) == 6
    world.check(answers[-1])
    assert set(world.letters.values()) == {1}
    lines = logged()
    assert (sum(line["RowsLoaded"] for line in lines), sum(line["RowsFailed"] for line in lines)) == (24, 3)


def test_a_load_that_is_done_writes_nothing_more(world: World) -> None:
    answer = world.load()
    seen: list[str] = []
    world.table.before = world.queue.before = seen.append
    assert world.load() == answer
    assert seen == ["get_item"]


def test_what_the_table_and_the_queue_leave_over_is_written_again(world: World) -> None:
    world.table.unprocessed = [2, 1, 2, 2, 1]
    world.queue.failing = [1, 1]
    world.check(world.load())
    assert set(world.letters.values()) == {1}


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ThrottlingException"])
def test_throttles_are_waited_for(world: World, code: str) -> None:
    refusals = [code] * 7

    def throttle(operation: str) -> None:
        if operation == "batch_write_item" and refusals:
            raise client_error(refusals.pop(), "BatchWriteItem")

    world.table.before = throttle
    world.check(world.load())


def test_a_throttled_load_ends_in_time_and_keeps_what_it_reached(world: World) -> None:
    """The table takes eight writes, and no more in this call."""
    writes, left = 0, 900_000

    def throttle(operation: str) -> None:
        nonlocal writes, left
        writes += operation == "batch_write_item"
        if operation == "batch_write_item" and writes > 8:
            left = 0
            raise client_error("ThrottlingException", "BatchWriteItem")

    world.table.before = throttle
    reached = world.load(lambda: left)
    assert (reached["done"], reached["loaded"] > 0) == (False, True)
    world.table.before = lambda _: None
    world.check(world.load())


def test_a_call_that_gets_nowhere_fails_with_the_place(handler: ModuleType, world: World) -> None:
    world.table.unprocessed = [2] * 1000
    with pytest.raises(handler.LoadStuck, match=r"s3://answers/results/a.csv.out, line 1 and after: 2 are left"):
        world.load(lambda: 0)


def test_what_else_the_table_answers_is_not_swallowed(world: World) -> None:
    def refuse(operation: str) -> None:
        if operation == "batch_write_item":
            raise client_error("AccessDeniedException", "BatchWriteItem")

    world.table.before = refuse
    with pytest.raises(Exception, match="AccessDenied"):
        world.load()


def test_two_loads_of_the_same_object_at_once_are_one(world: World) -> None:
    """Each calls until it hears that it is done, as two executions would."""

    def until_done(_: int) -> dict[str, Any]:
        while not (answer := world.load(lambda: 0))["done"]:
            pass
        return answer

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(until_done, range(4)))
    for answer in answers:
        world.check(answer)


def test_a_load_that_is_overtaken_counts_nothing_again(world: World, logged: Logged) -> None:
    """While the one is about to save its first checkpoint, the other does everything."""

    def overtake(operation: str) -> None:
        if operation == "put_item":
            world.table.before = lambda _: None
            world.check(world.load())

    world.table.before = overtake
    world.check(world.load())
    assert sum(line["RowsLoaded"] for line in logged()) == 24


def test_of_records_with_the_same_id_the_last_one_is_the_row(handler: ModuleType) -> None:
    world = World(handler, b"u,1\nu,2\nv,3\nu,4\n")
    assert world.load() == {"done": True, "loaded": 4, "failed": 0}
    assert world.rows == {"u": "4", "v": "3"}


def test_another_object_in_the_place_of_the_one_that_is_half_loaded_is_refused(
    handler: ModuleType, world: World
) -> None:
    world.load(lambda: 0)
    before = dict(world.table.items)
    world.s3.etag = "another"
    with pytest.raises(handler.AnswersChanged, match="is not what batch nightly-1 was loaded from"):
        world.load()
    assert world.table.items == before
    world.load(batch="nightly-2")
    assert len(world.table.keys("row/nightly-2/")) == 23


def test_an_object_that_changes_under_the_load_is_refused(
    handler: ModuleType, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_CHUNK", 100)

    def change(operation: str) -> None:
        if operation == "put_item":
            world.s3.etag = "another"

    world.table.before = change
    with pytest.raises(handler.AnswersChanged, match="was changed while it was loaded"):
        world.load()


@pytest.mark.parametrize("body", [b"", b"\n", b" \n\n"])
def test_an_object_without_records_is_done_at_once(handler: ModuleType, body: bytes) -> None:
    world = World(handler, body)
    assert world.load() == world.load() == {"done": True, "loaded": 0, "failed": 0}
    assert world.rows == {}
