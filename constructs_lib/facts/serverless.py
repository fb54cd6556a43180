"""Serverless endpoints."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Never, Range, Severity, Told
from constructs_lib.facts.paths import in_variants

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_GUIDE = f"{_DOCS}/serverless-endpoints.html"
_EXCLUSIONS = f"{_GUIDE}#serverless-endpoints-how-it-works-exclusions"
_INVOKE = f"{_DOCS}/serverless-endpoints-invoke.html"
_QUOTAS = "https://docs.aws.amazon.com/general/latest/gr/sagemaker.html"

PAYLOAD = Limit(
    id="PAY-SLS",
    what="request and response payload of a serverless endpoint",
    unit="bytes",
    allowed=Range(0, 4_194_304),
    source=_INVOKE,
    checked_on=_CHECKED,
    aws_says="has oversize body",
)
INVOCATION_TIMEOUT = Limit(
    id="TMO-SLS",
    what="time in which a container answers /invocations",
    unit="s",
    allowed=Range(0, 60),
    source=_INVOKE,
    checked_on=_CHECKED,
)
START_TIMEOUT = Limit(
    id="TMO-SLS-PING",
    what="time for the download of the model and the first successful /ping",
    unit="s",
    allowed=Range(0, 180),
    source=_INVOKE,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
MEMORY_SIZE_IN_MB = Limit(
    id="SLS-MEM",
    what="MemorySizeInMB",
    unit="MB",
    allowed=Choice((1024, 2048, 3072, 4096, 5120, 6144)),
    source=_GUIDE,
    checked_on=_CHECKED,
    # The API model knows only the ends of this range.
    paths=in_variants("ServerlessConfig/MemorySizeInMB"),
)
MAX_CONCURRENCY = Limit(
    id="SLS-CONC",
    what="MaxConcurrency",
    unit="concurrent invocations",
    allowed=Range(1, 200),
    source=f"{_API}: ServerlessMaxConcurrency",
    checked_on=_CHECKED,
    paths=in_variants("ServerlessConfig/MaxConcurrency"),
    shape="sagemaker.ServerlessMaxConcurrency",
)
PROVISIONED_CONCURRENCY = Limit(
    id="SLS-PC",
    what="ProvisionedConcurrency, which is at most MaxConcurrency",
    unit="concurrent invocations",
    allowed=Range(1, 200),
    source=f"{_API}: ProductionVariantServerlessConfig.ProvisionedConcurrency",
    checked_on=_CHECKED,
    paths=in_variants("ServerlessConfig/ProvisionedConcurrency"),
    shape="sagemaker.ServerlessProvisionedConcurrency",
)
IMAGE_SIZE = Limit(
    id="SLS-IMG",
    what="size of the container image of a serverless variant",
    unit="bytes",
    allowed=Range(0, 10_737_418_240),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
    aws_says="Image size 13279248421 is greater than supported size 10737418240",
    fix="use a smaller image, such as one without GPU libraries, or serve from instances",
)
DISK_SIZE = Limit(
    id="SLS-DISK",
    what="ephemeral disk of a serverless variant, onto which the model is unpacked",
    unit="GB",
    allowed=Range(0, 5),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
KMS_KEY = Limit(
    id="KMS-SLS",
    what="KmsKeyId of a serverless endpoint configuration",
    unit="",
    allowed=Told("allowed: it encrypts the copy of the container image that AWS keeps"),
    source=f"{_DOCS}/serverless-endpoints-create-config.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)

# What a serverless variant excludes.
NO_GPU = Limit(
    id="SLS-NO-GPU",
    what="GPU of a serverless variant",
    unit="",
    allowed=Never(),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
    fix="take the image of the same framework for CPUs",
)
NO_MARKETPLACE = Limit(
    id="SLS-NO-MKT",
    what="AWS Marketplace model package in the model of a serverless variant",
    unit="",
    allowed=Never(),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
)
NO_PRIVATE_REGISTRY = Limit(
    id="SLS-NO-PRIVREG",
    what="private Docker registry (RepositoryAccessMode Vpc) in the model of a serverless variant",
    unit="",
    allowed=Never(),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
    fix="push the image to Amazon ECR and use RepositoryAccessMode Platform",
)
NO_MULTI_MODEL = Limit(
    id="SLS-NO-MME",
    what="multi-model container (Mode MultiModel) in the model of a serverless variant",
    unit="",
    allowed=Never(),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
    fix="serve one model",
)
NO_VPC = Limit(
    id="SLS-NO-VPC",
    what="VpcConfig on the model of a serverless variant",
    unit="",
    allowed=Never(),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
    fix="remove VpcConfig from the model",
)
NO_NETWORK_ISOLATION = Limit(
    id="SLS-NO-NETISO",
    what="EnableNetworkIsolation on the model of a serverless variant",
    unit="",
    allowed=Never(),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
    aws_says="Network isolation is not supported for Serverless Inference",
    fix="remove EnableNetworkIsolation from the model",
)
NO_DATA_CAPTURE = Limit(
    id="SLS-NO-DC",
    what="DataCaptureConfig of a serverless endpoint configuration",
    unit="",
    allowed=Never(),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
)
ONE_VARIANT = Limit(
    id="SLS-NO-MULTIVAR",
    what="production variants of a serverless endpoint configuration",
    unit="variants",
    allowed=Count(1, 1),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
)
NO_MODEL_MONITOR = Limit(
    id="SLS-NO-MM",
    what="Model Monitor on a serverless endpoint",
    unit="",
    allowed=Never(),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
)
NO_PIPELINE = Limit(
    id="SLS-NO-PIPE",
    what="more than one container in the model of a serverless variant",
    unit="",
    allowed=Never(),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
    fix="put the steps into one container",
)
NO_MODEL_DATA_SOURCE = Limit(
    id="SLS-NO-MDS",
    what="ModelDataSource in the model of a serverless variant",
    unit="",
    allowed=Never(),
    source=f"{_API}: ContainerDefinition.ModelDataSource",
    checked_on=_CHECKED,
    aws_says="Model with containers that use ModelDataSource ...",
    fix="pack the model into a model.tar.gz and name it in ModelDataUrl",
)
NO_SHADOW = Limit(
    id="SLS-NO-SHADOW",
    what="shadow variants of a serverless endpoint configuration",
    unit="",
    allowed=Never(),
    source=f"{_DOCS}/shadow-tests.html",
    checked_on=_CHECKED,
)
NO_ROLLING_UPDATE = Limit(
    id="SLS-NO-ROLL",
    what="rolling deployment of a serverless endpoint",
    unit="",
    allowed=Told("blue/green deployment only"),
    source=f"{_DOCS}/deployment-guardrails-exclusions.html",
    checked_on=_CHECKED,
)
NO_INSTANCE_COUNT = Limit(
    id="SLS-ROLL-SIZE",
    what="size of a step of a blue/green deployment of a serverless endpoint",
    unit="",
    allowed=Told("CAPACITY_PERCENT: INSTANCE_COUNT counts instances, and a serverless variant has none"),
    source=f"{_API}: CapacitySize.Type",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
CONVERSION = Limit(
    id="SLS-CONVERT",
    what="update of an endpoint on instances to a serverless one",
    unit="",
    allowed=Told("never: only a serverless endpoint can be updated to instances, and not back; replace the endpoint"),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
)

COLD_START_METRICS = Limit(
    id="MET-SLS",
    what="metrics of a serverless endpoint that show cold starts",
    unit="",
    allowed=Choice(("ModelSetupTime", "OverheadLatency")),
    source=f"{_DOCS}/monitoring-cloudwatch.html",
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
