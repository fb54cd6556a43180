"""The streaming way against streams that misbehave: the demo has to see what is not as it should be."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from constructs_lib.client import InferenceClient, StreamResult, TimedOut
from demo import streaming
from demo.dataset import DataSet
from demo.streaming import POISON, PUT, ZONES, Record, in_order, poison_kept, put, read, windows

DATA = DataSet(tuple(map(str, range(2 * ZONES))), tuple(range(2 * ZONES)))


class Stream:
    """A Kinesis client that takes records, and tells of some that it does not take."""

    def __init__(self, lost: int = 0) -> None:
        self.lost = lost
        self.taken: list[dict[str, Any]] = []

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's names
        del StreamName
        first = len(self.taken)
        self.taken += Records
        numbers = [{"SequenceNumber": str(first + place)} for place in range(len(Records))]
        return {"FailedRecordCount": self.lost, "Records": numbers}


def result(number: int, zone: str = "a") -> StreamResult:
    return StreamResult(
        id=f"shard:{number}",
        partition_key=zone,
        shard_id="shard",
        sequence_number=str(number),
        arrived_at=10.0,
        put_at=10.5,
        prediction="1",
    )


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


def test_results_that_are_late_leave_those_that_came_in_time() -> None:
    def read_results(**_: object) -> Iterator[StreamResult]:
        yield result(1)
        raise TimedOut("late")

    found, problem = read(cast(InferenceClient, SimpleNamespace(read_results=read_results)), 2)
    assert ([each.sequence_number for each in found], problem) == (["1"], "1 of 2: late")


def test_a_zone_with_results_out_of_order_is_seen() -> None:
    assert in_order([result(1), result(2, "b"), result(3), result(10)]) == 2
    assert in_order([result(1), result(2, "b"), result(10), result(3)]) == 1


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
