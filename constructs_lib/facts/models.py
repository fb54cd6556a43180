"""Models: names, images, artifacts, environment."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Never, Pattern, Range, Severity, Told
from constructs_lib.facts.paths import MODEL, in_containers, in_variants

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"

MODEL_NAME = Limit(
    id="MODEL-NAME",
    what="ModelName",
    unit="",
    allowed=Pattern(r"[a-zA-Z0-9]([\-a-zA-Z0-9]*[a-zA-Z0-9])?", 63),
    source=f"{_API}: ModelName",
    checked_on=_CHECKED,
    paths=(f"{MODEL}/ModelName", *in_variants("ModelName")),
    shape="sagemaker.ModelName",
    aws_says="failed to satisfy constraint",
    fix="use letters, digits and single hyphens between them, or leave ModelName out of the model",
)

# The suffixes are those of the partitions: botocore 1.44.5, partitions.json; dual-stack hosts end in on.aws.
_SUFFIXES = (
    r"amazonaws\.(com|com\.cn|eu)|on\.aws|on\.amazonwebservices\.(com\.cn|eu)"
    r"|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov"
)
ECR_HOST = rf"\d{{12}}\.dkr[.-]ecr(-fips)?\.[a-z0-9-]+\.({_SUFFIXES})"
ECR_REGION = r"\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\."
IMAGE = Limit(
    id="MODEL-IMG",
    what="container image",
    unit="",
    allowed=Pattern(r"[\S]+", 255),
    source=f"{_API}: ContainerImage",
    checked_on=_CHECKED,
    paths=in_containers("Image"),
    shape="sagemaker.ContainerImage",
)
IMAGE_IN_ECR = Limit(
    id="IMG-NOT-ECR",
    what="registry of the image",
    unit="",
    allowed=Pattern(rf"{ECR_HOST}/\S+", 255),
    source="https://github.com/aws/sagemaker-python-sdk/pull/4700",
    checked_on=_CHECKED,
    aws_says='Using non-ECR image "..." without Vpc repository access mode is not supported.',
)
IMAGE_REGION = Limit(
    id="MODEL-IMG-REGION",
    what="Region of the image's registry",
    unit="",
    allowed=Told("the Region of the model"),
    source="https://github.com/aws/sagemaker-pytorch-inference-toolkit/pull/7",
    checked_on=_CHECKED,
    aws_says='Region of "..." does not match expected region of ... Cross region ECR image pulls are not allowed.',
)
REPOSITORY_ACCESS_MODE = Limit(
    id="MODEL-PRIVREG-MODE",
    what="RepositoryAccessMode",
    unit="",
    allowed=Choice(("Platform", "Vpc")),
    source=f"{_API}: RepositoryAccessMode",
    checked_on=_CHECKED,
    paths=in_containers("ImageConfig/RepositoryAccessMode"),
    shape="sagemaker.RepositoryAccessMode",
)
PRIVATE_REGISTRY = Limit(
    id="MODEL-PRIVREG",
    what="image in a private Docker registry",
    unit="",
    allowed=Told("RepositoryAccessMode Vpc needs the model's VpcConfig, RepositoryAuthConfig needs mode Vpc"),
    source=f"{_API}: ImageConfig",
    checked_on=_CHECKED,
)

ARTIFACT_URI = Limit(
    id="MODEL-URL",
    what="model artifact",
    unit="",
    allowed=Pattern(r"(https|s3)://([^/]+)/?(.*)", 1024),
    source=f"{_API}: Url",
    checked_on=_CHECKED,
    paths=in_containers("ModelDataUrl"),
    shape="sagemaker.Url",
)
ARTIFACT_IS_AN_ARCHIVE = Limit(
    id="MODEL-URL-PREFIX",
    what="artifact of a single model",
    unit="",
    allowed=Pattern(r".*[^/]", 1024),
    source="https://github.com/awslabs/generative-ai-cdk-constructs/issues/179",
    checked_on=_CHECKED,
    aws_says="Could not find model data at s3://",
)
ARTIFACT_REGION = Limit(
    id="MODEL-URL-REGION",
    what="Region of the artifact's bucket",
    unit="",
    allowed=Told("the Region of the model"),
    source=f"{_API}: ContainerDefinition.ModelDataUrl",
    checked_on=_CHECKED,
)
# Buckets whose name says their Region: of JumpStart, and the default one of the SageMaker Python SDK.
BUCKET_REGION = r"s3://(?:jumpstart-(?:private-)?cache-prod|sagemaker)-([a-z]{2}(?:-[a-z]+)+-\d)(?:-\d{12})?/"
S3_HOST_REGION = r"https://(?:[^/]+\.)?s3[.-](?:dualstack\.)?([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\."
DATA_SOURCE = Limit(
    id="MODEL-MDS",
    what="ModelDataSource",
    unit="",
    allowed=Told("an S3Uri of type S3Prefix ends with a slash, and only an S3Object can be Gzip"),
    source=f"{_API}: S3ModelDataSource",
    checked_on=_CHECKED,
)
DATA_SOURCE_URI = Limit(
    id="MODEL-MDS-URI",
    what="S3Uri of the model data",
    unit="",
    allowed=Pattern(r"(https|s3)://([^/]+)/?(.*)", 1024),
    source=f"{_API}: S3ModelUri",
    checked_on=_CHECKED,
    paths=in_containers("ModelDataSource/S3DataSource/S3Uri"),
    shape="sagemaker.S3ModelUri",
)
DATA_SOURCE_TYPE = Limit(
    id="MODEL-MDS-TYPE",
    what="S3DataType of the model data",
    unit="",
    allowed=Choice(("S3Prefix", "S3Object")),
    source=f"{_API}: S3ModelDataType",
    checked_on=_CHECKED,
    paths=in_containers("ModelDataSource/S3DataSource/S3DataType"),
    shape="sagemaker.S3ModelDataType",
)
DATA_SOURCE_COMPRESSION = Limit(
    id="MODEL-MDS-COMPRESSION",
    what="CompressionType of the model data",
    unit="",
    allowed=Choice(("None", "Gzip")),
    source=f"{_API}: ModelCompressionType",
    checked_on=_CHECKED,
    paths=in_containers("ModelDataSource/S3DataSource/CompressionType"),
    shape="sagemaker.ModelCompressionType",
)
ADDITIONAL_DATA_SOURCES = Limit(
    id="MODEL-AMDS",
    what="AdditionalModelDataSources",
    unit="data sources",
    allowed=Count(0, 5),
    source=f"{_API}: AdditionalModelDataSources",
    checked_on=_CHECKED,
    shape="sagemaker.AdditionalModelDataSources",
)
ADDITIONAL_DATA_SOURCES_IN_TEMPLATES = Limit(
    id="MODEL-AMDS-CFN",
    what="AdditionalModelDataSources, which CloudFormation does not know,",
    unit="",
    allowed=Never(),
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-properties-sagemaker-model-containerdefinition.html",
    checked_on=_CHECKED,
    paths=in_containers("AdditionalModelDataSources"),
    fix="put all data below one S3 prefix and name it in ModelDataSource, or create the model with the API",
)

ENVIRONMENT_ENTRIES = Limit(
    id="MODEL-ENV",
    what="environment variables of a container",
    unit="entries",
    allowed=Range(0, 100),
    source=f"{_API}: EnvironmentMap",
    checked_on=_CHECKED,
    shape="sagemaker.EnvironmentMap",
)
ENVIRONMENT_KEY = Limit(
    id="MODEL-ENV-KEY",
    what="name of an environment variable",
    unit="",
    allowed=Pattern(r"[a-zA-Z_][a-zA-Z0-9_]*", 1024),
    source=f"{_API}: EnvironmentKey",
    checked_on=_CHECKED,
    shape="sagemaker.EnvironmentKey",
)
ENVIRONMENT_VALUE_LENGTH = Limit(
    id="MODEL-ENV-VALUE",
    what="value of an environment variable",
    unit="characters",
    allowed=Range(0, 1024),
    source=f"{_API}: EnvironmentValue",
    checked_on=_CHECKED,
    shape="sagemaker.EnvironmentValue",
    aws_says="Member must have length less than or equal to 1024",
)
ENVIRONMENT_TOTAL_BYTES = Limit(
    id="MODEL-ENV-TOTAL",
    what="environment of all containers together",
    unit="bytes",
    allowed=Range(0, 32768),
    source=f"{_API}: ContainerDefinition.Environment",
    checked_on=_CHECKED,
)
ENVIRONMENT_BESIDE_PACKAGE = Limit(
    id="MODEL-ENV-PACKAGE",
    what="Environment of a container whose model package has one",
    unit="",
    allowed=Never(),
    source="https://github.com/aws/sagemaker-python-sdk/issues/3397",
    checked_on=_CHECKED,
    aws_says="Environment variable map cannot be specified both at Model Package",
)
IMMUTABLE = Limit(
    id="MODEL-IMMUTABLE",
    what="change of a model, an endpoint configuration or a pipeline",
    unit="",
    allowed=Told("they are immutable: every change but that of tags replaces them"),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/inference-pipelines.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
