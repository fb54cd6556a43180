"""Timing of something that can be repeated."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """What is measured, in words, and the function that does it once."""

    name: str
    once: Callable[[], None]
    runs: int = 5


@dataclass(frozen=True)
class Figure:
    """The seconds that each run of a case took."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def row(self) -> Mapping[str, object]:
        """The figure as the report has it; seconds to a tenth of a millisecond."""
        return {
            "name": self.name,
            "unit": "s",
            "median": round(self.median, 4),
            "fastest": round(min(self.seconds), 4),
            "slowest": round(max(self.seconds), 4),
            "runs": len(self.seconds),
        }


def measure(case: Case, clock: Callable[[], float] = time.perf_counter) -> Figure:
    """Run a case once to warm the file caches, then as often as it says."""
    case.once()
    seconds = []
    for _ in range(case.runs):
        started = clock()
        case.once()
        seconds.append(clock() - started)
    return Figure(case.name, tuple(seconds))
