"""The at, rate and cron expressions of scheduled actions: when each is due next. Pure.

Source: https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from constructs_lib.facts import scaling_schedules as facts
from constructs_lib.local.autoscaling.cron import Cron

_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
_RATE = re.compile(r"rate\(\s*(?P<value>\d+)\s+(?P<unit>minute|hour|day)s?\s*\)")


class Schedule(Protocol):
    """When something is due."""

    def next_after(self, moment: float) -> float | None:
        """The first time after `moment` (both in seconds since the epoch), or None when there is none any more."""


@dataclass(frozen=True, slots=True)
class At:
    """Once, at a time."""

    when: float

    def next_after(self, moment: float) -> float | None:
        """That time, unless it has passed."""
        return self.when if self.when > moment else None


@dataclass(frozen=True, slots=True)
class Rate:
    """Every `period` seconds from `first` on."""

    first: float
    period: int

    def next_after(self, moment: float) -> float | None:
        """The next multiple of the period."""
        if moment < self.first:
            return self.first
        return self.first + ((moment - self.first) // self.period + 1) * self.period


@dataclass(frozen=True, slots=True)
class ByCron:
    """At the times of a cron expression in a time zone."""

    cron: Cron
    zone: ZoneInfo

    def next_after(self, moment: float) -> float | None:
        """The first of its minutes that begins after the moment."""
        here = datetime.fromtimestamp(moment, self.zone)
        for local in self.cron.times(date(here.year, here.month, here.day)):
            found = local.replace(tzinfo=self.zone).timestamp()
            if found > moment:
                return found
        return None


def parse(expression: str, zone_name: str = "UTC", *, created: float = 0.0, start: float | None = None) -> Schedule:
    """The schedule of an expression; a rate counts from `start`, or from one period after `created`.

    Raises ValueError that says what is wrong with the expression or the time zone.
    """
    if not facts.SCHEDULE.allows(expression):
        raise ValueError(f"Schedule must be of a documented form, got '{expression}': {facts.SCHEDULE.fix}")
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"Timezone must be a name of the IANA time zone database, got '{zone_name}'") from error
    inner = expression[expression.index("(") + 1 : -1].strip()
    if expression.startswith("at("):
        return At(datetime.fromisoformat(inner).replace(tzinfo=zone).timestamp())
    rate = _RATE.fullmatch(expression)
    if rate:
        period = int(rate["value"]) * _SECONDS[rate["unit"]]
        return Rate(created + period if start is None else start, period)
    return ByCron(Cron.parse(inner), zone)


def seconds(moment: float | str | datetime | None) -> float | None:
    """A time of the API (a number) or of a template (text, UTC where it names no zone) in seconds since the epoch."""
    if moment is None or isinstance(moment, (int, float)):
        return moment
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
