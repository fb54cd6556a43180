"""AWS's cron expressions: six fields, names of months and days, and the signs L, W and #. Pure.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from constructs_lib.facts import scaling_schedules as facts

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_NAMES = {
    field: {name: place for place, name in enumerate(names, start=1)}
    for field, names in (("month", _MONTHS), ("day-of-week", _WEEKDAYS))
}
_DAY_OF_MONTH, _DAY_OF_WEEK = facts.CRON_DAY_FIELDS
_SATURDAY = 7

IsDue = Callable[[date], bool]


@dataclass(frozen=True)
class Cron:
    """A parsed expression; `is_day` judges both day fields."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: tuple[int, ...]
    years: tuple[int, ...]
    is_day: IsDue

    @classmethod
    def parse(cls, text: str) -> Cron:
        """The expression between the brackets of `cron(...)`; raises ValueError that says what is wrong with it."""
        fields = dict(zip(facts.CRON_FIELDS, text.upper().split(), strict=True))
        wild = [name for name in facts.CRON_DAY_FIELDS if fields[name] == "?"]
        if len(wild) != 1 or any(fields[name] == "?" for name in fields if name not in facts.CRON_DAY_FIELDS):
            raise ValueError(f"{facts.CRON_DAYS.what} must stand {facts.CRON_DAYS.allowed}, got '{text}'")
        by_week = wild[0] == _DAY_OF_MONTH
        is_day = _weekday(fields[_DAY_OF_WEEK]) if by_week else _day_of_month(fields[_DAY_OF_MONTH])
        minutes, hours = _numbers("minutes", fields["minutes"]), _numbers("hours", fields["hours"])
        return cls(minutes, hours, _numbers("month", fields["month"]), _numbers("year", fields["year"]), is_day)

    def times(self, start: date) -> Iterator[datetime]:
        """Every due minute from the day `start` on, in order and without a time zone."""
        for year in self.years:
            for month in self.months:
                if (year, month) < (start.year, start.month):
                    continue
                for day in range(1, calendar.monthrange(year, month)[1] + 1):
                    found = date(year, month, day)
                    if found >= start and self.is_day(found):
                        yield from (datetime.combine(found, time(h, m)) for h in self.hours for m in self.minutes)


def _numbers(name: str, field: str) -> tuple[int, ...]:
    """The numbers of a field of lists, ranges and steps."""
    found = {number for piece in field.split(",") for number in _piece(name, piece)}
    return tuple(sorted(found))


def _piece(name: str, piece: str) -> range:
    allowed = facts.CRON_FIELDS[name]
    lowest, highest = int(allowed.minimum or 0), int(allowed.maximum or 0)
    span, slash, step = piece.partition("/")
    first, dash, last = span.partition("-")
    if span == "*":
        begin, end = lowest, highest
    else:
        begin = _number(name, first)
        end = _number(name, last) if dash else highest if slash else begin
    if slash and not (step.isdecimal() and int(step)):
        raise ValueError(f"step of {name} in a cron expression must be a number above 0, got '{piece}'")
    if begin > end:
        raise ValueError(f"range of {name} in a cron expression must go upwards, got '{piece}'")
    return range(begin, end + 1, int(step) if slash else 1)


def _number(name: str, text: str) -> int:
    number = _NAMES.get(name, {}).get(text, int(text) if text.isdecimal() else None)
    if number is None or number not in facts.CRON_FIELDS[name]:
        raise ValueError(f"{name} of a cron expression must be {facts.CRON_FIELDS[name]}, got '{text}'")
    return number


def _day_of_month(field: str) -> IsDue:
    """`L` is the last day, `15W` the weekday nearest to the 15th, `LW` the last weekday."""
    if field == "L":
        return lambda day: day.day == _last(day)
    if field == "LW":
        return lambda day: day == _nearest_weekday(day.replace(day=_last(day)))
    if field.endswith("W"):
        wanted = _number(_DAY_OF_MONTH, field[:-1])
        return lambda day: wanted <= _last(day) and day == _nearest_weekday(day.replace(day=wanted))
    days = _numbers(_DAY_OF_MONTH, field)
    return lambda day: day.day in days


def _weekday(field: str) -> IsDue:
    """`6L` is the last Friday, `3#2` the second Tuesday, `L` Saturday."""
    if field == "L":
        return lambda day: _number_of(day) == _SATURDAY
    special = re.fullmatch(r"(?P<day>\w+?)(L|#(?P<which>[1-5]))", field)
    if special:
        wanted, which = _number(_DAY_OF_WEEK, special["day"]), special["which"]
        if which is None:
            return lambda day: _number_of(day) == wanted and day.day + 7 > _last(day)
        return lambda day: _number_of(day) == wanted and (day.day - 1) // 7 + 1 == int(which)
    days = _numbers(_DAY_OF_WEEK, field)
    return lambda day: _number_of(day) in days


def _number_of(day: date) -> int:
    """AWS's number of a weekday: Sunday is 1."""
    return day.isoweekday() % 7 + 1


def _last(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_weekday(day: date) -> date:
    """The weekday nearest to a day in its month."""
    if day.isoweekday() == 6:
        return day - timedelta(days=1) if day.day > 1 else day + timedelta(days=2)
    if day.isoweekday() == 7:
        return day + timedelta(days=1) if day.day < _last(day) else day - timedelta(days=2)
    return day
