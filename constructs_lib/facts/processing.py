"""SageMaker Processing jobs."""

from __future__ import annotations

from datetime import date

from constructs_lib.facts.limit import Limit, Pattern, Range

_CHECKED = date(2026, 11, 21)
_API = "sagemaker API model 2017-07-24 (botocore 1.44.5)"

INSTANCE_TYPE = Limit(
    id="PROC-TYPE",
    what="InstanceType of a processing job",
    unit="",
    allowed=Pattern(r"ml\.[a-z0-9-]+\.[a-z0-9]+", 63),
    source=f"{_API}: ProcessingInstanceType",
    checked_on=_CHECKED,
    fix="give a type such as ml.m5.xlarge",
)
JOB_NAME = Limit(
    id="PROC-NAME",
    what="ProcessingJobName",
    unit="",
    allowed=Pattern("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", 63),
    source=f"{_API}: ProcessingJobName",
    checked_on=_CHECKED,
    shape="sagemaker.ProcessingJobName",
)
VOLUME_SIZE = Limit(
    id="PROC-VOLUME",
    what="VolumeSizeInGB of a processing job",
    unit="GB",
    allowed=Range(1, 16_384),
    source=f"{_API}: ProcessingVolumeSizeInGB",
    checked_on=_CHECKED,
    shape="sagemaker.ProcessingVolumeSizeInGB",
)
MAX_RUNTIME = Limit(
    id="PROC-RUNTIME",
    what="MaxRuntimeInSeconds of a processing job",
    unit="s",
    allowed=Range(1, 777_600),
    source=f"{_API}: ProcessingMaxRuntimeInSeconds",
    checked_on=_CHECKED,
    shape="sagemaker.ProcessingMaxRuntimeInSeconds",
)
ENVIRONMENT_VALUE = Limit(
    id="PROC-ENV",
    what="a value in the Environment of a processing job",
    unit="",
    allowed=Pattern(r"[\S\s]*", 256, 0),
    source=f"{_API}: ProcessingEnvironmentValue",
    checked_on=_CHECKED,
    shape="sagemaker.ProcessingEnvironmentValue",
)
