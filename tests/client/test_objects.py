"""Objects in S3: uploads that end with their time, look-ups, and locations."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from constructs_lib.client import Status, TimedOut
from constructs_lib.client.connections import Connections
from constructs_lib.client.deadline import Deadline
from constructs_lib.client.locations import split
from constructs_lib.client.objects import Objects
from constructs_lib.client.payloads import Encoded
from constructs_lib.local import LocalAws
from tests.local.conftest import any_name


@pytest.mark.parametrize(
    ("location", "parts"), [("s3://b/k", ("b", "k")), ("s3://b/a/b?c#d", ("b", "a/b?c#d")), ("s3://b", ("b", ""))]
)
def test_a_location_has_a_bucket_and_a_key(location: str, parts: tuple[str, str]) -> None:
    assert split(location) == parts


@pytest.mark.parametrize("location", ["", "b/k", "http://b/k", "s3:///k"])
def test_what_is_no_location_is_an_error_with_its_value(location: str) -> None:
    with pytest.raises(ValueError, match="a location must be s3://BUCKET/KEY, got"):
        split(location)


@pytest.fixture
def bucket(local_aws: LocalAws) -> str:
    name = any_name("objects")
    local_aws.client("s3").create_bucket(Bucket=name)
    return name


def test_a_large_file_is_uploaded_in_parts_and_comes_back_whole(
    local_aws: LocalAws, bucket: str, tmp_path: Path
) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(range(256)) * 40_000)
    objects = Objects(Connections(local_aws.session()))
    location = objects.upload(Encoded(path, "image/png"), bucket, "a/large", Deadline(20, "submit"))
    head = local_aws.client("s3").head_object(Bucket=bucket, Key="a/large")
    assert (location, head["ContentType"]) == (f"s3://{bucket}/a/large", "image/png")
    assert head["ETag"].strip('"').endswith("-2")
    objects.download(location, tmp_path / "new" / "back")
    assert (tmp_path / "new" / "back").read_bytes() == path.read_bytes()
    assert list(objects.below(f"s3://{bucket}/a/")) == [location]


def test_an_upload_that_takes_too_long_is_given_up(
    local_aws: LocalAws, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = Connections(local_aws.session())
    put = connections.service("s3").put_object

    def slow(**arguments: Any) -> Any:
        time.sleep(0.5)
        return put(**arguments)

    monkeypatch.setattr(connections.service("s3"), "put_object", slow)
    with pytest.raises(TimedOut, match="submit took longer"):
        Objects(connections).upload(Encoded(b"x", "text/plain"), bucket, "k", Deadline(0.1, "submit"))


def test_what_lies_there_tells_what_became_of_a_request(local_aws: LocalAws, bucket: str) -> None:
    objects = Objects(Connections(local_aws.session()))
    output, failure = f"s3://{bucket}/success/a", f"s3://{bucket}/failure/a"
    assert objects.outcome(output, failure) is None
    local_aws.client("s3").put_object(Bucket=bucket, Key="failure/a", Body=b"no")
    failed = objects.outcome(output, failure)
    assert failed is not None
    assert (failed.status, failed.location) == (Status.FAILED, failure)
    assert objects.outcome(output, None) is None
    local_aws.client("s3").put_object(Bucket=bucket, Key="success/a", Body=b"yes")
    done = objects.outcome(output, None)
    assert done is not None
    assert (done.status, done.location) == (Status.COMPLETED, output)


def refusing(code: str) -> Objects:
    def head_object(**_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "HeadObject")

    connections: Any = SimpleNamespace(service=lambda _: SimpleNamespace(head_object=head_object))
    return Objects(connections)


def test_who_may_not_list_the_bucket_is_told_403_of_what_is_not_there_yet() -> None:
    assert refusing("403").outcome("s3://b/k", "s3://b/f") is None


def test_other_refusals_are_raised() -> None:
    with pytest.raises(ClientError, match="ExpiredToken"):
        refusing("ExpiredToken").outcome("s3://b/k", None)
