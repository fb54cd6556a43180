"""CloudWatch alarms that scaling and rollbacks hang on."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import alarms
from constructs_lib.facts.limit import Limit
from constructs_lib.facts.paths import ALARM
from constructs_lib.rules.rows import ordered
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.template import Template


@rule(alarms.PERIOD)
def period(template: Template) -> Iterator[Problem]:
    """The period of an alarm is 10, 20 or 30 s, or a multiple of 60 s.

    Judged for every alarm, as CloudWatch refuses any other period whatever the alarm is for.
    """
    for alarm in template.of(ALARM):
        place = alarm.at("Period")
        value = place.number
        if value is not None and value not in alarms.SHORT_PERIODS and (value <= 0 or value % alarms.PERIOD_STEP):
            message = f"Period must be {alarms.PERIOD}, got {value}"
            yield Problem(place, message, f"give {alarms.PERIOD_STEP} or a multiple of it")


@rule(alarms.WINDOW)
def window_of_a_day(template: Template) -> Iterator[Problem]:
    """An alarm with a period of less than an hour looks back a day at most.

    Judged for every alarm, as CloudWatch refuses a longer window whatever the alarm is for.
    """
    yield from _too_long(template, alarms.WINDOW, is_long=False)


@rule(alarms.LONG_WINDOW)
def window_of_a_week(template: Template) -> Iterator[Problem]:
    """An alarm with a period of an hour or more looks back seven days at most.

    Judged for every alarm, as CloudWatch refuses a longer window whatever the alarm is for.
    """
    yield from _too_long(template, alarms.LONG_WINDOW, is_long=True)


def _too_long(template: Template, limit: Limit, *, is_long: bool) -> Iterator[Problem]:
    for alarm in template.of(ALARM):
        length, periods = alarm.at("Period").number, alarm.at("EvaluationPeriods")
        if length is None or periods.number is None or alarm.at("EvaluationWindow").given:
            continue
        if (length >= alarms.LONG_PERIOD) is is_long and length > 0 and length * periods.number > limit.maximum:
            yield Problem(
                periods,
                f"Period x EvaluationPeriods must be {limit}, got {length} x {periods.number} s",
                f"lower EvaluationPeriods to {int(limit.maximum // length)} or less",
            )


@rule(alarms.DATAPOINTS)
def datapoints_within_periods(template: Template) -> Iterator[Problem]:
    """An alarm needs at most as many data points as it has evaluation periods.

    Judged for every alarm, as CloudWatch refuses more whatever the alarm is for.
    """
    for alarm in template.of(ALARM):
        yield from ordered(alarm.at("DatapointsToAlarm"), alarm.at("EvaluationPeriods"))
