"""``recommend``: from a workload to an answer."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.advisor import demand
from constructs_lib.advisor.choice import NOTEWORTHY, Choice, choose, tipping
from constructs_lib.advisor.code import code, plan_of
from constructs_lib.advisor.forms import Shape, shape_of
from constructs_lib.advisor.hardware import Market, choose_instance_type
from constructs_lib.advisor.load import load_of
from constructs_lib.advisor.quantities import time_text
from constructs_lib.advisor.recommendation import Alternative, Recommendation
from constructs_lib.advisor.runs import run_of
from constructs_lib.advisor.strategies import Strategy
from constructs_lib.advisor.sums import Cost
from constructs_lib.advisor.warnings import warnings
from constructs_lib.advisor.workload import Workload
from constructs_lib.facts.prices import SNAPSHOT_REGION, Prices, snapshot

_CLEARLY_LESS = 0.8  # of the cost of the best way
_NOTHING_ELSE = "it takes all that was said, and nothing of that asks for another way"


def recommend(workload: Workload, *, prices: Prices | None = None) -> Recommendation:
    """The way of serving that fits a workload, why the others do not, what each costs, and the code for it.

    :param workload: what is known; the less, the more assumptions are stated.
    :param prices: the prices to reckon with; by default those that come with the library.
    """
    known = prices or snapshot()
    choice = choose(workload, known)
    shape = shape_of(workload, choice.best)
    plan = plan_of(workload, choice.best, shape.form, known)
    return Recommendation(
        workload=workload,
        strategy=choice.best,
        form=shape.form,
        reasons=tuple(_reasons(workload, choice, shape, known)) or (_NOTHING_ELSE,),
        ruled_out=choice.ruled_out,
        alternatives=tuple(_alternatives(workload, choice)),
        near_tie=choice.near_tie,
        tipping=tuple(tipping(workload, choice, known)) if choice.near_tie else (),
        assumptions=tuple(_assumptions(workload, choice, shape, known)),
        warnings=(*warnings(plan), *_dearer(choice)),
        monthly_costs=choice.costs,
        prices=known,
        construct=code(plan),
    )


def _reasons(workload: Workload, choice: Choice, shape: Shape, prices: Prices) -> Iterator[str]:
    best = choice.best
    yield from choice.fit[best].in_favour
    if shape.reason:
        yield shape.reason
    if len(choice.ranked) == 1 and best not in choice.ruled_out:
        yield "every other way of serving is ruled out"
    elif best in choice.ruled_out:
        yield "every way of serving is ruled out; this one breaks the fewest limits, so ask for less of the rest"
    cheapest = _cheapest(choice)
    if cheapest is best and len(choice.costs) > 1:
        yield f"it costs least of what remains: {_usd(choice.costs[best])} a month"
    if best is Strategy.BATCH:
        run = run_of(workload, prices)
        if workload.due is not None or run.duration > demand.HOUR:
            yield run.told(workload.due)
        if demand.can_be_prepared(workload) and (workload.latency or demand.HOUR) <= demand.MINUTE:
            yield _what_realtime_costs(workload, choice)


def _what_realtime_costs(workload: Workload, choice: Choice) -> str:
    within = time_text(workload.latency or 0)
    looked_up = f"an answer within {within} is a look-up of what the job has written"
    realtime = choice.costs.get(Strategy.REALTIME)
    if realtime is None:
        return looked_up
    batch = choice.costs[Strategy.BATCH]
    return f"{looked_up}; a real-time endpoint would cost {_usd(realtime)} a month in place of {_usd(batch)}"


def _cheapest(choice: Choice) -> Strategy | None:
    """The cheapest way, where the costs of all are known."""
    if any(cost.usd is None for cost in choice.costs.values()):
        return None
    return min(choice.costs, key=lambda strategy: choice.costs[strategy].at_least)


def _dearer(choice: Choice) -> Iterator[str]:
    """The endpoints that would cost clearly less than the best one, and fit less."""
    own = choice.costs[choice.best].usd
    for strategy in choice.ranked[1:]:
        other = choice.costs[strategy].usd
        if own is None or other is None or strategy is Strategy.BATCH:
            continue
        if own - other >= NOTEWORTHY and other < own * _CLEARLY_LESS:
            yield f"{strategy.words} would cost less, {_usd(choice.costs[strategy])} a month, but fits less"


def _usd(cost: Cost) -> str:
    amount = f"{cost.at_least:,.2f} USD"
    return amount if cost.usd is not None else f"at least {amount}"


def _alternatives(workload: Workload, choice: Choice) -> Iterator[Alternative]:
    for strategy in choice.ranked[1:]:
        fit = choice.fit[strategy]
        yield Alternative(strategy, shape_of(workload, strategy).form, fit.in_favour, fit.against)


def _assumptions(workload: Workload, choice: Choice, shape: Shape, prices: Prices) -> Iterator[str]:
    yield from load_of(workload).stated
    if shape.assumed:
        yield shape.assumed
    if workload.cold_start_ok is None and choice.best in (Strategy.SERVERLESS, Strategy.REALTIME):
        does = "may" if demand.cold_start_fits(workload) else "must not"
        yield f"the first answer after a pause {does} take longer: it was not said (--cold-start-ok, --no-cold-start)"
    if workload.traffic is None:
        yield "how requests come was not said: all day long is assumed (--traffic)"
    market = Market.of(prices, workload.region)
    if workload.region not in (None, market.region):
        yield f"no price of an instance in {workload.region} is known: those of {market.region} stand in"
    elif workload.region is None:
        yield f"the Region was not said: prices of {SNAPSHOT_REGION} are used (--region)"
    instance_type = choose_instance_type(workload, market)
    if workload.instance_type is None:
        known = market.instance_hour(instance_type) is not None
        how = "the cheapest of known price" if known else "the smallest, of unknown price,"
        yield f"{instance_type} is assumed, {how} that holds the model (--instance-type)"
    for kind, strategy in (("async", Strategy.ASYNC), ("transform", Strategy.BATCH)):
        if strategy in choice.costs and market.price(f"{kind}:{instance_type}") is None:
            yield f"an hour of {strategy.words} is taken to cost that of hosting: where both are known, they agree"
