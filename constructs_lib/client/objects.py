"""Inputs and outcomes in S3: the truth about every asynchronous request, whoever else tells of it."""

from __future__ import annotations

import io
import threading
from concurrent.futures import CancelledError
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from constructs_lib.client.locations import split
from constructs_lib.client.notifications import Outcome, Status
from constructs_lib.client.payloads import BYTES, Encoded
from constructs_lib.client.prediction import Prediction
from constructs_lib.client.retries import code_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_lib.client.connections import Connections
    from constructs_lib.client.deadline import Deadline

# S3 hides that an object is missing from those who may not list the bucket.
_MISSING = ("404", "NoSuchKey", "403", "AccessDenied", "Forbidden")


class Objects:
    """Objects by their locations."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @property
    def _s3(self) -> Any:
        return self._connections.service("s3")

    def upload(self, payload: Encoded, bucket: str, key: str, deadline: Deadline) -> str:
        """Put a payload, in parts if it is large and read piece by piece if it is a file; returns its location."""
        from boto3.s3.transfer import TransferConfig, create_transfer_manager

        with create_transfer_manager(self._s3, TransferConfig()) as transfers:
            source = io.BytesIO(payload.body) if isinstance(payload.body, bytes) else str(payload.body)
            future = transfers.upload(source, bucket, key, extra_args={"ContentType": payload.content_type})
            timer = threading.Timer(deadline.left, future.cancel)
            timer.start()
            try:
                future.result()
            except CancelledError:
                raise deadline.over() from None
            finally:
                timer.cancel()
        return f"s3://{bucket}/{key}"

    def outcome(self, output_location: str, failure_location: str | None) -> Outcome | None:
        """How a request ended, by the object that is there; None while there is neither."""
        if self._exists(output_location):
            return Outcome(status=Status.COMPLETED, location=output_location)
        if failure_location and self._exists(failure_location):
            return Outcome(status=Status.FAILED, location=failure_location)
        return None

    def read(self, location: str) -> Prediction:
        """An object as an answer."""
        bucket, key = split(location)
        answer = self._s3.get_object(Bucket=bucket, Key=key)
        return Prediction(body=answer["Body"].read(), content_type=answer.get("ContentType") or BYTES)

    def read_if_there(self, location: str) -> Prediction | None:
        """An object as an answer; None if it is missing or not to be read."""
        try:
            return self.read(location)
        except ClientError as error:
            if code_of(error) in _MISSING:
                return None
            raise

    def download(self, location: str, path: Path) -> None:
        """Write an object to a file; its folder is made."""
        bucket, key = split(location)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._s3.download_file(bucket, key, str(path))

    def below(self, location: str) -> Iterator[str]:
        """The locations of all objects below one, in the order of their keys."""
        bucket, prefix = split(location)
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for found in page.get("Contents", []):
                yield f"s3://{bucket}/{found['Key']}"

    def _exists(self, location: str) -> bool:
        bucket, key = split(location)
        try:
            self._s3.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if code_of(error) in _MISSING:
                return False
            raise
        return True
