"""Looks on a schedule whether an endpoint still gets, and answers, what its model was trained on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import boto3

from drift import processing
from drift.settings import Settings
from drift.watch import Watch, time_of


class JobFailed(Exception):
    """The processing job that had taken a window over has not finished it."""


class Watcher:
    """Judges a window, or hands it to a processing job. The clients are handed in."""

    def __init__(self, settings: Settings, environment: Mapping[str, str], *, s3: Any, sagemaker: Any) -> None:
        self._settings = settings
        self._environment = environment
        self._watch = Watch(settings, s3=s3)
        self._sagemaker = sagemaker

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Take the schedule's event, ``{"time": "..."}``, or what EventBridge says of a job that failed.

        Such a job raises ``JobFailed``, so that one alarm watches over function and job.
        """
        ended = event.get("detail", {})
        if "ProcessingJobName" in ended:
            name, status = ended["ProcessingJobName"], ended.get("ProcessingJobStatus")
            raise JobFailed(f"{name} is {status}: {ended.get('FailureReason', 'no reason given')}")
        at = time_of(event)
        found = self._watch.captured(at)
        told = self._settings.processing
        if processing.is_needed(told, found):
            _, end = self._watch.window(at)
            return processing.start(self._sagemaker, processing.request(told, self._environment, at=at, end=end))
        return self._watch.run(at, found)


_watcher = Watcher(
    Settings.from_environment(os.environ), os.environ, s3=boto3.client("s3"), sagemaker=boto3.client("sagemaker")
)


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Lambda's entry point."""
    del context
    return _watcher.handle(event)
