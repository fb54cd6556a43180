"""Results of a stream are read once each, in the order of their keys, also across shards that were split."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from constructs_lib.client import InferenceClient, NotDeployed, StreamResult, TimedOut, results_of

PUT_AT = 1_790_000_000.5


def line(number: int, key: str = "a", **changed: Any) -> bytes:
    result = {
        "id": f"shardId-000000000000:{number}",
        "partition_key": key,
        "shard_id": "shardId-000000000000",
        "sequence_number": str(number),
        "arrived_at": 1.5,
        "prediction": {"price": number},
    } | changed
    return json.dumps(result).encode() + b"\n"


class Kinesis:
    """A result stream: a shard is a list of the data of its records; ``parents`` were split or merged into others."""

    def __init__(self, shards: dict[str, list[bytes]], parents: dict[str, str] | None = None) -> None:
        self.shards = shards
        self.parents = parents or {}
        self.started: list[dict[str, Any]] = []
        self.grow: list[tuple[str, bytes]] = []

    def client(self, service: str, **_: object) -> Any:
        assert service == "kinesis"
        return self

    region_name = "eu-west-1"

    def list_shards(self, *, StreamName: str = "", NextToken: str = "") -> dict[str, Any]:  # noqa: N803 as boto3 calls them
        shards = [{"ShardId": name, "ParentShardId": self.parents.get(name, "gone")} for name in self.shards]
        return {"Shards": shards[1:]} if NextToken else {"Shards": shards[:1], "NextToken": "more"}

    def get_shard_iterator(self, *, StreamName: str, ShardId: str, **start: Any) -> dict[str, str]:  # noqa: N803 as boto3 calls them
        assert StreamName == "prices"
        self.started.append(start)
        return {"ShardIterator": f"{ShardId} 0"}

    def get_records(self, *, ShardIterator: str) -> dict[str, Any]:  # noqa: N803 as boto3 calls it
        name, _, place = ShardIterator.partition(" ")
        inside, at = self.shards[name], int(place)
        records = [
            {"Data": data, "ApproximateArrivalTimestamp": datetime.fromtimestamp(PUT_AT, UTC)} for data in inside
        ]
        left = len(inside) - at - 1
        answer: dict[str, Any] = {"Records": records[at : at + 1], "MillisBehindLatest": max(left, 0)}
        if left > 0 or name not in self.parents.values():
            answer["NextShardIterator"] = f"{name} {min(at + 1, len(inside))}"
        if self.grow:
            grown, data = self.grow.pop(0)
            self.shards[grown].append(data)
        return answer


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("constructs_lib.client.stream_results.time", SimpleNamespace(sleep=lambda _: None))


def client(kinesis: Kinesis) -> InferenceClient:
    return InferenceClient(result_stream="prices", session=kinesis)


def numbers(kinesis: Kinesis, **arguments: Any) -> list[str]:
    return [result.sequence_number for result in client(kinesis).read_results(**arguments)]


def test_a_result_says_of_which_record_it_is() -> None:
    [result] = client(Kinesis({"s-0": [line(7)]})).read_results()
    assert result == StreamResult(
        id="shardId-000000000000:7",
        partition_key="a",
        shard_id="shardId-000000000000",
        sequence_number="7",
        arrived_at=1.5,
        put_at=PUT_AT,
        prediction={"price": 7},
    )


def test_a_record_holds_many_results_and_all_that_is_there_is_read() -> None:
    assert sorted(numbers(Kinesis({"s-0": [line(1) + line(2), line(3)], "s-1": [line(4, "b")]}))) == list("1234")


def test_a_result_that_was_put_twice_is_read_once() -> None:
    assert numbers(Kinesis({"s-0": [line(1), line(2), line(1) + line(3)]})) == ["1", "2", "3"]


def test_the_shards_of_a_split_are_read_after_what_was_split() -> None:
    shards = {"child-b": [line(5)], "child-a": [line(4)], "parent": [line(1), line(2), line(3)]}
    kinesis = Kinesis(shards, {"child-a": "parent", "child-b": "parent"})
    assert numbers(kinesis) == ["1", "2", "3", "5", "4"]


def test_a_count_is_waited_for() -> None:
    kinesis = Kinesis({"s-0": [line(1)]})
    kinesis.grow = [("s-0", line(number)) for number in (2, 3, 4)]
    assert numbers(kinesis, count=3) == ["1", "2", "3"]


def test_what_does_not_come_in_time_is_told() -> None:
    with pytest.raises(TimedOut, match=r"read_results of prices took longer than 0\.05 s"):
        numbers(Kinesis({"s-0": [line(1)]}), count=2, timeout=0.05)


def test_reading_begins_where_it_is_told() -> None:
    kinesis = Kinesis({"s-0": []})
    numbers(kinesis)
    numbers(kinesis, since=1_790_000_000.0)
    assert kinesis.started == [
        {"ShardIteratorType": "TRIM_HORIZON"},
        {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 1_790_000_000.0},
    ]


@pytest.mark.parametrize(
    "strange", [b"", b"text", b"[]", b'{"id": 1}', b"\xff", b"[" * 100_000, line(1, arrived_at="x")]
)
def test_what_is_no_result_is_passed_over(strange: bytes) -> None:
    assert [each.sequence_number for each in results_of(strange + b"\n" + line(2), PUT_AT)] == ["2"]


def test_without_a_result_stream_the_client_says_so() -> None:
    with pytest.raises(NotDeployed, match="read_results needs result_stream"):
        next(InferenceClient(endpoint_name="e", inference_option="realtime").read_results())
