"""When a batch must be complete, held against when it starts and how long it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from constructs_lib.checks import Checks
from constructs_lib.facts import schedules
from constructs_lib.options.time_zones import shortest_day, skipped_day
from constructs_lib.tokens import is_token

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_CRON = re.compile(r"cron\((?P<minute>[0-5]?\d) (?P<hour>[01]?\d|2[0-3]) (?P<days>\S+ \S+ \S+ \S+)\)")
_EVERY_DAY = re.compile(r"(\*|\?|1/1) \* (\*|\?) \*")
_DAY_IN_MINUTES = 24 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """The time of day at which a batch must be complete, in the time zone of its schedule.

    A schedule that leaves no more than the expected duration is refused, as no time is left then to try anything again;
    at run time the deadline looks for the ``_SUCCESS`` of the day, and counts a late batch.

    :param complete_by: such as ``08:00``.
    :param expected_duration: of the whole execution, below 24 hours.
    :raises InvalidConfiguration: with every wrong value.
    """

    complete_by: str
    expected_duration: timedelta

    def __post_init__(self) -> None:
        checks = Checks("Deadline")
        known = _TIME.fullmatch(self.complete_by) is not None
        problem = f"complete_by must be a time of day such as 08:00, got {self.complete_by!r}; write HH:MM"
        checks.require(known, problem, schedules.EXPRESSION)
        short = timedelta(0) < self.expected_duration < timedelta(days=1)
        problem = f"expected_duration must be above 0 and below 24 hours, got {self.expected_duration}; of one run"
        checks.require(short, problem, schedules.EXPRESSION)
        checks.done()

    @property
    def minute_of_day(self) -> int:
        """``complete_by`` in minutes after midnight."""
        hours, minutes = self.complete_by.split(":")
        return int(hours) * 60 + int(minutes)

    def check(self, checks: Checks, schedule: str | None, time_zone: str = "UTC") -> None:
        """Note every problem of the deadline with a schedule; one that is known only at deploy time passes."""
        if schedule is None or is_token(schedule):
            return
        start = _CRON.fullmatch(schedule)
        form = "cron(MINUTE HOUR DAY MONTH WEEKDAY YEAR) with one start a day"
        problem = f"with a deadline, schedule must be {form}, got {schedule}; such as cron(0 1 * * ? *)"
        checks.require(start is not None, problem, schedules.EXPRESSION)
        if start is None:
            return
        left = self.lead_in_minutes(schedule)
        minutes = self.expected_duration // timedelta(minutes=1)
        checks.require(
            self.expected_duration < timedelta(minutes=left),
            f"a batch that starts at {_clock(_start(start))} and takes {_length(self.expected_duration)} is complete "
            f"at {_clock(_start(start) + minutes)} at best, which must be before complete_by {self.complete_by}; "
            f"start it before {_clock(self.minute_of_day - minutes)}, or make it faster with more shards or instances",
            schedules.EXPRESSION,
        )
        overnight = self.minute_of_day <= _start(start)
        checks.require(
            not overnight or _EVERY_DAY.fullmatch(start["days"]) is not None,
            f"complete_by {self.complete_by} is on the day after the start, so the schedule must run every day, "
            f"got {schedule}; or start it after midnight",
            schedules.EXPRESSION,
        )
        if _EVERY_DAY.fullmatch(start["days"]):
            self._check_clock(checks, _start(start), left, time_zone)

    def _check_clock(self, checks: Checks, start: int, left: int, time_zone: str) -> None:
        """Note what goes wrong on the day on which summer time begins, which daily schedules do not escape."""
        for what, minute in ((f"the start at {_clock(start)}", start), ("complete_by", self.minute_of_day)):
            skipped = skipped_day(minute, time_zone)
            checks.require(
                skipped is None,
                f"{what} must be a time of every day, and on {skipped} the clock of {time_zone} skips {_clock(minute)}"
                "; choose one an hour earlier or later, or a schedule in UTC",
                schedules.SUMMER_TIME,
            )
        shortest = shortest_day(start, left, time_zone)
        if shortest is None or self.expected_duration >= timedelta(minutes=left):
            return
        time_left, day = shortest
        checks.require(
            self.expected_duration < time_left,
            f"from {_clock(start)} to complete_by {self.complete_by} it must be more than expected_duration "
            f"{_length(self.expected_duration)}, and on {day}, when summer time begins in {time_zone}, it is "
            f"{_length(time_left)}; start it earlier, or make it faster with more shards or instances",
            schedules.SUMMER_TIME,
        )

    def lead_in_minutes(self, schedule: str | None) -> int:
        """From the start to the deadline; without a known start from the day's beginning."""
        start = _CRON.fullmatch(schedule) if schedule is not None and not is_token(schedule) else None
        if start is None:
            return self.minute_of_day
        return (self.minute_of_day - _start(start)) % _DAY_IN_MINUTES or _DAY_IN_MINUTES

    def expression(self, schedule: str | None) -> str:
        """When to look: on the days of the schedule, every day without one."""
        start = _CRON.fullmatch(schedule) if schedule is not None and not is_token(schedule) else None
        hours, minutes = divmod(self.minute_of_day, 60)
        return f"cron({minutes} {hours} {start['days'] if start else '* * ? *'})"


def _start(start: re.Match[str]) -> int:
    return int(start["hour"]) * 60 + int(start["minute"])


def _clock(minutes: int) -> str:
    return "{:02}:{:02}".format(*divmod(minutes % _DAY_IN_MINUTES, 60))


def _length(duration: timedelta) -> str:
    return "{}:{:02} h".format(*divmod(duration // timedelta(minutes=1), 60))
