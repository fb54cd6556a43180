"""Scaling of inference components to zero, and back."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Severity, Told
from constructs_lib.facts.scaling import NO_CAPACITY_METRIC

_CHECKED = date(2026, 11, 21)
_COMPONENTS = "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html"

ZERO_NEEDS_COMPONENTS = Limit(
    id="AS-ZERO-ONLY-IC",
    what="scaling of a real-time endpoint to zero instances",
    unit="",
    allowed=Told("for endpoints that host inference components"),
    source=_COMPONENTS,
    checked_on=_CHECKED,
)
COMPONENT_TO_ZERO = Limit(
    id="AS-IC-ZERO",
    what="scaling of an inference component to zero copies and its endpoint to zero instances",
    unit="",
    allowed=Told("with ManagedInstanceScaling from MinInstanceCount 0, and a step policy that adds the first copy"),
    source=_COMPONENTS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
COMPONENT_WAKE_ALARM = Limit(
    id="AS-IC-ZERO-ALARM",
    what=f"alarm on {NO_CAPACITY_METRIC} of an inference component (dimension InferenceComponentName)",
    unit="",
    allowed=Told(
        "Sum of 1 period of 60 s, GreaterThanOrEqualToThreshold 1: "
        "with the guide's GreaterThanThreshold a single request wakes nothing"
    ),
    source=_COMPONENTS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
# How the guide sets the alarm and the step policy that wake a component.
WAKE_PERIOD_IN_SECONDS = 60
WAKE_EVALUATION_PERIODS = 1
WAKE_COOLDOWN_IN_SECONDS = 60
