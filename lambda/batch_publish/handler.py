"""Copies the answers of a complete batch to their place, and says last that they are all there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from batch_publish import logic
from batch_publish.settings import Settings

_AT_ONCE = 32
# A part is copied within S3, so it may be large: the SDK's own 8 MB would make a hundred thousand calls of a terabyte.
_PART = 128 * 1024**2
_IN_PARTS = TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART)
_MILLISECONDS = 1000


class Publisher:
    """Publishes the batches of a pipeline. The client is handed in."""

    def __init__(self, settings: Settings, *, s3: Any) -> None:
        self._settings = settings
        self._s3 = s3
        self._bucket = settings.output_bucket_name

    def publish(self, event: Mapping[str, Any], milliseconds_left: Callable[[], int]) -> dict[str, Any]:
        """Copy what there is time for; ``next`` is where another call goes on, ``again`` asks for the failed shards."""
        plan = event["plan"]
        if logic.is_to_be_run_again(event):
            return {"again": True}
        start_after = event.get("start_after")
        if start_after is None:
            self._clear(plan)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for portion in logic.portions(self._listed(f"{plan['work']}shards/", start_after)):
                list(pool.map(lambda key: self._copy(key, plan, event["report"]["lead"]), portion))
                if milliseconds_left() < self._settings.seconds_to_spare * _MILLISECONDS:
                    return {"next": portion[-1]}
        return self._finish(event)

    def _finish(self, event: Mapping[str, Any]) -> dict[str, Any]:
        plan = event["plan"]
        report = f"{plan['results']}report.json"
        self._s3.copy({"Bucket": self._bucket, "Key": f"{plan['work']}report.json"}, self._bucket, report)
        success = json.dumps({"run": plan["run"], "answers": event["report"]["answers"]}).encode()
        self._s3.put_object(Bucket=self._bucket, Key=f"{plan['results']}{self._settings.success_name}", Body=success)
        place = f"s3://{self._bucket}/{plan['results']}"
        print(json.dumps({"correlation_id": plan["run"], "Outcome": "Published", "Place": plan["results"]}))
        return {"output": f"{place}answers/", "report": f"s3://{self._bucket}/{report}"}

    def _clear(self, plan: Mapping[str, Any]) -> None:
        """Take back what lies there of an earlier batch, its marker first."""
        self._s3.delete_object(Bucket=self._bucket, Key=f"{plan['results']}{self._settings.success_name}")
        for portion in logic.portions(self._listed(f"{plan['results']}answers/", None)):
            objects = [{"Key": key} for key in portion]
            answer = self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})
            if answer.get("Errors"):
                raise RuntimeError(f"earlier answers could not be deleted: {answer['Errors'][0]}")

    def _copy(self, key: str, plan: Mapping[str, Any], lead: str) -> None:
        target = logic.published_key(key, plan, lead)
        if target is not None:
            self._s3.copy({"Bucket": self._bucket, "Key": key}, self._bucket, target, Config=_IN_PARTS)

    def _listed(self, prefix: str, start_after: str | None) -> Iterator[tuple[str, int]]:
        """Keys and sizes."""
        more = {} if start_after is None else {"StartAfter": start_after}
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix, **more)
        for page in pages:
            for each in page.get("Contents", []):
                yield each["Key"], each["Size"]


_publisher = Publisher(
    Settings.from_environment(os.environ), s3=boto3.client("s3", config=Config(max_pool_connections=2 * _AT_ONCE))
)


def handle(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's entry point."""
    return _publisher.publish(event, context.get_remaining_time_in_millis)
