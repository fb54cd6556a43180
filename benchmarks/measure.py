"""Timing of something that can be repeated, and values with the targets that they are held to."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


class Row(Protocol):
    """Anything that the report has: a line of the table, and the same for a program."""

    def line(self) -> str:
        """What is printed."""

    def row(self) -> Mapping[str, object]:
        """What is written."""


@dataclass(frozen=True)
class Case:
    """What is measured, in words, and the function that does it once."""

    name: str
    once: Callable[[], object]
    runs: int = 5


@dataclass(frozen=True)
class Figure:
    """The seconds that each run of a case took."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def line(self) -> str:
        times = (self.median, min(self.seconds), max(self.seconds))
        return f"{self.name:56}{''.join(f'{seconds:>8.3f} s' for seconds in times)}{len(self.seconds):>6}"

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


FIGURES = f"{'':56}{'median':>10}{'fastest':>10}{'slowest':>10}{'runs':>6}"


@dataclass(frozen=True)
class Target:
    """The least or the most that a value should be."""

    bound: float
    is_least: bool

    def is_met_by(self, value: float) -> bool:
        return value >= self.bound if self.is_least else value <= self.bound

    def __str__(self) -> str:
        return f"at {'least' if self.is_least else 'most'} {self.bound:g}"


# What has no unit is a share or a ratio, of which tenths say little.
_DECIMALS = {"": 2}


@dataclass(frozen=True)
class Value:
    """A number that follows from figures, beside its target if it has one."""

    name: str
    value: float
    unit: str
    target: Target | None = None

    def line(self) -> str:
        said = f"{self.name:56}{self.value:>8.{_DECIMALS.get(self.unit, 1)}f} {self.unit}"
        if self.target is None:
            return said
        verdict = "met" if self.target.is_met_by(self.value) else "MISSED"
        return f"{said}   target: {self.target} {self.unit}, {verdict}"

    def row(self) -> Mapping[str, object]:
        row = {"name": self.name, "unit": self.unit, "value": round(self.value, 4)}
        if self.target is None:
            return row
        return {**row, "target": str(self.target), "met": self.target.is_met_by(self.value)}


@dataclass(frozen=True)
class Ratio:
    """What ours takes as a share of what its peer takes, both measured in the same run: the less the better.

    Ratios are compared with those of ``benchmarks/ratios.json``: other machines, and busier ones, change them little.
    """

    name: str
    ours: float
    peer: float
    target: Target | None = None

    @property
    def value(self) -> float:
        return self.ours / self.peer

    def line(self) -> str:
        return Value(self.name, self.value, "", self.target).line()

    def row(self) -> Mapping[str, object]:
        return {**Value(self.name, self.value, "", self.target).row(), "is_ratio": True}


def timed(once: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """The seconds of one run."""
    started = clock()
    once()
    return clock() - started


def measure(case: Case, clock: Callable[[], float] = time.perf_counter) -> Figure:
    """Run a case once to warm the file caches, then as often as it says."""
    case.once()
    return Figure(case.name, tuple(timed(case.once, clock) for _ in range(case.runs)))


def progress(what: str) -> None:
    """Say what takes its time now, apart from the table."""
    print(f"... {what}", file=sys.stderr, flush=True)
