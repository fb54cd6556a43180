"""Scaling policies for SageMaker: target tracking and steps."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Never, Pattern, Range, Severity, Told

_CHECKED = date(2026, 11, 21)
_API = "application-autoscaling API model 2016-02-06 (botocore 1.44.5)"
_QUOTAS = "https://docs.aws.amazon.com/general/latest/gr/as-app.html"
_TRACKING = "https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html"

TARGET_TRACKING = "TargetTrackingScaling"
STEP_SCALING = "StepScaling"
CHANGE_IN_CAPACITY = "ChangeInCapacity"
PERCENT_CHANGE = "PercentChangeInCapacity"
EXACT_CAPACITY = "ExactCapacity"
# The block of the policy that each type wants.
CONFIGURATIONS = {
    TARGET_TRACKING: "TargetTrackingScalingPolicyConfiguration",
    STEP_SCALING: "StepScalingPolicyConfiguration",
}

POLICY_NAME = Limit(
    id="AS-NAMES",
    what="PolicyName",
    unit="",
    allowed=Pattern(r"[\x20-\x7e]+", 256),
    source=f"{_API}: PolicyName",
    checked_on=_CHECKED,
    fix="give 1 to 256 printable characters of ASCII",
)
POLICY_TYPE = Limit(
    id="AS-POLICY-TYPE",
    what="PolicyType of a policy for SageMaker (PredictiveScaling is for Amazon ECS alone)",
    unit="",
    allowed=Choice((STEP_SCALING, TARGET_TRACKING)),
    source=f"{_API}: PutScalingPolicyRequest.PolicyType",
    checked_on=_CHECKED,
)
POLICY_CONFIGURATION = Limit(
    id="AS-POLICY-CONFIGURATION",
    what="configuration of a scaling policy",
    unit="",
    allowed=Told("the one that PolicyType asks for"),
    source=f"{_API}: PutScalingPolicyRequest",
    checked_on=_CHECKED,
)
POLICIES_OF_TARGET = Limit(
    id="AS-Q-POL",
    what="scaling policies of a scalable target",
    unit="",
    allowed=Count(None, 50),
    source=_QUOTAS,
    checked_on=_CHECKED,
)
PREDEFINED_METRIC = Limit(
    id="AS-PREDEF",
    what="PredefinedMetricType",
    unit="",
    allowed=Told("one that the scalable dimension supports"),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-code-define.html",
    checked_on=_CHECKED,
    aws_says="only supports the following predefined metric types",
)
RESOURCE_LABEL = Limit(
    id="AS-LABEL",
    what="ResourceLabel of a predefined metric of SageMaker",
    unit="",
    allowed=Never(),
    source=f"{_API}: PredefinedMetricSpecification.ResourceLabel",
    checked_on=_CHECKED,
    aws_says="Resource label should not be specified for predefined metric type",
)
TRACKED_METRIC = Limit(
    id="TRACKING-NO-METRIC",
    what="metric of a target-tracking policy",
    unit="",
    allowed=Told("PredefinedMetricSpecification or CustomizedMetricSpecification"),
    source=f"{_API}: TargetTrackingScalingPolicyConfiguration",
    checked_on=_CHECKED,
    aws_says="PredefinedMetricSpecification or CustomizedMetricSpecification must be set for target tracking scaling",
)
ONE_TRACKED_METRIC = Limit(
    id="TRACKING-BOTH-METRICS",
    what="metric of a target-tracking policy",
    unit="",
    allowed=Told("either PredefinedMetricSpecification or CustomizedMetricSpecification"),
    source=f"{_API}: TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification",
    checked_on=_CHECKED,
)
EACH_METRIC_ONCE = Limit(
    id="TRACKING-METRIC-TWICE",
    what="metrics of the target-tracking policies of a scalable target",
    unit="",
    allowed=Told("each in one policy only"),
    source=_TRACKING,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
# Other statistics, such as p99, are written as a query (Metrics).
STATISTICS = ("Average", "Minimum", "Maximum", "SampleCount", "Sum")
# What instances are watched by, and the range of each metric on one instance.
INSTANCE_NAMESPACE = "/aws/sagemaker/Endpoints"
CPU_UTILIZATION = "CPUUtilization"
GPU_UTILIZATION = "GPUUtilization"
GPU_MEMORY_UTILIZATION = "GPUMemoryUtilization"
MEMORY_UTILIZATION = "MemoryUtilization"
# Copies of inference components have the same metrics, normalized: 0 to 100 however many cores and GPUs there are.
NORMALIZED = "Normalized"
PERCENT = 100
UTILIZATION = Limit(
    id="TRACKING-UTILIZATION",
    what=f"utilization of the instances of a variant, in {INSTANCE_NAMESPACE} (EndpointName, VariantName)",
    unit="percent",
    allowed=Told(
        f"{CPU_UTILIZATION} up to 100 x CPU cores, {GPU_UTILIZATION} and {GPU_MEMORY_UTILIZATION} up to 100 x GPUs, "
        f"{MEMORY_UTILIZATION} up to 100"
    ),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
# InvocationsPerInstance = (MAX_RPS x SAFETY_FACTOR) x 60; AWS recommends to begin with 0.5.
SECONDS_A_MINUTE = 60
FIRST_SAFETY_FACTOR = 0.5
SAFETY_FACTOR = Limit(
    id="TRACKING-SAFETY-FACTOR",
    what="share of the most requests a second that an instance can take, at which one more is started",
    unit="(greater than 0)",
    allowed=Range(0, 1),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-loadtest.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
UTILIZATION_TARGET = Limit(
    id="AS-PC-TARGET",
    what="TargetValue of SageMakerVariantProvisionedConcurrencyUtilization, which is a ratio,",
    unit="",
    allowed=Range(0, 1),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-autoscale.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
    fix="give the share of the provisioned concurrency that is to be in use, such as 0.5 for half of it",
)
ADJUSTMENT_TYPE = Limit(
    id="STEP-TYPE",
    what="AdjustmentType",
    unit="",
    allowed=Choice((CHANGE_IN_CAPACITY, PERCENT_CHANGE, EXACT_CAPACITY)),
    source=f"{_API}: AdjustmentType",
    checked_on=_CHECKED,
    shape="application-autoscaling.AdjustmentType",
)
ADJUSTMENT_TYPE_GIVEN = Limit(
    id="STEP-NO-TYPE",
    what="AdjustmentType of a step policy",
    unit="",
    allowed=Told("given"),
    source=f"{_API}: StepScalingPolicyConfiguration.AdjustmentType",
    checked_on=_CHECKED,
    aws_says="Adjustment type must be specified",
)
METRIC_AGGREGATION_TYPE = Limit(
    id="STEP-AGGREGATION",
    what="MetricAggregationType",
    unit="",
    allowed=Choice(("Average", "Minimum", "Maximum")),
    source=f"{_API}: MetricAggregationType",
    checked_on=_CHECKED,
    shape="application-autoscaling.MetricAggregationType",
)
STEP_ADJUSTMENTS = Limit(
    id="STEP-NO-ADJUSTMENTS",
    what="StepAdjustments",
    unit="step",
    allowed=Count(1, None),
    source=f"{_API}: StepScalingPolicyConfiguration.StepAdjustments",
    checked_on=_CHECKED,
    aws_says="There must be at least one step adjustment",
)
STEP_ADJUSTMENTS_QUOTA = Limit(
    id="AS-Q-STEP",
    what="StepAdjustments of a policy (quota L-9C25247C, adjustable)",
    unit="steps",
    allowed=Count(None, 20),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
    fix="use fewer, or have the quota raised",
)
STEP_BOUNDS = Limit(
    id="STEP-NO-BOUNDS",
    what="bounds of a step adjustment",
    unit="",
    allowed=Told("at least one of MetricIntervalLowerBound and MetricIntervalUpperBound"),
    source=f"{_API}: StepAdjustment",
    checked_on=_CHECKED,
    aws_says="Both lower and upper bounds of a step adjustment cannot be left unspecified",
)
STEP_RANGES = Limit(
    id="STEP-RANGES",
    what="ranges of the step adjustments of a policy",
    unit="",
    allowed=Told("without overlap or gap, each upper bound above its lower, open where they leave zero"),
    source=f"{_API}: StepAdjustment",
    checked_on=_CHECKED,
)
EXACT_ADJUSTMENT = Limit(
    id="STEP-EXACT-NEGATIVE",
    what="ScalingAdjustment of adjustment type ExactCapacity",
    unit="",
    allowed=Range(0, None),
    source=f"{_API}: StepAdjustment.ScalingAdjustment",
    checked_on=_CHECKED,
    aws_says="Scaling adjustment cannot be less than 0 when adjustment type is ExactCapacity",
)
ADJUSTMENT_MAGNITUDE = Limit(
    id="STEP-MAGNITUDE",
    what="MinAdjustmentMagnitude of another adjustment type than PercentChangeInCapacity",
    unit="",
    allowed=Never(),
    source=f"{_API}: StepScalingPolicyConfiguration.MinAdjustmentMagnitude",
    checked_on=_CHECKED,
    aws_says="Minimum adjustment magnitude is only allowed for adjustment type PercentChangeInCapacity",
)
