"""What is tried again, how long apart, and that a call ends with its time. Pure, without sleeping."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from constructs_lib.client import Retries, TimedOut
from constructs_lib.client.connections import read_timeout
from constructs_lib.client.deadline import Deadline
from constructs_lib.client.retries import passes
from constructs_lib.facts import calls


class Clock:
    """Stands still until somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def failing(*errors: Exception) -> Callable[[], str]:
    """Raises them one after the other, then answers."""
    left = list(errors)

    def attempt() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return attempt


def throttled(code: str = "ThrottlingException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "InvokeEndpoint")


def call(attempt: Callable[[], str], clock: Clock, *, timeout: float = 1000, draw: float = 1.0) -> str:
    retries = Retries(attempts=6, first=1.0, longest=5.0, sleep=clock.sleep, draw=lambda: draw)
    return retries.call(attempt, Deadline(timeout, "predict", clock))


def test_waits_double_up_to_the_longest() -> None:
    clock = Clock()
    assert call(failing(*[throttled()] * 5), clock) == "done"
    assert clock.slept == [1, 2, 4, 5, 5]


def test_waits_are_drawn_between_nothing_and_the_longest_of_each() -> None:
    clock = Clock()
    call(failing(*[throttled()] * 3), clock, draw=0.25)
    assert clock.slept == [0.25, 0.5, 1]


def test_the_last_error_is_raised_when_the_tries_are_over() -> None:
    clock = Clock()
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        call(failing(*[throttled()] * 5, throttled("ServiceUnavailable")), clock)
    assert len(clock.slept) == 5


def test_nobody_sleeps_past_the_time_given() -> None:
    clock = Clock()
    with pytest.raises(TimedOut, match=r"predict took longer than 3\.5 s") as caught:
        call(failing(*[throttled()] * 5), clock, timeout=3.5)
    assert clock.now == 3
    assert isinstance(caught.value.__cause__, ClientError)


def test_a_model_that_is_slow_is_not_asked_again() -> None:
    clock = Clock()
    with pytest.raises(TimedOut):
        call(failing(ReadTimeoutError(endpoint_url="http://any")), clock)
    assert clock.slept == []


@pytest.mark.parametrize("code", calls.PASSING_ERRORS.allowed.values)  # type: ignore[union-attr]
def test_what_the_facts_call_passing_passes(code: str) -> None:
    assert passes(throttled(code))


@pytest.mark.parametrize("code", ["ModelError", "ValidationError", "AccessDeniedException", ""])
def test_what_is_wrong_with_a_request_does_not_pass(code: str) -> None:
    assert not passes(throttled(code))


def test_broken_connections_pass_and_faults_of_the_program_do_not() -> None:
    assert passes(EndpointConnectionError(endpoint_url="http://any"))
    assert passes(ConnectionClosedError(endpoint_url="http://any"))
    assert not passes(KeyError("any"))


def test_an_attempt_waits_as_long_as_aws_advises_or_the_whole_time() -> None:
    assert read_timeout(70, Deadline(100, "predict", Clock())) == 70
    assert read_timeout(70, Deadline(8, "predict", Clock())) == 8


@pytest.mark.parametrize(("spent", "expected"), [(0.1, 8.0), (0.6, 7.0), (4, 4.0), (6.6, 1.0)])
def test_a_later_attempt_waits_for_what_is_left_in_eighths(spent: float, expected: float) -> None:
    clock = Clock()
    deadline = Deadline(8, "predict", clock)
    clock.now = spent
    assert read_timeout(70, deadline) == expected
    assert read_timeout(2, deadline) == min(2, expected)


def test_an_attempt_that_could_hardly_begin_is_left() -> None:
    clock = Clock()
    deadline = Deadline(8, "predict", clock)
    clock.now = 7.6
    with pytest.raises(TimedOut):
        read_timeout(70, deadline)


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_timeout_is_greater_than_zero(seconds: float) -> None:
    with pytest.raises(ValueError, match="timeout must be greater than 0 s"):
        Deadline(seconds, "predict")
