"""What came of one way of serving: counts, accuracy, latencies, and every expectation with whether it held."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_ACCURACY = 0.95
"""What the model reaches on rows it has never seen; less means that rows or answers were mixed up on the way."""


@dataclass(frozen=True)
class Check:
    """One expectation, and what was found where it did not hold."""

    what: str
    ok: bool
    found: str = ""


@dataclass(frozen=True)
class Outcome:
    """The result of one way of serving. Latencies are in milliseconds, None where nothing was measured."""

    checks: tuple[Check, ...]
    requests: int = 0
    succeeded: int = 0
    failed_as_expected: int = 0
    accuracy: float | None = None
    median_ms: float | None = None
    p99_ms: float | None = None
    figures: dict[str, float] = field(default_factory=dict)
    """More numbers for the report, by name."""

    @property
    def ok(self) -> bool:
        """Whether every expectation held; an outcome without any shows nothing."""
        return bool(self.checks) and all(check.ok for check in self.checks)

    @property
    def failures(self) -> list[Check]:
        """The expectations that did not hold."""
        return [check for check in self.checks if not check.ok]

    @classmethod
    def broken(cls, reason: str) -> Outcome:
        """The outcome of a way that could not be tried to its end."""
        return cls(checks=(Check("ran to its end", ok=False, found=reason),))


def expect_equal(what: str, found: object, expected: object) -> Check:
    """A check that two values are equal."""
    return Check(what, found == expected, "" if found == expected else f"expected {expected}, got {found}")


def expect_accuracy(accuracy: float) -> Check:
    """A check that the predictions belong to their rows."""
    held = accuracy >= LEAST_ACCURACY
    return Check(f"accuracy at least {LEAST_ACCURACY}", held, "" if held else f"got {accuracy:.4f}")


def share_right(predicted: Sequence[int | None], labels: Sequence[int]) -> float:
    """The share of labels predicted right, 0 to 1; a row without a prediction is wrong. Raises on different lengths."""
    right = sum(guess == label for guess, label in zip(predicted, labels, strict=True))
    return right / len(labels) if labels else 0.0


def median(values: Sequence[float]) -> float | None:
    """The middle value; None of nothing."""
    return statistics.median(values) if values else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The smallest value that at least `percent` of all values do not exceed (nearest rank); None of nothing."""
    if not values:
        return None
    rank = max(1, math.ceil(len(values) * percent / 100))
    return sorted(values)[rank - 1]
