"""Collects every problem of one call and raises them together, so that a user mends them all at once."""

from __future__ import annotations

from collections.abc import Sequence

from constructs_lib.errors import InvalidConfiguration
from constructs_lib.facts.limit import Limit
from constructs_lib.tokens import is_token


class Checks:
    """The checks of one constructor call. Tokens and ``None`` pass: they are not known here."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._problems: list[str] = []

    def limit(self, argument: str, value: object, limit: Limit, remedy: str = "") -> None:
        """Note a problem unless AWS allows ``value``."""
        if value is None or is_token(value) or limit.allows(value):
            return
        advice = f"; {remedy}" if remedy else ""
        self._problems.append(f"{argument} must be {limit}, got {value!r}{advice} ({limit.id}: {limit.source})")

    def count(self, argument: str, items: Sequence[object], limit: Limit, remedy: str = "") -> None:
        """Note a problem unless AWS allows as many ``items``; each may be an object of any kind."""
        if limit.allows([None] * len(items)):
            return
        advice = f"; {remedy}" if remedy else ""
        self._problems.append(f"{argument} must be {limit}, got {len(items)}{advice} ({limit.id}: {limit.source})")

    def require(self, holds: bool, problem: str, limit: Limit) -> None:
        """Note ``problem`` unless ``holds``; for what more than one argument decides."""
        if not holds:
            self._problems.append(f"{problem} ({limit.id}: {limit.source})")

    def at_most(self, lower: tuple[str, object], upper: tuple[str, object], limit: Limit, remedy: str) -> None:
        """Note a problem unless the first named number is at most the second; tokens and wrong types pass."""
        (low_name, low), (high_name, high) = lower, upper
        if is_token(low) or is_token(high) or not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
            return
        self.require(low <= high, f"{low_name} must be at most {high_name} {high}, got {low}; {remedy}", limit)

    def product(self, left: tuple[str, object], right: tuple[str, object], limit: Limit, remedy: str) -> None:
        """Note a problem unless the product of two named numbers is allowed; tokens and wrong types pass."""
        (left_name, a), (right_name, b) = left, right
        if is_token(a) or is_token(b) or not isinstance(a, (int, float)) or not isinstance(b, (int, float)):
            return
        self.limit(f"{left_name} x {right_name}", a * b, limit, remedy)

    def done(self) -> None:
        """Raise ``InvalidConfiguration`` with all that was noted; nothing was noted: return."""
        if self._problems:
            raise InvalidConfiguration(self._subject, self._problems)
