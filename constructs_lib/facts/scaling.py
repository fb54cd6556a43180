"""Application Auto Scaling for SageMaker variants."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Positive, Range, Severity, Told

_CHECKED = date(2026, 11, 21)
_API = "application-autoscaling API model 2016-02-06 (botocore 1.44.5)"
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-policy.html"
_ZERO = "https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html"
_SERVERLESS = "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-autoscale.html"
_COMPONENTS = "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html"
_UPDATE = "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html"
_QUOTAS = "https://docs.aws.amazon.com/general/latest/gr/as-app.html"

SERVICE_NAMESPACE = "sagemaker"
INSTANCE_COUNT_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
PROVISIONED_CONCURRENCY_DIMENSION = "sagemaker:variant:DesiredProvisionedConcurrency"
COPY_COUNT_DIMENSION = "sagemaker:inference-component:DesiredCopyCount"
# AS-DIMS, AS-PREDEF: dimension -> the form of its resource id, and the predefined metrics that AWS takes for it.
RESOURCE_IDS = {
    INSTANCE_COUNT_DIMENSION: "endpoint/{endpoint}/variant/{variant}",
    PROVISIONED_CONCURRENCY_DIMENSION: "endpoint/{endpoint}/variant/{variant}",
}
COMPONENT_RESOURCE_ID = "inference-component/{component}"
RESOURCE_IDS_SOURCE = f"{_API}: ScalableDimension"
INVOCATIONS_PER_INSTANCE = "SageMakerVariantInvocationsPerInstance"
PROVISIONED_CONCURRENCY_UTILIZATION = "SageMakerVariantProvisionedConcurrencyUtilization"
CONCURRENT_REQUESTS_PER_MODEL = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
INVOCATIONS_PER_COPY = "SageMakerInferenceComponentInvocationsPerCopy"
CONCURRENT_REQUESTS_PER_COPY = "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
PREDEFINED_METRICS = {
    INSTANCE_COUNT_DIMENSION: (INVOCATIONS_PER_INSTANCE, CONCURRENT_REQUESTS_PER_MODEL),
    PROVISIONED_CONCURRENCY_DIMENSION: (PROVISIONED_CONCURRENCY_UTILIZATION,),
    COPY_COUNT_DIMENSION: (INVOCATIONS_PER_COPY, CONCURRENT_REQUESTS_PER_COPY),
}
PREDEFINED_METRICS_SOURCE = "https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-code-define.html"

SCALABLE_DIMENSION = Limit(
    id="AS-DIMS",
    what="ScalableDimension",
    unit="",
    allowed=Choice((*RESOURCE_IDS, COPY_COUNT_DIMENSION)),
    source="https://docs.aws.amazon.com/autoscaling/application/userguide/services-that-can-integrate-sagemaker.html",
    checked_on=_CHECKED,
    aws_says="Unsupported service namespace, resource type or scalable dimension",
)
RESOURCE_ID_LENGTH = Limit(
    id="AS-NAMES-RESOURCE-ID",
    what="length of ResourceId",
    unit="characters",
    allowed=Range(1, 1600),
    source=f"{_API}: ResourceIdMaxLen1600",
    checked_on=_CHECKED,
)
SCALED_KIND = Limit(
    id="AS-DIMS-KIND",
    what="what a dimension of variants scales",
    unit="",
    allowed=Told("instances of a variant that has them, provisioned concurrency of a serverless variant that has it"),
    source=_SERVERLESS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
SCALED_VARIANT = Limit(
    id="AS-DIMS-VARIANT",
    what="variant in ResourceId",
    unit="",
    allowed=Told("the name of a variant of the endpoint's configuration"),
    source=f"{_API}: RegisterScalableTargetRequest.ResourceId",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
BURSTABLE_INSTANCE_TYPES = ("ml.t2.medium", "ml.t2.large", "ml.t2.xlarge", "ml.t2.2xlarge")
NO_BURSTABLE_INSTANCES = Limit(
    id="AS-BURST",
    what="instance type of a variant that is a scalable target",
    unit="",
    allowed=Told("none of " + ", ".join(BURSTABLE_INSTANCE_TYPES)),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html",
    checked_on=_CHECKED,
    aws_says="You cannot register a variant with ml.t2.medium instance type as a scalable target",
)

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
    id="ASYNC-ZERO-MIN",
    what="MinCapacity of an asynchronous variant",
    unit="instances",
    allowed=Range(0, None),
    source=_ZERO,
    checked_on=_CHECKED,
)
# The API model gives 0 as the lowest minimum of all three dimensions; SageMaker's guides ask for 1 of these two.
LOWEST_MIN_CAPACITY = Limit(
    id="AS-MIN-IC",
    what="MinCapacity",
    unit="",
    allowed=Range(0, None),
    source=f"{_API}: RegisterScalableTargetRequest.MinCapacity",
    checked_on=_CHECKED,
)
MIN_CAPACITY_PROVISIONED_CONCURRENCY = Limit(
    id="AS-MIN-PC",
    what="MinCapacity of provisioned concurrency",
    unit="concurrent invocations",
    allowed=Range(1, None),
    source=_SERVERLESS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
MAX_CAPACITY_PROVISIONED_CONCURRENCY = Limit(
    id="AS-MAX-PC",
    what="MaxCapacity of provisioned concurrency",
    unit="concurrent invocations",
    allowed=Told("at most MaxConcurrency of the variant"),
    source="sagemaker API model 2017-07-24 (botocore 1.44.5): ProductionVariantServerlessConfig.ProvisionedConcurrency",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
MAX_CAPACITY = Limit(
    id="AS-MINMAX",
    what="MaxCapacity, which is at least MinCapacity",
    unit="instances",
    allowed=Range(1, None),
    source=_GUIDE,
    checked_on=_CHECKED,
    aws_says="Maximum capacity cannot be less than minimum capacity",
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
# What an inference component without copies publishes when a request comes.
NO_CAPACITY_METRIC = "NoCapacityInvocationFailures"
RETAINED_COUNT = "DesiredInstanceCount"
RETAIN_VARIANT_PROPERTIES = Limit(
    id="AS-RETAIN",
    what="RetainAllVariantProperties of an endpoint that is scaled",
    unit="",
    allowed=Told("true: an update sets the instance count back to InitialInstanceCount otherwise"),
    source=_UPDATE,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
UPDATE_OF_SCALED_VARIANT = Limit(
    id="AS-UPDATE-TYPE",
    what="update that changes the instance type of a scalable target's variant, or removes the variant",
    unit="",
    allowed=Told("only after the variant is deregistered as a scalable target"),
    source=_UPDATE,
    checked_on=_CHECKED,
)
DELETE_PERMISSION = Limit(
    id="AS-DELETE-PERM",
    what="permission to delete an endpoint with scalable targets",
    unit="",
    allowed=Told("application-autoscaling:DeregisterScalableTarget"),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-delete-with-scaling.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
# The guide says that CloudFormation does not support it; its schema does, and https://github.com/aws/aws-cdk/issues/29065
# registered such a target.
SERVERLESS_IN_CLOUDFORMATION = Limit(
    id="AS-SLS-CFN",
    what="provisioned concurrency as a scalable target in CloudFormation",
    unit="",
    allowed=Told("supported by the schema, against what the guide says"),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
TARGETS_IN_REGION = Limit(
    id="AS-Q-TARGETS",
    what="scalable targets for SageMaker in a Region (quota L-1AAF0700, adjustable)",
    unit="",
    allowed=Count(None, 500),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
