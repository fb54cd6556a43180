"""Containers as processes: the contract, sharing, crashes, endings."""

import io
import os
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from constructs_lib.local.containers.artifact import unpack
from constructs_lib.local.containers.pool import ContainerPool, ContainerRegistry
from constructs_lib.local.containers.process import ContainerFailed, ContainerProcess, InvocationTimedOut
from constructs_lib.local.containers.served import Served
from constructs_lib.local.errors import AwsError
from constructs_lib.local.s3io import S3, split
from constructs_lib.local.store import ModelRecord
from tests.local.conftest import ECHO, IMAGE

Start = Callable[..., ContainerProcess]


class OneObject:
    """An S3 in which every location holds the same bytes."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self, uri: str) -> bytes:
        return self._body


def s3_of(body: bytes) -> S3:
    return cast(S3, OneObject(body))


def archive(name: str, body: bytes = b"x") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(body)
        tar.addfile(member, io.BytesIO(body))
    return buffer.getvalue()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[ContainerProcess] = []

    def make(command: list[str] = ECHO, **environment: str) -> ContainerProcess:
        folder = tmp_path / str(len(started))
        (folder / "model").mkdir(parents=True)
        started.append(ContainerProcess("any", command, folder, environment))
        return started[-1]

    yield make
    for container in started:
        container.stop()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def pid_of(container: Served) -> int:
    return int(container.invoke(b"!pid", {}, 5)[2])


def test_a_container_answers_with_status_headers_and_body(start: Start) -> None:
    container = start()
    container.wait_healthy(10)
    status, headers, body = container.invoke(b"hello", {"Accept": "text/csv"}, 5)
    assert (status, headers["content-type"], body) == (200, "text/csv", b"HELLO")


def test_a_container_that_is_too_slow_for_an_invocation_times_out(start: Start) -> None:
    container = start()
    container.wait_healthy(10)
    with pytest.raises(InvocationTimedOut):
        container.invoke(b"!sleep 5", {}, 0.2)


def test_execution_parameters_are_asked_for(start: Start) -> None:
    container = start(EXECUTION_PARAMETERS='{"MaxConcurrentTransforms": 4}')
    container.wait_healthy(10)
    assert container.execution_parameters() == {"MaxConcurrentTransforms": 4}


def test_a_container_without_execution_parameters_gives_none(start: Start) -> None:
    container = start()
    container.wait_healthy(10)
    assert container.execution_parameters() == {}


def test_a_container_that_never_is_healthy_fails_after_its_time_out(start: Start) -> None:
    with pytest.raises(ContainerFailed, match=r"did not pass the ping health check within 0\.5 seconds"):
        start(SICK="1").wait_healthy(0.5)


def test_a_container_that_exits_fails_at_once_with_its_last_words(start: Start) -> None:
    before = time.monotonic()
    with pytest.raises(ContainerFailed, match=r"exited with code 1 .* dead on arrival"):
        start(DEAD="1").wait_healthy(60)
    assert time.monotonic() - before < 20


def test_a_command_that_is_not_there_fails_with_its_name(start: Start) -> None:
    with pytest.raises(ContainerFailed, match="no-such-command"):
        start(["no-such-command"]).wait_healthy(10)


def test_a_crash_is_seen_and_the_container_started_again(start: Start) -> None:
    container = start()
    container.wait_healthy(10)
    before = pid_of(container)
    os.kill(before, 9)
    deadline = time.monotonic() + 10
    while not container.restarts and time.monotonic() < deadline:
        time.sleep(0.05)
    container.wait_healthy(10)
    assert pid_of(container) != before


def test_stopping_ends_the_process_and_removes_its_folder(start: Start, tmp_path: Path) -> None:
    container = start()
    container.wait_healthy(10)
    pid = pid_of(container)
    container.stop()
    assert not is_alive(pid)
    assert not (tmp_path / "0").exists()


def test_nothing_of_aws_reaches_a_container_but_what_the_model_sets(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    container = start(AWS_REGION="eu-north-1")
    container.wait_healthy(10)
    assert container.invoke(b"!environment AWS_SECRET_ACCESS_KEY", {}, 5)[2] == b""
    assert container.invoke(b"!environment AWS_REGION", {}, 5)[2] == b"eu-north-1"


def model(name: str = "any") -> ModelRecord:
    return ModelRecord(name, "arn", IMAGE, "s3://any/model.tar.gz", {}, {})


def test_one_process_serves_all_users_of_a_model_and_ends_with_the_last() -> None:
    pool = ContainerPool(ContainerRegistry({"echo": ECHO}), s3_of(archive("weights.txt", b"heavy")))
    first, second = pool.acquire(model(), "first", 10), pool.acquire(model(), "second", 10)
    assert first is second
    assert first.invoke(b"!model weights.txt", {}, 5)[2] == b"heavy"
    pid = pid_of(first)
    pool.release("any", "first")
    assert pool.running("any") is first
    pool.release("any", "second")
    assert not is_alive(pid)
    with pytest.raises(AwsError):
        pool.running("any")


def test_a_model_that_fails_to_start_leaves_nothing_in_the_pool() -> None:
    pool = ContainerPool(
        ContainerRegistry({"echo": [sys.executable, "-c", "raise SystemExit(3)"]}), s3_of(archive("a"))
    )
    with pytest.raises(ContainerFailed, match="exited with code 3"):
        pool.acquire(model(), "any", 10)
    with pytest.raises(AwsError):
        pool.running("any")


def test_an_unexpected_error_at_the_start_is_a_reason_too() -> None:
    class Broken:
        def read(self, uri: str) -> bytes:
            raise OSError("the disk is full")

    pool = ContainerPool(ContainerRegistry({"echo": ECHO}), cast(S3, Broken()))
    with pytest.raises(ContainerFailed, match="the disk is full"):
        pool.acquire(model(), "any", 10)


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com/classifier:1", "classifier"),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com/team/classifier@sha256:ab", "team/classifier"),
        ("localhost:5000/classifier", "classifier"),
        ("classifier:latest", "classifier"),
        ("team/classifier", "team/classifier"),
    ],
)
def test_the_repository_of_an_image_is_found(image: str, repository: str) -> None:
    assert ContainerRegistry.repository(image) == repository


@pytest.mark.parametrize("name", ["../outside.txt", "/absolute/../../outside.txt"])
def test_an_archive_that_would_write_outside_is_refused_or_tamed(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "deep" / "model"
    folder.mkdir(parents=True)
    with pytest.raises(AwsError, match="Failed to extract"):
        unpack(s3_of(archive(name)), "s3://any/model.tar.gz", folder)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_artifact_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AwsError, match=r"valid tar\.gz archive"):
        unpack(s3_of(b"no archive"), "s3://any/model.tar.gz", tmp_path)


def test_an_archive_keeps_its_folders(tmp_path: Path) -> None:
    unpack(s3_of(archive("code/run.sh", b"#!/bin/sh")), "s3://any/model.tar.gz", tmp_path)
    assert (tmp_path / "code" / "run.sh").read_bytes() == b"#!/bin/sh"


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(AwsError, match="'link' is neither a file nor a folder"):
        unpack(s3_of(buffer.getvalue()), "s3://any/model.tar.gz", tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("uri", "parts"), [("s3://b/a/b.txt", ("b", "a/b.txt")), ("s3://b", ("b", "")), ("s3://b/a?b#c", ("b", "a?b#c"))]
)
def test_a_location_is_split_into_bucket_and_key(uri: str, parts: Any) -> None:
    assert split(uri) == parts


def test_a_location_elsewhere_than_in_s3_is_refused() -> None:
    with pytest.raises(AwsError, match="s3://bucket/key"):
        split("https://example.com/a")
