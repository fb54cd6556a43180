"""How outcomes are learnt, against a queue, a table and an S3 that lose, repeat and mix things up."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from constructs_lib.client import watch as watching
from constructs_lib.client.notifications import Outcome, Status
from constructs_lib.client.objects import Objects
from constructs_lib.client.queue import NotificationQueue
from constructs_lib.client.watch import Request, Watch

SOON = 10.0


class Queue:
    """An SQS client of one queue whose messages are invisible once received, until they are given back."""

    def __init__(self, *bodies: str) -> None:
        self.visible = [{"Body": body} for body in bodies]
        self.receives: dict[str, int] = {}
        self.deleted: list[str] = []
        self.given_back: list[tuple[str, int]] = []
        self.error: Exception | None = None

    def receive_message(self, **_: object) -> dict[str, Any]:
        if self.error:
            raise self.error
        taken, self.visible = self.visible[:10], self.visible[10:]
        if not taken:
            time.sleep(0.005)
        for message in taken:
            self.receives[message["Body"]] = self.receives.get(message["Body"], 0) + 1
        return {
            "Messages": [
                {
                    "Body": message["Body"],
                    "ReceiptHandle": message["Body"],
                    "Attributes": {"ApproximateReceiveCount": str(self.receives[message["Body"]])},
                }
                for message in taken
            ]
        }

    def delete_message_batch(self, **asked: Any) -> None:
        self.deleted += [entry["ReceiptHandle"] for entry in asked["Entries"]]

    def change_message_visibility_batch(self, **asked: Any) -> None:
        bodies = [entry["ReceiptHandle"] for entry in asked["Entries"]]
        self.given_back += [(entry["ReceiptHandle"], entry["VisibilityTimeout"]) for entry in asked["Entries"]]
        if len(self.given_back) < 3:
            self.visible += [{"Body": body} for body in bodies]


def message(inference_id: str, status: str = "Completed") -> str:
    return json.dumps(
        {
            "invocationStatus": status,
            "inferenceId": inference_id,
            "responseParameters": {"outputLocation": f"s3://told/{inference_id}"},
        }
    )


class Bucket:
    """Answers with what is there, and remembers what it was asked."""

    def __init__(self, *there: str) -> None:
        self.there = set(there)
        self.asked: list[str] = []
        self.errors: list[Exception] = []

    def outcome(self, output: str, failure: str | None) -> Outcome | None:
        self.asked.append(output)
        if self.errors:
            raise self.errors.pop(0)
        if output in self.there:
            return Outcome(status=Status.COMPLETED, location=output)
        return Outcome(status=Status.FAILED, location=failure) if failure in self.there else None


def make(bucket: Bucket, queue: Queue | None = None, **more: Any) -> Watch:
    connections: Any = SimpleNamespace(service=lambda _: queue)
    source = NotificationQueue(connections, "url") if queue else None
    return Watch(cast(Objects, bucket), source, sleep=lambda _: time.sleep(0.001), **more)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_ALONE", (0.01, 0.05))
    monkeypatch.setattr(watching, "_BESIDE_A_QUEUE", (0.1, 0.2))


def request(inference_id: str) -> Request:
    return Request(inference_id=inference_id, output_location=f"s3://out/{inference_id}", failure_location="s3://f")


def wait_for(watch: Watch, *requests: Request) -> list[Outcome]:
    for each in requests:
        watch.follow(each)
    with watch.waiting(requests):
        return [each.outcome.result(SOON) for each in requests]


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "inference-results"]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert holds()


def test_the_queue_tells_and_the_message_is_deleted() -> None:
    queue, bucket = Queue(message("a")), Bucket()
    (outcome,) = wait_for(make(bucket, queue), request("a"))
    assert outcome == Outcome(status=Status.COMPLETED, location="s3://told/a")
    until(lambda: queue.deleted == [message("a")])
    assert bucket.asked == []


def test_a_message_of_somebody_else_is_given_back_and_never_deleted() -> None:
    queue = Queue(message("theirs"), "no json", message("mine"))
    wait_for(make(Bucket(), queue), request("mine"))
    until(lambda: queue.deleted == [message("mine")])
    assert (message("theirs"), 0) in queue.given_back
    assert {body for body, _ in queue.given_back} == {message("theirs")}


def test_a_message_of_somebody_else_is_hidden_longer_when_it_comes_again() -> None:
    queue, bucket = Queue(message("theirs")), Bucket()
    watch, mine = make(bucket, queue), request("mine")
    watch.follow(mine)
    with watch.waiting([mine]):
        until(lambda: len(queue.given_back) == 3)
    assert [seconds for _, seconds in queue.given_back] == [0, 1, 5]


def test_a_lost_message_does_not_lose_the_result() -> None:
    (outcome,) = wait_for(make(Bucket("s3://out/a"), Queue()), request("a"))
    assert outcome == Outcome(status=Status.COMPLETED, location="s3://out/a")


def test_without_queue_and_table_s3_tells_of_successes_and_failures() -> None:
    watch = make(Bucket("s3://out/a", "s3://f"))
    assert [each.status for each in wait_for(watch, request("a"), request("b"))] == ["Completed", "Failed"]


def test_whoever_tells_second_is_not_heard_but_the_message_is_deleted() -> None:
    queue, bucket = Queue(), Bucket("s3://out/a")
    watch, first, second = make(bucket, queue), request("a"), request("b")
    (outcome,) = wait_for(watch, first)
    assert outcome.location == "s3://out/a"
    watch.follow(second)
    with watch.waiting([second]):
        queue.visible += [{"Body": message("a", "Failed")}, {"Body": message("b")}]
        second.outcome.result(SOON)
    until(lambda: sorted(queue.deleted) == sorted([message("a", "Failed"), message("b")]))
    assert first.outcome.result().status is Status.COMPLETED


def test_the_same_message_twice_counts_once_and_both_copies_are_deleted() -> None:
    queue = Queue(message("a"), message("a"), message("b"))
    calls: list[str] = []
    one, two = request("a"), request("b")
    one.outcome.add_done_callback(lambda _: calls.append("a"))
    wait_for(make(Bucket(), queue), one, two)
    until(lambda: len(queue.deleted) == 3)
    assert calls == ["a"]


def test_a_result_nobody_holds_any_longer_is_still_recognized_as_own() -> None:
    queue = Queue()
    watch = make(Bucket(), queue)
    watch.follow(request("dropped"))
    queue.visible += [{"Body": message("dropped")}, {"Body": message("kept")}]
    wait_for(watch, request("kept"))
    until(lambda: len(queue.deleted) == 2)
    assert queue.given_back == []


def test_a_queue_that_may_not_be_read_leaves_it_to_s3(caplog: pytest.LogCaptureFixture) -> None:
    queue = Queue()
    queue.error = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ReceiveMessage")
    wait_for(make(Bucket("s3://out/a"), queue), request("a"))
    assert "read no longer, S3 is asked instead" in caplog.text


def test_a_queue_that_is_out_of_reach_for_a_moment_is_read_again() -> None:
    queue = Queue(message("a"))
    queue.error = EndpointConnectionError(endpoint_url="http://any")
    threading.Timer(0.05, lambda: setattr(queue, "error", None)).start()
    (outcome,) = wait_for(make(Bucket(), queue), request("a"))
    assert outcome.location == "s3://told/a"


def test_the_thread_begins_with_the_first_who_waits_and_ends_with_the_last() -> None:
    watch = make(Bucket())
    a, b = request("a"), request("b")
    until(lambda: threads() == [])  # those of earlier tests
    with watch.waiting([a]), watch.waiting([b]), watch.waiting([a]):
        assert len(threads()) == 1
    until(lambda: threads() == [])
    with watch.waiting([a]):
        assert len(threads()) == 1
    until(lambda: threads() == [])


def test_trouble_that_passes_is_waited_out() -> None:
    bucket = Bucket("s3://out/a")
    bucket.errors = [EndpointConnectionError(endpoint_url="http://any")] * 2
    (outcome,) = wait_for(make(bucket), request("a"))
    assert outcome.status is Status.COMPLETED


def test_trouble_that_stays_reaches_whoever_waits_and_waiting_again_is_possible() -> None:
    bucket, one = Bucket("s3://out/a"), request("a")
    bucket.errors = [ClientError({"Error": {"Code": "ExpiredToken", "Message": "old"}}, "HeadObject")]
    watch = make(bucket)
    with pytest.raises(ClientError, match="ExpiredToken"):
        wait_for(watch, one)
    (outcome,) = wait_for(watch, one)
    assert outcome.status is Status.COMPLETED


class Table:
    """A status table with some answers ready."""

    def __init__(self, **known: Outcome) -> None:
        self.known = known
        self.asked: list[list[str]] = []

    def outcomes(self, ids: Iterable[str]) -> dict[str, Outcome]:
        self.asked.append(list(ids))
        return {each: self.known[each] for each in self.asked[-1] if each in self.known}


def test_a_table_is_asked_for_many_at_once_and_s3_for_what_it_does_not_know() -> None:
    table = Table(a=Outcome(status=Status.FAILED, reason="said so"), b=Outcome(status=Status.SUBMITTED))
    bucket = Bucket("s3://out/b", "s3://out/c")
    requests = [request(each) for each in "abc"]
    found = wait_for(make(bucket, table=table), *requests)
    assert [each.status for each in found] == ["Failed", "Completed", "Completed"]
    assert found[0].reason == "said so"
    assert "s3://out/a" not in bucket.asked


def test_a_request_of_which_only_the_id_is_known_is_asked_of_the_table_alone() -> None:
    table, bucket = Table(), Bucket()
    watch, found = make(bucket, table=table), Request(inference_id="a")
    watch.follow(found)
    assert watch.ask(found) is None
    table.known["a"] = Outcome(status=Status.SUBMITTED)
    assert watch.ask(found) is None
    table.known["a"] = Outcome(status=Status.COMPLETED, location="s3://x")
    assert watch.ask(found) == Outcome(status=Status.COMPLETED, location="s3://x")
    assert bucket.asked == []


def test_a_callback_may_begin_to_wait_for_the_next() -> None:
    watch = make(Bucket("s3://out/a", "s3://out/b"))
    a, b = request("a"), request("b")
    seen: list[Status] = []

    def then(_: object) -> None:
        with watch.waiting([b]):
            seen.append(Status.SUBMITTED)

    for each in (a, b):
        watch.follow(each)
    a.outcome.add_done_callback(then)
    with watch.waiting([a]):
        a.outcome.result(SOON)
        until(lambda: bool(seen))
