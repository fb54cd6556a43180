"""Publishing a batch: all of it or nothing, the marker last, over as many calls as it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from batch_publish import logic
from batch_publish.logic import BatchIncomplete
from batch_publish.settings import Settings
from tests.handlers.batches import BUCKET, PLAN, PUBLISH_ENVIRONMENT, MemoryS3
from tests.handlers.conftest import _load

SETTINGS = Settings.from_environment(PUBLISH_ENVIRONMENT)
REPORT = {
    "status": "Complete",
    "redrive_count": 0,
    "answers": 3,
    "reason": "",
    "location": "s3://outputs/report",
    "lead": "",
}
INCOMPLETE = {**REPORT, "status": "Incomplete", "reason": "1 of 2 shards failed"}
RESULTS = PLAN["results"]


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("batch_publish.handler", PUBLISH_ENVIRONMENT)


@pytest.fixture
def s3() -> MemoryS3:
    found = MemoryS3()
    shards = {
        f"shards/{number}/{name}": name.encode() for number in (0, 1) for name in ("manifest.json", "result.json")
    }
    answers = {"shards/0/answers/a.out": b"A", "shards/0/answers/deep/b.out": b"B", "shards/1/answers/c.out": b"C"}
    found.fill(
        BUCKET, {f"{PLAN['work']}{key}": body for key, body in {**shards, **answers, "report.json": b"{}"}.items()}
    )
    return found


def event(report: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    return {"plan": PLAN, "report": report or REPORT, "redrive_count": 0, "start_after": None, **members}


def test_answers_of_all_shards_come_together_and_the_marker_is_last(handler: ModuleType, s3: MemoryS3) -> None:
    answer = handler.Publisher(SETTINGS, s3=s3).publish(event(), lambda: 900_000)
    assert s3.keys(BUCKET, RESULTS) == [
        f"{RESULTS}{name}"
        for name in ("_SUCCESS", "answers/a.out", "answers/c.out", "answers/deep/b.out", "report.json")
    ]
    assert s3.log[-1] == ("put", f"{RESULTS}_SUCCESS")
    assert answer == {"output": f"s3://{BUCKET}/{RESULTS}answers/", "report": f"s3://{BUCKET}/{RESULTS}report.json"}


def test_an_earlier_batch_at_the_same_place_goes_first_and_its_marker_before_it(
    handler: ModuleType, s3: MemoryS3
) -> None:
    s3.fill(BUCKET, {f"{RESULTS}_SUCCESS": b"{}", f"{RESULTS}answers/gone.out": b"old"})
    handler.Publisher(SETTINGS, s3=s3).publish(event(), lambda: 900_000)
    assert s3.log[:2] == [("delete", f"{RESULTS}_SUCCESS"), ("delete", f"{RESULTS}answers/gone.out")]
    assert f"{RESULTS}answers/gone.out" not in s3.keys(BUCKET)


def test_what_there_is_no_time_for_is_left_to_another_call(
    handler: ModuleType, s3: MemoryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logic, "_MOST_OBJECTS", 2)
    publisher = handler.Publisher(SETTINGS, s3=s3)
    following, calls = None, 0
    while "output" not in (answer := publisher.publish(event(start_after=following), lambda: 299_000)):
        assert f"{RESULTS}_SUCCESS" not in s3.keys(BUCKET)
        following, calls = answer["next"], calls + 1
        assert calls < 10
    copied = [key for action, key in s3.log if action == "copy" and "/answers/" in key]
    assert sorted(copied) == [f"{RESULTS}answers/{name}" for name in ("a.out", "c.out", "deep/b.out")], "each once"


def test_a_portion_of_large_objects_holds_fewer_of_them() -> None:
    large = 9 * 1024**3
    assert list(logic.portions([("a", large), ("b", large), ("c", large), ("d", 3 * large), ("e", 1)])) == [
        ["a", "b"],
        ["c"],
        ["d"],
        ["e"],
    ]
    assert [len(portion) for portion in logic.portions((str(number), 1) for number in range(1001))] == [500, 500, 1]


def test_an_object_that_is_too_large_for_one_call_is_copied_in_parts(
    handler: ModuleType, s3: MemoryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured = []
    monkeypatch.setattr(s3, "copy", lambda *_, Config=None: configured.append(Config))  # noqa: N803 as boto3 calls it
    handler.Publisher(SETTINGS, s3=s3).publish(event(), lambda: 900_000)
    assert {config.multipart_threshold for config in configured if config} == {128 * 1024**2}


def test_an_incomplete_batch_fails_and_nothing_is_copied(handler: ModuleType, s3: MemoryS3) -> None:
    said = r'1 of 2 shards failed; nothing was published; report: s3://.* start one with \{"resume": "nightly-1"\}'
    with pytest.raises(BatchIncomplete, match=said):
        handler.Publisher(SETTINGS, s3=s3).publish(event(INCOMPLETE), lambda: 900_000)
    assert s3.keys(BUCKET, RESULTS) == []


@pytest.mark.parametrize(("reported", "now", "again"), [(0, 1, True), (1, 2, True), (0, 3, True)])
def test_an_execution_that_was_redriven_since_its_report_runs_the_failed_shards(
    reported: int, now: int, again: bool
) -> None:
    report = {**INCOMPLETE, "redrive_count": reported}
    assert logic.is_to_be_run_again(event(report, redrive_count=now)) is again


def test_a_complete_batch_whose_publication_failed_is_published_by_the_redrive() -> None:
    assert logic.is_to_be_run_again(event(REPORT, redrive_count=1)) is False


@pytest.mark.parametrize(
    ("key", "published"),
    [
        ("work/nightly-1/shards/12/answers/a/b.out", "results/2026-11-21/nightly-1/answers/a/b.out"),
        ("work/nightly-1/shards/12/answers/x/answers/b.out", "results/2026-11-21/nightly-1/answers/x/answers/b.out"),
        ("work/nightly-1/shards/12/manifest.json", None),
        ("work/nightly-1/shards/12/result.json", None),
    ],
)
def test_answers_alone_are_published(key: str, published: str | None) -> None:
    assert logic.published_key(key, PLAN, "") == published


def test_a_folder_that_sagemaker_put_before_all_names_is_left_out() -> None:
    key = "work/nightly-1/shards/0/answers/in/deep/in/b.out"
    assert logic.published_key(key, PLAN, "in/") == "results/2026-11-21/nightly-1/answers/deep/in/b.out"


def test_a_publication_is_logged_under_its_run(
    handler: ModuleType, s3: MemoryS3, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    handler.Publisher(SETTINGS, s3=s3).publish(event(), lambda: 900_000)
    assert logged() == [{"correlation_id": PLAN["run"], "Outcome": "Published", "Place": RESULTS}]
