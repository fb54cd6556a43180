"""The entry point of the processing job: the whole window, as the function would read a part of it."""

from __future__ import annotations

import json
import os

import boto3

from drift.settings import Settings
from drift.watch import Watch, time_of


def main(time: str) -> None:
    """Judge the window of a time."""
    at = time_of({"time": time})
    watch = Watch(Settings.from_environment(os.environ), s3=boto3.client("s3"))
    print(json.dumps(watch.run(at, watch.captured(at))))
