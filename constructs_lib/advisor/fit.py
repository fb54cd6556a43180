"""How well each way of serving fits: the points of the signals that hold, and what they say."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.advisor.signals import SIGNALS, Points
from constructs_lib.advisor.strategies import Strategy
from constructs_lib.advisor.workload import Workload

# A queue, a bucket or a state machine is worth having only where something asks for it; a job most of all, however
# cheap it is.
_BASE: Points = {Strategy.ASYNC: -2, Strategy.BATCH: -7, Strategy.HYBRID: -2, Strategy.STREAMING: -2}


@dataclass(frozen=True, slots=True)
class Fit:
    """The points of one way, and what spoke for and against it, the strongest first."""

    points: int
    in_favour: tuple[str, ...]
    against: tuple[str, ...]


def fits(workload: Workload) -> dict[Strategy, Fit]:
    """The fit of every way, of the ruled-out ones too."""
    heard = [(signal.points, signal.why(workload)) for signal in SIGNALS if signal.holds(workload)]
    return {strategy: _fit(strategy, heard) for strategy in Strategy}


def _fit(strategy: Strategy, heard: list[tuple[Points, str]]) -> Fit:
    own = sorted(((points[strategy], why) for points, why in heard if strategy in points), key=lambda row: -abs(row[0]))
    return Fit(
        points=_BASE.get(strategy, 0) + sum(points for points, _ in own),
        in_favour=tuple(why for points, why in own if points > 0),
        against=tuple(why for points, why in own if points < 0),
    )
