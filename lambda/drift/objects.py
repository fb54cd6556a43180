"""Objects of S3 that may be of any size, read line by line, and never more of them than is allowed."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from botocore.exceptions import ClientError

_PIECE = 1024 * 1024
# In bytes, of a line or a document: more than a request to an endpoint may have, and little enough that whatever JSON
# it holds fits into the function's memory.
LONGEST = 32 * 1024 * 1024
_MISSING = ("404", "NoSuchKey", "NotFound")
Item = TypeVar("Item")


class Budget:
    """How many bytes may still be read, after unpacking."""

    def __init__(self, megabytes: int) -> None:
        self._bytes = megabytes * 1024 * 1024
        self.spent = 0

    @property
    def left(self) -> int:
        """In bytes."""
        return max(0, self._bytes - self.spent)


class Unread:
    """Stands for what could not be read: a line that is too long to be kept, or the rest of a damaged archive."""


def lines(s3: Any, bucket: str, key: str, budget: Budget, *, is_packed: bool = False) -> Iterator[bytes | Unread]:
    """The lines of an object, as far as the budget goes; the last one only if it is whole."""
    body: Any = s3.get_object(Bucket=bucket, Key=key)["Body"]
    stream = gzip.GzipFile(fileobj=body) if is_packed else body
    kept, is_too_long = bytearray(), False
    while piece := _read(stream, budget):
        if isinstance(piece, Unread):
            yield piece
            return
        for part in piece.splitlines(keepends=True):
            kept += b"" if is_too_long else part
            is_too_long = is_too_long or len(kept) > LONGEST
            if part.endswith(b"\n"):
                yield Unread() if is_too_long else bytes(kept)
                kept, is_too_long = bytearray(), False
    if kept and budget.left:
        yield Unread() if is_too_long else bytes(kept)


def _read(stream: Any, budget: Budget) -> bytes | Unread:
    """The next piece."""
    try:
        piece: bytes = stream.read(min(_PIECE, budget.left)) if budget.left else b""
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return Unread()
    budget.spent += len(piece)
    return piece


def captured(s3: Any, bucket: str, prefix: str, begin: datetime, end: datetime) -> list[tuple[str, int]]:
    """Keys and sizes of what data capture has written in the hours from ``begin`` until before ``end``."""
    found = []
    hour = begin
    while hour < end:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}{hour:%Y/%m/%d/%H}/")
        found += [(each["Key"], each["Size"]) for page in pages for each in page.get("Contents", [])]
        hour += timedelta(hours=1)
    return found


def shuffled(items: Sequence[Item], seed: str) -> list[Item]:
    """In an order that favours none, and is the same if the function runs again."""
    mixed = list(items)
    random.Random(seed).shuffle(mixed)
    return mixed


def document(s3: Any, bucket: str, key: str) -> Any:
    """What a JSON object says; raises ``FileNotFoundError``."""
    try:
        return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            raise FileNotFoundError(f"s3://{bucket}/{key}") from error
        raise
