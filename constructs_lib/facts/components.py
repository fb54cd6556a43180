"""Inference components, and the managed instance scaling of the variants that hold them."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Never, Pattern, Range, Severity, Told
from constructs_lib.facts.paths import COMPONENT

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_CFN = "CloudFormation schema of AWS::SageMaker::InferenceComponent (cfn-lint 1.58.0)"
_DEPLOY = "https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html"
_POOLS = "https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-heterogeneous.html"
_METRICS = "https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html"

NAME_LENGTH = 63
NAME = Limit(
    id="IC-NAME",
    what="InferenceComponentName",
    unit="",
    allowed=Pattern(r"[a-zA-Z0-9]([\-a-zA-Z0-9]*[a-zA-Z0-9])?", NAME_LENGTH),
    source=f"{_API}: InferenceComponentName",
    checked_on=_CHECKED,
    paths=(f"{COMPONENT}/InferenceComponentName",),
    fix="give letters, digits and inner hyphens, at most 63",
    shape="sagemaker.InferenceComponentName",
)

# Where a component is placed.
VARIANT_WITHOUT_MODEL = Limit(
    id="IC-VARIANT-NOMODEL",
    what="ExecutionRoleArn of an endpoint configuration whose variant names no model",
    unit="",
    allowed=Told("a variant without ModelName needs ExecutionRoleArn on its endpoint configuration"),
    source=_DEPLOY,
    checked_on=_CHECKED,
)
VARIANT_NAME = Limit(
    id="IC-VARIANT-NAME",
    what="VariantName of an inference component",
    unit="",
    allowed=Told("the name of an existing production variant of the endpoint"),
    source=f"{_API}: CreateInferenceComponentInput.VariantName",
    checked_on=_CHECKED,
)
ON_MODEL_ENDPOINT = Limit(
    id="IC-ON-MODEL-ENDPOINT",
    what="inference component on a variant that names a model",
    unit="",
    allowed=Never(),
    source="https://github.com/hashicorp/terraform-provider-aws/issues/40644",
    checked_on=_CHECKED,
    aws_says=(
        "Inference Components are not supported in this Endpoint. "
        "Please make sure this endpoint can deploy inference components."
    ),
)
COMPATIBLE_MODEL = Limit(
    id="IC-COMPAT",
    what="IAM role, VPC and network isolation of a model and of the endpoint on which a component places it",
    unit="",
    allowed=Told("equal; AWS says so of deployments from Studio"),
    source=_DEPLOY,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
NETWORK_ISOLATION = Limit(
    id="VAR-NETISO-IC",
    what="EnableNetworkIsolation of an endpoint configuration whose variants name models",
    unit="",
    allowed=Told("only for endpoints of inference components; other endpoints isolate the model"),
    source="https://github.com/hashicorp/terraform-provider-aws/pull/48738",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
_REGIONS = """
    ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1 ap-southeast-2 ap-southeast-3 ca-central-1 eu-central-1
    eu-isoe-west-1 eu-north-1 eu-west-1 eu-west-2 eusc-de-east-1 me-central-1 sa-east-1 us-east-1 us-east-2
    us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 us-isof-east-1 us-isof-south-1 us-west-2
"""
# CloudFormation publishes the resource types of each Region; those lists can lag behind.
REGIONS = Limit(
    id="IC-REGIONS",
    what="Region of an inference component that CloudFormation creates",
    unit="",
    allowed=Choice(tuple(_REGIONS.split())),
    source="CloudFormation resource types by Region (cfn-lint 1.58.0, 2026-10-20)",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)

# How many copies run, and in which order components are made.
COPY_COUNT = Limit(
    id="IC-COPY",
    what="CopyCount",
    unit="copies",
    allowed=Range(0, None),
    source=f"{_API}: InferenceComponentCopyCount",
    checked_on=_CHECKED,
    paths=(f"{COMPONENT}/RuntimeConfig/CopyCount",),
    shape="sagemaker.InferenceComponentCopyCount",
)
# The API model takes 0, and so does the update of a component; its creation was refused.
COPY_COUNT_AT_CREATION = Limit(
    id="COMPONENT-COPY-ZERO",
    what="CopyCount of a component that is created",
    unit="copies",
    allowed=Range(1, None),
    source="https://github.com/stdapi-ai/stdapi.ai/issues/43",
    checked_on=_CHECKED,
    aws_says="Inference components copy count an integer larger than 0",
)

ADAPTER_ORDER = Limit(
    id="BASE-COMPONENT-DELETED-BEFORE-ADAPTERS",
    what="base component that an adapter of the same template names",
    unit="",
    allowed=Told("created before its adapters and deleted after them"),
    source=f"{_API}: InferenceComponentSpecification.BaseInferenceComponentName",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
# What a component is watched by.
UTILIZATION_NAMESPACE = "/aws/sagemaker/InferenceComponents"
METRICS = Limit(
    id="MET-IC",
    what="metrics of an inference component",
    unit="",
    allowed=Told(
        f"*UtilizationNormalized in {UTILIZATION_NAMESPACE}, invocations in AWS/SageMaker, "
        "both with the dimension InferenceComponentName"
    ),
    source=_METRICS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
