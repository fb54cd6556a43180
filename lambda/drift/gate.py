"""Sees before a batch runs whether its records look like those on which the model was trained."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import boto3

from drift import objects
from drift.judgement import DRIFTED, NOT_JUDGED
from drift.reporting import conclude, read_baseline
from drift.sample import Sample
from drift.settings import GateSettings

_SHOWN = 5
_WHOLE = "application/json"


class DataDrifted(Exception):
    """The batch is of other data than the model was made for."""


class NotJudged(Exception):
    """There was too little to go by, and the gate lets only what it knows pass."""


class Gate:
    """Looks at the objects of a batch. The client is handed in."""

    def __init__(self, settings: GateSettings, *, s3: Any) -> None:
        self._settings = settings
        self._s3 = s3

    def check(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        """The report in short; raises ``DataDrifted``, and ``NotJudged`` where that is refused, too."""
        settings = self._settings
        baseline = replace(read_baseline(self._s3, settings), predictions=())  # there are none before the jobs
        sample = Sample(baseline, settings.max_records)
        budget = objects.Budget(settings.max_megabytes)
        for bucket, key in self._objects(batch):
            if sample.is_full or not budget.left:
                break
            self._read(bucket, key, sample, budget)
        found = conclude(
            sample,
            settings,
            s3=self._s3,
            about={"subject": batch["source"], "run": batch["run"], "megabytes_read": round(budget.spent / 2**20, 1)},
            dimensions={"Gate": settings.gate_name},
            place=f"{batch['work']}drift/",
        )
        self._decide(found)
        return found

    def _decide(self, found: Mapping[str, Any]) -> None:
        if found["status"] == DRIFTED:
            names = ", ".join(found["drifted_features"][:_SHOWN])
            share = f"{found['drifted']} of {found['judged']} features"
            raise DataDrifted(f"{share} are not as in training, such as {names}: {found['report']}")
        if found["status"] == NOT_JUDGED and self._settings.refuses_unjudged:
            raise NotJudged(f"{found['records']} records were read, too few to judge: {found['report']}")

    def _objects(self, batch: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Bucket and key of the objects of the batch by the manifests of its shards, in no order."""
        for shard in objects.shuffled(range(batch["shard_count"]), batch["run"]):
            place = f"{batch['work']}shards/{shard}/manifest.json"
            head, *names = objects.document(self._s3, self._settings.report_bucket_name, place)
            bucket, _, folder = head["prefix"].removeprefix("s3://").partition("/")
            yield from ((bucket, folder + name) for name in objects.shuffled(names, batch["run"]))

    def _read(self, bucket: str, key: str, sample: Sample, budget: objects.Budget) -> None:
        """Line by line, but for a document of JSON, which is one."""
        settings = self._settings
        kind = settings.content_type
        document = bytearray()
        for line in objects.lines(self._s3, bucket, key, budget, is_packed=settings.is_packed):
            if isinstance(line, objects.Unread):
                sample.unreadable += 1
            elif kind == _WHOLE:
                document += line
                if len(document) > objects.LONGEST:
                    break
            elif line.strip():
                sample.add_text(line, kind, settings.columns)
            if sample.is_full:
                return
        if document:
            sample.add_text(bytes(document), kind, settings.columns)


_gate = Gate(GateSettings.from_environment(os.environ), s3=boto3.client("s3"))


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Lambda's entry point."""
    del context
    return _gate.check(event)
