"""submit, submit_all and result_of against the local AWS."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.client import (
    InferenceFailed,
    InvalidConfiguration,
    NotDeployed,
    PayloadTooLarge,
    Progress,
    Status,
    TimedOut,
    UnsupportedPayload,
)
from constructs_lib.facts import asynchronous
from constructs_lib.local import LocalAws
from tests.client.conftest import AsyncStack
from tests.local.conftest import Serve

SOON = 20.0
LONGEST = 60.0


def test_a_small_payload_goes_along_and_a_larger_one_through_s3(async_stack: AsyncStack) -> None:
    client = async_stack.client()
    largest = asynchronous.INLINE_PAYLOAD.maximum
    small = client.submit(b"x" * largest)
    assert async_stack.keys("requests/") == []
    large = client.submit(b"x" * (largest + 1), content_type="text/csv")
    assert async_stack.keys("requests/") == [f"requests/{large.inference_id}.csv"]
    assert (len(small.result(SOON).body), len(large.result(SOON).body)) == (largest, largest + 1)


def test_a_file_is_uploaded_with_its_type(async_stack: AsyncStack, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"a" * 200_000)
    result = async_stack.client(input_prefix="mine/").submit(path)
    key = f"mine/{result.inference_id}.csv"
    head = async_stack.aws.client("s3").head_object(Bucket=async_stack.bucket, Key=key)
    assert (head["ContentType"], head["ContentLength"]) == ("text/csv", 200_000)
    assert result.result(SOON).body == b"A" * 200_000


def test_what_is_in_s3_already_is_not_uploaded_again(async_stack: AsyncStack) -> None:
    async_stack.aws.client("s3").put_object(Bucket=async_stack.bucket, Key="there/in.txt", Body=b"there")
    location = f"s3://{async_stack.bucket}/there/in.txt"
    assert async_stack.client().submit(input_location=location).result(SOON).text == "THERE"


@pytest.mark.parametrize("queue", [True, False], ids=["told by the queue", "looked up in S3"])
def test_a_failure_is_raised_with_the_container_s_words(async_stack: AsyncStack, queue: bool) -> None:
    client = async_stack.client() if queue else async_stack.client(notification_queue_url=None)
    result = client.submit("!status 418")
    with pytest.raises(InferenceFailed, match=r"failed \(418\): as you wished") as caught:
        result.wait(SOON)
    assert (caught.value.reason, caught.value.status) == ("as you wished", 418)
    assert caught.value.inference_id == result.inference_id
    assert caught.value.failure_location == result.failure_location
    assert result.status() is Status.FAILED


def test_a_wait_ends_with_its_time_and_another_one_goes_on(async_stack: AsyncStack) -> None:
    result = async_stack.client().submit("!sleep 2")
    began = time.monotonic()
    with pytest.raises(TimedOut, match=f"request {result.inference_id} took longer than 0.2 s"):
        result.wait(0.2)
    assert time.monotonic() - began < 1.5
    assert result.status() is Status.SUBMITTED
    assert result.wait(SOON).result().text == "slept"


def test_two_clients_on_one_queue_each_get_exactly_their_own(local_aws: LocalAws, serve: Serve) -> None:
    stack = AsyncStack(local_aws, serve)
    clients = {name: stack.client() for name in "ab"}
    answers: dict[str, list[str]] = {}

    def use(name: str) -> None:
        sent = clients[name].submit_all([f"{name}{number}" for number in range(40)])
        answers[name] = [result.result().text for result in sent.as_completed(LONGEST)]

    threads = [threading.Thread(target=use, args=(name,)) for name in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in clients:
        assert Counter(answers[name]) == Counter(f"{name.upper()}{number}" for number in range(40))


def test_a_client_alone_leaves_no_message_on_the_queue(local_aws: LocalAws, serve: Serve) -> None:
    stack = AsyncStack(local_aws, serve)
    stack.client().submit_all(["one", "!status 400", "three"]).wait(LONGEST)
    deadline = time.monotonic() + SOON
    while stack.messages_left() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert stack.messages_left() == 0


def test_a_poisoned_one_does_not_stop_the_others_nor_does_one_that_cannot_be_sent(async_stack: AsyncStack) -> None:
    told: list[Progress] = []
    payloads = ["one", "!status 400", {1, 2}, "two"]
    sent = async_stack.client().submit_all(payloads, progress=told.append).wait(SOON)
    assert [result.status() for result in sent] == ["Completed", "Failed", "Failed", "Completed"]
    assert (sent[0].result().text, sent[3].result().text) == ("ONE", "TWO")
    with pytest.raises(InferenceFailed):
        sent[1].result()
    with pytest.raises(TypeError, match="set"):
        sent[2].result()
    assert told[-1] == Progress(what="results", done=4, total=4, failed=2)
    assert Progress(what="submitted", done=4, total=4) in told


def test_another_process_waits_by_the_locations(async_stack: AsyncStack) -> None:
    sent = async_stack.client().submit("hello")
    other = async_stack.client()
    found = other.result_of(sent.inference_id, output_location=sent.output_location)
    assert found.result(SOON).text == "HELLO"


def test_a_client_that_is_asked_for_its_own_request_has_one_wait_for_both(async_stack: AsyncStack) -> None:
    client = async_stack.client()
    first = client.submit("!sleep 0.5")
    second = client.result_of(first.inference_id, output_location=first.output_location)
    waiting = threading.Thread(target=first.wait, args=(SOON,))
    began = time.monotonic()
    waiting.start()
    second.wait(SOON)
    waiting.join()
    assert time.monotonic() - began < 3  # told by the queue: the first look into S3 comes later
    assert (first.result().text, second.result().text) == ("slept", "slept")


def test_without_location_and_table_nobody_finds_a_request(async_stack: AsyncStack) -> None:
    with pytest.raises(NotDeployed, match="needs status_table"):
        async_stack.client().result_of("any")


def test_numbers_that_aws_would_refuse_are_told_at_once_and_nothing_is_sent(async_stack: AsyncStack) -> None:
    before = async_stack.keys("requests/")
    with pytest.raises(InvalidConfiguration) as caught:
        async_stack.client().submit(
            bytes(200_000),
            inference_id="x" * 65,
            custom_attributes="x" * 1025,
            request_ttl_seconds=59,
            invocation_timeout_seconds=3601,
        )
    assert len(caught.value.problems) == 4
    assert async_stack.keys("requests/") == before


@pytest.mark.parametrize(("payload", "location", "got"), [(None, None, "neither"), ("x", "s3://a/b", "both")])
def test_a_request_has_one_input(async_stack: AsyncStack, payload: str | None, location: str | None, got: str) -> None:
    with pytest.raises(InvalidConfiguration, match=f"either a payload or input_location must be given, got {got}"):
        async_stack.client().submit(payload, input_location=location)


@pytest.mark.parametrize("payload", ["one", b"one", Path("one")])
def test_one_payload_is_not_taken_for_many(async_stack: AsyncStack, payload: Any) -> None:
    with pytest.raises(UnsupportedPayload, match=r"payloads must be several, got one \w+; use submit\(\) for it"):
        async_stack.client().submit_all(payload)


def test_a_file_over_a_gigabyte_is_refused_before_it_is_uploaded(async_stack: AsyncStack, tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(asynchronous.PAYLOAD.maximum + 1)
    with pytest.raises(PayloadTooLarge, match="batch transform reads files of any size"):
        async_stack.client().submit(path)


def test_a_large_payload_without_a_bucket_says_what_is_missing(async_stack: AsyncStack) -> None:
    with pytest.raises(NotDeployed, match="submit of 200000 bytes needs input_bucket"):
        async_stack.client(input_bucket=None).submit(bytes(200_000))
