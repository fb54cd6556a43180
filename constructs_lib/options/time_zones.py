"""Time zones: whether one is known, and what a change of its clock does to what runs every day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAYS = 366
_IN_EVERY_DATABASE = "Europe/London"


def is_unknown(name: str) -> bool:
    """Whether there is no such zone; where a machine has no database of zones, nobody can tell."""
    return _zone(name) is None and _zone(_IN_EVERY_DATABASE) is not None


def skipped_day(minute_of_day: int, name: str) -> date | None:
    """The day of the coming year on which the clock of a zone skips this minute; usually there is none."""
    zone = _zone(name)
    if zone is None:
        return None
    begins = (_at(day, minute_of_day, zone) for day in _coming_days())
    return next((begin.date() for begin in begins if _skips(begin, zone)), None)


def shortest_day(minute_of_day: int, minutes: int, name: str) -> tuple[timedelta, date] | None:
    """What the clock counts as so many ``minutes`` from a minute of the day, at its least, and when."""
    zone = _zone(name)
    if zone is None:
        return None
    begins = (_at(day, minute_of_day, zone) for day in _coming_days())
    # Sums of times in a zone are those of its clock, differences in UTC are those that pass.
    return min(
        ((begin + timedelta(minutes=minutes)).astimezone(UTC) - begin.astimezone(UTC), begin.date()) for begin in begins
    )


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _coming_days() -> Iterator[date]:
    today = datetime.now(UTC).date()
    return (today + timedelta(days=number) for number in range(_DAYS))


def _at(day: date, minute_of_day: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(*divmod(minute_of_day, 60)), tzinfo=zone)


def _skips(begin: datetime, zone: ZoneInfo) -> bool:
    return begin.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != begin.replace(tzinfo=None)
