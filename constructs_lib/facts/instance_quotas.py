"""How many instances an account may run."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Range, Severity, Told

_CHECKED = date(2026, 11, 21)
_QUOTAS = "https://docs.aws.amazon.com/general/latest/gr/sagemaker.html"

INSTANCES_OF_ALL_ENDPOINTS = Limit(
    id="Q-EP-TOTAL",
    what="Number of instances across active endpoints (quota L-7A3DF611, adjustable)",
    unit="instances",
    allowed=Range(0, 4),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
INSTANCES_OF_AN_ENDPOINT = Limit(
    id="Q-EP-PER",
    what="Maximum number of instances per endpoint (quota L-ED8DEE9B, adjustable)",
    unit="instances",
    allowed=Range(0, 4),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
INSTANCES_OF_A_TYPE = Limit(
    id="Q-TYPE-EP",
    what="<instance type> for endpoint usage (adjustable; codes: see quota)",
    unit="instances",
    allowed=Told("0 in a new account for nearly every type"),
    source=_QUOTAS,
    checked_on=_CHECKED,
    default=0,
    severity=Severity.WARNING,
    aws_says="The account-level service limit '... for endpoint usage' is 0 Instances",
)
TRANSFORM_INSTANCES_OF_A_TYPE = Limit(
    id="Q-TYPE-TR",
    what="<instance type> for transform job usage (adjustable; codes: see quota)",
    unit="instances",
    allowed=Told("0 in a new account for nearly every type"),
    source=_QUOTAS,
    checked_on=_CHECKED,
    default=0,
    severity=Severity.WARNING,
)
INSTANCES_OF_ALL_TRANSFORM_JOBS = Limit(
    id="Q-TR-TOTAL",
    what="Number of instances across all transform jobs (quota L-60D2A6F0, adjustable)",
    unit="instances",
    allowed=Range(0, 4),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
NO_QUOTA_ON_TRANSFORM_JOBS = Limit(
    id="Q-NO-CONC-TR",
    what="quota on transform jobs at the same time, or on endpoints in a Region",
    unit="",
    allowed=Told("none is published; only instances are counted"),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
