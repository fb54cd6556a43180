"""The parameters with which a state machine starts a batch transform job: which there are, and which are required."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from constructs_lib.facts.limit import Limit, Told

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"

# By the place below the parameters of the call; ``*`` is every item of a list.
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "": (
        "BatchStrategy",
        "DataCaptureConfig",
        "DataProcessing",
        "Environment",
        "ExperimentConfig",
        "MaxConcurrentTransforms",
        "MaxPayloadInMB",
        "ModelClientConfig",
        "ModelName",
        "Tags",
        "TransformInput",
        "TransformJobName",
        "TransformOutput",
        "TransformResources",
    ),
    "DataCaptureConfig": ("DestinationS3Uri", "GenerateInferenceId", "KmsKeyId"),
    "DataProcessing": ("InputFilter", "JoinSource", "OutputFilter"),
    "ExperimentConfig": ("ExperimentName", "RunName", "TrialComponentDisplayName", "TrialName"),
    "ModelClientConfig": ("InvocationsMaxRetries", "InvocationsTimeoutInSeconds"),
    "Tags/*": ("Key", "Value"),
    "TransformInput": ("CompressionType", "ContentType", "DataSource", "SplitType"),
    "TransformInput/DataSource": ("S3DataSource",),
    "TransformInput/DataSource/S3DataSource": ("S3DataType", "S3Uri"),
    "TransformOutput": ("Accept", "AssembleWith", "KmsKeyId", "S3OutputPath"),
    "TransformResources": ("InstanceCount", "InstanceType", "TransformAmiVersion", "VolumeKmsKeyId"),
}
# Those of them that must be given, each only where what is above it is given.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "": ("ModelName", "TransformInput", "TransformJobName", "TransformOutput", "TransformResources"),
    "DataCaptureConfig": ("DestinationS3Uri",),
    "Tags/*": ("Key", "Value"),
    "TransformInput": ("DataSource",),
    "TransformInput/DataSource": ("S3DataSource",),
    "TransformInput/DataSource/S3DataSource": ("S3DataType", "S3Uri"),
    "TransformOutput": ("S3OutputPath",),
    "TransformResources": ("InstanceCount", "InstanceType"),
}

REQUIRED_MEMBERS = Limit(
    id="TR-REQUIRED",
    what="members that CreateTransformJob requires",
    unit="",
    allowed=Told(", ".join(REQUIRED[""])),
    source=f"{_API}: CreateTransformJobRequest",
    checked_on=_CHECKED,
)
NO_PARAMETERS = Limit(
    id="BATCH-NO-PARAMETERS",
    what="Parameters (Arguments in JSONata) of a task that starts a transform job",
    unit="",
    allowed=Told("required"),
    source="https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html",
    checked_on=_CHECKED,
    aws_says="Parameters field is required for resource ARN: ...",
)
UNKNOWN_FIELD = Limit(
    id="BATCH-UNKNOWN-FIELD",
    what="members of the parameters of a task that starts a transform job",
    unit="",
    allowed=Told("those of CreateTransformJob"),
    source="https://github.com/aws/aws-cdk/issues/10014",
    checked_on=_CHECKED,
    aws_says="SCHEMA_VALIDATION_FAILED: The field ... is not supported by Step Functions ...",
)
TAG_KEYS = Limit(
    id="BATCH-TAG-KEYS",
    what="members of a tag of a transform job",
    unit="",
    allowed=Told("Key and Value, in upper case"),
    source="https://github.com/aws/aws-step-functions-data-science-sdk-python/issues/200",
    checked_on=_CHECKED,
    aws_says='SCHEMA_VALIDATION_FAILED: The field "key" is not supported by Step Functions at /States/.../Parameters',
)
