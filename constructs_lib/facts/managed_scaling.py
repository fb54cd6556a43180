"""Managed instance scaling: SageMaker adds and removes instances as inference components need them."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Never, Range, Severity, Told
from constructs_lib.facts.paths import in_variants

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"

MANAGED_SCALING = Limit(
    id="VAR-MIS-IC",
    what="ManagedInstanceScaling on a variant that names a model",
    unit="",
    allowed=Never(),
    source="https://github.com/hashicorp/terraform-provider-aws/pull/45926",
    checked_on=_CHECKED,
    aws_says="ManagedInstanceScaling is only supported for inference component endpoints.",
)
# What AWS answered to the same until about April 2026.
MANAGED_SCALING_OLDER_TEXT = Limit(
    id="VAR-MIS-IC-OLDER-TEXT",
    what="ManagedInstanceScaling on a variant that names a model",
    unit="",
    allowed=Told("must be left out"),
    source="https://github.com/hashicorp/terraform-provider-aws/issues/35011",
    checked_on=_CHECKED,
    aws_says="ManagedInstanceScaling is not supported with the given EndpointConfig setup.",
)
MANAGED_SCALING_RANGE = Limit(
    id="VAR-MIS",
    what="MinInstanceCount and MaxInstanceCount of ManagedInstanceScaling",
    unit="instances",
    allowed=Told("MinInstanceCount is at most MaxInstanceCount"),
    source=f"{_API}: ProductionVariantManagedInstanceScaling",
    checked_on=_CHECKED,
)
MANAGED_MINIMUM = Limit(
    id="VAR-MIS-MIN",
    what="MinInstanceCount",
    unit="instances",
    allowed=Range(0, None),
    source=f"{_API}: ManagedInstanceScalingMinInstanceCount",
    checked_on=_CHECKED,
    paths=in_variants("ManagedInstanceScaling/MinInstanceCount"),
    shape="sagemaker.ManagedInstanceScalingMinInstanceCount",
)
MANAGED_MAXIMUM = Limit(
    id="VAR-MIS-MAX",
    what="MaxInstanceCount",
    unit="instance",
    allowed=Range(1, None),
    source=f"{_API}: ManagedInstanceScalingMaxInstanceCount",
    checked_on=_CHECKED,
    paths=in_variants("ManagedInstanceScaling/MaxInstanceCount"),
    shape="sagemaker.ManagedInstanceScalingMaxInstanceCount",
)
MANAGED_STATUS = Limit(
    id="VAR-MIS-STATUS",
    what="Status of ManagedInstanceScaling",
    unit="",
    allowed=Choice(("ENABLED", "DISABLED")),
    source=f"{_API}: ManagedInstanceScalingStatus",
    checked_on=_CHECKED,
    paths=in_variants("ManagedInstanceScaling/Status"),
    shape="sagemaker.ManagedInstanceScalingStatus",
)
SCALE_IN_STRATEGY = Limit(
    id="VAR-MIS-STRATEGY",
    what="Strategy of the ScaleInPolicy",
    unit="",
    allowed=Choice(("IDLE_RELEASE", "CONSOLIDATION")),
    source=f"{_API}: ManagedInstanceScalingScaleInStrategy",
    checked_on=_CHECKED,
    paths=in_variants("ManagedInstanceScaling/ScaleInPolicy/Strategy"),
    shape="sagemaker.ManagedInstanceScalingScaleInStrategy",
)
SCALE_IN_STEP = Limit(
    id="VAR-MIS-STEP",
    what="MaximumStepSize of the ScaleInPolicy",
    unit="instances",
    allowed=Range(1, 100),
    source=f"{_API}: ManagedInstanceScalingMaximumStepSize",
    checked_on=_CHECKED,
    default=1,
    paths=in_variants("ManagedInstanceScaling/ScaleInPolicy/MaximumStepSize"),
    shape="sagemaker.ManagedInstanceScalingMaximumStepSize",
)
SCALE_IN_COOLDOWN = Limit(
    id="VAR-MIS-COOLDOWN",
    what="CooldownInMinutes of the ScaleInPolicy",
    unit="minutes",
    allowed=Range(5, 1440),
    source=f"{_API}: ManagedInstanceScalingCooldownInMinutes",
    checked_on=_CHECKED,
    default=20,
    paths=in_variants("ManagedInstanceScaling/ScaleInPolicy/CooldownInMinutes"),
    shape="sagemaker.ManagedInstanceScalingCooldownInMinutes",
)
# The Regions where MinInstanceCount 0 was refused; us-east-1 took it.
NO_ZERO_REGIONS = Limit(
    id="IC-ZERO-REGION",
    what="Region where MinInstanceCount 0 is refused",
    unit="",
    allowed=Choice(("eu-west-3",)),
    source="https://github.com/stdapi-ai/stdapi.ai/issues/43",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
    aws_says="Min instance count needs to be greater than 0 for enabled managed instance scaling",
)
# CloudFormation's words for any property that it does not know: https://github.com/aws/aws-cdk/issues/28984.
ACCELERATOR_PARTITIONS = Limit(
    id="VAR-PART",
    what="AcceleratorPartitionLayouts, which the API takes and CloudFormation does not know,",
    unit="",
    allowed=Never(),
    source="CloudFormation schema of AWS::SageMaker::EndpointConfig (cfn-lint 1.58.0)",
    checked_on=_CHECKED,
    paths=in_variants("AcceleratorPartitionLayouts"),
    fix="leave it out, or create the endpoint configuration with the API",
    aws_says="extraneous key [AcceleratorPartitionLayouts] is not permitted",
)
ACCELERATOR_PARTITIONS_COUNT = Limit(
    id="VAR-PART-COUNT",
    what="AcceleratorPartitionLayouts of a variant in the API",
    unit="entries",
    allowed=Count(1, 32),
    source=f"{_API}: ProductionVariant.AcceleratorPartitionLayouts",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
