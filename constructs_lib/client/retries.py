"""Repeating what fails by chance: throttling, busy or starting services, broken connections. Never a model's error."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from constructs_lib.client.deadline import Deadline
from constructs_lib.facts import calls

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often a call is tried, and how long to wait in between.

    Waits are drawn between 0 and ``first`` seconds, then twice as much each time up to ``longest``, so that clients
    that were throttled together do not come back together. ``attempts`` counts the first try too.
    """

    attempts: int = 8
    first: float = 0.25
    longest: float = 8.0
    sleep: Callable[[float], object] = time.sleep
    draw: Callable[[], float] = random.random

    def call(self, attempt: Callable[[], T], deadline: Deadline) -> T:
        """What ``attempt`` answers; raises its last error, or ``TimedOut``."""
        for wait in self._waits():
            try:
                return attempt()
            except ReadTimeoutError as error:
                # The model is slow, not gone: asking again would double its load.
                raise deadline.over() from error
            except Exception as error:
                if not passes(error) or wait is None:
                    raise
                if wait >= deadline.left:
                    raise deadline.over() from error
                self.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _waits(self) -> Iterator[float | None]:
        """The wait after each attempt; none after the last."""
        yield from (self.draw() * min(self.longest, self.first * 2**number) for number in range(self.attempts - 1))
        yield None


def passes(error: Exception) -> bool:
    """Whether the same call may succeed a little later."""
    if isinstance(error, ClientError):
        return calls.PASSING_ERRORS.allows(code_of(error))
    return isinstance(error, (ConnectionClosedError, ConnectTimeoutError, EndpointConnectionError))


def code_of(error: ClientError) -> str:
    """AWS's code of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))
