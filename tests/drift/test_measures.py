"""The numbers of the drift watch are those of scipy."""

from __future__ import annotations

import math
import random
from bisect import bisect_left, bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from constructs_lib.drift.column import KNOTS, summarize
from drift import measures

COUNTS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), min_size=2, max_size=30)
VALUES = st.lists(st.integers(-20, 20).map(float), min_size=2, max_size=200)


def knots_of(values: list[float]) -> list[tuple[float, float, float]]:
    ordered = sorted(values)
    return [(value, bisect_left(ordered, value), bisect_right(ordered, value)) for value in sorted(set(ordered))]


@given(COUNTS)
def test_chi_square_is_that_of_scipy(pairs: list[tuple[int, int]]) -> None:
    then, now = zip(*pairs, strict=True)
    table = [pair for pair in pairs if sum(pair)]
    if len(table) < 2 or not sum(then) or not sum(now):
        assert measures.chi_square(then, now) == (0, 1)
        return
    expected = stats.chi2_contingency(list(zip(*table, strict=True)), correction=False)
    assert measures.chi_square(then, now) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-7, abs=1e-250)


@given(st.floats(0, 3000), st.integers(1, 500))
def test_the_tail_of_chi_square_is_that_of_scipy(statistic: float, degrees: int) -> None:
    expected = special.chdtrc(degrees, statistic)
    assert measures.chi_square_tail(statistic, degrees) == pytest.approx(expected, rel=1e-7, abs=1e-12)


@given(VALUES, VALUES)
def test_the_ks_distance_is_that_of_scipy_ties_and_all(then: list[float], now: list[float]) -> None:
    found = measures.kolmogorov_smirnov(knots_of(then), len(then), sorted(now))
    assert found == pytest.approx(stats.ks_2samp(then, now, method="asymp").statistic)


@given(st.floats(0, 1), st.integers(100, 10**7), st.integers(100, 10**7))
def test_the_chance_of_a_ks_distance_is_kolmogorov_s(distance: float, then: int, now: int) -> None:
    expected = special.kolmogorov(distance * math.sqrt(then * now / (then + now)))
    assert measures.kolmogorov_tail(distance, then, now) == pytest.approx(expected, rel=1e-9, abs=1e-11)


def test_the_chance_of_a_ks_distance_is_near_the_exact_one() -> None:
    draw = random.Random(1)
    then, now = ([draw.gauss(shift, 1) for _ in range(800)] for shift in (0, 0.1))
    expected = stats.ks_2samp(then, now, method="exact")
    assert measures.kolmogorov_tail(expected.statistic, 800, 800) == pytest.approx(expected.pvalue, rel=0.1)


def test_the_distance_from_the_knots_of_a_baseline_is_off_by_less_than_the_share_between_two() -> None:
    draw = random.Random(2)
    then = [draw.lognormvariate(0, 1) for _ in range(20_000)]
    row = summarize("x", [repr(value) for value in then])
    assert len(row["knots"]) <= KNOTS
    for shift in (0.0, 0.05, 0.5, 5.0):
        now = sorted(draw.lognormvariate(shift, 1) for _ in range(5_000))
        exact = stats.ks_2samp(then, now, method="asymp").statistic
        found = measures.kolmogorov_smirnov(row["knots"], len(then), now)
        assert exact - 1.01 / (KNOTS - 1) <= found <= exact + 1e-12


@given(COUNTS)
def test_the_population_stability_index_is_the_sum_of_two_relative_entropies(pairs: list[tuple[int, int]]) -> None:
    then, now = ([count + 0.5 for count in column] for column in zip(*pairs, strict=True))
    expected = stats.entropy(then, now) + stats.entropy(now, then)
    assert measures.population_stability_index(*zip(*pairs, strict=True)) == pytest.approx(expected, abs=1e-12)


def test_the_population_stability_index_of_a_shift_is_its_square() -> None:
    """For normal distributions that is known: so a threshold of 0.2 is a shift of 0.45 standard deviations."""
    edges = [stats.norm.ppf(part / 200) for part in range(1, 200)]
    shares = [
        [1e6 * (upper - lower) for lower, upper in zip([0, *cdf], [*cdf, 1], strict=True)]
        for cdf in ([stats.norm.cdf(edge - shift) for edge in edges] for shift in (0, 0.45))
    ]
    assert measures.population_stability_index(*shares) == pytest.approx(0.45**2, rel=0.02)


def test_total_variation_is_the_share_that_would_have_to_move() -> None:
    assert measures.total_variation([50, 50, 0], [500, 250, 250]) == pytest.approx(0.25)
    assert measures.total_variation([1, 0], [0, 1]) == 1
