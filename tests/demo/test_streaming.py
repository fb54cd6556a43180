"""The streaming way against streams that misbehave: the demo has to see what is not as it should be."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from demo import streaming
from demo.dataset import DataSet
from demo.streaming import POISON, PUT, ZONES, Record, Results, in_order, poison_kept, put, windows

DATA = DataSet(tuple(map(str, range(2 * ZONES))), tuple(range(2 * ZONES)))


class Stream:
    """A Kinesis client that takes records, of which it loses some if told to, and answers one page after the other."""

    def __init__(self, pages: Iterator[list[dict[str, Any]]] = iter(()), lost: int = 0) -> None:
        self.pages = pages
        self.lost = lost
        self.taken: list[dict[str, Any]] = []

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        del StreamName
        first = len(self.taken)
        self.taken += Records
        numbers = [{"SequenceNumber": str(first + place)} for place in range(len(Records))]
        return {"FailedRecordCount": self.lost, "Records": numbers}

    def list_shards(self, **_: str) -> dict[str, Any]:
        return {"Shards": [{"ShardId": "shard"}]}

    def get_shard_iterator(self, **_: str) -> dict[str, Any]:
        return {"ShardIterator": "first"}

    def get_records(self, **_: str) -> dict[str, Any]:
        return {"Records": next(self.pages), "NextShardIterator": "next"}


def line(number: int, zone: str = "a") -> dict[str, Any]:
    return {"sequence_number": str(number), "partition_key": zone, "prediction": 1, "arrived_at": 10.0}


def record(*lines: dict[str, Any], at: float = 10.5) -> dict[str, Any]:
    data = "\n".join(json.dumps(each) for each in lines).encode()
    return {"Data": data, "ApproximateArrivalTimestamp": datetime.fromtimestamp(at, UTC)}


def test_every_window_has_all_zones_and_the_poison_comes_amid_them() -> None:
    records = list(windows(DATA))
    poisoned = [place for place, (_, data, _) in enumerate(records) if data == POISON]
    assert poisoned == [ZONES]
    del records[ZONES]
    assert [zone for zone, _, _ in records] == [f"zone-{number}" for number in range(ZONES)] * 2
    assert [label for _, _, label in records] == list(DATA.labels)


def test_records_are_put_in_order_and_known_by_their_numbers() -> None:
    stream = Stream()
    taken = put(stream, "s", (("zone", str(number), number) for number in range(PUT + 1)))
    assert [each["Data"] for each in stream.taken] == [str(number).encode() for number in range(PUT + 1)]
    assert taken[-1] == Record(str(PUT), "zone", PUT)


def test_a_stream_that_does_not_take_a_record_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="did not take 1 of 1"):
        put(Stream(lost=1), "s", iter([("zone", "1", 1)]))


def test_results_are_read_on_from_where_the_last_reading_ended() -> None:
    results = Results(Stream(iter([[record(line(1), line(2))], [], [record(line(3), at=12.0)]])), "s")
    assert [len(results.read()) for _ in range(3)] == [2, 2, 3]
    assert results.latencies == [500.0, 500.0, 2000.0]


def test_a_zone_with_results_out_of_order_is_seen() -> None:
    assert in_order([line(1), line(2, "b"), line(3), line(10)]) == 2
    assert in_order([line(1), line(2, "b"), line(10), line(3)]) == 1


def kept(number: int, text: str) -> dict[str, Any]:
    return {"sequence_number": str(number), "data": base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("failures", "ok"),
    [
        ([kept(2, POISON)], True),
        ([], False),
        ([kept(1, POISON)], False),
        ([kept(2, "1")], False),
        ([kept(2, POISON), kept(1, "1")], False),
        ([{"requestContext": {"condition": "RecordAgeExceeded"}}], False),
    ],
)
def test_the_failure_bucket_must_hold_the_poisoned_record_alone(failures: list[dict[str, Any]], ok: bool) -> None:
    records = [Record("1", "a", 1), Record("2", streaming.POISONED_ZONE, None)]
    assert poison_kept(failures, records).ok is ok
