"""The instances of batch transform jobs: their types, disks and metrics."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Choice, Limit, Never, Pattern, Range, Severity, Told

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"
_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html"
_JOB = "CreateTransformJob"

NO_VOLUME_KEY = Limit(
    id="KMS-NVME-TR",
    what="VolumeKmsKeyId with an instance type that has local storage",
    unit="",
    allowed=Never(),
    source=f"{_API}: TransformResources.VolumeKmsKeyId",
    checked_on=_CHECKED,
)
INSTANCE_TYPE = Limit(
    id="TR-TYPE",
    what="InstanceType of a transform job",
    unit="",
    allowed=Told("one of the types of TransformInstanceType"),
    source=f"{_API}: TransformInstanceType",
    checked_on=_CHECKED,
)
INSTANCE_TYPE_IN_REGION = Limit(
    id="TR-REGION",
    what="InstanceType of a transform job",
    unit="",
    allowed=Told("a type with a price for batch transform in the Region"),
    source="https://aws.amazon.com/sagemaker/pricing/",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
)
AMI_VERSION = Limit(
    id="TR-AMI",
    what="TransformAmiVersion",
    unit="",
    allowed=Choice(("al2-ami-sagemaker-batch-gpu-470", "al2-ami-sagemaker-batch-gpu-535")),
    source=f"{_API}: TransformResources.TransformAmiVersion",
    checked_on=_CHECKED,
    severity=Severity.WARNING,
    paths=(f"{_JOB}/TransformResources/TransformAmiVersion",),
)
AMI_NAME = Limit(
    id="TR-AMI-NAME",
    what="TransformAmiVersion",
    unit="",
    allowed=Pattern(r"[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*", 63),
    source=f"{_API}: TransformAmiVersion",
    checked_on=_CHECKED,
    shape="sagemaker.TransformAmiVersion",
)
CAPACITY = Limit(
    id="TR-CAPACITY",
    what="instances that a transform job finds when it starts",
    unit="",
    allowed=Told("as many as AWS has free: a job that finds too few fails, and another type may be free"),
    source="https://github.com/DIAGNijmegen/rse-grand-challenge/issues/2631",
    checked_on=_CHECKED,
    severity=Severity.INFO,
    aws_says=(
        "CapacityError: Unable to provision requested ML compute capacity. "
        "Please retry using a different ML instance type."
    ),
)
VOLUME = Limit(
    id="TR-VOL",
    what="volume of an instance of a transform job, for model, input and output",
    unit="GB",
    allowed=Range(30, 30),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-storage.html",
    checked_on=_CHECKED,
)
METRICS = Limit(
    id="TR-METRIC",
    what="metrics of the instances of transform jobs",
    unit="",
    allowed=Told("in /aws/sagemaker/TransformJobs by Host, which is <job>/<instance>; no DiskUtilization"),
    source="https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html",
    checked_on=_CHECKED,
)
IDLE_INSTANCES = Limit(
    id="TR-IDLE",
    what="input objects for each instance of a transform job",
    unit="",
    allowed=Told("one instance reads an object: more instances than objects stand idle"),
    source=_GUIDE,
    checked_on=_CHECKED,
    severity=Severity.INFO,
)
