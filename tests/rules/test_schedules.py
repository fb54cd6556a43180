"""What is judged of schedules, and what is not."""

from __future__ import annotations

import pytest

from constructs_lib.rules import judge
from constructs_lib.rules.examples.example import changed, join
from constructs_lib.rules.examples.schedules import rule, scheduled


def of_schedule(**changes: object) -> list[str]:
    """The rules that a schedule of EventBridge Scheduler breaks, with double underscores for dots."""
    places = {f"Schedule.{place.replace('__', '.')}": value for place, value in changes.items()}
    return [finding.rule for finding in judge(changed(scheduled(), places))]


def of_rule(expression: object) -> list[str]:
    return [finding.rule for finding in judge(changed(rule(), {"Rule.ScheduleExpression": expression}))]


SOUND = ["rate(5 minutes)", "cron(0 2 * * ? *)", "cron(0/15 8-17 ? * MON-FRI *)", "cron(0 2 L * ? 2027)"]


@pytest.mark.parametrize("expression", [*SOUND, "at(2027-01-01T02:00:00)"])
def test_sound_expressions_of_a_schedule(expression: str) -> None:
    assert of_schedule(ScheduleExpression=expression) == []


@pytest.mark.parametrize("expression", [*SOUND, {"Ref": "Expression"}, join("cron(", {"Ref": "Fields"}, ")")])
def test_sound_and_unknown_expressions_of_a_rule(expression: object) -> None:
    assert of_rule(expression) == []


def test_a_rule_without_a_schedule_is_not_judged() -> None:
    assert of_rule({"Ref": "AWS::NoValue"}) == []


@pytest.mark.parametrize("expression", ["0 2 * * ? *", "cron()", "cron(0 2 * * ? *", "Rate(1 day)", "rate(2 weeks)"])
def test_what_is_no_expression_is_refused(expression: str) -> None:
    assert of_schedule(ScheduleExpression=expression) == ["SCHED-EXPRESSION"]


def test_a_cron_of_another_number_of_fields_shows_them() -> None:
    (finding,) = judge(changed(scheduled(), {"Schedule.ScheduleExpression": "cron(0 2 * * 1)"}))
    assert "must have 6 fields, got 5: 0 2 * * 1" in finding.message


def test_values_in_both_day_fields_are_refused_by_rules_only() -> None:
    assert of_rule("cron(0 2 1 * MON *)") == ["SCHED-CRON-DAYS"]
    assert of_schedule(ScheduleExpression="cron(0 2 1 * MON *)") == []


@pytest.mark.parametrize("number", [{"Ref": "Attempts"}, "185", 0])
def test_unknown_and_quoted_numbers_are_not_refused(number: object) -> None:
    assert of_schedule(Target__RetryPolicy__MaximumRetryAttempts=number) == []


def test_the_targets_of_a_rule_have_the_same_retries() -> None:
    changes: dict[str, object] = {"Rule.Targets.0.RetryPolicy": {"MaximumRetryAttempts": 186}}
    (finding,) = judge(changed(rule(), changes))
    assert finding.rule == "SCHED-RETRY"
    assert "from 0 to 185 attempts, got 186" in finding.message


def test_the_size_of_an_input_is_counted_in_bytes() -> None:
    assert of_schedule(Target__Input='"' + "é" * 131_071 + '"') == []
    assert of_schedule(Target__Input='"' + "é" * 131_072 + '"') == ["SCHED-INPUT"]


def test_an_input_whose_known_parts_are_too_long_is_refused() -> None:
    assert of_schedule(Target__Input=join("x" * 262_145, {"Ref": "AWS::StackName"})) == ["SCHED-INPUT"]
