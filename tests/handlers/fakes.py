"""S3 as far as markers need it: it keeps objects, and heeds the conditions of a write."""

from __future__ import annotations

import hashlib
import io
import threading
from typing import Any

from botocore.exceptions import ClientError


def client_error(code: str, operation: str = "Any", status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)


class FakeS3:
    """One bucket. ``fail_next`` makes the next write fail with that code."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.fail_next: str | None = None
        self._lock = threading.Lock()

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803 as boto3 calls it
        Key: str,  # noqa: N803 as boto3 calls it
        Body: bytes,  # noqa: N803 as boto3 calls it
        ContentType: str,  # noqa: N803 as boto3 calls it
        IfNoneMatch: str | None = None,  # noqa: N803 as boto3 calls it
        IfMatch: str | None = None,  # noqa: N803 as boto3 calls it
    ) -> dict[str, Any]:
        del Bucket, ContentType
        with self._lock:
            code, self.fail_next = self.fail_next, None
            if code:
                raise client_error(code, "PutObject")
            there = self.objects.get(Key)
            if IfNoneMatch == "*" and there is not None:
                raise client_error("PreconditionFailed", "PutObject", 412)
            if IfMatch is not None and (there is None or _etag(there) != IfMatch):
                raise client_error("PreconditionFailed", "PutObject", 412)
            self.objects[Key] = Body
            return {"ETag": _etag(Body)}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 as boto3 calls them
        del Bucket
        with self._lock:
            body = self.objects[Key]
            return {"Body": io.BytesIO(body), "ETag": _etag(body)}


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
