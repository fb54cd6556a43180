"""Progress on the terminal: a line when a step begins, with the seconds since the start, and one when it ends."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Steps:
    """Writes the lines; the clock can be handed in."""

    def __init__(self, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out or sys.stdout
        self._clock = clock
        self._start = clock()
        self.taken: dict[str, float] = {}
        """Seconds that each step took, by its title."""

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._start

    def say(self, text: str) -> None:
        """One line, with the time."""
        print(f"[{self.elapsed:5.1f} s] {text}", file=self._out, flush=True)

    def note(self, text: str) -> None:
        """One line below a step's own, without the time."""
        print(f"          - {text}", file=self._out, flush=True)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Name a step before it runs; afterwards say how long it took, or that it failed."""
        self.say(title)
        began = self._clock()
        try:
            yield
        except Exception:
            self.note(f"failed after {self._clock() - began:.1f} s")
            raise
        seconds = self._clock() - began
        self.taken[title] = self.taken.get(title, 0.0) + seconds
        self.note(f"done in {seconds:.1f} s")
