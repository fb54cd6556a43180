"""What has to be in an account before a deployment: artifact, image, role, addresses, a free name, permissions."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Range, Severity, Told

_CHECKED = date(2026, 11, 21)
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg"

ARTIFACT_EXISTS = Limit(
    id="ART-EXISTS",
    what="model data",
    unit="",
    allowed=Told("there when the model is created: the object, or at least one object below the prefix"),
    source="https://github.com/awslabs/generative-ai-cdk-constructs/issues/179",
    checked_on=_CHECKED,
    aws_says="Could not find model data at s3://",
)
# Said of serverless variants; that an instance needs it too is not written anywhere: a warning.
ARTIFACT_IN_MEMORY = Limit(
    id="ART-MEMORY",
    what="memory of a variant",
    unit="",
    allowed=Told("generally at least as large as the model"),
    source=f"{_GUIDE}/serverless-endpoints.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
IMAGE_EXISTS = Limit(
    id="IMG-EXISTS",
    what="image of a container",
    unit="",
    allowed=Told("in its repository, under its tag or digest, when the model is created"),
    source="https://github.com/aws/amazon-sagemaker-examples/issues/195",
    checked_on=_CHECKED,
    aws_says='ECR image "..." is invalid.',
)
IMAGE_MANIFEST = Limit(
    id="IMG-MANIFEST",
    what="media type of an image's manifest",
    unit="",
    allowed=Choice(
        (
            "application/vnd.docker.distribution.manifest.v2+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
        )
    ),
    source="https://github.com/aws/amazon-sagemaker-feedback/issues/180",
    checked_on=_CHECKED,
    aws_says="Unsupported manifest media type application/vnd.oci.image.manifest.v1+json for image",
)
IMAGE_ARCHITECTURE = Limit(
    id="IMG-ARCH",
    what="processor architecture of an image",
    unit="",
    allowed=Told("that of the instance type: arm64 for AWS Graviton, x86_64 for the others"),
    source=f"{_GUIDE}/realtime-endpoints-graviton.html",
    checked_on=_CHECKED,
)
ROLE_EXISTS = Limit(
    id="ROLE-EXISTS",
    what="execution role",
    unit="",
    allowed=Told("there when the model is created, and lets sagemaker.amazonaws.com assume it"),
    source="https://github.com/awslabs/predictive-maintenance-using-machine-learning/issues/3",
    checked_on=_CHECKED,
)
PASS_ROLE = Limit(
    id="ROLE-PASS",
    what="who deploys a model",
    unit="",
    allowed=Told("may pass its execution role to SageMaker: iam:PassRole"),
    source=f"{_GUIDE}/sagemaker-roles.html",
    checked_on=_CHECKED,
    aws_says="is not authorized to perform: iam:PassRole on resource",
)
SUBNET_EXISTS = Limit(
    id="VPC-SUBNET-EXISTS",
    what="subnet of VpcConfig",
    unit="",
    allowed=Told("there when the model is created"),
    source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
    checked_on=_CHECKED,
    aws_says="The subnet ID '...' does not exist",
)
ADDRESSES = Limit(
    id="VPC-IP",
    what="free private IP addresses for each instance of a hosted model",
    unit="addresses",
    allowed=Range(2, None),
    source=f"{_GUIDE}/host-vpc.html#host-vpc-ip",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
ENDPOINT_NAME_IS_FREE = Limit(
    id="EP-EXISTS",
    what="EndpointName of a new endpoint",
    unit="",
    allowed=Told("one that no other endpoint of the account has in the Region"),
    source="https://github.com/ministryofjustice/modernisation-platform-environments/pull/9383",
    checked_on=_CHECKED,
    aws_says="Cannot create already existing endpoint",
)

# What the preflight says of itself.
PERMISSION = Limit(
    id="PREFLIGHT-DENIED",
    what="permission to look",
    unit="",
    allowed=Told("given to whoever runs the preflight; docs/preflight.md has the policy"),
    source="https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "reference_policies_actions-resources-contextkeys.html",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
UNJUDGED = Limit(
    id="PREFLIGHT-UNJUDGED",
    what="what the template and the account do not tell before a deployment",
    unit="",
    allowed=Told("said, so that nobody takes it for judged"),
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
