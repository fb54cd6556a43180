"""S3 as far as batches need it, in memory, and what a batch is in the tests of its functions."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.handlers.fakes import client_error

BUCKET = "outputs"
INPUTS = "inputs"
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
PLAN: dict[str, Any] = {
    "run": "nightly-1",
    "date": "2026-11-21",
    "source": "s3://inputs/in/",
    "work": "work/nightly-1/",
    "results": "results/2026-11-21/nightly-1/",
    "shard_count": 2,
    "objects": 3,
    "bytes": 30,
    "empty_objects": 0,
}
PLAN_ENVIRONMENT = {
    "INPUT_BUCKET_NAME": INPUTS,
    "INPUT_PREFIX": "in/",
    "OUTPUT_BUCKET_NAME": BUCKET,
    "WORK_PREFIX": "work/",
    "RESULTS_PREFIX": "results/{date}/{run}/",
    "SUCCESS_NAME": "_SUCCESS",
    "JOB_NAME_PREFIX": "transform-",
    "SUFFIXES": "[]",
    "MODIFIED_WITHIN_HOURS": "0",
    "READY_SUFFIX": "",
    "SPLIT_TYPE": "Line",
    "COMPRESSION_TYPE": "None",
    "MAX_PAYLOAD_IN_MB": "6",
    "SHARD_BY": "count",
    "SHARD_SIZE": "2",
    "MAX_SHARDS": "10",
    "IS_IDEMPOTENT": "false",
    "FINGERPRINT": "model/1",
    "TIME_ZONE": "UTC",
}
VERIFY_ENVIRONMENT = {"OUTPUT_BUCKET_NAME": BUCKET, "COUNTS_RECORDS": "true", "IS_PACKED": "false"}
REPORT_ENVIRONMENT = {"OUTPUT_BUCKET_NAME": BUCKET, "PRICES_PER_HOUR": '{"ml.m5.large": 3600}'}
PUBLISH_ENVIRONMENT = {"OUTPUT_BUCKET_NAME": BUCKET, "SUCCESS_NAME": "_SUCCESS", "SECONDS_TO_SPARE": "300"}
DEADLINE_ENVIRONMENT = {
    "OUTPUT_BUCKET_NAME": BUCKET,
    "RESULTS_PREFIX": "results/{date}/{run}/",
    "SUCCESS_NAME": "_SUCCESS",
    "LEAD_IN_MINUTES": "360",
    "TIME_ZONE": "Europe/Berlin",
    "METRIC_NAMESPACE": "Batches",
    "METRIC_NAME": "Late",
    "STATE_MACHINE_NAME": "machine",
}


class MemoryS3:
    """Buckets of objects; ``log`` holds every change in its order."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.log: list[tuple[str, str]] = []

    def fill(self, bucket: str, objects: dict[str, bytes]) -> None:
        self.objects |= {(bucket, key): body for key, body in objects.items()}

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        return sorted(key for place, key in self.objects if place == bucket and key.startswith(prefix))

    def put_object(self, **request: Any) -> None:
        there = self.objects.get((request["Bucket"], request["Key"]))
        wanted = request.get("IfMatch")
        if (request.get("IfNoneMatch") == "*" and there is not None) or wanted not in (None, _etag(there)):
            raise client_error("PreconditionFailed", "PutObject", 412)
        self.objects[request["Bucket"], request["Key"]] = request["Body"]
        self.log.append(("put", request["Key"]))

    def get_object(self, **request: Any) -> dict[str, Any]:
        body = self._found(request)
        return {"Body": io.BytesIO(body), "ETag": _etag(body)}

    def head_object(self, **request: Any) -> dict[str, Any]:
        return {"ContentLength": len(self._found(request)), "ETag": "etag", "LastModified": NOW}

    def delete_object(self, **request: Any) -> None:
        self.objects.pop((request["Bucket"], request["Key"]), None)
        self.log.append(("delete", request["Key"]))

    def delete_objects(self, **request: Any) -> dict[str, Any]:
        for each in request["Delete"]["Objects"]:
            self.delete_object(Bucket=request["Bucket"], Key=each["Key"])
        return {}

    def copy(self, source: dict[str, str], bucket: str, key: str, **_: Any) -> None:
        self.objects[bucket, key] = self._found(source)
        self.log.append(("copy", key))

    def get_paginator(self, operation: str) -> MemoryS3:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """Pages of two, so that a single page never is enough."""
        after, keys = request.get("StartAfter", ""), self.keys(request["Bucket"], request["Prefix"])
        if "Delimiter" in request:
            heads = {key[: key.index("/", len(request["Prefix"])) + 1] for key in keys}
            yield {"CommonPrefixes": [{"Prefix": head} for head in sorted(heads)]}
            return
        keys = [key for key in keys if key > after]
        for start in range(0, len(keys) or 1, 2):
            yield {"Contents": [self._listed(request["Bucket"], key) for key in keys[start : start + 2]]}

    def _listed(self, bucket: str, key: str) -> dict[str, Any]:
        return {"Key": key, "Size": len(self.objects[bucket, key]), "ETag": "etag", "LastModified": NOW}

    def _found(self, request: dict[str, Any]) -> bytes:
        try:
            return self.objects[request["Bucket"], request["Key"]]
        except KeyError:
            raise client_error("NoSuchKey", "GetObject", 404) from None


class FakeStates:
    """Executions by their ARN; those that are not there do not exist."""

    def __init__(self, **statuses: str) -> None:
        self.statuses = statuses

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803 as boto3 calls it
        if executionArn not in self.statuses:
            raise client_error("ExecutionDoesNotExist", "DescribeExecution")
        return {"status": self.statuses[executionArn]}


def _etag(body: bytes | None) -> str | None:
    return None if body is None else f'"{hash(body)}"'
