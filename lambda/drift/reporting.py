"""From a sample to what everybody is told: the verdicts, their metrics in the log, the report in S3."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from drift import metrics
from drift.columns import BadBaseline, Baseline
from drift.judgement import DRIFTED, NOT_JUDGED, document_of, judge, overall
from drift.objects import document
from drift.page import page
from drift.sample import Sample
from drift.settings import Common

# Before the names of what the model answered.
PREDICTION = "prediction:"
_SHOWN = 20
# The characters of a time up to the minute.
_MINUTE = 16


def read_baseline(s3: Any, settings: Common) -> Baseline:
    """The baseline; raises ``BadBaseline`` or ``FileNotFoundError``."""
    try:
        found = document(s3, settings.baseline_bucket_name, settings.baseline_key)
    except (ValueError, RecursionError) as error:
        raise BadBaseline(f"{settings.baseline_key} is no JSON: {error!s:.200}") from error
    return Baseline.read(found)


def conclude(
    sample: Sample,
    settings: Common,
    *,
    s3: Any,
    about: Mapping[str, Any],
    dimensions: Mapping[str, str],
    place: str,
) -> dict[str, Any]:
    """Judge the sample, log its metrics, and write ``report.html`` and ``report.json`` below ``place``.

    ``about`` says what was read, beginning with its ``subject``; each line has the run of it, or else the end of its
    window. Answers with the report in short.
    """
    verdicts = [
        *judge(sample.inputs, settings.thresholds),
        *judge(sample.predictions, settings.thresholds, PREDICTION),
    ]
    drifted = [verdict.name for verdict in verdicts if verdict.status == DRIFTED]
    location = f"s3://{settings.report_bucket_name}/{place}report.html"
    summary = {
        **about,
        "status": overall(verdicts, settings.thresholds),
        "records": sample.inputs.records,
        "predictions": sample.predictions.records,
        "unreadable": sample.unreadable,
        "misshapen": sample.misshapen,
        "judged": sum(verdict.status != NOT_JUDGED for verdict in verdicts),
        "drifted": len(drifted),
        "report": location,
    }
    features = [document_of(verdict) for verdict in verdicts]
    text = json.dumps({**summary, "features": features})
    _put(s3, settings, f"{place}report.json", text, "application/json")
    _put(s3, settings, f"{place}report.html", page(summary, verdicts), "text/html; charset=utf-8")
    for line in metrics.lines(settings.metric_namespace, dimensions, summary, verdicts, time.time()):
        print(json.dumps({"correlation_id": about.get("run") or about["end"][:_MINUTE], **line}))
    return {**summary, "drifted_features": drifted[:_SHOWN]}


def _put(s3: Any, settings: Common, key: str, text: str, content_type: str) -> None:
    body = text.encode(errors="replace")  # a name may hold halves of characters
    s3.put_object(Bucket=settings.report_bucket_name, Key=key, Body=body, ContentType=content_type)
