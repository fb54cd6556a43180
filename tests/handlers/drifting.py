"""Captured data, baselines and environments for the tests of the drift watch."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

from constructs_lib.drift.column import summarize
from tests.handlers.batches import MemoryS3

CAPTURES, REPORTS, BASELINES = "captures", "reports", "baselines"
PREFIX = "captured/scores/AllTraffic/"
NOW = datetime(2026, 11, 21, 12, 40, tzinfo=UTC)
THRESHOLDS = {
    "population_stability_index": 0.2,
    "distance": 0.2,
    "missing_share": 0.1,
    "significance": 0.001,
    "min_records": 500,
    "min_drifted_features": 1,
}
COMMON = {
    "BASELINE_BUCKET_NAME": BASELINES,
    "BASELINE_KEY": "baseline.json",
    "REPORT_BUCKET_NAME": REPORTS,
    "THRESHOLDS": json.dumps(THRESHOLDS),
    "MAX_MEGABYTES": "16",
    "MAX_RECORDS": "5000",
    "METRIC_NAMESPACE": "Drift",
}
WATCH_ENVIRONMENT = {
    **COMMON,
    "ENDPOINT_NAME": "scores",
    "VARIANT_NAME": "AllTraffic",
    "CAPTURE_BUCKET_NAME": CAPTURES,
    "CAPTURE_PREFIX": PREFIX,
    "REPORT_PREFIX": "drift/scores/AllTraffic/",
    "WINDOW_IN_HOURS": "24",
    "PROCESSING": "{}",
}
GATE_ENVIRONMENT = {
    **COMMON,
    "GATE_NAME": "Stack/Pipeline/Before",
    "CONTENT_TYPE": "text/csv",
    "IS_PACKED": "false",
    "COLUMNS": "[]",
    "REFUSES_UNJUDGED": "false",
}


def rows(count: int, *, shift: float = 0, seed: int = 1) -> list[tuple[str, str, str]]:
    """Age, colour, and the label that the model answered."""
    draw = random.Random(seed)
    ages = [draw.gauss(40 + 10 * shift, 10) for _ in range(count)]
    return [(f"{age:.2f}", draw.choice(["red", "blue"]), str(int(age > 45))) for age in ages]


def baseline(count: int = 5000) -> dict[str, Any]:
    """What the model was trained on."""
    columns = zip(("age", "colour", "label"), zip(*rows(count, seed=7), strict=True), strict=True)
    age, colour, label = (summarize(name, texts) for name, texts in columns)
    return {"version": 1, "inputs": [age, colour], "predictions": [label]}


def captured(records: list[tuple[str, str, str]]) -> bytes:
    """A file of data capture, a line for each record."""
    return b"".join(
        json.dumps(
            {
                "captureData": {
                    "endpointInput": _part("INPUT", f"{age},{colour}\n"),
                    "endpointOutput": _part("OUTPUT", f"{label}\n"),
                },
                "eventMetadata": {"eventId": "e", "inferenceTime": "2026-11-21T09:00:00Z"},
                "eventVersion": "0",
            }
        ).encode()
        + b"\n"
        for age, colour, label in records
    )


def _part(mode: str, data: str) -> dict[str, str]:
    return {"observedContentType": "text/csv", "mode": mode, "data": data, "encoding": "CSV"}


def buckets(**files: bytes) -> MemoryS3:
    """S3 with the baseline, and files of data capture in the hours ``hNN`` of the day."""
    s3 = MemoryS3()
    s3.fill(BASELINES, {"baseline.json": json.dumps(baseline()).encode()})
    s3.fill(CAPTURES, {f"{PREFIX}2026/11/21/{name[1:]}/00-00-000-u.jsonl": body for name, body in files.items()})
    return s3
