"""The choice among what remains: by fit, then by cost, and by how much."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from constructs_lib.advisor.costs import monthly_costs
from constructs_lib.advisor.exclusions import by_limits, exclusions, in_question
from constructs_lib.advisor.fit import Fit, fits
from constructs_lib.advisor.strategies import Strategy
from constructs_lib.advisor.sums import Cost
from constructs_lib.advisor.workload import Traffic, Workload
from constructs_lib.facts.prices import Prices

_NEAR = 1  # points between two ways that are as good as equal
_LARGEST_PENALTY = 3
_FEW = 0.2  # of the answers, computed beforehand
NOTEWORTHY = 10.0  # USD a month; below, nobody chooses by cost


@dataclass(frozen=True, slots=True)
class Choice:
    """All ways in the order of their points, those that are ruled out aside."""

    ranked: tuple[Strategy, ...]
    points: Mapping[Strategy, int]
    fit: Mapping[Strategy, Fit]
    ruled_out: Mapping[Strategy, tuple[str, ...]]
    costs: Mapping[Strategy, Cost]

    @property
    def best(self) -> Strategy:
        """The one to choose."""
        return self.ranked[0]

    @property
    def near_tie(self) -> Strategy | None:
        """The second, if it is as good as the first."""
        if len(self.ranked) < 2:
            return None
        second = self.ranked[1]
        return second if self.points[self.best] - self.points[second] <= _NEAR else None


def choose(workload: Workload, prices: Prices) -> Choice:
    """Rule out, then rank. Where all is ruled out, the way that breaks the fewest limits is left."""
    excluded = exclusions(workload)
    remaining = [strategy for strategy in in_question(workload) if strategy not in excluded] or [_nearest(excluded)]
    fit = fits(workload)
    costs = {strategy: cost for strategy, cost in monthly_costs(workload, prices).items() if strategy in remaining}
    points = {strategy: fit[strategy].points - _penalty(strategy, costs) for strategy in remaining}
    order = list(Strategy)
    ranked = sorted(remaining, key=lambda each: (-points[each], costs[each].at_least, order.index(each)))
    return Choice(tuple(ranked), points, fit, excluded, costs)


def _nearest(excluded: Mapping[Strategy, tuple[str, ...]]) -> Strategy:
    return min(excluded, key=lambda strategy: (by_limits(excluded[strategy]), len(excluded[strategy])))


def _penalty(strategy: Strategy, costs: Mapping[Strategy, Cost]) -> int:
    """Two points for each power of ten above the cheapest, three at most; none where the cost is unknown."""
    own = costs[strategy].usd
    known = [cost.usd for cost in costs.values() if cost.usd is not None]
    if own is None or own - min(known) < NOTEWORTHY:
        return 0
    ratio = own / max(min(known), 1.0)
    return min(_LARGEST_PENALTY, round(2 * math.log10(ratio)))


def tipping(workload: Workload, choice: Choice, prices: Prices) -> Iterator[str]:
    """What would make another way the better one, each found by asking again."""
    for told, changed in _changes(workload):
        other = choose(changed, prices).best
        if other is not choice.best:
            yield f"{told}: {other.words}"


def _changes(workload: Workload) -> Iterator[tuple[str, Workload]]:
    if workload.cold_start_ok is not False:
        yield "if no answer may wait for a cold start (--no-cold-start)", replace(workload, cold_start_ok=False)
    if workload.cold_start_ok is not True:
        yield "if cold starts are acceptable (--cold-start-ok)", replace(workload, cold_start_ok=True)
    if workload.traffic is not Traffic.STEADY:
        yield "if requests come all the time (--traffic steady)", replace(workload, traffic=Traffic.STEADY)
    if workload.traffic is not Traffic.INTERMITTENT:
        yield "if requests come now and then (--traffic intermittent)", replace(workload, traffic=Traffic.INTERMITTENT)
    if not workload.scale_to_zero:
        yield "if nothing may run while nobody asks (--scale-to-zero)", replace(workload, scale_to_zero=True)
    if workload.caller_waits is None:
        yield "if a caller holds the line (--caller-waits)", replace(workload, caller_waits=True)
        yield "if nobody holds the line (--nobody-waits)", replace(workload, caller_waits=False)
    if workload.latency is None:
        yield "if an answer has to be there within 200 ms (--latency 200ms)", replace(workload, latency=0.2)
    if workload.processing_time is None:
        yield "if a request takes a second (--processing-time 1s)", replace(workload, processing_time=1.0)
    if (workload.precomputable or 0) > _FEW:
        told = f"if {_FEW:.0%} can be computed beforehand (--precomputable {_FEW:.0%})"
        yield told, replace(workload, precomputable=_FEW)
    if not workload.notify:
        yield "if a notification is to tell of each answer (--notify)", replace(workload, notify=True)
    if workload.requests_per_day is not None:
        for factor in (10, 0.1):
            many = workload.requests_per_day * factor
            yield f"at {many:,.0f} requests a day", replace(workload, requests_per_day=many)
