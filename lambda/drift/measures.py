"""How far two samples lie apart, and whether chance alone could have done it. Pure.

Counts of the same bins or categories come as two lists of equal length. The tests hold all numbers to those of scipy.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

Counts = Sequence[float]
# Below any significance that is asked for; further terms or steps change no digit of it.
_TINY = 1e-300
_PRECISION = 1e-15
_MOST_STEPS = 10_000


def population_stability_index(baseline: Counts, current: Counts) -> float:
    """The sum of (q - p) ln(q / p) over all bins. Half a record in each bin keeps empty ones finite."""
    p, q = _smoothed(baseline), _smoothed(current)
    return sum((now - then) * math.log(now / then) for then, now in zip(p, q, strict=True))


def total_variation(baseline: Counts, current: Counts) -> float:
    """The share of the records that would have to change their category, 0 to 1: what the KS distance is to numbers."""
    p, q = _shares(baseline), _shares(current)
    return sum(abs(now - then) for then, now in zip(p, q, strict=True)) / 2


def chi_square(baseline: Counts, current: Counts) -> tuple[float, float]:
    """Pearson's statistic of two samples, and the chance of one as large if both came from one population.

    What is in neither sample does not count; with less than two categories left nothing can differ.
    """
    pairs = [pair for pair in zip(baseline, current, strict=True) if sum(pair) > 0]
    rows = [sum(column) for column in zip(*pairs, strict=True)]
    if len(pairs) < 2 or min(rows) == 0:
        return 0.0, 1.0
    whole = sum(rows)
    statistic = 0.0
    for pair in pairs:
        for count, row in zip(pair, rows, strict=True):
            expected = sum(pair) * row / whole
            statistic += (count - expected) ** 2 / expected
    return statistic, chi_square_tail(statistic, len(pairs) - 1)


def chi_square_tail(statistic: float, degrees: int) -> float:
    """The chance of a larger value under the chi-square distribution: the upper incomplete gamma function."""
    a, x = degrees / 2, statistic / 2
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        return max(0.0, 1 - scale * _lower_series(a, x))
    return scale * _upper_fraction(a, x)


def kolmogorov_smirnov(knots: Sequence[tuple[float, float, float]], size: float, current: Sequence[float]) -> float:
    """The largest distance between two distributions, 0 to 1.

    The baseline is given by knots: a value, how many of ``size`` lie below it, and how many do not lie above it. Where
    not every value is a knot, the distance is too small by at most the share between two. ``current`` is sorted.
    """
    found = 0.0
    for value, below, up_to in knots:
        found = max(
            found,
            abs(below / size - bisect_left(current, value) / len(current)),
            abs(up_to / size - bisect_right(current, value) / len(current)),
        )
    return found


def kolmogorov_tail(distance: float, baseline_size: float, current_size: float) -> float:
    """The chance of a larger distance if both samples came from one population, as samples grow."""
    scaled = distance * math.sqrt(baseline_size * current_size / (baseline_size + current_size))
    if scaled < 0.2:
        return 1.0  # but for less than 1e-12, and there the series needs many terms
    terms = ((-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101))
    return min(1.0, max(0.0, 2 * math.fsum(terms)))


def _shares(counts: Counts) -> list[float]:
    whole = sum(counts)
    return [count / whole for count in counts]


def _smoothed(counts: Counts) -> list[float]:
    return _shares([count + 0.5 for count in counts])


def _lower_series(a: float, x: float) -> float:
    term = total = 1 / a
    for step in range(1, _MOST_STEPS):
        term *= x / (a + step)
        total += term
        if term < total * _PRECISION:
            break
    return total


def _upper_fraction(a: float, x: float) -> float:
    """The continued fraction of the upper function, from the front, by Lentz's method."""
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    found = d
    for step in range(1, _MOST_STEPS):
        factor = -step * (step - a)
        b += 2
        d = 1 / (factor * d + b or _TINY)
        c = b + factor / c or _TINY
        found *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return found
