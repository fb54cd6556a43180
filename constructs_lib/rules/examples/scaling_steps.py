"""Step adjustments of scaling policies for SageMaker."""

from __future__ import annotations

from constructs_lib.facts import scaling_policies as facts
from constructs_lib.rules.examples.bases import scaled
from constructs_lib.rules.examples.example import ABSENT, Document, boundary, changed

_STEPS = f"Policy.{facts.CONFIGURATIONS[facts.STEP_SCALING]}"
_ADJUSTMENTS = f"{_STEPS}.StepAdjustments"
_FIRST = f"{_ADJUSTMENTS}.0"


def stepping() -> Document:
    """Model, Config, Endpoint, Target, Policy: a real-time endpoint that gains one or two instances a step."""
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "MetricAggregationType": "Average",
        "Cooldown": 300,
        "StepAdjustments": ladder(2),
    }
    return changed(
        scaled(),
        {
            "Policy.PolicyType": facts.STEP_SCALING,
            f"Policy.{facts.CONFIGURATIONS[facts.TARGET_TRACKING]}": ABSENT,
            _STEPS: steps,
        },
    )


def ladder(count: int) -> list[Document]:
    """Step adjustments that join, each 10 wide, the last one open."""
    steps = [
        {"MetricIntervalLowerBound": 10 * number, "MetricIntervalUpperBound": 10 * number + 10, "ScalingAdjustment": 1}
        for number in range(count)
    ]
    del steps[-1]["MetricIntervalUpperBound"]
    return steps


_MOST = facts.STEP_ADJUSTMENTS_QUOTA.maximum
_EXACT = changed(stepping(), {f"{_STEPS}.AdjustmentType": facts.EXACT_CAPACITY})
_PERCENT = changed(stepping(), {f"{_STEPS}.MinAdjustmentMagnitude": 1})

EXAMPLES = {
    "STEP-NO-ADJUSTMENTS": (
        boundary(stepping(), _ADJUSTMENTS, passes=ladder(1), fails=[]),
        boundary(stepping(), _ADJUSTMENTS, passes=ladder(1), fails=ABSENT),
    ),
    "AS-Q-STEP": boundary(stepping(), _ADJUSTMENTS, passes=ladder(_MOST), fails=ladder(_MOST + 1)),
    "STEP-NO-TYPE": boundary(stepping(), f"{_STEPS}.AdjustmentType", passes="ChangeInCapacity", fails=ABSENT),
    "STEP-TYPE": boundary(stepping(), f"{_STEPS}.AdjustmentType", passes="ExactCapacity", fails="AbsoluteCapacity"),
    "STEP-AGGREGATION": boundary(stepping(), f"{_STEPS}.MetricAggregationType", passes="Maximum", fails="Sum"),
    "STEP-NO-BOUNDS": boundary(
        stepping(),
        _ADJUSTMENTS,
        passes=[{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        fails=[{"ScalingAdjustment": 1}],
    ),
    "STEP-RANGES": (
        boundary(stepping(), f"{_FIRST}.MetricIntervalUpperBound", passes=10, fails=11),
        boundary(stepping(), f"{_FIRST}.MetricIntervalUpperBound", passes=10, fails=9),
        boundary(stepping(), f"{_ADJUSTMENTS}.1.MetricIntervalUpperBound", passes=ABSENT, fails=20),
        boundary(stepping(), f"{_FIRST}.MetricIntervalLowerBound", passes=0, fails=-1),
        boundary(stepping(), f"{_FIRST}.MetricIntervalLowerBound", passes=9, fails=10),
    ),
    "STEP-EXACT-NEGATIVE": boundary(_EXACT, f"{_FIRST}.ScalingAdjustment", passes=0, fails=-1),
    "STEP-MAGNITUDE": boundary(
        _PERCENT, f"{_STEPS}.AdjustmentType", passes=facts.PERCENT_CHANGE, fails="ChangeInCapacity"
    ),
}
