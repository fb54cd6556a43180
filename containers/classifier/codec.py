"""Bytes to rows and predictions to bytes, in CSV, JSON and JSON Lines. Pure: no sockets, no model.

Every way in which a request can be wrong ends in one of the three exceptions below, each with a reason for the caller.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CSV = "text/csv"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
MEDIA_TYPES = (CSV, JSON, JSON_LINES)


class BadRequest(Exception):
    """The body is not what its content type promises (400)."""


class UnsupportedMediaType(Exception):
    """The content type is not one this server reads (415)."""


class NotAcceptable(Exception):
    """None of the types the caller accepts is one this server writes (406)."""


class Answer(Protocol):
    """What the codec needs to know of a prediction."""

    @property
    def label(self) -> int: ...

    @property
    def probabilities(self) -> list[float]: ...


def media_type(content_type: str | None) -> str:
    """The media type of a Content-Type header, without its parameters; CSV when there is none."""
    name = (content_type or CSV).partition(";")[0].strip().lower()
    if name not in MEDIA_TYPES:
        raise UnsupportedMediaType(f"content type must be one of {', '.join(MEDIA_TYPES)}, got {name or 'nothing'}")
    return name


def answer_type(accept: str | None, request_type: str) -> str:
    """The media type to answer in: the best the Accept header names, or the kind of the request where it is open."""
    wishes = sorted(_wishes(accept or "*/*"), key=lambda wish: -wish[0])
    for quality, name in wishes:
        if quality <= 0:
            continue
        if name in MEDIA_TYPES:
            return name
        if name == "*/*" or name == f"{request_type.partition('/')[0]}/*":
            return request_type
        if name in ("text/*", "application/*"):
            return CSV if name == "text/*" else JSON
    raise NotAcceptable(f"accept must be one of {', '.join(MEDIA_TYPES)}, got {accept}")


def _wishes(accept: str) -> Iterable[tuple[float, str]]:
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        yield quality, name


def decode(body: bytes, kind: str, columns: int) -> list[list[float]]:
    """The rows of a request body, each of exactly `columns` finite numbers; raises `BadRequest` naming the row."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"the body is not UTF-8 text: byte {error.start} cannot be read") from None
    if not text.strip():
        raise BadRequest("the body is empty: send at least one row")
    if kind == CSV:
        # Only the line feed ends a line: splitlines would also cut at control characters and shift row numbers.
        lines = text.rstrip("\r\n").split("\n")
        records: Iterable[list[Any]] = ([_from_text(cell) for cell in line.rstrip("\r").split(",")] for line in lines)
    elif kind == JSON:
        records = _instances(_parse(text, "the body"))
    else:
        lines = text.rstrip("\r\n").split("\n")
        records = (_features(_parse(line, f"row {number}"), number) for number, line in enumerate(lines, 1))
    return [_row(record, number, columns) for number, record in enumerate(records, 1)]


def encode(predictions: Sequence[Answer], kind: str) -> bytes:
    """The answer: a label a line in CSV, an object a line in JSON Lines, {"predictions": [...]} in JSON.

    Lines are parted, not ended, by a line feed: batch transform's AssembleWith=Line adds the last one by itself.
    """
    if kind == CSV:
        return "\n".join(str(prediction.label) for prediction in predictions).encode()
    objects = [{"label": item.label, "probabilities": item.probabilities} for item in predictions]
    if kind == JSON_LINES:
        return "\n".join(json.dumps(item) for item in objects).encode()
    return json.dumps({"predictions": objects}).encode()


def _parse(text: str, where: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise BadRequest(f"{where} is not valid JSON: nested too deeply") from None
    except ValueError as error:
        raise BadRequest(f"{where} is not valid JSON: {error}") from None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number in JSON")


def _instances(document: Any) -> list[Any]:
    """The rows of a JSON body: {"instances": [...]}, {"features": [...]}, a list of rows, or one plain row."""
    if isinstance(document, dict) and "instances" in document:
        document = document["instances"]
        if not isinstance(document, list):
            raise BadRequest(f"instances must be a list of rows, got {type(document).__name__}")
    elif isinstance(document, dict) or (document and isinstance(document, list) and _is_plain(document[0])):
        document = [document]
    if not isinstance(document, list):
        raise BadRequest(f'the body must be {{"instances": [...]}} or a list of rows, got {type(document).__name__}')
    if not document:
        raise BadRequest("instances is empty: send at least one row")
    return [_features(item, number) for number, item in enumerate(document, 1)]


def _is_plain(item: Any) -> bool:
    return not isinstance(item, list | dict)


def _features(item: Any, number: int) -> list[Any]:
    if isinstance(item, dict):
        if "features" not in item:
            raise BadRequest(f"row {number}: an object must have the key features")
        item = item["features"]
    if not isinstance(item, list):
        raise BadRequest(f"row {number}: must be a list of numbers, got {type(item).__name__}")
    return item


def _row(values: list[Any], number: int, columns: int) -> list[float]:
    if len(values) != columns:
        raise BadRequest(f"row {number}: must have {columns} columns, got {len(values)}")
    return [_number(value, number, column) for column, value in enumerate(values, 1)]


def _from_text(cell: str) -> float | str:
    """The number in a CSV cell, or the cell itself, for the message that will refuse it."""
    # Python alone also reads 1_000 and digits of other scripts as numbers; no other CSV reader does.
    if "_" in cell or not cell.isascii():
        return cell
    try:
        return float(cell)
    except ValueError:
        return cell


def _number(value: Any, row: int, column: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest(f"row {row}, column {column}: {_shown(value)} is not a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadRequest(f"row {row}, column {column}: must be a finite number, got {_shown(value)}")
    return number


def _shown(value: Any) -> str:
    """A value fit for a message: short, on one line, and never the conversion of an endless integer."""
    if type(value) is int:
        return "an integer too large for a float"
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
