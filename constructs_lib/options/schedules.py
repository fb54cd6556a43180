"""Scheduled actions: other bounds of the capacity at certain times, such as office hours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from constructs_lib.checks import Checks
from constructs_lib.facts import scaling
from constructs_lib.facts import scaling_schedules as facts
from constructs_lib.facts.limit import Range
from constructs_lib.tokens import is_token


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduledAction:
    """From a certain time on, other bounds of the capacity: until the next action sets others.

    Made by ``ScheduledAction.cron(...)`` or ``ScheduledAction.at(...)``, or with a schedule written out.

    :param name: unique in one scaling; 1 to 256 characters without ``:``, ``/`` and ``|``.
    :param schedule: ``cron(minutes hours day-of-month month day-of-week year)``, ``at(yyyy-mm-ddThh:mm:ss)`` or
        ``rate(value unit)``.
    :param min_capacity: instances or copies at least from then on; unchanged by default.
    :param max_capacity: instances or copies at most from then on; unchanged by default. 0 stops all copies.
    :param timezone: an IANA name such as ``Europe/Berlin``, with its summer time; UTC by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    name: str
    schedule: str
    min_capacity: int | None = None
    max_capacity: int | None = None
    timezone: str | None = None

    def __post_init__(self) -> None:
        checks = Checks(f"ScheduledAction {self.name}")
        checks.limit("name", self.name, facts.ACTION_NAME, facts.ACTION_NAME.fix)
        checks.limit("schedule", self.schedule, facts.SCHEDULE, facts.SCHEDULE.fix)
        for field, allowed, number in _wrong_numbers(self.schedule):
            checks.require(False, f"{field} of schedule must be {allowed}, got {number}; mend it", facts.CRON_NUMBERS)
        checks.limit("timezone", self.timezone, facts.TIME_ZONE, facts.TIME_ZONE.fix)
        given = self.min_capacity is not None or self.max_capacity is not None
        checks.require(given, "min_capacity or max_capacity must be given, or nothing changes", facts.CAPACITY)
        checks.limit("min_capacity", self.min_capacity, facts.CAPACITY)
        checks.limit("max_capacity", self.max_capacity, facts.CAPACITY)
        checks.at_most(
            ("min_capacity", self.min_capacity),
            ("max_capacity", self.max_capacity),
            scaling.MAX_CAPACITY,
            "lower it or raise max_capacity",
        )
        checks.done()

    @classmethod
    def cron(
        cls,
        *,
        name: str,
        hours: str,
        minutes: str = "0",
        day_of_week: str | None = None,
        day_of_month: str | None = None,
        month: str = "*",
        year: str = "*",
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        timezone: str | None = None,
    ) -> ScheduledAction:
        """At certain hours, every day unless days are given.

        :param hours: such as ``8`` or ``8,20``.
        :param minutes: the full hour by default.
        :param day_of_week: such as ``MON-FRI``; or give ``day_of_month``, not both.
        """
        checks = Checks(f"ScheduledAction {name}")
        both = day_of_week is not None and day_of_month is not None
        checks.require(not both, "day_of_week and day_of_month exclude each other; give one of them", facts.CRON_DAYS)
        checks.done()
        days = ("*" if day_of_month is None else day_of_month) if day_of_week is None else "?"
        week = "?" if day_of_week is None else day_of_week
        return cls(
            name=name,
            schedule=f"cron({minutes} {hours} {days} {month} {week} {year})",
            min_capacity=min_capacity,
            max_capacity=max_capacity,
            timezone=timezone,
        )

    @classmethod
    def at(
        cls,
        time: datetime,
        *,
        name: str,
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        timezone: str | None = None,
    ) -> ScheduledAction:
        """Once.

        :param time: without a zone of its own: it is meant in ``timezone``, or in UTC.
        """
        checks = Checks(f"ScheduledAction {name}")
        problem = f"time must have no tzinfo, got {time.tzinfo}; say the zone with timezone"
        checks.require(time.tzinfo is None, problem, facts.TIME_ZONE)
        checks.done()
        return cls(
            name=name,
            schedule=f"at({time:%Y-%m-%dT%H:%M:%S})",
            min_capacity=min_capacity,
            max_capacity=max_capacity,
            timezone=timezone,
        )


def _wrong_numbers(schedule: str) -> Iterator[tuple[str, Range, str]]:
    """Fields of a cron expression, what each takes, and a number that it does not take."""
    if is_token(schedule) or not schedule.startswith("cron(") or not facts.SCHEDULE.allows(schedule):
        return
    fields = schedule.removeprefix("cron(").removesuffix(")").split()
    for (field, allowed), text in zip(facts.CRON_FIELDS.items(), fields, strict=True):
        # What follows a slash is a step, and may be any number.
        for number in (piece.partition("/")[0] for piece in re.split("[,-]", text)):
            if number.isdigit() and int(number) not in allowed:
                yield field, allowed, number
