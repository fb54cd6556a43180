"""The log of a function's process: nothing that was printed is missing, whoever reads first."""

import os
import threading
from collections.abc import Iterator

import pytest

from constructs_lib.local.plugin.function_log import FunctionLog


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


def test_what_was_printed_is_taken_once(pipe: tuple[int, int]) -> None:
    log = FunctionLog(pipe[0])
    os.write(pipe[1], b"first\nsecond\n")
    assert log.take() == "first\nsecond"
    assert log.take() == ""


def test_all_is_there_at_once_beside_a_follower(pipe: tuple[int, int]) -> None:
    log = FunctionLog(pipe[0])
    threading.Thread(target=log.follow, daemon=True).start()
    for number in range(2000):
        os.write(pipe[1], f"{number}\n".encode())
        assert log.take() == str(number)


def test_a_follower_keeps_the_pipe_from_filling_up_and_ends_with_it(pipe: tuple[int, int]) -> None:
    log = FunctionLog(pipe[0])
    follower = threading.Thread(target=log.follow, daemon=True)
    follower.start()
    for _ in range(200):
        os.write(pipe[1], b"x" * 10_000)
    os.close(pipe[1])
    follower.join(timeout=5)
    assert not follower.is_alive()
    assert len(log.take()) == 2_000_000


def test_what_was_printed_before_the_end_can_still_be_taken(pipe: tuple[int, int]) -> None:
    log = FunctionLog(pipe[0])
    os.write(pipe[1], b"last words")
    for end in pipe:
        os.close(end)
    assert (log.take(), log.take()) == ("last words", "")
