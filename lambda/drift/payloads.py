"""From a line of captured data to the records in it. Pure, and made for senders that mean ill.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html says what a line is. What the
line holds was written by whoever called the endpoint.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

# Under which member of a JSON document the records lie.
RECORDS_AT = ("instances", "predictions", "inputs", "outputs", "records", "data")
_CSV, _JSON, _LINES = "csv", "json", "lines"
# As long as the csv module takes by default, which anybody in the process may change.
_LONGEST_VALUE = 131_072
_TYPES = {
    "text/csv": _CSV,
    "application/json": _JSON,
    "application/jsonlines": _LINES,
    "application/x-jsonlines": _LINES,
    "application/jsonl": _LINES,
    "application/x-ndjson": _LINES,
}


class Unreadable(ValueError):
    """What was captured holds no records in a form that is read here."""


def parts_of(line: bytes) -> tuple[Iterator[object], Iterator[object]]:
    """The records of the request and of the answer in one captured line; raises ``Unreadable`` also as they are read.

    A part that was not captured has none.
    """
    captured = loaded(line)
    data = captured.get("captureData") if isinstance(captured, dict) else None
    if not isinstance(data, dict):
        raise Unreadable("no captured data")
    return _part(data.get("endpointInput")), _part(data.get("endpointOutput"))


def _part(part: Any) -> Iterator[object]:
    if part is None:
        return
    if not isinstance(part, dict) or not isinstance(part.get("data"), str):
        raise Unreadable("no data in it")
    content_type, encoding, text = part.get("observedContentType"), part.get("encoding"), part["data"]
    if encoding == "BASE64":
        text = _decoded(text)
    yield from records_of(text, str(content_type))


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Unreadable("no text in BASE64") from error


def records_of(text: str, content_type: str) -> Iterator[object]:
    """The records of a body by its content type, parameters left aside; raises ``Unreadable`` as they are read."""
    form = _TYPES.get(content_type.partition(";")[0].strip().lower())
    if form == _CSV:
        yield from _rows(text)
    elif form == _LINES:
        yield from (loaded(line) for line in text.splitlines() if line.strip())
    elif form == _JSON:
        yield from _of_document(loaded(text))
    else:
        raise Unreadable("its content type is not CSV, JSON or JSON Lines")


def _rows(text: str) -> Iterator[object]:
    try:
        for row in csv.reader(io.StringIO(text, newline="")):
            if any(len(value) > _LONGEST_VALUE for value in row):
                raise Unreadable(f"a value of more than {_LONGEST_VALUE} characters")
            if row:
                yield row
    except csv.Error as error:
        raise Unreadable("no CSV") from error


def _of_document(document: Any) -> Iterator[object]:
    """Records of a list, or of a list under one of the usual names; a list of plain values is one row."""
    if isinstance(document, Mapping):
        document = next((document[name] for name in RECORDS_AT if isinstance(document.get(name), list)), document)
    if not isinstance(document, list):
        yield document
    elif any(isinstance(each, (list, dict)) for each in document):
        yield from document
    else:
        yield document


def loaded(text: str | bytes) -> Any:
    """What a text of JSON says; raises ``Unreadable`` for all that is none, or is nested to exhaust the reader."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("no JSON") from error
