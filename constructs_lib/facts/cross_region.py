"""Traffic of an endpoint across Regions."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Never, Range
from constructs_lib.facts.paths import CONFIG

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg"

# The API takes it for variants on instances, without AsyncInferenceConfig. CloudFormation has these words for any
# property that it does not know: https://github.com/aws/aws-cdk/issues/28984.
CROSS_REGION = Limit(
    id="XREGION",
    what="CrossRegionTrafficConfig, which the API takes and CloudFormation does not know,",
    unit="",
    allowed=Never(),
    source="CloudFormation schema of AWS::SageMaker::EndpointConfig (cfn-lint 1.58.0)",
    checked_on=_CHECKED,
    paths=(f"{CONFIG}/CrossRegionTrafficConfig",),
    fix="leave it out, or create the endpoint configuration with the API",
    aws_says="extraneous key [CrossRegionTrafficConfig] is not permitted",
)
CROSS_REGION_RATE = Limit(
    id="XREGION-RATE",
    what="MaxInvocationsPerSecondPerInstance of CrossRegionTrafficConfig",
    unit="invocations",
    allowed=Range(1, 10_000),
    source=f"{_API}: CreateEndpointConfigInput.CrossRegionTrafficConfig",
    checked_on=_CHECKED,
)
CROSS_REGION_SHARE = Limit(
    id="XREGION-SHARE",
    what="MaxCrossRegionPercentPerEndpoint of CrossRegionTrafficConfig",
    unit="percent",
    allowed=Range(1, 100),
    source=f"{_API}: CreateEndpointConfigInput.CrossRegionTrafficConfig",
    checked_on=_CHECKED,
)
