"""The same comparison as a SageMaker Processing job, for more than a function should read. Pure but for one call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

CODE = "/opt/ml/processing/input/code"
# Python imports no folder from an archive that does not list it, so the archive is unpacked.
_START = (
    "import shutil, sys, tempfile; folder = tempfile.mkdtemp(); shutil.unpack_archive(sys.argv[1], folder); "
    "sys.path.insert(0, folder); from drift.job import main; main(sys.argv[2])"
)
_MEGABYTE = 1024 * 1024


def is_needed(processing: Mapping[str, Any], found: list[tuple[str, int]]) -> bool:
    """Whether there is a job to hand the work to, and enough to do for it."""
    return bool(processing) and sum(size for _, size in found) > processing["above_megabytes"] * _MEGABYTE


def request(
    processing: Mapping[str, Any], environment: Mapping[str, str], *, at: datetime, end: datetime
) -> dict[str, Any]:
    """What ``CreateProcessingJob`` is told. The name is that of the window: a window is worked on once.

    ``environment`` is that of the function; the job gets what its settings need, and may read as much as it wants.
    """
    bucket, key = processing["code_bucket_name"], processing["code_key"]
    told = {name: environment[name] for name in processing["environment"]}
    return {
        "ProcessingJobName": f"{processing['job_name_prefix']}-{end:%Y%m%d%H}",
        "RoleArn": processing["role_arn"],
        "AppSpecification": {
            "ImageUri": processing["image_uri"],
            "ContainerEntrypoint": ["python3", "-c", _START],
            "ContainerArguments": [f"{CODE}/{key.rpartition('/')[2]}", at.isoformat()],
        },
        "ProcessingInputs": [
            {
                "InputName": "code",
                "S3Input": {
                    "S3Uri": f"s3://{bucket}/{key}",
                    "LocalPath": CODE,
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
        "Environment": {
            **told,
            "AWS_DEFAULT_REGION": environment["AWS_REGION"],
            "PROCESSING": "{}",
            "MAX_MEGABYTES": str(processing["max_megabytes"]),
            "MAX_RECORDS": str(processing["max_records"]),
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": processing["instance_type"],
                "VolumeSizeInGB": processing["volume_size_in_gb"],
                **({"VolumeKmsKeyId": processing["volume_key"]} if processing["volume_key"] else {}),
            }
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": processing["max_runtime_in_seconds"]},
        **({"NetworkConfig": processing["network"]} if processing["network"] else {}),
    }


def start(sagemaker: Any, job: Mapping[str, Any]) -> dict[str, Any]:
    """Start a job; one that is there already was started for the same window."""
    try:
        sagemaker.create_processing_job(**job)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUse":
            raise
        return {"status": "handed over before", "job": job["ProcessingJobName"]}
    return {"status": "handed over", "job": job["ProcessingJobName"]}
