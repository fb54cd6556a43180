"""Times, sizes, counts and shares as people write them: ``100ms``, ``8MB``, ``10k``, ``95%``; and back."""

from __future__ import annotations

import re
from collections.abc import Mapping

# A sign is read, so that a negative number is told to be too small and not to be none.
_NUMBER = re.compile(r"\s*(-?[0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]*)\s*")
_SECONDS = {
    "": 1.0,
    "ms": 0.001,
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
}
# As AWS counts in its limits: 4 MB of a serverless payload are 4,194,304 bytes.
_BYTES = {"": 1, "b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3, "kib": 1024, "mib": 1024**2, "gib": 1024**3}
_COUNTS = {"": 1, "k": 1_000, "m": 1_000_000}
_TIME_STEPS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_SIZE_STEPS = ((1024**3, "GB"), (1024**2, "MB"), (1024, "KB"))


def seconds(text: str) -> float:
    """``0.1`` of ``100ms``. A number alone is seconds.

    :raises ValueError: for what is no time.
    """
    return _read(text, _SECONDS, "a time is written like 100ms, 2s, 5m, 6h or 1d")


def size(text: str) -> int:
    """``8388608`` of ``8MB``. A number alone is bytes.

    :raises ValueError: for what is no size.
    """
    return round(_read(text, _BYTES, "a size is written like 500KB, 8MB or 1GB"))


def count(text: str) -> float:
    """``10000`` of ``10k``, ``10,000`` or ``10_000``.

    :raises ValueError: for what is no number.
    """
    return _read(text.replace(",", "").replace("_", ""), _COUNTS, "a number is written like 500, 10k or 2M")


def whole(text: str) -> int:
    """A count that has no fraction.

    :raises ValueError: for one that has, and for what is no number.
    """
    number = count(text)
    if not number.is_integer():
        raise ValueError(f"a whole number is expected, got {text!r}; round it")
    return int(number)


def share(text: str) -> float:
    """``0.95`` of ``95%`` or ``0.95``.

    :raises ValueError: for what is no share.
    """
    number = _read(text.strip().removesuffix("%"), {"": 1}, "a share is written like 95% or 0.95")
    return round(number / 100, 9) if "%" in text else number


def _read(text: str, units: Mapping[str, float], told: str) -> float:
    found = _NUMBER.fullmatch(text)
    unit = units.get(found[2].lower()) if found else None
    if found is None or unit is None:
        raise ValueError(f"{told}, got {text!r}")
    return round(float(found[1]) * unit, 9)


def time_text(value: float) -> str:
    """``100 ms`` of 0.1, ``6 h`` of 21600."""
    if value < 1:
        return f"{_short(value * 1000)} ms"
    size_of_unit, unit = next(step for step in _TIME_STEPS if value >= step[0])
    if value % size_of_unit and value < 2 * size_of_unit and unit != "s":
        size_of_unit, unit = _TIME_STEPS[_TIME_STEPS.index((size_of_unit, unit)) + 1]
    return f"{_short(value / size_of_unit)} {unit}"


def size_text(value: float) -> str:
    """``8 MB`` of 8388608."""
    size_of_unit, unit = next((step for step in _SIZE_STEPS if value >= step[0]), (1, "bytes"))
    return f"{_short(value / size_of_unit)} {unit}"


def _short(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".") if number < 100 else f"{number:,.0f}"
