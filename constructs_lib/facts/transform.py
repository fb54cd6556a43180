"""Batch transform jobs."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Pattern, Range

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html"

MAX_PAYLOAD_IN_MB = Limit(
    id="PAY-BATCH",
    what="MaxPayloadInMB (0 sends each object as one chunked request)",
    unit="MB",
    allowed=Range(0, 100),
    default=6,
    source=_GUIDE,
    checked_on=_CHECKED,
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
)
MAX_CONCURRENT_TRANSFORMS = Limit(
    id="TR-CONC",
    what="MaxConcurrentTransforms (0 asks the container)",
    unit="requests",
    allowed=Range(0, None),
    source=f"{_API}: MaxConcurrentTransforms",
    checked_on=_CHECKED,
)
INVOCATIONS_TIMEOUT = Limit(
    id="TMO-BATCH",
    what="InvocationsTimeoutInSeconds",
    unit="s",
    allowed=Range(1, 3600),
    default=600,
    source=f"{_API}: ModelClientConfig.InvocationsTimeoutInSeconds",
    checked_on=_CHECKED,
)
INVOCATIONS_MAX_RETRIES = Limit(
    id="RETRY-BATCH",
    what="InvocationsMaxRetries",
    unit="retries",
    allowed=Range(0, 3),
    default=3,
    source=f"{_API}: ModelClientConfig.InvocationsMaxRetries",
    checked_on=_CHECKED,
)
JOB_NAME = Limit(
    id="TJ-NAME",
    what="TransformJobName, unique in an account and Region for ever",
    unit="",
    allowed=Pattern(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", 63),
    source=f"{_API}: TransformJobName",
    checked_on=_CHECKED,
)
SPLIT_TYPE = Limit(
    id="TR-SPLIT",
    what="SplitType",
    unit="",
    allowed=Choice(("None", "Line", "RecordIO", "TFRecord")),
    source=f"{_API}: SplitType",
    checked_on=_CHECKED,
)
ASSEMBLE_WITH = Limit(
    id="TR-ASSEMBLE",
    what="AssembleWith",
    unit="",
    allowed=Choice(("None", "Line")),
    source=f"{_API}: AssemblyType",
    checked_on=_CHECKED,
)
BATCH_STRATEGY = Limit(
    id="TR-STRATEGY",
    what="BatchStrategy",
    unit="",
    allowed=Choice(("MultiRecord", "SingleRecord")),
    source=f"{_API}: BatchStrategy",
    checked_on=_CHECKED,
)
S3_DATA_TYPE = Limit(
    id="TR-S3TYPE",
    what="S3DataType of the input",
    unit="",
    allowed=Choice(("ManifestFile", "S3Prefix")),
    source=f"{_API}: TransformS3DataSource.S3DataType",
    checked_on=_CHECKED,
)
EVENTS_RULE = "StepFunctionsGetEventsForSageMakerTransformJobsRule"
EVENTS_RULE_SOURCE = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html"
