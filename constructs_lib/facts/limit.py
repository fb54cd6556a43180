"""What a row of the facts looks like: one number of AWS's, with its source and the day it was checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Severity(StrEnum):
    """How sure a row is: ``ERROR``: AWS refuses the value, ``WARNING``: its documents disagree or only advise."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Range:
    """Whole or decimal numbers from ``minimum`` to ``maximum``, both included; ``None`` leaves that side open."""

    minimum: float | None = None
    maximum: float | None = None

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        above = self.minimum is None or value >= self.minimum
        below = self.maximum is None or value <= self.maximum
        return above and below

    def __str__(self) -> str:
        if self.minimum is None:
            return f"at most {self.maximum}"
        if self.minimum == self.maximum:
            return f"exactly {self.minimum}"
        if self.maximum is None:
            return f"at least {self.minimum}"
        return f"from {self.minimum} to {self.maximum}"


@dataclass(frozen=True, slots=True)
class Positive:
    """Any number above zero."""

    def __contains__(self, value: object) -> bool:
        return not isinstance(value, bool) and isinstance(value, (int, float)) and value > 0

    def __str__(self) -> str:
        return "greater than 0"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list of values."""

    values: tuple[int | str, ...]

    def __contains__(self, value: object) -> bool:
        return not isinstance(value, bool) and value in self.values

    def __str__(self) -> str:
        names = ", ".join(str(value) for value in self.values)
        return names if len(self.values) == 1 else f"one of {names}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text that matches ``regex`` as a whole and is from ``minimum_length`` to ``maximum_length`` characters long."""

    regex: str
    maximum_length: int
    minimum_length: int = 1

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, str) or not self.minimum_length <= len(value) <= self.maximum_length:
            return False
        return re.fullmatch(self.regex, value) is not None

    def __str__(self) -> str:
        fence = "``" if "`" in self.regex else "`"
        return f"{self.minimum_length} to {self.maximum_length} characters that match {fence}{self.regex}{fence}"


@dataclass(frozen=True, slots=True)
class Count:
    """A list or a mapping of ``minimum`` to ``maximum`` entries; ``None`` leaves that side open."""

    minimum: int | None = None
    maximum: int | None = None

    def __contains__(self, value: object) -> bool:
        return isinstance(value, (list, tuple, dict)) and len(value) in Range(self.minimum, self.maximum)

    def __str__(self) -> str:
        return str(Range(self.minimum, self.maximum))


@dataclass(frozen=True, slots=True)
class Never:
    """Nothing at all: the property must not be given."""

    def __contains__(self, value: object) -> bool:
        return value is None

    def __str__(self) -> str:
        return "left out"


@dataclass(frozen=True, slots=True)
class Told:
    """What no single value can show: a relation between several, or a fact to know. ``text`` says it in words."""

    text: str

    def __contains__(self, value: object) -> bool:
        raise TypeError(f"no single value decides; it must hold that {self.text}")

    def __str__(self) -> str:
        return self.text


Allowed = Range | Positive | Choice | Pattern | Count | Never | Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One row: what AWS allows, in which unit, who says so, and when that was last checked.

    ``paths`` are the places in a template that the row governs, each a resource type and property names joined by
    slashes, ``*`` for every item of a list or every value of a mapping: a row with paths is a rule without code.
    ``fix`` says what to do instead, ``aws_says`` is what AWS answered in a real deployment, ``shape`` names the API
    model's ``service.Shape`` or ``service.Shape.member`` that says the same.
    """

    id: str
    what: str
    unit: str
    allowed: Allowed
    source: str
    checked_on: date
    default: int | None = None
    severity: Severity = Severity.ERROR
    paths: tuple[str, ...] = ()
    fix: str = ""
    aws_says: str = ""
    shape: str = ""

    def allows(self, value: object) -> bool:
        """Whether AWS takes ``value``. A value of the wrong type is not allowed."""
        return value in self.allowed

    @property
    def minimum(self) -> int:
        """The lowest allowed number; ``TypeError`` for a row that has none."""
        return self._bound("minimum")

    @property
    def maximum(self) -> int:
        """The highest allowed number; ``TypeError`` for a row that has none."""
        return self._bound("maximum")

    def _bound(self, side: str) -> int:
        bound = getattr(self.allowed, side, None)
        if not isinstance(bound, int):
            raise TypeError(f"limit {self.id} has no {side}; its allowed values must be a range")
        return bound

    def __str__(self) -> str:
        return f"{self.allowed} {self.unit}".rstrip()
