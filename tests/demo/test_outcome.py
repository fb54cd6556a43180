"""Outcomes: when a way of serving counts as shown, and the numbers that describe it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.outcome import Check, Outcome, expect_accuracy, expect_equal, median, percentile, share_right


def test_an_outcome_is_ok_when_every_expectation_held() -> None:
    assert Outcome(checks=(Check("a", ok=True), Check("b", ok=True))).ok


def test_one_expectation_that_did_not_hold_is_enough_to_fail() -> None:
    outcome = Outcome(checks=(Check("a", ok=True), Check("b", ok=False, found="c")))
    assert not outcome.ok
    assert outcome.failures == [Check("b", ok=False, found="c")]


def test_an_outcome_without_expectations_shows_nothing() -> None:
    assert not Outcome(checks=()).ok


def test_a_way_that_broke_off_says_why() -> None:
    broken = Outcome.broken("KeyError: 'InferenceBatch'")
    assert not broken.ok
    assert broken.failures[0].found == "KeyError: 'InferenceBatch'"


def test_an_unequal_value_is_reported_with_what_was_expected() -> None:
    assert expect_equal("predictions", 449, 450) == Check("predictions", ok=False, found="expected 450, got 449")
    assert expect_equal("predictions", 450, 450) == Check("predictions", ok=True)


@pytest.mark.parametrize(("accuracy", "ok"), [(0.95, True), (0.9499, False), (1.0, True), (0.0, False)])
def test_accuracy_is_expected_to_reach_its_floor(accuracy: float, ok: bool) -> None:
    assert expect_accuracy(accuracy).ok is ok


def test_a_missing_prediction_counts_as_wrong() -> None:
    assert share_right([1, None, 3, 9], [1, 2, 3, 4]) == 0.5


def test_predictions_without_as_many_labels_are_an_error() -> None:
    with pytest.raises(ValueError, match="argument"):
        share_right([1], [1, 2])


def test_nothing_measured_has_no_latency() -> None:
    assert median([]) is None
    assert percentile([], 99) is None


@pytest.mark.parametrize(
    ("count", "percent", "expected"),
    [(100, 99, 99), (101, 99, 100), (150, 99, 149), (1, 99, 1), (10, 99, 10), (100, 100, 100), (100, 0, 1)],
)
def test_a_percentile_is_the_nearest_rank(count: int, percent: float, expected: float) -> None:
    assert percentile(list(range(count, 0, -1)), percent) == expected


@given(st.lists(st.floats(allow_nan=False), min_size=1), st.floats(0, 100))
def test_at_least_the_wanted_share_of_values_does_not_exceed_a_percentile(values: list[float], percent: float) -> None:
    bound = percentile(values, percent)
    assert bound in values
    assert bound is not None
    assert sum(value <= bound for value in values) / len(values) * 100 >= percent - 1e-9
