"""The results of streaming inference, read from their stream: each once, those of a key in their order."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from constructs_lib.client.base import BaseClient
from constructs_lib.client.deadline import Deadline

# A shard answers five reads a second, of all its readers together.
_PAUSE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamResult:
    """What the model said of one record.

    ``id`` is no other record's: its shard and sequence number, or its message's id where the source is a queue, which
    has no shards. ``prediction`` is JSON where the model answers in JSON, and else the text of its line. ``arrived_at``
    is when the record came into the source, ``put_at`` when its result was put, in seconds since 1970.
    ``correlation_id`` is that of the request in which it was scored, in log lines and in captured data: the sequence
    number of the first record of that request.
    """

    id: str
    partition_key: str
    shard_id: str
    sequence_number: str
    arrived_at: float
    put_at: float
    prediction: Any
    correlation_id: str | None = None


def results_of(data: bytes, put_at: float) -> list[StreamResult]:
    """The results in one record of a result stream, in their order; what is none is passed over."""
    return [result for line in data.splitlines() if (result := _result_of(line, put_at))]


def _result_of(line: bytes, put_at: float) -> StreamResult | None:
    try:
        found = json.loads(line)
        return StreamResult(
            id=str(found["id"]),
            partition_key=str(found["partition_key"]),
            shard_id=str(found["shard_id"]),
            sequence_number=str(found["sequence_number"]),
            arrived_at=float(found["arrived_at"]),
            put_at=put_at,
            prediction=found["prediction"],
            correlation_id=_text(found.get("correlation_id")),
        )
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        return None


def _text(value: object) -> str | None:
    """Of results that were put before they had one, or by somebody else: None."""
    return value if isinstance(value, str) else None


class StreamCalls(BaseClient):
    """``read_results``."""

    def read_results(
        self, *, since: datetime | float | None = None, count: int | None = None, timeout: float = 60.0
    ) -> Iterator[StreamResult]:
        """The results of a stream, each once though it was put twice, and those of a partition key in their order.

        :param since: a moment, or seconds since 1970; by default all that the stream still has.
        :param count: read so many, waiting for those that are not there yet; by default all that are there, up to now.
        :param timeout: seconds for all of it.
        :raises NotDeployed: if there is no result stream, as where Firehose takes the results.
        :raises TimedOut: when ``timeout`` is over first.
        """
        name = self.deployed.need("result_stream", "read_results")
        deadline = Deadline(timeout, f"read_results of {name}")
        shards = _Shards(self._connections.service("kinesis"), name, since)
        seen: set[str] = set()
        while count is None or len(seen) < count:
            for result in shards.read():
                if result.id in seen:
                    continue
                seen.add(result.id)
                yield result
                if len(seen) == count:
                    return
            if count is None and shards.are_read:
                return
            deadline.check()
            time.sleep(min(_PAUSE, deadline.left))


class _Shards:
    """The places in all shards of a stream up to which it was read."""

    def __init__(self, kinesis: Any, name: str, since: datetime | float | None) -> None:
        self._kinesis = kinesis
        self._name = name
        self._start: dict[str, Any] = {"ShardIteratorType": "TRIM_HORIZON"}
        if since is not None:
            self._start = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": since}
        self._places: dict[str, str | None] = {}
        self._is_behind: dict[str, bool] = {}

    @property
    def are_read(self) -> bool:
        """Whether all that was there a moment ago has been read."""
        return not any(self._is_behind.values())

    def read(self) -> Iterator[StreamResult]:
        """What is next in each shard."""
        self._find()
        for shard_id, place in self._places.items():
            if place is not None:
                answer = self._kinesis.get_records(ShardIterator=place)
                # The end of a shard that was split or merged: its children come next.
                again = self._places[shard_id] = answer.get("NextShardIterator")
                self._is_behind[shard_id] = bool(again and answer.get("MillisBehindLatest"))
                for record in answer["Records"]:
                    yield from results_of(record["Data"], record["ApproximateArrivalTimestamp"].timestamp())

    def _find(self) -> None:
        """Begin with new shards whose parents have been read to their end, so that keys keep their order."""
        if self._places and None not in self._places.values():
            return
        listed = self._listed()
        known = {shard["ShardId"] for shard in listed}
        for shard in listed:
            parents = {shard.get("ParentShardId"), shard.get("AdjacentParentShardId")} & known
            if shard["ShardId"] in self._places:
                continue
            if all(parent in self._places and self._places[parent] is None for parent in parents):
                started = self._kinesis.get_shard_iterator(
                    StreamName=self._name, ShardId=shard["ShardId"], **self._start
                )
                self._places[shard["ShardId"]] = started["ShardIterator"]
            # Until it is begun, there may be something in it.
            self._is_behind[shard["ShardId"]] = True

    def _listed(self) -> Sequence[Mapping[str, Any]]:
        answer = self._kinesis.list_shards(StreamName=self._name)
        shards = list(answer["Shards"])
        while answer.get("NextToken"):
            answer = self._kinesis.list_shards(NextToken=answer["NextToken"])
            shards += answer["Shards"]
        return shards
