"""What a text of a training file is: missing, a number, a category.

The function that compares reads texts the same way, in ``lambda/drift/values.py``; a test holds the two together.
"""

from __future__ import annotations

import math

# Texts that stand for no value, whatever their case.
MISSING_TEXTS = frozenset({"", "na", "n/a", "nan", "null", "none"})


def is_missing(text: str) -> bool:
    """Whether a text stands for no value."""
    cleaned = text.strip()
    return cleaned.lower() in MISSING_TEXTS or math.isnan(_float(cleaned) or 0)


def number_of(text: str) -> float | None:
    """A finite number; ``None`` for all else."""
    cleaned = text.strip()
    if cleaned in ("true", "false"):
        return float(cleaned == "true")
    number = _float(cleaned)
    return number if number is not None and math.isfinite(number) else None


def category_of(text: str) -> str:
    """A category by its name: ``1``, ``1.0`` and ``01`` are one, and so are ``True`` and ``true``."""
    cleaned = text.strip()
    if cleaned.lower() in ("true", "false"):
        return cleaned.lower()
    number = number_of(cleaned)
    return cleaned if number is None else format(number, ".12g")


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
