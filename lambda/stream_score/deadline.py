"""The time that is left of an invocation, and how it is spent waiting."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

_FIRST_WAIT = 0.1
_LONGEST_WAIT = 8.0


class HandBack(Exception):
    """What is not done yet is to be delivered again. ``is_passing``: for want of time, and not because of a record."""

    def __init__(self, reason: str, *, is_passing: bool = True) -> None:
        super().__init__(reason)
        self.is_passing = is_passing


class Deadline:
    """Counts down to the moment at which the function stops by itself; ``left`` answers with the seconds until then.

    ``reserve`` is what Lambda allows after that moment, for what has been begun.
    """

    def __init__(
        self,
        left: Callable[[], float],
        *,
        reserve: float,
        sleep: Callable[[float], object] = time.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._left = left
        self._sleep = sleep
        self._draw = draw
        self.reserve = reserve

    @property
    def left(self) -> float:
        """Seconds until the function stops by itself."""
        return self._left()

    def need(self, seconds: float, what: str, *, is_passing: bool = True) -> None:
        """Raise ``HandBack`` if what takes so long could be cut off."""
        if self._left() < seconds:
            raise HandBack(f"no time left for {what}", is_passing=is_passing)

    def back_off(self, attempt: int, why: str) -> None:
        """Wait between 0 and 0.1 s, twice as much each attempt up to 8 s; raises ``HandBack`` when time is over.

        The wait is drawn, so that functions that were throttled together do not come back together.
        """
        self.pause(self._draw() * min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(attempt, 10)), why)

    def pause(self, seconds: float, why: str) -> None:
        """Wait so long; raises ``HandBack`` when time is over first."""
        self.need(seconds, why)
        self._sleep(seconds)
