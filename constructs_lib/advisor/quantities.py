"""Times, sizes, counts and shares as people write them: ``100ms``, ``8MB``, ``10k``, ``95%``; and back."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]*)\s*")
_SECONDS = {
    "ms": 0.001,
    "s": 1,
    "sec": 1,
    "second": 1,
    "seconds": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "minutes": 60,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "d": 86_400,
    "day": 86_400,
    "days": 86_400,
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
    number, unit = _split(text)
    factor = 1.0 if unit == "" else _SECONDS.get(unit)
    if factor is None:
        raise ValueError(f"a time is written like 100ms, 2s, 5m, 6h or 1d, got {text!r}")
    return round(number * factor, 9)


def size(text: str) -> int:
    """``8388608`` of ``8MB``. A number alone is bytes.

    :raises ValueError: for what is no size.
    """
    number, unit = _split(text)
    if unit not in _BYTES:
        raise ValueError(f"a size is written like 500KB, 8MB or 1GB, got {text!r}")
    return round(number * _BYTES[unit])


def count(text: str) -> float:
    """``10000`` of ``10k``, ``10,000`` or ``10_000``.

    :raises ValueError: for what is no number.
    """
    number, unit = _split(text.replace(",", "").replace("_", ""))
    if unit not in _COUNTS:
        raise ValueError(f"a number is written like 500, 10k or 2M, got {text!r}")
    return number * _COUNTS[unit]


def whole(text: str) -> int:
    """A count that has no fraction.

    :raises ValueError: for one that has, and for what is no number.
    """
    number = count(text)
    if not number.is_integer():
        raise ValueError(f"a whole number is expected, got {text!r}")
    return int(number)


def share(text: str) -> float:
    """``0.95`` of ``95%`` or ``0.95``.

    :raises ValueError: for what is no share.
    """
    bare = text.strip().removesuffix("%")
    number, unit = _split(bare)
    if unit:
        raise ValueError(f"a share is written like 95% or 0.95, got {text!r}")
    return round(number / 100, 9) if "%" in text else number


def _split(text: str) -> tuple[float, str]:
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(f"a number with a unit is expected, such as 100ms or 8MB, got {text!r}")
    return float(found[1]), found[2].lower()


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
