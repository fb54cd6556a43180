"""Alarm states by CloudWatch's own tables of missing data, and statistics by period."""

import pytest

from constructs_lib.local.autoscaling.alarms import ALARM, INSUFFICIENT_DATA, OK, Alarm, Metric, Metrics

METRIC = Metric.of("any", "metric", EndpointName="any")


def alarm(**members: object) -> Alarm:
    given: dict[str, object] = {
        "name": "any",
        "metric": METRIC,
        "threshold": 1.0,
        "comparison": "GreaterThanOrEqualToThreshold",
        "evaluation_periods": 3,
    }
    return Alarm(**given | members)  # type: ignore[arg-type]


def points(picture: str) -> list[float | None]:
    """`0 - X` is a good datapoint, a missing one and a breaching one, oldest first."""
    return [{"0": 0.0, "X": 1.0}.get(mark) for mark in picture.split()]


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html, both tables:
# datapoints, datapoints to alarm, then the state by missing, ignore, breaching and notBreaching (PRE: the one before).
PRE = "the state before"
TABLE = [
    ("0 - X - X", 3, OK, OK, OK, OK),
    ("- - - - 0", 3, OK, OK, OK, OK),
    ("- - - - -", 3, INSUFFICIENT_DATA, PRE, ALARM, OK),
    ("0 X X - X", 3, ALARM, ALARM, ALARM, ALARM),
    ("- - X - -", 3, ALARM, PRE, ALARM, OK),
    ("0 - X - X", 2, ALARM, ALARM, ALARM, ALARM),
    ("0 0 X 0 X", 2, ALARM, ALARM, ALARM, ALARM),
    ("0 - X - -", 2, OK, OK, ALARM, OK),
    ("- - - - 0", 2, OK, OK, ALARM, OK),
    ("- - - X -", 2, ALARM, PRE, ALARM, OK),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]} {row[1]} of 3")
@pytest.mark.parametrize(
    ("column", "treatment"), list(enumerate(("missing", "ignore", "breaching", "notBreaching"), start=2))
)
def test_missing_data_is_treated_as_in_aws_s_tables(row: tuple[str, int, str], column: int, treatment: str) -> None:
    watched = alarm(datapoints_to_alarm=row[1], treat_missing_data=treatment)
    assert watched.judge(points(row[0]), PRE) == row[column]


def test_one_fresh_breach_after_a_gap_does_not_alarm_too_early() -> None:
    assert alarm().judge(points("- - - - X"), OK) == OK


@pytest.mark.parametrize(
    ("statistic", "value"), [("Average", 2.0), ("Maximum", 3.0), ("Minimum", 1.0), ("Sum", 6.0), ("SampleCount", 3.0)]
)
def test_a_datapoint_is_the_statistic_of_one_whole_period(statistic: str, value: float) -> None:
    metrics = Metrics()
    for at, sample in ((59.9, 100.0), (60.0, 1.0), (90.0, 2.0), (119.9, 3.0), (120.0, 100.0)):
        metrics.record(METRIC, at, sample)
    watched = alarm(statistic=statistic, evaluation_periods=1)
    assert watched.datapoints(metrics, 120.0)[-1] == value
    assert watched.datapoints(metrics, 179.0)[-1] == value


@pytest.mark.parametrize(
    ("comparison", "states"),
    [
        ("GreaterThanThreshold", [OK, OK, ALARM]),
        ("GreaterThanOrEqualToThreshold", [OK, ALARM, ALARM]),
        ("LessThanThreshold", [ALARM, OK, OK]),
        ("LessThanOrEqualToThreshold", [ALARM, ALARM, OK]),
    ],
)
def test_each_comparison_decides_at_below_and_above_the_threshold(comparison: str, states: list[str]) -> None:
    watched = alarm(comparison=comparison, evaluation_periods=1)
    assert [watched.judge([value]) for value in (0.9, 1.0, 1.1)] == states


def test_samples_of_other_dimensions_do_not_count() -> None:
    metrics = Metrics()
    metrics.record(Metric.of("any", "metric", EndpointName="other"), 30.0, 5.0)
    assert alarm().evaluate(metrics, 60.0) == INSUFFICIENT_DATA


def test_samples_older_than_the_retention_are_dropped() -> None:
    metrics = Metrics(retention=100.0)
    for at in (0.0, 50.0, 120.0):
        metrics.record(METRIC, at, at)
    assert metrics.between(METRIC, 0.0, 200.0) == [(50.0, 50.0), (120.0, 120.0)]


def test_a_comparison_that_is_unknown_here_is_refused() -> None:
    with pytest.raises(ValueError, match="got 'LessThanLowerThreshold'"):
        alarm(comparison="LessThanLowerThreshold")
