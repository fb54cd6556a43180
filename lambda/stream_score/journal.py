"""What is known of records that were delivered before: a journal of puts in DynamoDB.

An entry is written before results are put, and again after::

    (none) --announce--> Unsure, the writer at work until T --settle--> Done
                              |
                              +--(the writer dies; after T it is looked up whether its results are there)

An entry names its records by digests, 500 of them in some 6 KB, and lies under the shard and the minute in which they
arrived; a delivery finds there what earlier ones noted, however the records were cut into batches. Whoever announces
reads again after it has written, and gives way if another delivery of the same records has announced meanwhile: so of
two that run at once, one at most goes on.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from stream_score.records import Record

_SPAN_SECONDS = 60
_DIGEST_BYTES = 12
_AT_ONCE = 16
# What a function sent before it was ended may arrive this much later; clocks differ by less.
_SETTLING_SECONDS = 2.0

S = TypeVar("S")
T = TypeVar("T")
Digests = frozenset[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One put, as far as it concerns the records of one shard and minute.

    ``failing`` are to be kept as failures, ``unsure`` may or may not have got their results since ``since``. The writer
    is at work ``until`` then; both in seconds of the epoch.
    """

    span: str
    name: str
    since: float
    until: float
    done: Digests = frozenset()
    unsure: Digests = frozenset()
    failing: Digests = frozenset()

    @property
    def all(self) -> Digests:
        """Every record that it names."""
        return self.done | self.unsure | self.failing


@dataclass(slots=True)
class Memory:
    """What the journal knows of the records of a delivery, by their ids.

    ``unsure`` are by the times between which their results may have been put. ``busy_until`` is when another delivery
    will be over that is at work on some of them now, or 0.
    """

    done: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    unsure: dict[str, tuple[float, float]] = field(default_factory=dict)
    busy_until: float = 0.0
    entries: set[str] = field(default_factory=set)


class Contended(Exception):
    """Another delivery of the same records has announced itself."""


class Journal:
    """The journal of all shards, as one delivery sees it. The client of DynamoDB is handed in."""

    def __init__(self, dynamodb: Any, *, table_name: str, expires_in: float, clock: Callable[[], float]) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._expires_in = expires_in
        self._clock = clock
        self._owner = uuid.uuid4().hex
        self._count = 0

    def recall(self, records: Sequence[Record]) -> Memory:
        """All that was noted of these records."""
        memory, ids = Memory(), {digest(record): record.id for record in records}
        for entry in self._entries(records):
            memory.entries.add(entry.name)
            memory.done |= {ids[each] for each in entry.done & ids.keys()}
            unsettled = (entry.unsure | entry.failing) & ids.keys()
            is_over = entry.until + _SETTLING_SECONDS <= self._clock()
            if unsettled and not is_over:
                memory.busy_until = max(memory.busy_until, entry.until + _SETTLING_SECONDS)
            memory.failing |= {ids[each] for each in entry.failing & ids.keys()}
            for each in entry.unsure & ids.keys():
                since, until = memory.unsure.get(ids[each], (entry.since, entry.until))
                memory.unsure[ids[each]] = (min(since, entry.since), max(until, entry.until))
        memory.unsure = {each: when for each, when in memory.unsure.items() if each not in memory.done}
        return memory

    def announce(
        self, unsure: Sequence[Record], failing: Sequence[Record], *, seconds: float, known: Memory
    ) -> list[Entry]:
        """Note what is about to be put, within so many seconds; raises ``Contended`` if another does so at once."""
        now = self._clock()
        entries = self._made(unsure, failing, now, now + seconds)
        self._write(entries)
        records = [*unsure, *failing]
        mine, named = {entry.name for entry in entries}, {digest(record) for record in records}
        for other in self._entries(records):
            if other.name not in mine | known.entries and other.all & named:
                self._write([_settled(entry, Digests(), Digests(), Digests(), now) for entry in entries])
                raise Contended(f"another delivery is at work on the same records until {other.until}")
        known.entries |= mine
        return entries

    def settle(
        self, entries: Iterable[Entry], *, done: Iterable[Record], unsure: Iterable[Record], failing: Iterable[Record]
    ) -> None:
        """Note what has become of what was announced; what is named no more is free to be done anew."""
        ended, lost, kept = (Digests(map(digest, kind)) for kind in (done, unsure, failing))
        self._write([_settled(entry, ended, lost, kept, self._clock()) for entry in entries])

    def adopt(self, records: Sequence[Record]) -> None:
        """Note that the results of these records were found where they belong."""
        now = self._clock()
        self.settle(self._made(records, [], now, now), done=records, unsure=[], failing=[])

    def _made(self, unsure: Sequence[Record], failing: Sequence[Record], since: float, until: float) -> list[Entry]:
        self._count += 1
        spans: dict[str, list[Record]] = {}
        for record in [*unsure, *failing]:
            spans.setdefault(span_of(record), []).append(record)
        puts, failures = Digests(map(digest, unsure)), Digests(map(digest, failing))
        return [
            Entry(
                span=span,
                # By the last of its records: those that end before a delivery begins are not read.
                name=f"{max(record.position for record in inside)}/{self._owner}/{self._count}",
                since=since,
                until=until,
                unsure=puts & Digests(map(digest, inside)),
                failing=failures & Digests(map(digest, inside)),
            )
            for span, inside in spans.items()
        ]

    def _entries(self, records: Sequence[Record]) -> Iterable[Entry]:
        """The entries that may name any of the records."""
        first: dict[str, str] = {}
        for record in records:
            span = span_of(record)
            first[span] = min(first.get(span, record.position), record.position)
        return [entry for entries in _at_once(self._read, list(first.items())) for entry in entries]

    def _read(self, place: tuple[str, str]) -> list[Entry]:
        span, position = place
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table_name,
            ConsistentRead=True,
            KeyConditionExpression="#span = :span AND #entry >= :position",
            ExpressionAttributeNames={"#span": "span", "#entry": "entry"},
            ExpressionAttributeValues={":span": {"S": span}, ":position": {"S": position}},
        )
        return [_entry_of(item) for page in pages for item in page["Items"]]

    def _write(self, entries: Sequence[Entry]) -> None:
        expires = {"N": str(int(self._clock() + self._expires_in))}

        def write(entry: Entry) -> None:
            item = {**_item_of(entry), "expires_at": expires}
            self._dynamodb.put_item(TableName=self._table_name, Item=item)

        _at_once(write, entries)


