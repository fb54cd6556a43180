"""Where results go: a Kinesis stream, in which can be looked up what is there, or Firehose, in which it cannot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from stream_score.deadline import Deadline
from stream_score.puts import CannotPut, Entry, Unsure
from stream_score.records import Record

# Clocks differ; what is read too much is passed over.
_MARGIN_SECONDS = 30
_THROTTLED = "ProvisionedThroughputExceededException"
_BUSY = (
    _THROTTLED,
    "LimitExceededException",
    "KMSThrottlingException",
    "ThrottlingException",
    "ServiceUnavailableException",
)
_CLIENT_ERRORS = range(400, 500)


class Sink(Protocol):
    """What a delivery needs of the place where results go."""

    def send(self, entries: Sequence[Entry]) -> Sequence[bool | None]:
        """Put entries, once; see ``puts.Send``."""
        ...

    def found(self, records: Sequence[Record], since: float, until: float, deadline: Deadline) -> set[str]:
        """The ids of those records whose results were put between two times."""
        ...


class ResultStream:
    """A Kinesis stream. ``kinesis`` must not repeat calls by itself: a put whose answer was lost may have worked."""

    def __init__(self, kinesis: Any, reader: Any, name: str) -> None:
        self._kinesis = kinesis
        self._reader = reader
        self._name = name

    def send(self, entries: Sequence[Entry]) -> Sequence[bool | None]:
        """One ``PutRecords``."""
        records = [{"Data": entry.data, "PartitionKey": entry.key} for entry in entries]
        answer = _sent(lambda: self._kinesis.put_records(StreamName=self._name, Records=records))
        if answer is None:
            return [False] * len(entries)
        return [_was_taken(each) for each in answer["Records"]]

    def found(self, records: Sequence[Record], since: float, until: float, deadline: Deadline) -> set[str]:
        """Read the shards of the records' keys from the one time to the other."""
        wanted, found = {record.id for record in records}, set[str]()
        hashes = {
            int.from_bytes(hashlib.md5(record.key.encode(), usedforsecurity=False).digest()) for record in records
        }
        for shard in self._shards(since - _MARGIN_SECONDS):
            first, last = (int(shard["HashKeyRange"][side]) for side in ("StartingHashKey", "EndingHashKey"))
            if any(first <= each <= last for each in hashes):
                for data in self._read(shard["ShardId"], since - _MARGIN_SECONDS, until + _MARGIN_SECONDS, deadline):
                    found |= wanted & _ids_of(data)
        return found

    def _shards(self, since: float) -> Iterator[Mapping[str, Any]]:
        """All that took records after a time, also those that were split or merged since."""
        given: dict[str, Any] = {
            "StreamName": self._name,
            "ShardFilter": {"Type": "FROM_TIMESTAMP", "Timestamp": since},
        }
        while given:
            answer = self._reader.list_shards(**given)
            yield from answer["Shards"]
            given = {"NextToken": answer["NextToken"]} if answer.get("NextToken") else {}

    def _read(self, shard_id: str, since: float, until: float, deadline: Deadline) -> Iterator[bytes]:
        started = self._reader.get_shard_iterator(
            StreamName=self._name, ShardId=shard_id, ShardIteratorType="AT_TIMESTAMP", Timestamp=since
        )
        place = started["ShardIterator"]
        while place:
            deadline.need(0, "looking into the result stream")
            answer = self._reader.get_records(ShardIterator=place)
            for record in answer["Records"]:
                if record["ApproximateArrivalTimestamp"].timestamp() > until:
                    return
                yield record["Data"]
            if not answer.get("MillisBehindLatest"):
                return
            place = answer.get("NextShardIterator")


class DeliveryStream:
    """Firehose, which nobody can look into: what is unsure is put again, under the same id."""

    def __init__(self, firehose: Any, name: str) -> None:
        self._firehose = firehose
        self._name = name

    def send(self, entries: Sequence[Entry]) -> Sequence[bool | None]:
        """One ``PutRecordBatch``."""
        records = [{"Data": entry.data} for entry in entries]
        answer = _sent(lambda: self._firehose.put_record_batch(DeliveryStreamName=self._name, Records=records))
        if answer is None:
            return [False] * len(entries)
        return ["ErrorCode" not in each for each in answer["RequestResponses"]]

    def found(self, records: Sequence[Record], since: float, until: float, deadline: Deadline) -> set[str]:
        """None."""
        del records, since, until, deadline
        return set()


def _sent(call: Callable[[], Any]) -> Any | None:
    """The answer, or None if nothing was put for now; raises ``CannotPut`` or ``Unsure``."""
    try:
        return call()
    except ClientError as error:
        if error.response["Error"]["Code"] in _BUSY:
            return None
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in _CLIENT_ERRORS:
            raise CannotPut(str(error)) from error
        raise Unsure(str(error)) from error
    except (ConnectTimeoutError, EndpointConnectionError):
        return None
    except BotoCoreError as error:
        raise Unsure(str(error)) from error


def _hash_of(key: str) -> int:
    """By which Kinesis finds the shard of a partition key."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest())


def _was_taken(each: Mapping[str, Any]) -> bool | None:
    """Throttled records were not taken; of those that failed otherwise nobody knows."""
    if "ErrorCode" not in each:
        return True
    return False if each["ErrorCode"] == _THROTTLED else None


def _ids_of(data: bytes) -> set[str]:
    """The ids of the results in a record; of lines that are something else, none."""
    found = set()
    for line in data.split(b"\n"):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            found.add(value["id"])
    return found
