"""Collects every problem of one call and raises them together, so that a user mends them all at once."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from constructs_lib.errors import InvalidConfiguration
from constructs_lib.facts.limit import Choice, Count, Limit, Pattern, Positive, Range
from constructs_lib.tokens import is_token

Kinds = type | tuple[type, ...]


def check_kinds(subject: str, **arguments: tuple[object, Kinds]) -> None:
    """Refuse what is not of the kind that an argument takes, before anything asks it for what it does not have.

    Each argument is given with its kinds; ``None`` passes. Raises ``InvalidConfiguration`` with all that are wrong.
    """
    problems = []
    for name, (value, kinds) in arguments.items():
        if value is None or isinstance(value, kinds):
            continue
        known = " or ".join(kind.__name__ for kind in (kinds if isinstance(kinds, tuple) else (kinds,)))
        given = f"{value!r}" if isinstance(value, (str, bool, int, float)) else f"a {type(value).__name__}"
        problems.append(f"{name} must be of the kind {known}, got {given}; make one and give it")
    if problems:
        raise InvalidConfiguration(subject, problems)


class Checks:
    """The checks of one constructor call. Tokens and ``None`` pass: they are not known here."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._problems: list[str] = []

    def limit(self, argument: str, value: object, limit: Limit, remedy: str = "") -> None:
        """Note a problem unless AWS allows ``value``; without a remedy of its own with what the bound tells."""
        if value is None or is_token(value) or limit.allows(value):
            return
        self._note(f"{argument} must be {limit}, got {value!r}; {remedy or _remedy(value, limit)}", limit)

    def count(self, argument: str, items: Sequence[object], limit: Limit, remedy: str = "") -> None:
        """Note a problem unless AWS allows as many ``items``; each may be an object of any kind."""
        counted = [None] * len(items)
        if limit.allows(counted):
            return
        self._note(f"{argument} must be {limit}, got {len(items)}; {remedy or _remedy(counted, limit)}", limit)

    def require(self, holds: bool, problem: str, limit: Limit) -> None:
        """Note ``problem`` unless ``holds``; for what more than one argument decides."""
        if not holds:
            self._note(problem, limit)

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

    def _note(self, problem: str, limit: Limit) -> None:
        self._problems.append(f"{problem} ({limit.id}: {limit.source})")

    def done(self) -> None:
        """Raise ``InvalidConfiguration`` with all that was noted; nothing was noted: return."""
        if self._problems:
            raise InvalidConfiguration(self._subject, self._problems)


def _remedy(value: object, limit: Limit) -> str:
    """What to do about a value, from the row, or else from the bound that it is beyond."""
    if limit.fix:
        return limit.fix
    match limit.allowed:
        case Range(minimum, maximum) | Count(minimum, maximum):
            size = len(value) if isinstance(value, (list, tuple, dict)) else value
            if not isinstance(size, (int, float)) or isinstance(size, bool):
                return "give a number"
            if minimum is not None and size < minimum:
                return f"give at least {minimum}"
            return f"give at most {maximum}"
        case Positive():
            return "give a number above 0"
        case Choice(values):
            near = difflib.get_close_matches(str(value), map(str, values), n=1)
            return f"did you mean {near[0]}?" if near else f"give one of them, such as {values[0]}"
        case Pattern():
            return "write it so"
    return "mend it"
