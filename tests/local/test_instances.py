"""Instances that are short: jobs that find no capacity, and jobs beyond the quota."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from tests.local.conftest import Serve, refused
from tests.local.test_transform import Batch

TYPE = "ml.m5.2xlarge"


@pytest.fixture
def batch(local_aws: LocalAws, sagemaker: Any, serve: Serve) -> Iterator[Batch]:
    made = Batch(local_aws.client("s3"), sagemaker, serve.model())
    made.put("in/a", b"x")
    made.put("slow/a", b"!sleep 3")
    yield made
    local_aws.limit_instances(TYPE)


def on(count: int) -> dict[str, Any]:
    return {"TransformResources": {"InstanceType": TYPE, "InstanceCount": count}}


def test_a_job_without_capacity_fails_until_capacity_comes_back(local_aws: LocalAws, batch: Batch) -> None:
    local_aws.limit_instances(TYPE, available=1)
    job = batch.run(**on(2))
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == (
        "CapacityError: Unable to provision requested ML compute capacity. "
        "Please retry using a different ML instance type."
    )
    assert batch.run(**on(1))["TransformJobStatus"] == "Completed"
    local_aws.limit_instances(TYPE)
    assert batch.run(**on(2))["TransformJobStatus"] == "Completed"


def test_other_types_have_capacity(local_aws: LocalAws, batch: Batch) -> None:
    local_aws.limit_instances(TYPE, available=0)
    assert batch.run()["TransformJobStatus"] == "Completed"


def test_capacity_that_a_running_job_holds_is_not_there_for_another(
    local_aws: LocalAws, batch: Batch, sagemaker: Any
) -> None:
    local_aws.limit_instances(TYPE, available=1)
    running = batch.start(uri="slow/", **on(1))
    time.sleep(0.3)
    assert batch.run(**on(1))["TransformJobStatus"] == "Failed"
    sagemaker.stop_transform_job(TransformJobName=running)
    batch.ended(running)
    assert batch.run(**on(1))["TransformJobStatus"] == "Completed"


def test_a_job_beyond_the_quota_is_refused(local_aws: LocalAws, batch: Batch, sagemaker: Any) -> None:
    local_aws.limit_instances(TYPE, quota=2)
    running = batch.start(uri="slow/", **on(1))
    error = refused(sagemaker.create_transform_job, **batch.request(**on(2))).response["Error"]
    assert error["Code"] == "ResourceLimitExceeded"
    assert f"'{TYPE} for transform job usage' is 2 Instances, with current utilization of 1" in error["Message"]
    sagemaker.stop_transform_job(TransformJobName=running)
    batch.ended(running)
    assert batch.run(**on(2))["TransformJobStatus"] == "Completed"
