"""Puts results into a stream so that those of a key stay in order, and says for certain what was put.

The results of a key that are put at once are the lines of one record, and a key has one record in a request: so neither
the order within a request nor a request that was taken in part can make a later result overtake an earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from stream_score.deadline import Deadline, HandBack
from stream_score.logic import Scored
from stream_score.records import Record
from stream_score.settings import Settings


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of the result stream: lines of one key."""

    key: str
    results: Sequence[Scored]

    @property
    def data(self) -> bytes:
        """The lines, each with its end."""
        return b"".join(result.line + b"\n" for result in self.results)

    @property
    def size(self) -> int:
        """Bytes as the limits count them."""
        return len(self.key.encode()) + sum(len(result.line) + 1 for result in self.results)


@dataclass(slots=True)
class Put:
    """What came of a put: ``done`` for certain, ``unsure`` where the answer was lost; all else was not put.

    ``stopped`` says why, if that is not all of it.
    """

    done: list[Record] = field(default_factory=list)
    unsure: list[Record] = field(default_factory=list)
    stopped: HandBack | None = None


class Unsure(Exception):
    """The stream gave no answer, or none that says whether it took the records."""


# Sends entries; answers for each whether it was taken, or not this time, or that nobody knows.
Send = Callable[[Sequence[Entry]], Sequence[bool | None]]


def put_all(results: Sequence[Scored], settings: Settings, send: Send, deadline: Deadline) -> Put:
    """Put all, waiting while the stream is busy; stops when time is over, or when it is not known what was put."""
    put, waiting, refused = Put(), _by_key(results, settings.max_bytes_per_result), 0
    while waiting:
        heads = _request(waiting, settings)
        try:
            answers = send(heads)
        except Unsure as error:
            answers, put.stopped = [None] * len(heads), HandBack(f"no answer from the result stream: {error}")
        for entry, was_taken in zip(heads, answers, strict=True):
            records = [result.record for result in entry.results]
            if was_taken is False:
                continue
            (put.done if was_taken else put.unsure).extend(records)
            waiting[entry.key].pop(0)
            if not waiting[entry.key]:
                del waiting[entry.key]
        if put.unsure:
            put.stopped = put.stopped or HandBack("the result stream failed on some records")
            return put
        refused = refused + 1 if False in answers else 0
        if refused:
            try:
                deadline.back_off(refused, "the result stream, which is busy")
            except HandBack as stop:
                put.stopped = stop
                return put
    return put


def _by_key(results: Sequence[Scored], largest: int) -> dict[str, list[Entry]]:
    """The entries of each key in order, as few as hold its lines."""
    waiting: dict[str, list[Entry]] = {}
    for result in results:
        entries = waiting.setdefault(result.record.key, [])
        grown = Entry(result.record.key, [*entries[-1].results, result]) if entries else None
        if grown and grown.size <= largest:
            entries[-1] = grown
        else:
            entries.append(Entry(result.record.key, [result]))
    return waiting


def _request(waiting: Mapping[str, Sequence[Entry]], settings: Settings) -> list[Entry]:
    """The next entry of as many keys as a request may hold."""
    heads: list[Entry] = []
    size = 0
    for entries in waiting.values():
        size += entries[0].size
        if heads and (len(heads) == settings.max_records_per_put or size > settings.max_bytes_per_put):
            break
        heads.append(entries[0])
    return heads
