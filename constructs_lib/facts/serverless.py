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
CONVERSION = Limit(
    id="SLS-CONVERT",
    what="update of an endpoint on instances to a serverless one",
    unit="",
    allowed=Told("never: only a serverless endpoint can be updated to instances, and not back; replace the endpoint"),
    source=_EXCLUSIONS,
    checked_on=_CHECKED,
)

# Where serverless inference is offered, and what an account may use by default.
REGIONS = Limit(
    id="SLS-REGIONS",
    what="Region of a serverless endpoint",
    unit="",
    allowed=Choice(
        (
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
            "af-south-1",
            "ap-east-1",
            "ap-south-1",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-southeast-1",
            "ap-southeast-2",
            "ca-central-1",
            "eu-central-1",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "eu-north-1",
            "eu-south-1",
            "me-south-1",
            "sa-east-1",
        )
    ),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
# No document of AWS names this quota: only the refusal does, and an entry in Service Quotas is missing too.
ACCOUNT_MEMORY = Limit(
    id="SLS-ACC-MEM",
    what="MemorySizeInMB in an account that never had this quota raised",
    unit="MB",
    allowed=Range(None, 3072),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
    paths=in_variants("ServerlessConfig/MemorySizeInMB"),
    aws_says="The account-level service limit 'Memory size in MB per serverless endpoint' is 3072 MBs",
    fix="lower it to 3072, or have AWS raise the quota before deploying",
)
ACCOUNT_ENDPOINTS = Limit(
    id="SLS-ACC-ENDPOINTS",
    what="serverless endpoints of an account in a Region",
    unit="endpoints",
    allowed=Range(None, 50),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
# AWS contradicts itself: the guide says 50, 500 and 1000, the table of quotas 5 and 10 for new accounts.
NEW_ACCOUNT_ENDPOINTS = Limit(
    id="SLS-ACC-ENDPOINTS-NEW",
    what="serverless endpoints of a new account in a Region (L-99AD19BF)",
    unit="endpoints",
    allowed=Range(None, 5),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
ACCOUNT_CONCURRENCY = Limit(
    id="SLS-ACC-CONC",
    what="MaxConcurrency of all serverless endpoints of an account in a large Region",
    unit="concurrent invocations",
    allowed=Range(None, 1000),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
ACCOUNT_CONCURRENCY_ELSEWHERE = Limit(
    id="SLS-ACC-CONC-ELSEWHERE",
    what="MaxConcurrency of all serverless endpoints of an account in any other Region",
    unit="concurrent invocations",
    allowed=Range(None, 500),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
NEW_ACCOUNT_CONCURRENCY = Limit(
    id="SLS-ACC-CONC-NEW",
    what="MaxConcurrency of all serverless endpoints of a new account in a Region (L-96300102)",
    unit="concurrent invocations",
    allowed=Range(None, 10),
    source=_QUOTAS,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
LARGE_REGIONS = Limit(
    id="SLS-ACC-CONC-REGIONS",
    what="Regions with the larger quota of concurrency",
    unit="",
    allowed=Choice(
        (
            "us-east-1",
            "us-east-2",
            "us-west-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-northeast-1",
            "eu-central-1",
            "eu-west-1",
        )
    ),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.INFO,
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
