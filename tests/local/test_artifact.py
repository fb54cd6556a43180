"""Model data that is not one archive: a file, or a tree of files below a prefix."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.containers.artifact import Artifact, place
from constructs_lib.local.errors import AwsError
from constructs_lib.local.s3io import S3
from tests.local.conftest import IMAGE, ROLE, Serve, any_name, on_instances, refused


class Objects:
    """An S3 of a few objects, by location."""

    def __init__(self, **objects: bytes) -> None:
        self._objects = {f"s3://any/{key}": body for key, body in objects.items()}

    def read(self, uri: str) -> bytes:
        return self._objects[uri]

    def list_objects(self, uri: str) -> list[str]:
        return sorted(each for each in self._objects if each.startswith(uri))


def placed(tmp_path: Path, artifact: Artifact, objects: dict[str, bytes]) -> dict[str, bytes]:
    place(cast(S3, Objects(**objects)), artifact, tmp_path)
    found = [path for path in tmp_path.rglob("*") if path.is_file()]
    return {str(path.relative_to(tmp_path)): path.read_bytes() for path in found}


def test_a_prefix_becomes_a_tree(tmp_path: Path) -> None:
    objects = {"m/config.json": b"{}", "m/weights/1.bin": b"1", "other/x": b"no"}
    found = placed(tmp_path, Artifact("s3://any/m/", "S3Prefix", "None"), objects)
    assert found == {"config.json": b"{}", "weights/1.bin": b"1"}


def test_an_object_keeps_the_last_part_of_its_key(tmp_path: Path) -> None:
    found = placed(tmp_path, Artifact("s3://any/m/deep/model.bin", "S3Object", "None"), {"m/deep/model.bin": b"1"})
    assert found == {"model.bin": b"1"}


@pytest.mark.parametrize("key", ["m/../../outside", "m//empty", "m/folder/", "m/./dot"])
def test_a_name_that_aws_refuses_is_refused(tmp_path: Path, key: str) -> None:
    folder = tmp_path / "deep" / "model"
    folder.mkdir(parents=True)
    with pytest.raises(AwsError, match="is not the name of a file"):
        place(cast(S3, Objects(**{key: b"x"})), Artifact("s3://any/m/", "S3Prefix", "None"), folder)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_and_a_folder_of_one_name_are_refused(tmp_path: Path) -> None:
    objects = {"m/weights": b"1", "m/weights/part1": b"2"}
    with pytest.raises(AwsError, match="Failed to place the model data 'weights/part1'"):
        placed(tmp_path, Artifact("s3://any/m/", "S3Prefix", "None"), objects)


def test_a_prefix_without_objects_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AwsError, match=r"Could not find model data at s3://any/m/\."):
        placed(tmp_path, Artifact("s3://any/m/", "S3Prefix", "None"), {"other": b"x"})


def source(uri: str, kind: str = "S3Prefix", compression: str = "None") -> dict[str, Any]:
    return {"S3DataSource": {"S3Uri": uri, "S3DataType": kind, "CompressionType": compression}}


def test_the_container_finds_the_tree_in_its_model_folder(
    local_aws: LocalAws, sagemaker: Any, runtime: Any, serve: Serve
) -> None:
    s3, bucket = local_aws.client("s3"), any_name("unpacked")
    s3.create_bucket(Bucket=bucket)
    for key in ("tokenizer.json", "shards/1.bin", "shards/2.bin"):
        s3.put_object(Bucket=bucket, Key=f"model/{key}", Body=key.encode())
    model = any_name("model")
    container = {"Image": IMAGE, "ModelDataSource": source(f"s3://{bucket}/model/")}
    sagemaker.create_model(ModelName=model, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    endpoint = serve.endpoint(serve.config(on_instances(model)))
    names = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"!files")["Body"].read()
    assert json.loads(names) == ["shards/1.bin", "shards/2.bin", "tokenizer.json"]
    shard = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"!model shards/2.bin")["Body"].read()
    assert shard == b"shards/2.bin"


@pytest.mark.parametrize(
    "data", [source("s3://any/model"), source("s3://any/model/", compression="Gzip")], ids=["no slash", "packed prefix"]
)
def test_a_prefix_ends_with_a_slash_and_is_not_packed(sagemaker: Any, data: dict[str, Any]) -> None:
    container = {"Image": IMAGE, "ModelDataSource": data}
    error = refused(
        sagemaker.create_model, ModelName=any_name(), ExecutionRoleArn=ROLE, PrimaryContainer=container
    ).response["Error"]
    assert "an S3Uri of type S3Prefix ends with a slash" in error["Message"]
