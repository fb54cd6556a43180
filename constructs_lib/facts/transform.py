"""Batch transform jobs.

Paths that start with ``CreateTransformJob`` go through the parameters of every task of a state machine that calls it.
"""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Count, Limit, Never, Pattern, Range
from constructs_lib.facts.paths import TRANSFORM_JOB

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html"
_JOB = "CreateTransformJob"

MAX_PAYLOAD_IN_MB = Limit(
    id="PAY-BATCH",
    what="MaxPayloadInMB (0 sends each object as one chunked request)",
    unit="MB",
    allowed=Range(0, 100),
    default=6,
    source=_GUIDE,
    checked_on=_CHECKED,
    paths=(f"{_JOB}/MaxPayloadInMB",),
)
PAYLOAD_TIMES_CONCURRENCY = Limit(
    id="PAY-BATCH-PROD",
    what="MaxConcurrentTransforms x MaxPayloadInMB",
    unit="MB",
    allowed=Range(0, 100),
    source=_GUIDE,
    checked_on=_CHECKED,
)
INSTANCE_COUNT = Limit(
    id="TR-COUNT",
    what="InstanceCount of a transform job",
    unit="instances",
    allowed=Range(1, 100),
    source=f"{_API}: TransformResources.InstanceCount",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/TransformResources/InstanceCount",),
)
MAX_CONCURRENT_TRANSFORMS = Limit(
    id="TR-CONC",
    what="MaxConcurrentTransforms (0 asks the container)",
    unit="requests",
    allowed=Range(0, None),
    source=f"{_API}: MaxConcurrentTransforms",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/MaxConcurrentTransforms",),
    shape="sagemaker.MaxConcurrentTransforms",
)
INVOCATIONS_TIMEOUT = Limit(
    id="TMO-BATCH",
    what="InvocationsTimeoutInSeconds",
    unit="s",
    allowed=Range(1, 3600),
    default=600,
    source=f"{_API}: ModelClientConfig.InvocationsTimeoutInSeconds",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/ModelClientConfig/InvocationsTimeoutInSeconds",),
    shape="sagemaker.InvocationsTimeoutInSeconds",
)
INVOCATIONS_MAX_RETRIES = Limit(
    id="RETRY-BATCH",
    what="InvocationsMaxRetries",
    unit="retries",
    allowed=Range(0, 3),
    default=3,
    source=f"{_API}: ModelClientConfig.InvocationsMaxRetries",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/ModelClientConfig/InvocationsMaxRetries",),
    shape="sagemaker.InvocationsMaxRetries",
)
JOB_NAME = Limit(
    id="TJ-NAME",
    what="TransformJobName, unique in an account and Region for ever",
    unit="",
    allowed=Pattern(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", 63),
    source=f"{_API}: TransformJobName",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/TransformJobName",),
    shape="sagemaker.TransformJobName",
)
ENVIRONMENT = Limit(
    id="TR-ENV",
    what="Environment of a transform job",
    unit="entries",
    allowed=Count(0, 16),
    source=f"{_API}: TransformEnvironmentMap",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/Environment",),
    shape="sagemaker.TransformEnvironmentMap",
)
ENVIRONMENT_KEY = Limit(
    id="TR-ENV-KEY",
    what="the name of a variable in the Environment of a transform job",
    unit="",
    allowed=Pattern(r"[a-zA-Z_][a-zA-Z0-9_]{0,1023}", 1024),
    source=f"{_API}: TransformEnvironmentKey",
    checked_on=_CHECKED,
)
ENVIRONMENT_VALUE = Limit(
    id="TR-ENV-VALUE",
    what="the value of a variable in the Environment of a transform job",
    unit="",
    allowed=Pattern(r"[\S\s]*", 10_240, 0),
    source=f"{_API}: TransformEnvironmentValue",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/Environment/*",),
    shape="sagemaker.TransformEnvironmentValue",
    fix="shorten it, or read it from S3 in the container",
)
SPLIT_TYPE = Limit(
    id="TR-SPLIT",
    what="SplitType",
    unit="",
    allowed=Choice(("None", "Line", "RecordIO", "TFRecord")),
    source=f"{_API}: SplitType",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/TransformInput/SplitType",),
    shape="sagemaker.SplitType",
)
COMPRESSION_TYPE = Limit(
    id="TR-COMPRESSION",
    what="CompressionType",
    unit="",
    allowed=Choice(("None", "Gzip")),
    source=f"{_API}: CompressionType",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/TransformInput/CompressionType",),
    shape="sagemaker.CompressionType",
)
ASSEMBLE_WITH = Limit(
    id="TR-ASSEMBLE",
    what="AssembleWith",
    unit="",
    allowed=Choice(("None", "Line")),
    source=f"{_API}: AssemblyType",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/TransformOutput/AssembleWith",),
    shape="sagemaker.AssemblyType",
)
BATCH_STRATEGY = Limit(
    id="TR-STRATEGY",
    what="BatchStrategy",
    unit="",
    allowed=Choice(("MultiRecord", "SingleRecord")),
    source=f"{_API}: BatchStrategy",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/BatchStrategy",),
    shape="sagemaker.BatchStrategy",
)
MEDIA_TYPE = Limit(
    id="TR-MEDIA",
    what="ContentType or Accept",
    unit="",
    allowed=Pattern(r".*", 256, 0),
    source=f"{_API}: ContentType, Accept",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/TransformInput/ContentType", f"{_JOB}/TransformOutput/Accept"),
    shape="sagemaker.ContentType",
)
S3_DATA_TYPE = Limit(
    id="TR-S3TYPE",
    what="S3DataType of the input",
    unit="",
    allowed=Choice(("ManifestFile", "S3Prefix")),
    source=f"{_API}: TransformS3DataSource.S3DataType",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/TransformInput/DataSource/S3DataSource/S3DataType",),
)
S3_URI = Limit(
    id="TR-S3URI",
    what="an address in S3",
    unit="",
    allowed=Pattern(r"(https|s3)://([^/]+)/?(.*)", 1024, 0),
    source=f"{_API}: S3Uri",
    checked_on=_CHECKED,
    paths=(
        f"{_JOB}/TransformInput/DataSource/S3DataSource/S3Uri",
        f"{_JOB}/TransformOutput/S3OutputPath",
        f"{_JOB}/DataCaptureConfig/DestinationS3Uri",
    ),
    shape="sagemaker.S3Uri",
    fix="write s3://BUCKET/PREFIX",
)
FILTER = Limit(
    id="TR-JSONPATH",
    what="InputFilter or OutputFilter",
    unit="",
    allowed=Pattern(r"[\S\s]*", 63, 0),
    source=f"{_API}: JsonPath",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/DataProcessing/InputFilter", f"{_JOB}/DataProcessing/OutputFilter"),
    shape="sagemaker.JsonPath",
    fix="shorten the path to 63 characters",
)
JOIN_SOURCE = Limit(
    id="TR-JOIN",
    what="JoinSource",
    unit="",
    allowed=Choice(("Input", "None")),
    source=f"{_API}: JoinSource",
    checked_on=_CHECKED,
    paths=(f"{_JOB}/DataProcessing/JoinSource",),
    shape="sagemaker.JoinSource",
)
NO_MODEL_DATA_SOURCE = Limit(
    id="TR-NO-MDS",
    what="ModelDataSource in the model of a transform job",
    unit="",
    allowed=Never(),
    source=f"{_API}: ContainerDefinition.ModelDataSource",
    checked_on=_CHECKED,
    aws_says=(
        "SageMaker Batch currently doesn't support Model entity with container definitions "
        "which use ModelDataSource attribute"
    ),
)
NO_RESOURCE_TYPE = Limit(
    id="TR-NOCFN",
    what=f"a resource of type {TRANSFORM_JOB} (CloudFormation has no such type)",
    unit="",
    allowed=Never(),
    source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SageMaker.html",
    checked_on=_CHECKED,
    paths=(TRANSFORM_JOB,),
    fix="start the job in a state machine: arn:aws:states:::sagemaker:createTransformJob.sync",
)
EVENTS_RULE = "StepFunctionsGetEventsForSageMakerTransformJobsRule"
EVENTS_RULE_SOURCE = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html"
