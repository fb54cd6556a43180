"""Schedules of batches: EventBridge Scheduler, and the older scheduled rules of EventBridge."""

from __future__ import annotations

import re
from collections.abc import Iterator

from constructs_lib.facts import schedules
from constructs_lib.facts.paths import EVENTS_RULE, SCHEDULE
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.template import Node, Template

_CRON = re.compile(r"cron\((.+)\)")
_DAY_OF_MONTH, _DAY_OF_WEEK = 2, 4


@rule(schedules.INPUT)
def input_within_size(template: Template) -> Iterator[Problem]:
    """The input of a schedule's target is at most 262144 bytes."""
    limit = schedules.INPUT
    for schedule in template.of(SCHEDULE):
        given = schedule.at("Target", "Input")
        if given.known_bytes > limit.maximum:
            yield Problem(given, f"{limit.what} must be {limit}, got {given.known_bytes}", limit.fix)


@rule(schedules.CRON_FIELDS)
def cron_has_six_fields(template: Template) -> Iterator[Problem]:
    """A cron expression has six fields."""
    wanted = schedules.CRON_FIELDS.maximum
    for place, fields in _crons(template):
        if len(fields) != wanted:
            yield Problem(
                place,
                f"a cron expression must have {wanted} fields, got {len(fields)}: {' '.join(fields)}",
                "write cron(minutes hours day-of-month month day-of-week year)",
            )


@rule(schedules.CRON_DAYS)
def cron_names_one_kind_of_day(template: Template) -> Iterator[Problem]:
    """A cron expression has ? as its day of the month or as its day of the week."""
    for place, fields in _crons(template):
        if len(fields) != schedules.CRON_FIELDS.maximum:
            continue
        days = fields[_DAY_OF_MONTH], fields[_DAY_OF_WEEK]
        if _clash(place, *days):
            yield Problem(
                place,
                f"a cron expression must have ? in day-of-month or in day-of-week, got {days[0]} and {days[1]}",
                "write ? in the one that does not matter",
            )


def _clash(place: Node, of_month: str, of_week: str) -> bool:
    """Rules of EventBridge refuse values in both fields, EventBridge Scheduler's guide only ``*`` in both."""
    if place.resource.type == EVENTS_RULE:
        return "?" not in (of_month, of_week)
    return of_month == of_week == "*"


def _crons(template: Template) -> Iterator[tuple[Node, list[str]]]:
    for owner in template.of(SCHEDULE, EVENTS_RULE):
        place = owner.at("ScheduleExpression")
        cron = _CRON.fullmatch((place.text or "").strip())
        if cron:
            yield place, cron[1].split()
