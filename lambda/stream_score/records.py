"""The records of an event of Lambda's, from a Kinesis stream or an SQS queue, in the order in which they came."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stream_score.correlation import is_plain

_QUEUE = "aws:sqs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record. Its ``id`` is no other record's; it is what Lambda calls it: the event's, or the message's.

    ``position`` orders the records of a shard as text. The records of one ``key`` are in order. ``sequence_number`` is
    what a batch response names it by; ``shard_id`` is empty for a queue.
    """

    id: str
    source_arn: str
    shard_id: str
    sequence_number: str
    position: str
    key: str
    arrived_at: float
    data: bytes

    @property
    def correlation_id(self) -> str:
        """That of a request which begins with it: its number, which its producer was told; a digest of a longer one."""
        number = self.sequence_number
        return number if is_plain(number) else hashlib.sha256(str(number).encode("utf-8", "replace")).hexdigest()


def records_of(event: Mapping[str, Any]) -> list[Record]:
    """Read an event; raises ``KeyError`` or ``ValueError`` for one of another shape."""
    return [_of_queue(each) if each["eventSource"] == _QUEUE else _of_stream(each) for each in event["Records"]]


def _of_stream(each: Mapping[str, Any]) -> Record:
    kinesis = each["kinesis"]
    number = kinesis["sequenceNumber"]
    return Record(
        id=each["eventID"],
        source_arn=each["eventSourceARN"],
        shard_id=each["eventID"].rpartition(":")[0],
        sequence_number=number,
        # Numbers without leading zeros: the longer one is the greater.
        position=f"{len(number):03}{number}",
        key=kinesis["partitionKey"],
        arrived_at=float(kinesis["approximateArrivalTimestamp"]),
        data=base64.b64decode(kinesis["data"], validate=True),
    )


def _of_queue(each: Mapping[str, Any]) -> Record:
    name, attributes = each["messageId"], each["attributes"]
    return Record(
        id=name,
        source_arn=each["eventSourceARN"],
        shard_id="",
        sequence_number=name,
        position=f"{attributes['SentTimestamp']:0>15}{name}",
        key=attributes.get("MessageGroupId", name),
        arrived_at=int(attributes["SentTimestamp"]) / 1000,
        data=each["body"].encode("utf-8", "surrogatepass"),  # what is no text is refused with the other records
    )


def response_to(records: Sequence[Record], done: Collection[str]) -> dict[str, list[dict[str, str]]]:
    """The partial batch response: from the first record that is not done, all come again.

    A stream takes the first one as the place to go on from; a queue sends again what is named, and one that keeps order
    wants all later messages named too.
    """
    left = next((number for number, record in enumerate(records) if record.id not in done), len(records))
    again = records[left : left + 1] if records and records[0].shard_id else records[left:]
    return {"batchItemFailures": [{"itemIdentifier": record.sequence_number} for record in again]}
