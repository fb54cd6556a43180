"""The drift watch and the gate: captured data, batches and baselines that hold anything."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.columns import BadBaseline
from drift.settings import GateSettings
from drift.watch import time_of
from tests.handlers.batches import INPUTS, PLAN, MemoryS3
from tests.handlers.conftest import _load
from tests.handlers.drifting import (
    BASELINES,
    CAPTURES,
    GATE_ENVIRONMENT,
    NOW,
    PREFIX,
    REPORTS,
    WATCH_ENVIRONMENT,
    baseline,
    captured,
    rows,
)
from tests.handlers.hostile import BODIES, JSON, TEXTS, TRICKS, like, logged, quick, refusal
from tests.handlers.test_drift_watch import watcher

BASELINE = baseline(600)
CAPTURED = captured(rows(600))
LINE = json.loads(CAPTURED.splitlines()[0])
DATA = st.binary(max_size=120) | BODIES.map(lambda text: text.encode("utf-8", "surrogatepass"))
CONTENT_TYPES = st.sampled_from(("text/csv", "application/json", "application/jsonlines", "image/png"))


def buckets(body: bytes = CAPTURED, document: str = json.dumps(BASELINE)) -> MemoryS3:
    """A baseline, and what was captured in an hour of the window."""
    s3 = MemoryS3()
    s3.fill(BASELINES, {"baseline.json": document.encode("utf-8", "surrogatepass")})
    s3.fill(CAPTURES, {f"{PREFIX}2026/11/21/09/00-00-000-u.jsonl": body})
    return s3


@pytest.fixture(scope="module")
def watch() -> Iterator[ModuleType]:
    yield from _load("drift.handler", WATCH_ENVIRONMENT)


@pytest.fixture(scope="module")
def gate() -> Iterator[ModuleType]:
    yield from _load("drift.gate", GATE_ENVIRONMENT)


@quick
@given(lines=st.lists(DATA | like(LINE).map(lambda value: json.dumps(value).encode()), max_size=4))
def test_any_captured_line_is_read_or_counted_and_reports_lie_where_they_belong(
    watch: ModuleType, lines: list[bytes]
) -> None:
    s3 = buckets(b"\n".join(lines))
    logged(lambda: watcher(watch, s3).handle({"time": NOW.isoformat()}), namespace="Drift")
    assert {key.rpartition("/")[2] for _, key in s3.log} == {"report.json", "report.html"}
    assert all(key.startswith("drift/scores/AllTraffic/2026/11/21/12/") for _, key in s3.log)


@quick
@given(data=DATA, content_type=CONTENT_TYPES, packing=st.sampled_from(("false", "true", "damaged")))
def test_any_object_of_a_batch_is_read_or_counted(
    gate: ModuleType, data: bytes, content_type: str, packing: str
) -> None:
    s3 = buckets()
    packed = gzip.compress(data)
    s3.fill(INPUTS, {"in/a": {"false": data, "true": packed, "damaged": packed[:-5]}[packing]})
    head = [{"prefix": f"s3://{INPUTS}/in/"}]
    manifests = {f"{PLAN['work']}shards/{shard}/manifest.json": head for shard in range(2)}
    manifests[f"{PLAN['work']}shards/0/manifest.json"] = [*head, "a"]  # type: ignore[list-item]  # a name after it
    s3.fill(REPORTS, {key: json.dumps(value).encode() for key, value in manifests.items()})
    environment = {"CONTENT_TYPE": content_type, "IS_PACKED": str(packing != "false").lower()}
    settings = GateSettings.from_environment({**GATE_ENVIRONMENT, **environment})
    logged(lambda: gate.Gate(settings, s3=s3).check(PLAN), namespace="Drift")


@quick
@given(document=BODIES | JSON.map(json.dumps) | like(BASELINE).map(json.dumps))
def test_any_baseline_is_compared_with_or_refused(watch: ModuleType, document: str) -> None:
    s3 = buckets(document=document)
    logged(lambda: watcher(watch, s3).handle({"time": NOW.isoformat()}), namespace="Drift", refusals=(BadBaseline,))


@pytest.mark.parametrize("name", TRICKS)
def test_a_name_of_a_feature_is_a_dimension_and_a_text_of_the_page(watch: ModuleType, name: str) -> None:
    document = json.loads(json.dumps(BASELINE))
    document["inputs"][0]["name"] = name
    s3 = buckets(document=json.dumps(document))
    lines = logged(lambda: watcher(watch, s3).handle({"time": NOW.isoformat()}), namespace="Drift")
    dimensions = [line["Feature"] for line in lines if "Feature" in line]
    assert all(text.isascii() and text.isprintable() and 0 < len(text) <= 255 for text in dimensions)
    [page] = [body for (_, key), body in s3.objects.items() if key.endswith(".html")]
    assert b"<script" not in page


@quick
@given(event=JSON | TEXTS.map(lambda text: {"time": text}))
def test_any_event_has_a_time_or_is_refused(event: Any) -> None:
    assert len(refusal(lambda: time_of(event), ValueError)) < 400
