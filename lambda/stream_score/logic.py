"""From records to the lines of a request, and from an answer to results. Pure.

One record is one line of a request, and one line of the answer is its prediction: so a record must not smuggle in a
line break, nor be a blank that a model would skip. What cannot be a line is refused before it is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from stream_score.records import Record
from stream_score.settings import Settings

UTF_8 = "utf-8"


class Unfit(Exception):
    """The record cannot be sent to a model, or the answer is none to it; the text says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """A record as a line of a request."""

    record: Record
    text: bytes


@dataclass(frozen=True, slots=True)
class Scored:
    """A record and the line of its result."""

    record: Record
    line: bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """A record that gets no result, and why. ``is_suspect``: the model failed, which may be no fault of the record."""

    record: Record
    reason: str
    is_suspect: bool = False


Outcome = Scored | Failed


def line_of(record: Record, settings: Settings) -> Line:
    """The record as one line; raises ``Unfit``."""
    try:
        text = record.data.decode(UTF_8).strip("\r\n")
    except UnicodeDecodeError as error:
        raise Unfit(f"it is no UTF-8 text: {error.reason} at byte {error.start}") from error
    if not text.strip():
        raise Unfit("it is empty")
    if is_json(settings.content_type):
        text = _one_line_of_json(text)
    elif len(text.splitlines()) > 1:
        raise Unfit("it has more than one line")
    line = text.encode()
    if len(line) > settings.max_bytes_per_request:
        raise Unfit(f"it has {len(line)} bytes, more than the {settings.max_bytes_per_request} of a request")
    return Line(record, line)


def is_json(content_type: str) -> bool:
    """Whether lines of this type are JSON each."""
    return "json" in content_type.lower()


def _one_line_of_json(text: str) -> str:
    try:
        value = parse(text)
        return text if len(text.splitlines()) == 1 else _compact(value)
    except ValueError as error:
        raise Unfit(f"it is no JSON: {error}") from error


def _compact(value: Any) -> str:
    """One line of ASCII; raises ``ValueError`` for numbers that JSON does not have, as 1e999 is read."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def parse(text: str) -> Any:
    """JSON as everyone reads it: without NaN, and no deeper than Python goes; raises ``ValueError``."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def micro_batches(lines: Sequence[Line], settings: Settings) -> Iterator[Sequence[Line]]:
    """The lines in order, as many to a request as it may hold in number and in bytes, line breaks included."""
    begin, size = 0, 0
    for number, line in enumerate(lines):
        count, size = number - begin, size + len(line.text) + 1
        if count and (count == settings.max_records_per_request or size - 1 > settings.max_bytes_per_request):
            yield lines[begin:number]
            begin, size = number, len(line.text) + 1
    if begin < len(lines):
        yield lines[begin:]


def body_of(lines: Sequence[Line]) -> bytes:
    """The body of a request."""
    return b"\n".join(line.text for line in lines)


def predictions_of(body: bytes, content_type: str, count: int) -> list[Any]:
    """One prediction a record: the JSON value of a line where the answer is JSON, else its text; raises ``Unfit``."""
    try:
        text = body.decode(UTF_8).rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise Unfit("the answer is no UTF-8 text") from error
    lines = [line.rstrip("\r") for line in text.split("\n")] if text else []
    if len(lines) != count:
        raise Unfit(f"the answer has {len(lines)} lines to {count} records")
    return [_value(line) for line in lines] if is_json(content_type) else list(lines)


def _value(line: str) -> Any:
    try:
        return parse(line)
    except ValueError:
        return line


def outcome_of(record: Record, prediction: Any, correlation_id: str, settings: Settings) -> Outcome:
    """The result of a record: one line of JSON that says whose it is, so that readers can tell it from all others.

    ``correlation_id`` is that of the request in which it was.
    """
    result = {
        "id": record.id,
        "partition_key": record.key,
        "shard_id": record.shard_id,
        "sequence_number": record.sequence_number,
        "arrived_at": record.arrived_at,
        "correlation_id": correlation_id,
        "prediction": prediction,
    }
    try:
        line = _compact(result).encode()
    except (ValueError, RecursionError) as error:
        return Failed(record, f"its answer cannot be written: {error}")
    size = len(line) + 1 + len(record.key.encode())
    if size > settings.max_bytes_per_result:
        return Failed(record, f"its result has {size} bytes, more than the {settings.max_bytes_per_result} of a record")
    return Scored(record, line)
