"""What a value of a record is: missing, a number, a category, or none of them. Pure."""

from __future__ import annotations

import math
from enum import Enum
from typing import Final


class Unusable(Enum):
    """Why a value is not compared."""

    MISSING = "missing"
    INVALID = "invalid"


MISSING: Final = Unusable.MISSING
INVALID: Final = Unusable.INVALID
# Texts that stand for no value in files, whatever their case. The tool that makes baselines has the same list.
MISSING_TEXTS = frozenset({"", "na", "n/a", "nan", "null", "none"})
# Characters of a number or a category.
LONGEST = 256


def text_of(value: object) -> str | Unusable:
    """A value of CSV or JSON as text of CSV; what is no scalar, or longer than any category, is invalid."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        try:
            return repr(float(value))
        except OverflowError:
            return INVALID
    if not isinstance(value, str):
        return INVALID
    text = value.strip()
    if len(text) > LONGEST:
        return INVALID
    return MISSING if text.lower() in MISSING_TEXTS else text


def number_of(value: object) -> float | Unusable:
    """A finite number."""
    is_short = isinstance(value, str) and len(value) <= LONGEST
    number = _float(value) if is_short else None  # most values by far are such texts, and there are millions
    if number is None:
        text = text_of(value)
        if isinstance(text, Unusable):
            return text
        if text in ("true", "false"):
            return float(text == "true")
        number = _float(text)
    if number is None:
        return INVALID
    if math.isnan(number):
        return MISSING
    return number if math.isfinite(number) else INVALID


def category_of(value: object) -> str | Unusable:
    """A category by its name; ``1``, ``1.0`` and ``01`` are one, and so are ``True`` and ``true``."""
    text = text_of(value)
    if isinstance(text, Unusable):
        return text
    number = number_of(text)
    if text.lower() in ("true", "false"):
        return text.lower()
    if isinstance(number, float):
        return format(number, ".12g")
    return MISSING if number is MISSING else text


def _float(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None
