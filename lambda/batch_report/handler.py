"""Reports a batch when all of its shards have ended, complete or not."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from batch_report import logic
from batch_report.settings import Settings

_AT_ONCE = 32
_MISSING = ("404", "NoSuchKey", "NotFound")


class Reporter:
    """Reports the batches of a pipeline. The client is handed in."""

    def __init__(self, settings: Settings, *, s3: Any) -> None:
        self._settings = settings
        self._s3 = s3

    def report(self, event: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Write ``report.json`` and the failed shards, for whoever runs them again; answers with both in short."""
        plan = event["plan"]
        places = [f"{plan['work']}shards/{shard}/result.json" for shard in range(plan["shard_count"])]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            results = list(pool.map(self._read, places))
        earlier = self._read(f"{plan['work']}report.json")
        found = logic.report(event, _with_earlier(results, earlier), self._settings.prices_per_hour, now)
        failed = [each["shard"] for each in found["failed"]]
        self._write(f"{plan['work']}shards.json", [{"shard": shard} for shard in failed])
        self._write(f"{plan['work']}report.json", found)
        location = f"s3://{self._settings.output_bucket_name}/{plan['work']}report.json"
        told = {"correlation_id": plan["run"], "Outcome": found["status"], "FailedShards": len(failed)}
        print(json.dumps(told))
        return {"report": logic.summary(found, earlier, location, event["redrive_count"]), "shards": failed}

    def _read(self, key: str) -> Any:
        try:
            found = self._s3.get_object(Bucket=self._settings.output_bucket_name, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
        return json.loads(found["Body"].read())

    def _write(self, key: str, content: object) -> None:
        body = json.dumps(content).encode()
        bucket = self._settings.output_bucket_name
        self._s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")


def _with_earlier(results: list[Any], earlier: Mapping[str, Any] | None) -> list[Any]:
    if earlier is None:
        return results
    pairs = zip(results, earlier["shards"], strict=True)
    return [result and logic.with_earlier_jobs(result, before) for result, before in pairs]


_reporter = Reporter(
    Settings.from_environment(os.environ), s3=boto3.client("s3", config=Config(max_pool_connections=_AT_ONCE))
)


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Lambda's entry point."""
    del context
    return _reporter.report(event, datetime.now(UTC))
