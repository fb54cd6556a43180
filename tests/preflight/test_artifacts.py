"""Model artifacts: that they are there, in the Region, and no larger than the disk and the memory."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.preflight.artifacts import ARTIFACTS
from constructs_lib.rules.examples.bases import realtime, serverless
from constructs_lib.rules.examples.example import Document, changed
from tests.preflight.conftest import ACCOUNT, REGION, Aws, Preflight, refusal

GIB = 1024**3
KEY = "classifier/model.tar.gz"
URL = "Model.PrimaryContainer.ModelDataUrl"
VARIANT = "Config.ProductionVariants.0"
CPU: dict[str, object] = {f"{VARIANT}.InstanceType": "ml.m5.4xlarge"}  # 64 GB of memory, no disk of its own


def holds(aws: Aws, *objects: tuple[str, int], region: str = REGION) -> None:
    """What the bucket has."""
    aws.on("HeadBucket", {"BucketRegion": region})

    def listed(params: Any) -> dict[str, Any]:
        rows = [{"Key": key, "Size": size} for key, size in sorted(objects) if key.startswith(params["Prefix"])]
        return {"Contents": rows[: params.get("MaxKeys", 1000)]}

    aws.on("ListObjectsV2", listed)


def test_an_artifact_that_is_there_and_fits_is_clean(aws: Aws, preflight: Preflight) -> None:
    holds(aws, (KEY, 1000), (KEY + ".old", 1))
    assert preflight(ARTIFACTS, realtime()) == []


def test_an_artifact_that_is_not_there_is_an_error(aws: Aws, preflight: Preflight) -> None:
    holds(aws, (KEY + ".old", 1000))
    (finding,) = preflight(ARTIFACTS, realtime())
    assert (finding.rule, finding.severity, finding.logical_id) == ("ART-EXISTS", Severity.ERROR, "Model")
    assert f"there is no object s3://models-123456789012/{KEY}" in finding.message
    assert "Could not find model data" in finding.message


def test_a_bucket_that_is_not_there_is_an_error(aws: Aws, preflight: Preflight) -> None:
    aws.on("HeadBucket", refusal("404", "Not Found", 404))
    (finding,) = preflight(ARTIFACTS, realtime())
    assert (finding.rule, "there is no bucket models-123456789012" in finding.message) == ("ART-EXISTS", True)


def test_a_bucket_in_another_region_is_an_error(aws: Aws, preflight: Preflight) -> None:
    holds(aws, (KEY, 1000), region="us-east-1")
    (finding,) = preflight(ARTIFACTS, realtime())
    assert finding.rule == "MODEL-URL-REGION"
    assert "must be eu-west-1, models-123456789012 is in us-east-1" in finding.message


@pytest.mark.parametrize(("size", "rules"), [(30 * GIB, []), (30 * GIB + 1, ["VAR-VOLUME-MODEL30"])])
def test_an_artifact_fits_the_disk_that_an_instance_has_unasked(
    aws: Aws, preflight: Preflight, size: int, rules: list[str]
) -> None:
    holds(aws, (KEY, size))
    assert [finding.rule for finding in preflight(ARTIFACTS, changed(realtime(), CPU))] == rules


def test_a_larger_volume_takes_a_larger_artifact(aws: Aws, preflight: Preflight) -> None:
    holds(aws, (KEY, 40 * GIB))
    assert preflight(ARTIFACTS, changed(realtime(), {**CPU, f"{VARIANT}.VolumeSizeInGB": 40})) == []
    (finding,) = preflight(ARTIFACTS, changed(realtime(), {**CPU, f"{VARIANT}.VolumeSizeInGB": 39}))
    assert "has 40.0 GB as it is stored, the disk of ml.m5.4xlarge has 39 GB" in finding.message


def test_an_artifact_larger_than_the_memory_is_a_warning(aws: Aws, preflight: Preflight) -> None:
    holds(aws, (KEY, 9 * GIB))
    (finding,) = preflight(ARTIFACTS, realtime())
    assert (finding.rule, finding.severity) == ("ART-MEMORY", Severity.WARNING)
    assert "ml.m5.large has 8.0 GB of memory" in finding.message
    fits = changed(realtime(), {f"{VARIANT}.InstanceType": "ml.m5.xlarge"})
    assert preflight(ARTIFACTS, fits) == []


def test_serverless_has_a_small_disk_and_the_memory_it_was_given(aws: Aws, preflight: Preflight) -> None:
    holds(aws, (KEY, 5 * GIB + 1))
    found = preflight(ARTIFACTS, serverless())
    assert {finding.rule for finding in found} == {"SLS-DISK", "ART-MEMORY"}
    holds(aws, (KEY, 2 * GIB))
    assert preflight(ARTIFACTS, serverless()) == []


def _unpacked(prefix: str) -> Document:
    source = {"S3DataSource": {"S3Uri": prefix, "S3DataType": "S3Prefix", "CompressionType": "None"}}
    document = realtime()
    document["Resources"]["Model"]["Properties"]["PrimaryContainer"] = {"Image": "any", "ModelDataSource": source}
    return document


def test_the_objects_below_a_prefix_count_together(aws: Aws, preflight: Preflight) -> None:
    holds(aws, ("llm/a", 20 * GIB), ("llm/b", 20 * GIB))
    found = preflight(ARTIFACTS, _unpacked("s3://models/llm/"))
    assert any("40.0 GB as it is stored" in finding.message for finding in found)
    (finding,) = preflight(ARTIFACTS, _unpacked("s3://models/other/"))
    assert "there is nothing below s3://models/other/" in finding.message


def test_an_asset_of_cdk_is_judged_on_this_disk_since_no_bucket_has_it_yet(aws: Aws, preflight: Preflight) -> None:
    holds(aws)
    bucket = "cdk-any-assets-${AWS::AccountId}-${AWS::Region}"
    entry = {"source": {"path": "asset.gz"}, "destinations": {"any": {"bucketName": bucket, "objectKey": "any.gz"}}}
    preflight.path.with_name("Stack.assets.json").write_text(json.dumps({"files": {"any": entry}}))
    asset = preflight.path.with_name("asset.gz")
    document = changed(realtime(), {URL: {"Fn::Sub": f"s3://{bucket}/any.gz"}})
    (finding,) = preflight(ARTIFACTS, document)
    assert f"{asset} is not there" in finding.message
    asset.write_bytes(b"model")
    assert preflight(ARTIFACTS, document) == []
    assert aws.asked("HeadBucket")[-1]["Bucket"] == f"cdk-any-assets-{ACCOUNT}-{REGION}"
    aws.on("HeadBucket", refusal("404", "Not Found", 404))
    (finding,) = preflight(ARTIFACTS, document)
    assert finding.fix.startswith("run cdk bootstrap")


def test_an_artifact_behind_a_permission_is_told_from_one_that_is_missing(aws: Aws, preflight: Preflight) -> None:
    aws.on("HeadBucket", refusal("403", "Forbidden", 403))
    (finding,) = preflight(ARTIFACTS, realtime())
    assert (finding.rule, finding.severity) == ("PREFLIGHT-DENIED", Severity.WARNING)
    assert finding.message.startswith("s3:ListBucket is not allowed")
    assert finding.fix == f"allow s3:ListBucket to arn:aws:iam::{ACCOUNT}:user/deployer"


def test_a_location_that_is_not_known_is_said_to_be_unjudged(preflight: Preflight) -> None:
    document = changed(realtime(), {URL: {"Fn::Sub": "s3://${Bucket}/model.tar.gz"}})
    document["Resources"]["Bucket"] = {"Type": "AWS::S3::Bucket"}
    (finding,) = preflight(ARTIFACTS, document)
    assert (finding.rule, finding.severity) == ("PREFLIGHT-UNJUDGED", Severity.INFO)
    assert "Bucket is made by this deployment" in finding.message
