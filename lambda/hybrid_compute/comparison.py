"""Whether a stored answer and a fresh one say the same, numbers within a tolerance. Pure."""

from __future__ import annotations

import json
import math
from typing import Any


def agree(stored: str, fresh: str, tolerance: float) -> bool:
    """Whether two answers agree: as JSON, or as cells of CSV, by their numbers and their texts."""
    try:
        return stored == fresh or _alike(_read(stored), _read(fresh), tolerance)
    except (RecursionError, OverflowError):  # what is nested so deep, or so great, is no prediction
        return False


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    cells = [_number(cell.strip()) for cell in text.split(",")]
    return cells[0] if len(cells) == 1 else cells


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def _alike(one: Any, other: Any, tolerance: float) -> bool:
    if _is_number(one) and _is_number(other):
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance) or (one != one and other != other)
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(_alike(left, right, tolerance) for left, right in pairs)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key], tolerance) for key in one)
    return bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
