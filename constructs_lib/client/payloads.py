"""Payloads in the content type that goes over the wire. numpy and pandas are never imported unless theirs are given."""

from __future__ import annotations

import csv
import io
import json
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs_lib.client.errors import UnsupportedPayload

CSV = "text/csv"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
NPY = "application/x-npy"
TEXT = "text/plain"
BYTES = "application/octet-stream"
_BY_SUFFIX = {
    ".csv": CSV,
    ".json": JSON,
    ".jsonl": JSON_LINES,
    ".npy": NPY,
    ".parquet": "application/x-parquet",
    ".txt": TEXT,
}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A payload as it is sent: bytes, or a file that is read when its turn comes."""

    body: bytes | Path
    content_type: str

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.body) if isinstance(self.body, bytes) else self.body.stat().st_size

    @property
    def suffix(self) -> str:
        """The file's own, or one for the content type; empty where neither is known."""
        if isinstance(self.body, Path):
            return self.body.suffix
        return next((suffix for suffix, known in _BY_SUFFIX.items() if known == base(self.content_type)), "")

    def read(self) -> bytes:
        """The bytes."""
        return self.body if isinstance(self.body, bytes) else self.body.read_bytes()


def encode(payload: object, content_type: str | None = None) -> Encoded:
    """Write a payload in ``content_type``, or in the usual one of its kind.

    Bytes, text and files (``pathlib.Path``, by suffix) go as they are. Arrays of numpy go as ``application/x-npy``,
    frames and series of pandas as ``text/csv`` without header and index, which is what SageMaker's own algorithms
    read, everything else as JSON. Arrays, frames and lists of rows also go as ``text/csv``, ``application/json`` and
    ``application/jsonlines`` when asked to.

    :raises UnsupportedPayload: if the payload cannot be written so.
    :raises FileNotFoundError: if there is no such file.
    """
    match payload:
        case Path():
            if not payload.is_file():
                folder = ", it is a folder" * payload.is_dir()
                raise FileNotFoundError(f"there is no file {payload}{folder}; give one to send")
            return Encoded(payload, content_type or type_of_file(payload))
        case bytes() | bytearray() | memoryview():
            return Encoded(bytes(payload), content_type or BYTES)
        case str():
            return Encoded(payload.encode(), content_type or TEXT)
    kind = _kind(payload)
    wanted = content_type or {"array": NPY, "frame": CSV}.get(kind, JSON)
    writer = _WRITERS.get((kind, base(wanted)))
    if writer is None:
        can = sorted(known for of, known in _WRITERS if of == kind)
        raise UnsupportedPayload(
            f"a {type(payload).__name__} can be written as {', '.join(can)}, not as {wanted}; give bytes instead"
        )
    try:
        return Encoded(writer(payload), wanted)
    except (TypeError, ValueError) as error:
        what = f"a {type(payload).__name__} cannot be written as {wanted}: {error}"
        raise UnsupportedPayload(f"{what}; give bytes instead") from error


def type_of_file(path: Path) -> str:
    """The content type by the suffix of a file's name."""
    guessed, _ = mimetypes.guess_type(path.name)
    return _BY_SUFFIX.get(path.suffix.lower()) or guessed or BYTES


def base(content_type: str) -> str:
    """A content type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def _kind(payload: object) -> str:
    """``array`` and ``frame`` are numpy's and pandas', known by their types' names: asking must not import them."""
    for ancestor in type(payload).__mro__:
        library, name = ancestor.__module__.partition(".")[0], ancestor.__name__
        if (library, name) == ("numpy", "ndarray"):
            return "array"
        if (library, name) in {("pandas", "DataFrame"), ("pandas", "Series")}:
            return "frame"
    return "object"


def _json(payload: object) -> str:
    return json.dumps(payload, default=_plain, allow_nan=False, separators=(",", ":"))


def _plain(value: object) -> object:
    """What json does not know: scalars and arrays of numpy inside other objects."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not serializable as JSON")


def _json_lines(rows: Any) -> bytes:
    if isinstance(rows, Mapping) or not isinstance(rows, Sequence):
        raise TypeError("give a list with an item for each line")
    return "".join(f"{_json(row)}\n" for row in rows).encode()


def _csv(rows: Any) -> bytes:
    if isinstance(rows, Mapping) or not isinstance(rows, Sequence):
        raise TypeError("give a row, or a list of rows")
    is_table = bool(rows) and all(isinstance(row, Sequence) and not isinstance(row, str) for row in rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows if is_table else [rows])
    return text.getvalue().encode()


def _npy(array: Any) -> bytes:
    import numpy

    buffer = io.BytesIO()
    numpy.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _array_csv(array: Any) -> bytes:
    if array.ndim > 2:
        raise ValueError(f"an array of {array.ndim} dimensions is no table; give 1 or 2")
    return _csv(array.tolist() if array.ndim else [array.tolist()])


def _frame_csv(frame: Any) -> bytes:
    return str(frame.to_csv(header=False, index=False)).encode()


def _frame_json(frame: Any) -> bytes:
    orient = {"orient": "records"} if hasattr(frame, "columns") else {"orient": "values"}
    return str(frame.to_json(**orient)).encode()


def _frame_lines(frame: Any) -> bytes:
    return str(frame.to_json(orient="records", lines=True)).encode()


_WRITERS: dict[tuple[str, str], Callable[[Any], bytes]] = {
    ("array", NPY): _npy,
    ("array", CSV): _array_csv,
    ("array", JSON): lambda array: _json(array.tolist()).encode(),
    ("array", JSON_LINES): lambda array: _json_lines(array.tolist()),
    ("frame", CSV): _frame_csv,
    ("frame", JSON): _frame_json,
    ("frame", JSON_LINES): _frame_lines,
    ("object", JSON): lambda payload: _json(payload).encode(),
    ("object", JSON_LINES): _json_lines,
    ("object", CSV): _csv,
}
