"""Application Auto Scaling for SageMaker variants."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Positive, Range, Severity

_CHECKED = date(2026, 11, 21)
_API = "application-autoscaling API model 2016-02-06 (botocore 1.44.5)"
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-policy.html"
_ZERO = "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html"

SERVICE_NAMESPACE = "sagemaker"
INSTANCE_COUNT_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED_CONCURRENCY_DIMENSION = "sagemaker:variant:DesiredProvisionedConcurrency"
# AS-DIMS, AS-PREDEF: dimension -> the form of its resource id, and the predefined metrics that AWS takes for it.
RESOURCE_IDS = {
    INSTANCE_COUNT_DIMENSION: "endpoint/{endpoint}/variant/{variant}",
    PROVISIONED_CONCURRENCY_DIMENSION: "endpoint/{endpoint}/variant/{variant}",
}
RESOURCE_IDS_SOURCE = f"{_API}: ScalableDimension"
INVOCATIONS_PER_INSTANCE = "SageMakerVariantInvocationsPerInstance"
PREDEFINED_METRICS = {
    INSTANCE_COUNT_DIMENSION: (
        INVOCATIONS_PER_INSTANCE,
        "SageMakerVariantConcurrentRequestsPerModelHighResolution",
    ),
    PROVISIONED_CONCURRENCY_DIMENSION: ("SageMakerVariantProvisionedConcurrencyUtilization",),
}
PREDEFINED_METRICS_SOURCE = "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-code-define.html"

MIN_CAPACITY_REALTIME = Limit(
    id="AS-MIN-RT",
    what="MinCapacity of a real-time variant (only asynchronous variants and inference components scale to 0)",
    unit="instances",
    allowed=Range(1, None),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
MIN_CAPACITY_ASYNC = Limit(
    id="ASYNC-ZERO",
    what="MinCapacity of an asynchronous variant",
    unit="instances",
    allowed=Range(0, None),
    source=_ZERO,
    checked_on=_CHECKED,
)
MAX_CAPACITY = Limit(
    id="AS-MINMAX",
    what="MaxCapacity, which is at least MinCapacity",
    unit="instances",
    allowed=Range(1, None),
    source=_GUIDE,
    checked_on=_CHECKED,
)
COOLDOWN = Limit(
    id="AS-COOLDOWN",
    what="cool-down between two scaling activities",
    unit="s",
    allowed=Range(0, None),
    default=300,
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
# How the backlog alarm that wakes an endpoint from zero is set in AWS's own guide.
WAKE_PERIOD = Limit(
    id="ASYNC-ZERO-PERIOD",
    what="period of the alarm on HasBacklogWithoutCapacity",
    unit="s",
    allowed=Range(60, 60),
    default=60,
    source=_ZERO,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
WAKE_EVALUATION_PERIODS = Limit(
    id="ASYNC-ZERO-EVALUATION",
    what="evaluation periods of the alarm on HasBacklogWithoutCapacity",
    unit="periods",
    allowed=Range(2, 2),
    default=2,
    source=_ZERO,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
TARGET_VALUE = Limit(
    id="AS-TARGET",
    what="TargetValue of a target-tracking policy",
    unit="",
    allowed=Positive(),
    source=f"{_API}: TargetTrackingScalingPolicyConfiguration.TargetValue (valid for a count of requests)",
    checked_on=_CHECKED,
)
