"""Models: names, images, artifacts, environment."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Pattern, Range

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"

MODEL_NAME = Limit(
    id="MODEL-NAME",
    what="ModelName",
    unit="",
    allowed=Pattern(r"[a-zA-Z0-9]([\-a-zA-Z0-9]*[a-zA-Z0-9])?", 63),
    source=f"{_API}: ModelName",
    checked_on=_CHECKED,
)
IMAGE = Limit(
    id="MODEL-IMG",
    what="container image",
    unit="",
    allowed=Pattern(r"\S+", 255),
    source=f"{_API}: ContainerImage",
    checked_on=_CHECKED,
)
ARTIFACT_URI = Limit(
    id="MODEL-URL",
    what="model artifact",
    unit="",
    allowed=Pattern(r"(https|s3)://([^/]+)/?(.*)", 1024),
    source=f"{_API}: Url",
    checked_on=_CHECKED,
)
ARTIFACT_IS_AN_ARCHIVE = Limit(
    id="MODEL-URL-PREFIX",
    what="artifact of a single model",
    unit="",
    allowed=Pattern(r".*[^/]", 1024),
    source="https://github.com/awslabs/generative-ai-cdk-constructs/issues/179",
    checked_on=_CHECKED,
)
IMAGE_IN_ECR = Limit(
    id="IMG-NOT-ECR",
    what="registry of the image",
    unit="",
    allowed=Pattern(r"\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.(com|com\.cn|eu)/\S+", 255),
    source="https://github.com/aws/sagemaker-python-sdk/pull/4700",
    checked_on=_CHECKED,
)
ENVIRONMENT_ENTRIES = Limit(
    id="MODEL-ENV",
    what="environment variables of a container",
    unit="entries",
    allowed=Range(0, 100),
    source=f"{_API}: EnvironmentMap",
    checked_on=_CHECKED,
)
ENVIRONMENT_KEY = Limit(
    id="MODEL-ENV-KEY",
    what="name of an environment variable",
    unit="",
    allowed=Pattern(r"[a-zA-Z_][a-zA-Z0-9_]*", 1024),
    source=f"{_API}: EnvironmentKey",
    checked_on=_CHECKED,
)
ENVIRONMENT_VALUE_LENGTH = Limit(
    id="MODEL-ENV-VALUE",
    what="value of an environment variable",
    unit="characters",
    allowed=Range(0, 1024),
    source=f"{_API}: EnvironmentValue",
    checked_on=_CHECKED,
)
ENVIRONMENT_TOTAL_BYTES = Limit(
    id="MODEL-ENV-TOTAL",
    what="environment of all containers together",
    unit="bytes",
    allowed=Range(0, 32768),
    source=f"{_API}: ContainerDefinition.Environment",
    checked_on=_CHECKED,
)
