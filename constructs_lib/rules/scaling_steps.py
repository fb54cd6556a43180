"""Step adjustments of scaling policies for SageMaker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf

from constructs_lib.facts import scaling_policies as facts
from constructs_lib.rules.rows import judged
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.rules.scaling_policies import Policy, policies
from constructs_lib.templates.template import Node, Template

_BOUNDS = ("MetricIntervalLowerBound", "MetricIntervalUpperBound")


@rule(facts.STEP_ADJUSTMENTS)
def steps_given(template: Template) -> Iterator[Problem]:
    """A step policy has step adjustments."""
    for policy in policies(template):
        if isinstance(policy.stepping.value, dict) and policy.stepping.at("StepAdjustments").missing:
            message = "StepAdjustments is required for a step policy, with at least 1 step"
            yield Problem(policy.stepping, message, "add StepAdjustments")


@rule(facts.ADJUSTMENT_TYPE_GIVEN)
def type_given(template: Template) -> Iterator[Problem]:
    """A step policy says how its adjustments are meant."""
    for policy in policies(template):
        if isinstance(policy.stepping.value, dict) and policy.stepping.at("AdjustmentType").missing:
            message = "AdjustmentType is required for a step policy"
            yield Problem(policy.stepping, message, f"give {facts.ADJUSTMENT_TYPE}")


@rule(facts.EXACT_ADJUSTMENT)
def exact_capacity_not_negative(template: Template) -> Iterator[Problem]:
    """An exact capacity is 0 or more."""
    for policy in policies(template):
        if policy.stepping.at("AdjustmentType").text == facts.EXACT_CAPACITY:
            for step in policy.steps:
                yield from judged(facts.EXACT_ADJUSTMENT, step.at("ScalingAdjustment"))


@rule(facts.ADJUSTMENT_MAGNITUDE)
def magnitude_of_percentage(template: Template) -> Iterator[Problem]:
    """A minimum adjustment magnitude belongs to a change in percent."""
    for policy in policies(template):
        if policy.stepping.at("AdjustmentType").text not in (None, facts.PERCENT_CHANGE):
            yield from judged(facts.ADJUSTMENT_MAGNITUDE, policy.stepping.at("MinAdjustmentMagnitude"))


@rule(facts.STEP_BOUNDS)
def step_has_a_bound(template: Template) -> Iterator[Problem]:
    """A step adjustment has a lower or an upper bound."""
    for policy in policies(template):
        for step in policy.steps:
            if isinstance(step.value, dict) and all(step.at(name).missing for name in _BOUNDS):
                yield Problem(
                    step,
                    f"{_BOUNDS[0]} or {_BOUNDS[1]} is required in a step adjustment, got neither",
                    f"give {_BOUNDS[0]} 0 to scale out from the alarm's threshold on",
                )


@rule(facts.STEP_RANGES)
def ranges_join(template: Template) -> Iterator[Problem]:
    """The ranges of the steps have no overlap and no gap, and are open at the ends where they leave the threshold."""
    for policy in policies(template):
        ranges = _ranges(policy)
        fault = _fault(sorted(ranges)) if ranges else None
        if fault is not None:
            yield Problem(policy.stepping.at("StepAdjustments"), fault[0], fault[1])


def _ranges(policy: Policy) -> list[tuple[float, float]]:
    """Lower and upper bound of every step; none if one is not known, or a step has neither."""
    ranges = [(_bound(step.at(_BOUNDS[0]), -inf), _bound(step.at(_BOUNDS[1]), inf)) for step in policy.steps]
    known = [(low, high) for low, high in ranges if low is not None and high is not None and (low, high) != (-inf, inf)]
    return known if len(known) == len(ranges) else []


def _bound(place: Node, missing: float) -> float | None:
    return missing if place.missing else place.number


def _fault(ranges: Sequence[tuple[float, float]]) -> tuple[str, str] | None:
    for low, high in ranges:
        if high <= low:
            return (
                f"the upper bound of a step must be greater than its lower bound {low}, got {high}",
                f"raise it above {low}",
            )
    for (low, high), (next_low, next_high) in pairwise(ranges):
        if high != next_low:
            kind = "overlap" if high > next_low else "leave a gap"
            pair = f"{_shown(low, high)} and {_shown(next_low, next_high)}"
            return f"the ranges of steps must join, {pair} {kind}", "let each step begin where the one before ends"
    lowest, highest = ranges[0][0], ranges[-1][1]
    if -inf < lowest < 0:
        return f"with a negative lower bound, {lowest}, one step must have none", "leave out the lowest lower bound"
    if 0 < highest < inf:
        return f"with a positive upper bound, {highest}, one step must have none", "leave out the highest upper bound"
    return None


def _shown(low: float, high: float) -> str:
    return f"{'...' if low == -inf else low} to {'...' if high == inf else high}"
