"""At how many requests a day one way of serving becomes cheaper than another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt

from constructs_lib.advisor.costs import monthly_costs
from constructs_lib.advisor.strategies import Strategy
from constructs_lib.advisor.workload import Workload
from constructs_lib.facts.prices import Prices

_FROM, _TO = 0, 7  # powers of ten of requests a day
_STEPS = 4  # points for each power of ten
_HALVINGS = 20


@dataclass(frozen=True, slots=True)
class Crossover:
    """From ``requests_per_day`` on, ``above`` is cheaper than ``below``, which was cheaper before."""

    requests_per_day: float
    usd: float
    below: Strategy
    above: Strategy

    @property
    def words(self) -> str:
        """Which of the two is the cheaper one."""
        return f"{self.above.words} is cheaper than {self.below.words}"


@dataclass(frozen=True, slots=True)
class Curves:
    """The cost of a month by requests a day, a row of points for each way, and where the rows cross."""

    points: Mapping[Strategy, Sequence[tuple[float, float]]]
    crossovers: tuple[Crossover, ...]


def curves(workload: Workload, strategies: Sequence[Strategy], prices: Prices) -> Curves:
    """The curves of these ways, all else as it is; a way of unknown cost has none."""

    def usd(strategy: Strategy) -> Callable[[float], float | None]:
        return lambda requests: monthly_costs(_at(workload, requests), prices)[strategy].usd

    grid = [10 ** (_FROM + step / _STEPS) for step in range((_TO - _FROM) * _STEPS + 1)]
    by_request = [monthly_costs(_at(workload, requests), prices) for requests in grid]
    points: dict[Strategy, list[tuple[float, float]]] = {}
    for strategy in strategies:
        amounts = [costs[strategy].usd for costs in by_request]
        row = [(requests, amount) for requests, amount in zip(grid, amounts, strict=True) if amount is not None]
        if len(row) == len(grid):
            points[strategy] = row
    known = list(points)
    found = [
        crossover
        for index, first in enumerate(known)
        for second in known[index + 1 :]
        for crossover in _crossings(first, second, points, usd)
    ]
    return Curves(points, tuple(sorted(found, key=lambda each: each.requests_per_day)))


def _at(workload: Workload, requests: float) -> Workload:
    """The workload at another number of requests; its peak moves with it, a data set becomes that large."""
    peak = workload.peak_rps
    if peak is not None and workload.requests_per_day:
        peak = peak * requests / workload.requests_per_day
    records = None if workload.records_per_run is None else max(1, round(requests))
    return replace(workload, requests_per_day=requests, peak_rps=peak, records_per_run=records)


def _crossings(
    first: Strategy,
    second: Strategy,
    points: Mapping[Strategy, Sequence[tuple[float, float]]],
    usd: Callable[[Strategy], Callable[[float], float | None]],
) -> list[Crossover]:
    def difference(requests: float) -> float:
        return (usd(first)(requests) or 0.0) - (usd(second)(requests) or 0.0)

    found = []
    pairs = list(zip(points[first], points[second], strict=True))
    for low, high in pairwise(pairs):
        before, after = low[0][1] - low[1][1], high[0][1] - high[1][1]
        if before * after >= 0:
            continue
        at = _bisected(difference, low[0][0], high[0][0], before)
        cheaper_before, cheaper_after = (first, second) if before < 0 else (second, first)
        found.append(Crossover(at, usd(first)(at) or 0.0, cheaper_before, cheaper_after))
    return found


def _bisected(difference: Callable[[float], float], low: float, high: float, at_low: float) -> float:
    for _ in range(_HALVINGS):
        middle = sqrt(low * high)
        if difference(middle) * at_low > 0:
            low = middle
        else:
            high = middle
    return sqrt(low * high)
