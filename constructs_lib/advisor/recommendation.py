"""The answer of the advisor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from constructs_lib.advisor.break_even import Curves, curves
from constructs_lib.advisor.strategies import Form, Strategy
from constructs_lib.advisor.sums import Cost
from constructs_lib.advisor.workload import Workload
from constructs_lib.facts.prices import Prices


@dataclass(frozen=True, slots=True)
class Alternative:
    """A way of serving that would do too, with what speaks for and against it."""

    strategy: Strategy
    form: Form
    because: tuple[str, ...]
    but: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """One way of serving, why it and why no other, and what each costs.

    ``near_tie`` is the way that is nearly as good, and ``tipping`` what would make it, or another, the better one.
    ``monthly_costs`` has the ways that are not ruled out. ``construct`` is a complete CDK app.
    """

    workload: Workload
    strategy: Strategy
    form: Form
    reasons: tuple[str, ...]
    ruled_out: Mapping[Strategy, tuple[str, ...]]
    alternatives: tuple[Alternative, ...]
    near_tie: Strategy | None
    tipping: tuple[str, ...]
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    monthly_costs: Mapping[Strategy, Cost]
    prices: Prices
    construct: str

    def break_even(self) -> Curves:
        """The cost of each way that is not ruled out by requests a day, and where one becomes cheaper than another."""
        return curves(self.workload, [way for way in Strategy if way in self.monthly_costs], self.prices)
