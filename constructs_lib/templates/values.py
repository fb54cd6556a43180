"""What a property of a template can hold once its intrinsic functions are worked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Absence(Enum):
    """Why there is nothing to judge: nobody gave a value, or it is known only at deploy time."""

    MISSING = "missing"
    UNKNOWN = "unknown"


MISSING = Absence.MISSING
UNKNOWN = Absence.UNKNOWN


@dataclass(frozen=True, slots=True)
class Reference:
    """What ``Ref`` (no ``attribute``) or ``Fn::GetAtt`` points to: a resource, a parameter or a pseudo parameter."""

    logical_id: str
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """Text of which some parts are known: literals, references, and ``UNKNOWN`` in their order."""

    parts: tuple[str | Reference | Absence, ...]


# A resolved value: a literal, a list or a mapping of values, or one of the three above.
Value = Any


def join(parts: Sequence[Value]) -> Value:
    """Text made of ``parts``: a literal if all are, else ``Joined``; a single part stays what it is."""
    merged: list[str | Reference | Absence] = []
    for part in parts:
        flat = part.parts if isinstance(part, Joined) else (as_text(part),)
        for piece in flat:
            if isinstance(piece, str) and merged and isinstance(merged[-1], str):
                merged[-1] += piece
            elif piece != "":
                merged.append(piece)
    if not merged:
        return ""
    return merged[0] if len(merged) == 1 else Joined(tuple(merged))


def as_text(value: Value) -> str | Reference | Absence:
    """A value as CloudFormation would write it into a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, Reference)):
        return value
    if isinstance(value, (int, float)):
        return str(value)
    return UNKNOWN


def is_literal(value: Value) -> bool:
    """Whether a value is written in the template as it is; the parts of a list or a mapping may still be unknown."""
    return isinstance(value, (str, int, float, bool, list, dict))


def literals(value: Value) -> bool:
    """Whether a value and everything in it is written in the template."""
    if isinstance(value, Mapping):
        return all(literals(item) for item in value.values())
    if isinstance(value, list):
        return all(literals(item) for item in value)
    return is_literal(value)


def references(value: Value) -> Iterator[Reference]:
    """Every reference in a value and in what it holds."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, (dict, list, Joined)):
        inner = value.values() if isinstance(value, dict) else value.parts if isinstance(value, Joined) else value
        for item in inner:
            yield from references(item)