def _at_once(call: Callable[[S], T], each: Sequence[S]) -> list[T]:
    if len(each) == 1:  # as nearly always: no threads
        return [call(each[0])]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(call, each))


def span_of(record: Record) -> str:
    """Where the journal keeps what it knows of a record: a source, a shard, a minute of arrival."""
    name = record.source_arn.rpartition(":")[2].rpartition("/")[2]
    return f"{name}/{record.shard_id}/{int(record.arrived_at // _SPAN_SECONDS)}"


def digest(record: Record) -> bytes:
    """The record in a few bytes: of two among the millions of a minute, no two are the same by chance."""
    return hashlib.blake2b(record.position.encode(), digest_size=_DIGEST_BYTES).digest()


def _settled(entry: Entry, done: Digests, unsure: Digests, failing: Digests, now: float) -> Entry:
    return Entry(
        span=entry.span,
        name=entry.name,
        since=entry.since,
        until=min(entry.until, now),
        done=done & entry.all,
        unsure=unsure & entry.all,
        failing=failing & entry.all,
    )


def _item_of(entry: Entry) -> dict[str, Any]:
    kinds = {"done": entry.done, "unsure": entry.unsure, "failing": entry.failing}
    return {
        "span": {"S": entry.span},
        "entry": {"S": entry.name},
        "since": {"N": repr(entry.since)},
        "until": {"N": repr(entry.until)},
        **{kind: {"B": b"".join(sorted(digests))} for kind, digests in kinds.items() if digests},
    }


def _entry_of(item: Mapping[str, Any]) -> Entry:
    return Entry(
        span=item["span"]["S"],
        name=item["entry"]["S"],
        since=float(item["since"]["N"]),
        until=float(item["until"]["N"]),
        done=_digests(item, "done"),
        unsure=_digests(item, "unsure"),
        failing=_digests(item, "failing"),
    )


def _digests(item: Mapping[str, Any], kind: str) -> Digests:
    data = bytes(item.get(kind, {"B": b""})["B"])
    return Digests(data[place : place + _DIGEST_BYTES] for place in range(0, len(data), _DIGEST_BYTES))
