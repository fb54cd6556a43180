"""The moment at which a call has to be over, retries included."""

from __future__ import annotations

import time
from collections.abc import Callable

from constructs_lib.client.errors import TimedOut

Clock = Callable[[], float]


class Deadline:
    """``seconds`` from now on ``clock``; ``what`` names the call in the error."""

    def __init__(self, seconds: float, what: str, clock: Clock = time.monotonic) -> None:
        if not seconds > 0:
            raise ValueError(f"timeout must be greater than 0 s, got {seconds!r}; leave it out for the usual one")
        self.seconds = seconds
        self._what = what
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds left, 0 once it is over."""
        return max(0.0, self._end - self._clock())

    def check(self) -> None:
        """Raise ``TimedOut`` once it is over."""
        if not self.left:
            raise self.over()

    def over(self) -> TimedOut:
        """The error to raise."""
        return TimedOut(f"{self._what} took longer than {self.seconds:g} s")
