"""Keeps records that get no result: each an object of its own, with the record itself and why."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from stream_score.logic import Failed
from stream_score.records import Record
from stream_score.settings import Settings

_AT_ONCE = 16
_LONGEST_REASON = 1000
_NOT_IN_A_KEY = re.compile(r"[^a-zA-Z0-9_-]")
# S3's answers to a conditional write where the object is there, or is being written at this moment.
_THERE = ("PreconditionFailed", "ConditionalRequestConflict")


class Failures:
    """The failures of a stream, below a prefix of a bucket."""

    def __init__(self, s3: Any, settings: Settings) -> None:
        self._s3 = s3
        self._bucket = settings.failure_bucket_name
        self._prefix = settings.failure_prefix

    def keep(self, failed: Sequence[Failed]) -> None:
        """Write them; what was kept by an earlier delivery stays as it is."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._keep, failed))

    def _keep(self, failed: Failed) -> None:
        body = json.dumps(content_of(failed)).encode()
        key = f"{self._prefix}{name_of(failed.record)}"
        try:
            self._s3.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _THERE:
                raise


def name_of(record: Record) -> str:
    """The same for every delivery of a record: the day on which it arrived, its shard, its number."""
    day = datetime.fromtimestamp(record.arrived_at, UTC).date().isoformat()
    parts = (record.shard_id or "queue", record.sequence_number)
    return f"{day}/{'/'.join(_NOT_IN_A_KEY.sub('_', part) for part in parts)}.json"


def content_of(failed: Failed) -> dict[str, Any]:
    """What is kept: enough to put the record again."""
    record = failed.record
    return {
        "id": record.id,
        "source_arn": record.source_arn,
        "shard_id": record.shard_id,
        "sequence_number": record.sequence_number,
        "partition_key": record.key,
        "arrived_at": record.arrived_at,
        "correlation_id": record.correlation_id,
        "reason": failed.reason[:_LONGEST_REASON],
        "data": base64.b64encode(record.data).decode(),
    }
