"""Which execution is at a run: a small object in S3, written under conditions, so that no two are.

Schedules and buckets may start an execution twice within seconds, and anybody may resume a run. Two executions would
pay for the same jobs, and the one would take back what the other has just published.
"""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

# What S3 answers when the claim is not as expected, or another write to it is under way.
_LOST = ("PreconditionFailed", "ConditionalRequestConflict")
_GONE = ("ExecutionDoesNotExist",)
_RUNNING = "RUNNING"


class Claims:
    """The claims on runs. ``states`` is a client of Step Functions."""

    def __init__(self, *, s3: Any, states: Any, bucket: str) -> None:
        self._s3 = s3
        self._states = states
        self._bucket = bucket

    def take(self, key: str, execution: str) -> str | None:
        """Claim a run for an execution; the other one that is at it, if there is one.

        A claim outlives its execution: the next one takes over what no longer runs.
        """
        if self._put(key, execution, IfNoneMatch="*"):
            return None
        found = self._s3.get_object(Bucket=self._bucket, Key=key)
        holder = str(json.loads(found["Body"].read())["execution"])
        if holder == execution:
            return None
        if self._runs(holder) or not self._put(key, execution, IfMatch=found["ETag"]):
            return holder
        return None

    def _put(self, key: str, execution: str, **condition: str) -> bool:
        body = json.dumps({"execution": execution}).encode()
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json", **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in _LOST:
                return False
            raise
        return True

    def _runs(self, execution: str) -> bool:
        try:
            return bool(self._states.describe_execution(executionArn=execution)["status"] == _RUNNING)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return False
            raise
