"""Scheduled actions of scalable targets for SageMaker."""

from __future__ import annotations

import re
from collections.abc import Iterator

from constructs_lib.facts import scaling_schedules as facts
from constructs_lib.rules.rows import judged
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.scaling import scaled
from constructs_lib.templates.template import Node, Template, repeated


def _actions(template: Template) -> list[Node]:
    return [action for item in scaled(template) for action in item.target.at("ScheduledActions").items]


@rule(facts.SCHEDULED_ACTIONS)
def number_of_actions(template: Template) -> Iterator[Problem]:
    """A scalable target has at most 200 scheduled actions."""
    for item in scaled(template):
        yield from judged(facts.SCHEDULED_ACTIONS, item.target.at("ScheduledActions"))


@rule(facts.ACTION_NAME)
def action_name(template: Template) -> Iterator[Problem]:
    """The name of a scheduled action has 1 to 256 characters and none of ':', '/' and '|'."""
    for action in _actions(template):
        yield from judged(facts.ACTION_NAME, action.at("ScheduledActionName"))


@rule(facts.UNIQUE_ACTION_NAMES)
def unique_action_names(template: Template) -> Iterator[Problem]:
    """Each scheduled action of a scalable target has a name of its own: one of the same name replaces it."""
    for item in scaled(template):
        for name in repeated(item.target.below("ScheduledActions/*/ScheduledActionName")):
            message = f"a name must belong to 1 scheduled action of a target, {name.text} belongs to several"
            yield Problem(name, message, "give each scheduled action a name of its own")


@rule(facts.SCHEDULE)
def form_of_schedule(template: Template) -> Iterator[Problem]:
    """A schedule is an at, rate or cron expression, a cron expression of six fields."""
    for place in [action.at("Schedule") for action in _actions(template)]:
        if place.text is not None and not facts.SCHEDULE.allows(place.text):
            message = f"Schedule must be an at, rate or cron expression of its documented form, got '{place.text}'"
            yield Problem(place, message, facts.SCHEDULE.fix)


def _cron(template: Template) -> Iterator[tuple[Node, dict[str, str]]]:
    """The schedules that are cron expressions of the right form, with their fields."""
    for action in _actions(template):
        place = action.at("Schedule")
        text = place.text or ""
        if text.startswith("cron(") and facts.SCHEDULE.allows(text):
            yield place, dict(zip(facts.CRON_FIELDS, text[len("cron(") : -1].split(), strict=True))


@rule(facts.CRON_DAYS)
def one_day_field(template: Template) -> Iterator[Problem]:
    """In a cron expression '?' stands in one of the two day fields, and in no other field."""
    for place, fields in _cron(template):
        days = [fields[name] for name in facts.CRON_DAY_FIELDS]
        strange = [name for name, field in fields.items() if field == "?" and name not in facts.CRON_DAY_FIELDS]
        if strange:
            yield Problem(place, f"'?' must be in a day field, got it in {strange[0]}", "write '*' there")
        elif days in (["*", "*"], ["?", "?"]):
            yield Problem(
                place,
                f"one of day-of-month and day-of-week must be '?', and only one, got '{days[0]}' in both",
                "write '*' as the day of the month and '?' as the day of the week for every day",
            )


@rule(facts.CRON_NUMBERS)
def numbers_in_range(template: Template) -> Iterator[Problem]:
    """The numbers of a cron expression are ones that its fields have."""
    for place, fields in _cron(template):
        for name, field in fields.items():
            allowed = facts.CRON_FIELDS[name]
            # A step (after the slash) may be any number.
            numbers = [piece.partition("/")[0] for piece in re.split("[,-]", field)]
            wrong = [number for number in numbers if number.isdigit() and int(number) not in allowed]
            if wrong:
                yield Problem(
                    place, f"{name} of a cron expression must be {allowed}, got {wrong[0]}", f"give a number {allowed}"
                )
