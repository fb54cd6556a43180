"""Writes down how a shard ended: whether each of its inputs has an answer, and as many records as it."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from batch_verify import logic
from batch_verify.settings import Settings

_AT_ONCE = 16
_CHUNK = 1024 * 1024
_DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error)


class Verifier:
    """Verifies the shards of a pipeline. The client is handed in."""

    def __init__(self, settings: Settings, *, s3: Any) -> None:
        self._settings = settings
        self._s3 = s3

    def verify(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Look at the answers of a shard and write its ``result.json``; the answer says the status alone."""
        place = f"{event['work']}shards/{event['shard']}/"
        event = {**event, "attempts": logic.as_attempts(event["attempts"])}
        manifest = self._s3.get_object(Bucket=self._settings.output_bucket_name, Key=f"{place}manifest.json")
        prefix, names = logic.inputs_of(json.loads(manifest["Body"].read()))
        answers = set(self._listed(f"{place}answers/"))
        lead = logic.lead_of(names, answers)
        absent = logic.missing(names, answers, lead)
        counts: Mapping[str, tuple[int | None, int]] = {}
        if self._settings.counts_records and logic.failure(event) is None:
            present = sorted(set(names) - set(absent))
            counts = self._counted(prefix, present, f"{place}answers/{lead}")
        found = logic.result(event, names, absent, counts, lead)
        body = json.dumps(found).encode()
        self._s3.put_object(Bucket=self._settings.output_bucket_name, Key=f"{place}result.json", Body=body)
        told = {"shard": found["shard"], "status": found["status"]}
        print(json.dumps({"correlation_id": logic.run_of(event), "Outcome": told["status"], "Shard": told["shard"]}))
        return told

    def _counted(self, prefix: str, names: list[str], answers: str) -> dict[str, tuple[int | None, int]]:
        source = urlsplit(prefix).netloc
        folder = prefix.removeprefix(f"s3://{source}/")

        def count(name: str) -> tuple[int | None, int]:
            read: int | None = None
            with suppress(*_DAMAGED):
                read = logic.records(self._chunks(source, f"{folder}{name}", is_packed=self._settings.is_packed))
            answered = self._chunks(self._settings.output_bucket_name, f"{answers}{name}.out", is_packed=False)
            return read, logic.records(answered)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(names, pool.map(count, names), strict=True))

    def _chunks(self, bucket: str, key: str, *, is_packed: bool) -> Iterator[bytes]:
        body = self._s3.get_object(Bucket=bucket, Key=key)["Body"]
        source = gzip.GzipFile(fileobj=body) if is_packed else body
        while chunk := source.read(_CHUNK):
            yield chunk

    def _listed(self, prefix: str) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._settings.output_bucket_name, Prefix=prefix
        )
        for page in pages:
            for each in page.get("Contents", []):
                yield each["Key"].removeprefix(prefix)


_verifier = Verifier(
    Settings.from_environment(os.environ), s3=boto3.client("s3", config=Config(max_pool_connections=2 * _AT_ONCE))
)


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Lambda's entry point."""
    del context
    return _verifier.verify(event)
