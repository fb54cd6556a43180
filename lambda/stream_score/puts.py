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
    stopped: Exception | None = None


class Unsure(Exception):
    """The stream gave no answer, or none that says whether it took the records."""


class CannotPut(Exception):
    """The stream took nothing, and will not take it a little later either."""


# Sends entries; answers for each whether it was taken, or not this time, or that nobody knows. Raises the two above.
Send = Callable[[Sequence[Entry]], Sequence[bool | None]]


def put_all(results: Sequence[Scored], settings: Settings, send: Send, deadline: Deadline) -> Put:
    """Put all, waiting while the stream is busy; stops when time is over, or when it is not known what was put."""
    put, waiting, refused = Put(), _by_key(results, settings.max_bytes_per_result), 0
    while waiting and not put.stopped:
        heads = _request(waiting, settings)
        answers, put.stopped = _sent(send, heads)
        for entry, was_taken in zip(heads, answers, strict=True):
            if was_taken is False:
                continue
            (put.done if was_taken else put.unsure).extend(result.record for result in entry.results)
            waiting[entry.key].pop(0)
            if not waiting[entry.key]:
                del waiting[entry.key]
        refused = refused + 1 if False in answers else 0
        if refused and not put.stopped:
            try:
                deadline.back_off(refused, "the result stream, which is busy")
            except HandBack as stop:
                put.stopped = stop
    return put


def _sent(send: Send, entries: Sequence[Entry]) -> tuple[Sequence[bool | None], Exception | None]:
    """The answers, and why nothing more is to be sent: what follows something unsure could come twice before it."""
    try:
        answers = send(entries)
    except Unsure as error:
        return [None] * len(entries), HandBack(f"no answer from the result stream: {error}")
    except CannotPut as error:
        return [False] * len(entries), error
    return answers, HandBack("the result stream failed on some records") if None in answers else None


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
