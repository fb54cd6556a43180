"""Look-ups while things move or stand still: never a mixture of two batches, never later than the budget says."""

from __future__ import annotations

import socket
import threading
import time
from types import ModuleType
from typing import Any

import boto3
import pytest
from botocore.config import Config

from hybrid_lookup.budget import Budget
from hybrid_lookup.reading import Table
from tests.handlers.lookups import World, computed, paths, row
from tests.handlers.tables import TABLE


@pytest.fixture
def world(lookup_handler: ModuleType) -> World:
    return World(lookup_handler)


@pytest.mark.parametrize("operation", range(1, 5))
def test_the_pointer_may_move_at_any_moment_and_no_request_sees_two_batches(world: World, operation: int) -> None:
    """Before each of the reads of a request in turn: all answers are of the one batch or all of the other."""
    seen = 0

    def move(_: str) -> None:
        nonlocal seen
        seen += 1
        if seen == operation:
            world.point_to("b2")

    world.table.before = move
    answer = world.ask("u", "v", "w")
    assert seen == 4
    batch = "b2" if operation == 1 else "b1"
    assert answer["batch"] == batch
    assert paths(answer) == [(f"{batch} {record}", "stored", None) for record in "uvw"]


def test_rows_that_are_gone_when_their_batch_is_read_are_computed_and_not_taken_from_another(world: World) -> None:
    def clean(operation: str) -> None:
        if operation == "batch_get_item":
            world.point_to("b2")
            world.table.items = {key: item for key, item in world.table.items.items() if not key.startswith("row/b1/")}

    world.table.before = clean
    answer = world.ask("u", "v")
    assert answer["batch"] == "b1"
    assert [each["path"] for each in answer["answers"]] == ["computed", "computed"]


def test_readers_of_a_table_whose_pointer_moves_never_go_back(world: World) -> None:
    """Each reader alone, while batches follow each other."""
    for number in range(3, 40):
        for record in ("u", "v", "w"):
            item = row(f"b{number}", record)
            world.table.items[item["pk"]["S"]] = item
    seen: list[list[int]] = [[] for _ in range(4)]
    is_over = threading.Event()

    def read(mine: list[int]) -> None:
        while not is_over.is_set():
            answer = world.ask("u", "v", "w")
            assert {each["answer"].split()[0] for each in answer["answers"]} == {answer["batch"]}
            mine.append(int(answer["batch"][1:]))

    readers = [threading.Thread(target=read, args=(mine,)) for mine in seen]
    for reader in readers:
        reader.start()
    for number in range(2, 40):
        world.point_to(f"b{number}")
        time.sleep(0.002)
    is_over.set()
    for reader in readers:
        reader.join()
    assert all(mine == sorted(mine) for mine in seen)
    assert len({batch for mine in seen for batch in mine}) > 3
    assert world.lambda_.events == []


def took(lookup: Any, event: dict[str, Any]) -> tuple[dict[str, Any], float]:
    began = time.monotonic()
    answer: dict[str, Any] = lookup.answer(event)
    return answer, time.monotonic() - began


def test_a_slow_endpoint_does_not_keep_a_caller_longer_than_the_budget(world: World) -> None:
    is_over = threading.Event()

    def dawdle(event: dict[str, Any]) -> Any:
        is_over.wait(10)
        return computed(event)

    world.lambda_.tell = dawdle
    answer, seconds = took(
        world.lookup(timeout_milliseconds=200), {"requests": [{"id": "u"}, {"id": "x", "payload": 1}]}
    )
    is_over.set()
    assert paths(answer) == [("b1 u", "stored", None), ("popular", "default", "no time")]
    assert 0.2 <= seconds < 0.6


@pytest.mark.parametrize("slow", ["get_item", "batch_get_item"])
def test_a_slow_table_does_not_keep_a_caller_either(world: World, slow: str) -> None:
    is_over = threading.Event()

    def dawdle(operation: str) -> None:
        if operation == slow:
            is_over.wait(10)

    world.table.before = dawdle
    answer, seconds = took(world.lookup(timeout_milliseconds=200), {"id": "u", "payload": "1"})
    is_over.set()
    assert paths(answer) == [("popular", "default", "no time")]
    assert answer["answers"][0]["reason"] == "unread"
    assert 0.2 <= seconds < 0.6
    assert world.lambda_.events == []


def test_a_table_that_always_leaves_something_over_is_given_up(world: World) -> None:
    world.table.unprocessed = [1] * 100_000
    answer, seconds = took(world.lookup(timeout_milliseconds=100), {"id": "u", "payload": "1"})
    assert (answer["answers"][0]["reason"], answer["answers"][0]["why"]) == ("unread", "no time")
    assert seconds < 0.6


def test_what_there_was_no_time_for_is_not_taken_for_missing(world: World) -> None:
    """A row is served if its override is missing: that must be known, and not assumed."""
    table = Table(world.table, table_name=TABLE, keys_per_read=4)
    assert table.read(["row/b1/u", "override/u"], Budget(0.0)) == {}
    assert table.read(["override/u"], Budget(10.0)) == {"override/u": None}


def test_a_server_that_sends_a_byte_now_and_then_is_left_behind(world: World) -> None:
    """No time-out of a socket ever ends such an answer, since each piece comes in time."""
    server = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()

    def drip() -> None:
        connection, _ = server.accept()
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not is_over.wait(0.05):
            connection.sendall(b" ")
        connection.close()

    thread = threading.Thread(target=drip)
    thread.start()
    client = boto3.client(
        "lambda",
        endpoint_url=f"http://127.0.0.1:{server.getsockname()[1]}",
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(read_timeout=0.3, connect_timeout=0.3, retries={"total_max_attempts": 1}),
    )
    answer, seconds = took(world.lookup(client, timeout_milliseconds=300), {"id": "nobody", "payload": "1"})
    is_over.set()
    thread.join()
    server.close()
    assert paths(answer) == [("popular", "default", "no time")]
    assert 0.3 <= seconds < 1.0
