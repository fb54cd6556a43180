"""CloudWatch alarms: what their examples do not show."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.rules import judge
from constructs_lib.rules.examples.alarms import watched
from constructs_lib.rules.examples.example import ABSENT, changed
from tests.rules.support import broken

Document = dict[str, Any]


def alarm(**properties: object) -> Document:
    document = changed(watched(), {f"Alarm.{name}": value for name, value in properties.items()})
    document["Parameters"] = {"Number": {"Type": "Number"}}
    return document


@pytest.mark.parametrize("period", [10, 20, 30, 60, "60", 3600, 86400, {"Ref": "Number"}, {"Ref": "AWS::NoValue"}])
def test_a_period_that_cloudwatch_takes_has_no_finding(period: object) -> None:
    assert judge(alarm(Period=period)) == []


@pytest.mark.parametrize("period", [1, 45, "45", 61, 0])
def test_a_period_that_cloudwatch_refuses_is_found(period: object) -> None:
    assert broken(alarm(Period=period)) == {"ALARM-PERIOD"}


@pytest.mark.parametrize(
    ("period", "periods", "expected"),
    [
        (60, 1440, set()),
        ("60", "1441", {"ALARM-WINDOW"}),
        (3600, 25, set()),
        (86400, 7, set()),
        (86400, 8, {"ALARM-WINDOW-LONG"}),
        ({"Ref": "Number"}, 100_000, set()),
        (60, {"Ref": "Number"}, set()),
    ],
)
def test_an_alarm_looks_back_a_day_or_with_long_periods_a_week(
    period: object, periods: object, expected: set[str]
) -> None:
    assert broken(alarm(Period=period, EvaluationPeriods=periods)) == expected


def test_a_window_of_the_clock_is_not_judged() -> None:
    assert judge(alarm(EvaluationPeriods=1441, EvaluationWindow={"WallClockWindow": {}})) == []


def test_without_datapoints_all_periods_have_to_breach() -> None:
    assert judge(alarm(DatapointsToAlarm=ABSENT)) == []
    assert judge(alarm(DatapointsToAlarm={"Ref": "Number"})) == []
    assert broken(alarm(DatapointsToAlarm="4")) == {"ALARM-DATAPOINTS"}


def test_an_alarm_of_another_service_is_refused_as_well() -> None:
    assert broken(alarm(Namespace="AWS/SQS", MetricName="ApproximateNumberOfMessagesVisible", Period=45)) == {
        "ALARM-PERIOD"
    }


def test_a_message_names_value_bound_and_remedy() -> None:
    [found] = judge(alarm(Period=300, EvaluationPeriods=300))
    assert found.message.startswith("Period x EvaluationPeriods must be at most 86400 s, got 300 x 300 s; AWS answers")
    assert found.fix == "lower EvaluationPeriods to 288 or less"
