"""Looks at a deadline whether the batch of the day is complete, and counts it as late if it is not."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from batch_deadline import logic
from batch_deadline.settings import Settings

_MISSING = ("404", "NoSuchKey", "NotFound")


class Watch:
    """Watches the deadline of a pipeline. The clients are handed in."""

    def __init__(self, settings: Settings, *, s3: Any, cloudwatch: Any) -> None:
        self._settings = settings
        self._s3 = s3
        self._cloudwatch = cloudwatch

    def look(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Put the metric: 1 for late, 0 for in time."""
        settings = self._settings
        day = logic.day_of(event["time"], settings.lead_in_minutes, settings.time_zone)
        is_late = not any(map(self._exists, self._markers(day)))
        datum = {
            "MetricName": settings.metric_name,
            "Dimensions": [{"Name": "StateMachineName", "Value": settings.state_machine_name}],
            "Value": int(is_late),
            "Unit": "Count",
        }
        self._cloudwatch.put_metric_data(Namespace=settings.metric_namespace, MetricData=[datum])
        return {"date": day, "late": is_late}

    def _markers(self, day: str) -> Iterator[str]:
        """Where the marker of that day may lie: once, or below each run."""
        before, after = logic.place(self._settings.results_prefix, day)
        if after is None:
            yield f"{before}{self._settings.success_name}"
            return
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._settings.output_bucket_name, Prefix=before, Delimiter="/"
        )
        for page in pages:
            for run in page.get("CommonPrefixes", []):
                yield f"{run['Prefix']}{after}{self._settings.success_name}"

    def _exists(self, key: str) -> bool:
        try:
            self._s3.head_object(Bucket=self._settings.output_bucket_name, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return False
            raise
        return True


_watch = Watch(Settings.from_environment(os.environ), s3=boto3.client("s3"), cloudwatch=boto3.client("cloudwatch"))


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Lambda's entry point."""
    del context
    return _watch.look(event)
