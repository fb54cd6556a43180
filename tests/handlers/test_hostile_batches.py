"""Batches: what an execution is asked for, manifests and objects that anybody uploads, archives that are none."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_deadline.logic import day_of
from batch_plan import logic as planning
from batch_plan.claims import Claims
from batch_plan.settings import Settings
from batch_publish.logic import published_key
from batch_verify.logic import as_attempts
from batch_verify.settings import Settings as VerifySettings
from tests.handlers.batches import (
    BUCKET,
    INPUTS,
    PLAN,
    PLAN_ENVIRONMENT,
    VERIFY_ENVIRONMENT,
    FakeStates,
    MemoryS3,
)
from tests.handlers.conftest import _load
from tests.handlers.hostile import BODIES, JSON, KEYS, TEXTS, like, logged, quick, refusal

SETTINGS = Settings.from_environment(PLAN_ENVIRONMENT)
SHARD = "work/run/shards/0/"
ASKED: dict[str, Any] = {
    "input_prefix": "in/",
    "modified_after": "2026-11-01T00:00:00Z",
    "modified_before": "2026-12-01T00:00:00Z",
    "date": "2026-11-21",
    "feature_version": "today",
}


MEMBERS = st.sampled_from([*ASKED, "keys", "manifest", "ready", "resume"])


@pytest.fixture(scope="module")
def planner() -> Iterator[ModuleType]:
    yield from _load("batch_plan.handler", PLAN_ENVIRONMENT)


@pytest.fixture(scope="module")
def verifier() -> Iterator[ModuleType]:
    yield from _load("batch_verify.handler", VERIFY_ENVIRONMENT)


def plan(handler: ModuleType, asked: Any, s3: MemoryS3 | None = None) -> tuple[dict[str, Any], MemoryS3]:
    """The answer, which Step Functions can take on, and what was written."""
    s3 = s3 or MemoryS3()
    s3.fill(INPUTS, {"in/a": b"1", "in/b": b"2"})
    event = {
        "input": asked,
        "execution": "arn:execution:one",
        "execution_name": "one",
        "start_time": "2026-11-21T02:00:00.123Z",
    }
    claims = Claims(s3=s3, states=FakeStates(), bucket=BUCKET)
    answers: list[dict[str, Any]] = []
    logged(lambda: answers.append(handler.Planner(SETTINGS, s3=s3, claims=claims).plan(event)))
    [answer] = answers
    assert len(json.dumps(answer)) < 20_000
    assert all(key.startswith("work/") and ".." not in key.split("/") for _, key in s3.log)
    return answer, s3


@quick
@given(asked=JSON | like(ASKED) | st.dictionaries(MEMBERS, JSON))
def test_any_input_of_an_execution_is_planned_or_told_what_is_wrong(planner: ModuleType, asked: Any) -> None:
    answer, _ = plan(planner, asked)
    assert len({"problem", "note", "shards"} & answer.keys()) == 1


def test_a_hundred_thousand_unknown_members_are_told_in_a_few_words(planner: ModuleType) -> None:
    answer, _ = plan(planner, {f"unknown-{number}": 1 for number in range(100_000)})
    assert answer["problem"].endswith("unknown-4 and others")


@quick
@given(run=TEXTS.filter(bool))
def test_a_run_to_resume_is_looked_for_below_the_work_and_nowhere_else(planner: ModuleType, run: str) -> None:
    """Whatever is named like a plan elsewhere is none, as an answer that a model wrote."""
    s3 = MemoryS3()
    forged = {**PLAN, "run": run, "work": "results/", "model": SETTINGS.model_name}
    s3.fill(BUCKET, {f"work/{run}/plan.json": json.dumps(forged).encode()})
    answer, _ = plan(planner, {"resume": run}, s3)
    assert "problem" in answer


@quick
@given(document=BODIES | like([{"prefix": "s3://inputs/in/"}, "a", "b"]).map(json.dumps))
def test_any_manifest_is_planned_or_refused(planner: ModuleType, document: str) -> None:
    s3 = MemoryS3()
    s3.fill(INPUTS, {"manifest": document.encode("utf-8", "surrogatepass")})
    answer, _ = plan(planner, {"manifest": "manifest"}, s3)
    assert len({"problem", "note", "shards"} & answer.keys()) == 1


def test_a_manifest_of_any_size_is_not_read_whole(planner: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "LONGEST_MANIFEST", 100)
    s3 = MemoryS3()
    s3.fill(INPUTS, {"manifest": b" " * 101})
    answer, _ = plan(planner, {"manifest": "manifest"}, s3)
    assert answer["problem"] == "the manifest manifest must have at most 100 bytes; split it"


def test_objects_that_do_not_fit_the_memory_are_refused(planner: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "_MOST_BYTES", 400)
    answer, _ = plan(planner, {})
    assert answer["problem"] == "more than 1 objects below s3://inputs/in/ do not fit one run; name a narrower prefix"


@quick
@given(key=KEYS, lead=TEXTS, shard=st.integers(0, 9))
def test_an_answer_is_published_below_the_results_whatever_it_is_called(key: str, lead: str, shard: int) -> None:
    for found in (f"{PLAN['work']}shards/{shard}/answers/{key}", key):
        target = published_key(found, PLAN, lead)
        assert target is None or target.startswith(f"{PLAN['results']}answers/")


def packed_shard(*archives: bytes) -> MemoryS3:
    """A shard of objects that each have an answer of one line."""
    s3, names = MemoryS3(), [f"{number}.gz" for number in range(len(archives))]
    s3.fill(INPUTS, {f"in/{name}": archive for name, archive in zip(names, archives, strict=True)})
    manifest = json.dumps([{"prefix": "s3://inputs/in/"}, *names]).encode()
    s3.fill(BUCKET, {f"{SHARD}manifest.json": manifest, **{f"{SHARD}answers/{name}.out": b"1\n" for name in names}})
    return s3


def verify(handler: ModuleType, s3: MemoryS3) -> None:
    settings = replace(VerifySettings.from_environment(VERIFY_ENVIRONMENT), is_packed=True)
    attempt = {"name": "job", "instance_type": "ml.m5.large", "job": {}}
    event = {"shard": 0, "work": "work/run/", "attempts": [attempt]}
    logged(lambda: handler.Verifier(settings, s3=s3).verify(event))


@quick
@given(body=st.binary(max_size=200), cut=st.integers(0, 40))
def test_any_bytes_in_place_of_an_archive_are_told_of_the_object(verifier: ModuleType, body: bytes, cut: int) -> None:
    packed = gzip.compress(body)
    for content in (body, packed[: len(packed) - cut], packed + body):
        s3 = packed_shard(content)
        verify(verifier, s3)
        assert s3.log == [("put", f"{SHARD}result.json")]


def test_a_damaged_archive_fails_its_shard_by_name(verifier: ModuleType) -> None:
    s3 = packed_shard(gzip.compress(b"1\n2\n")[:-9], gzip.compress(b"3\n"))
    verify(verifier, s3)
    result = json.loads(s3.objects[BUCKET, f"{SHARD}result.json"])
    assert (result["status"], result["records"]) == ("Failed", 1)
    assert result["reason"] == "0.gz: its archive is damaged, and its records cannot be counted"


@quick
@given(cause=BODIES)
def test_any_cause_of_a_failed_job_is_a_reason(cause: str) -> None:
    [attempt] = as_attempts({"name": "job", "instance_type": "t", "error": "States.TaskFailed", "cause": cause})
    assert attempt["reason"].startswith("States.TaskFailed: ")


@quick
@given(time=JSON | st.sampled_from(("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01")))
def test_any_deadline_is_of_a_day_or_no_time(time: Any) -> None:
    said = refusal(lambda: day_of(time, 360, "Europe/Berlin"), ValueError)
    assert said == "" or said.startswith("the deadline must be a time such as")
