"""The time of a request: calls get what is left of it, and are left behind where that is not enough."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Result = TypeVar("_Result")
# Calls that were left behind end by their own time-outs, while the next ones are under way.
_pool = ThreadPoolExecutor(16)


class OutOfTime(Exception):
    """The time was over before the call was."""


class Budget:
    """So many seconds from now. A time-out of a socket is for each piece that comes; this one is for all of them."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._seconds = seconds

    @property
    def used(self) -> float:
        """Seconds since it began."""
        return self._clock() - self._began

    @property
    def left(self) -> float:
        """Seconds until its end; 0 after it."""
        return max(0.0, self._seconds - self.used)

    def call(self, function: Callable[..., _Result], *arguments: object) -> _Result:
        """What the function answers in time; raises ``OutOfTime``."""
        if not self.left:
            raise OutOfTime
        future = _pool.submit(function, *arguments)
        try:
            return future.result(timeout=self.left)
        except TimeoutError:
            if future.done():
                raise
            future.cancel()
            raise OutOfTime from None
