"""The files that the ResultWriter of a distributed Map leaves in S3. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from constructs_lib.local.store import Payload

_FILES = {"SUCCEEDED": "SUCCEEDED", "FAILED": "FAILED", "ABORTED": "FAILED", "TIMED_OUT": "FAILED"}


def result_files(bucket: str, folder: str, map_run: str, children: Sequence[Payload]) -> dict[str, bytes]:
    """Bodies by key: the child executions by what became of them, and a manifest that lists these files."""
    kinds: dict[str, list[Payload]] = {"SUCCEEDED": [], "FAILED": [], "PENDING": []}
    for child in children:
        kinds[_FILES.get(child.get("status", ""), "PENDING")].append(described(child))
    bodies = {f"{folder}/{kind}_0.json": json.dumps(rows).encode() for kind, rows in kinds.items() if rows}
    listed: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for key, body in bodies.items():
        listed[key.rpartition("/")[2].partition("_")[0]].append({"Key": key, "Size": len(body)})
    manifest = {"DestinationBucket": bucket, "MapRunArn": map_run, "ResultFiles": listed}
    return {**bodies, f"{folder}/manifest.json": json.dumps(manifest).encode()}


def described(child: Payload) -> Payload:
    """A child execution as it stands in the files: the members of DescribeExecution in upper camel case."""
    members = ("executionArn", "input", "name", "output", "startDate", "stateMachineArn", "status", "stopDate")
    given = {name: child.get(name) for name in (*members, "error", "cause", "redriveCount")}
    return {name[0].upper() + name[1:]: value for name, value in given.items() if value is not None}
