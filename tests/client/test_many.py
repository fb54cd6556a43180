"""Many requests: sent a few at a time, and each result by itself. Pure, with requests that nobody sends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest

from constructs_lib.client import AsyncResult, AsyncResults, Progress, TimedOut
from constructs_lib.client.many import submit_each
from constructs_lib.client.notifications import Outcome, Status
from constructs_lib.client.results import container_message
from constructs_lib.client.watch import Request, Watch


class Unlit:
    """An S3 in which nothing ever shows up."""

    def outcome(self, *_: object) -> None:
        return None


WATCH = Watch(cast(Any, Unlit()))


def result(inference_id: str, status: Status | None = None) -> AsyncResult:
    """Of a request that ended so, or is under way."""
    request = Request(inference_id=inference_id, output_location="s3://out/x")
    if status:
        request.outcome.set_result(Outcome(status=status))
    return AsyncResult(request, WATCH, cast(Any, Unlit()), 60)


def silent(_: Progress) -> None:
    pass


def test_no_more_are_sent_at_once_than_wanted_and_payloads_wait_for_them() -> None:
    taken: list[int] = []
    running: list[int] = []
    most: list[int] = []
    go = threading.Event()

    def payloads() -> Iterator[int]:
        for number in range(50):
            taken.append(number)
            yield number

    def submit(payload: object) -> AsyncResult:
        running.append(1)
        most.append(len(running))
        go.wait(10)
        running.pop()
        return result(str(payload))

    sent: list[AsyncResult] = []
    thread = threading.Thread(target=lambda: sent.extend(submit_each(payloads(), submit, 3, silent)))
    thread.start()
    time.sleep(0.1)
    assert len(taken) <= 7  # three under way, three ready, one in the hand
    go.set()
    thread.join(10)
    assert max(most) == 3
    assert [each.inference_id for each in sent] == [str(number) for number in range(50)]


def test_at_least_one_is_sent_at_a_time() -> None:
    with pytest.raises(ValueError, match="concurrency must be at least 1, got 0"):
        submit_each(["a"], lambda _: result("a"), 0, silent)


def test_an_error_of_the_payloads_own_ends_it() -> None:
    def payloads() -> Iterator[int]:
        yield 1
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        submit_each(payloads(), lambda payload: result(str(payload)), 2, silent)


def test_progress_of_what_is_sent_is_told_where_the_number_is_known() -> None:
    told: list[Progress] = []
    submit_each(iter([1, 2]), lambda payload: result(str(payload)), 2, told.append)
    assert told == []
    submit_each([1, 2], lambda payload: result(str(payload)), 2, told.append)
    assert [(each.what, each.done, each.total) for each in told] == [("submitted", 1, 2), ("submitted", 2, 2)]


def test_results_stand_in_the_order_of_their_payloads() -> None:
    results = [result(each, Status.COMPLETED) for each in "abc"]
    many = AsyncResults(results, WATCH, silent, 60)
    assert (len(many), many[1].inference_id, [each.inference_id for each in many]) == (3, "b", ["a", "b", "c"])
    assert many[1:] == results[1:]


def test_a_wait_for_many_that_ends_says_how_many_are_missing() -> None:
    told: list[Progress] = []
    many = AsyncResults([result("a", Status.FAILED), result("b"), result("c")], WATCH, told.append, 60)
    with pytest.raises(
        TimedOut, match=r"waiting for 3 requests took longer than 0\.1 s; 2 of them are still under way"
    ):
        many.wait(0.1)
    assert told == [Progress(what="results", done=1, total=3, failed=1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Received client error (400) from primary with message "row 1: bad".', ("row 1: bad", 400)),
        (
            'Received server error (500) from model with message "{"error": "x"}". See https://any',
            ('{"error": "x"}', 500),
        ),
        (
            'Received server error (0) from primary with message "Your invocation timed out".',
            ("Your invocation timed out", None),
        ),
        ("Request was in the queue for too long.", ("Request was in the queue for too long.", None)),
    ],
)
def test_the_container_s_words_are_found_in_sagemaker_s(text: str, expected: tuple[str, int | None]) -> None:
    assert container_message(text) == expected
