"""Planning a batch: which objects count, what is refused before it costs anything, how shards are cut."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from batch_plan import logic
from batch_plan.claims import Claims
from batch_plan.logic import Object
from batch_plan.request import InvalidInput, Request, run_name
from batch_plan.settings import Settings
from constructs_lib.facts import transform
from tests.handlers.batches import BUCKET, INPUTS, NOW, PLAN_ENVIRONMENT, FakeStates, MemoryS3
from tests.handlers.conftest import _load

SETTINGS = Settings.from_environment(PLAN_ENVIRONMENT)
MEGABYTE = 1024 * 1024


STARTED = "2026-11-21T02:00:00.123Z"


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("batch_plan.handler", PLAN_ENVIRONMENT)


@pytest.fixture
def s3() -> MemoryS3:
    return MemoryS3()


@pytest.fixture
def states() -> FakeStates:
    return FakeStates()


@pytest.fixture
def plan(handler: ModuleType, s3: MemoryS3, states: FakeStates) -> Callable[..., dict[str, Any]]:
    def planned(
        given: dict[str, Any], *, name: str = "nightly", start_time: str = STARTED, **changed: Any
    ) -> dict[str, Any]:
        claims = Claims(s3=s3, states=states, bucket=BUCKET)
        answer = handler.Planner(replace(SETTINGS, **changed), s3=s3, claims=claims).plan(
            event(given, name, start_time)
        )
        return dict(answer)

    return planned


def event(given: Any, name: str = "nightly", start_time: str = STARTED) -> dict[str, Any]:
    return {"execution": name, "execution_name": name, "start_time": start_time, "input": given}


def request(given: dict[str, Any], **changed: Any) -> Request:
    return Request.from_event(event(given), replace(SETTINGS, **changed))


def an_object(key: str, size: int = 1, age: timedelta = timedelta(0)) -> Object:
    return Object(key, size, "etag", NOW - age)


@pytest.mark.parametrize("name", ["nightly", "a_b.c-é", "--", "x" * 80, "0d6a7f3e-6a9e-4b55-9a1c-5d3f2b7c8e90"])
def test_every_execution_gets_job_names_that_sagemaker_takes(name: str) -> None:
    longest = f"transform-{run_name(name, NOW)}-9999-999-99"
    assert transform.JOB_NAME.allows(longest), longest


def test_an_execution_with_the_name_of_an_earlier_one_gets_other_job_names() -> None:
    assert run_name("nightly", NOW) != run_name("nightly", NOW + timedelta(days=91))


def test_the_prefix_is_the_configured_one_unless_the_execution_names_another() -> None:
    assert request({}).prefix == "in/"
    assert request({"input_prefix": "elsewhere/"}).prefix == "elsewhere/"
    assert request({"input_prefix": ""}).prefix == ""


def test_a_marker_names_its_folder() -> None:
    assert request({"ready": "in/2026-11-21/_READY"}).prefix == "in/2026-11-21/"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"input_prefix": "a/", "keys": ["a"]}, "one source, got input_prefix and keys"),
        ([], "must be an object such as {}"),
        ("text", "must be an object such as {}"),
        (None, "must be an object such as {}"),
        ({"prefix": "a/"}, "may hold input_prefix, manifest, keys, "),
        ({"resume": "run", "keys": ["a"]}, "leave out keys"),
        ({"manifest": ""}, "manifest in the input of the execution must not be empty"),
        ({"keys": ["a", ""]}, "none of them empty"),
        ({"keys": ["s3://inputs/"]}, "must be an object of the input bucket inputs"),
        ({"keys": "a.csv"}, "must be a list of texts"),
        ({"manifest": 1}, "manifest in the input of the execution must be a text"),
        ({"modified_after": "yesterday"}, "modified_after must be a time"),
        ({"date": "today"}, "date must be a day"),
    ],
)
def test_an_input_that_cannot_be_meant_is_a_problem(
    plan: Callable[..., dict[str, Any]], given: Any, problem: str
) -> None:
    assert problem in plan(given)["problem"]


def test_what_step_functions_itself_puts_into_an_input_is_no_problem() -> None:
    given = {"Comment": "Insert your JSON here", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "arn"}
    assert request(given).prefix == "in/"


def test_the_date_is_that_of_the_start_in_the_time_zone_of_the_schedule() -> None:
    late = {"execution": "n", "execution_name": "n", "start_time": "2026-11-21T23:30:00Z", "input": {}}
    assert Request.from_event(late, SETTINGS).date == "2026-11-21"
    assert Request.from_event(late, replace(SETTINGS, time_zone="Europe/Berlin")).date == "2026-11-22"


def test_folders_markers_and_other_suffixes_are_left_out() -> None:
    settings = replace(SETTINGS, suffixes=(".csv", "_READY"), ready_suffix="_READY")
    keys = ["a.csv", "a.txt", "folder/", "x/_READY"]
    wanted = [key for key in keys if logic.is_wanted(an_object(key), request({}), settings)]
    assert wanted == ["a.csv"]


def test_objects_are_filtered_by_their_age() -> None:
    found = [an_object("new"), an_object("old", age=timedelta(hours=30))]

    def wanted(given: dict[str, Any], hours: int) -> list[str]:
        asked = request(given, modified_within_hours=hours)
        return [each.key for each in found if logic.is_wanted(each, asked, SETTINGS)]

    assert wanted({}, 0) == ["new", "old"]
    assert wanted({}, 24) == ["new"]
    assert wanted({"modified_after": "2026-11-19T00:00:00Z"}, 24) == ["new", "old"]
    assert wanted({"modified_before": "2026-11-20T00:00:00Z"}, 0) == ["old"]


@pytest.mark.parametrize(("size", "refused"), [(6 * MEGABYTE, False), (6 * MEGABYTE + 1, True)])
def test_an_object_that_is_sent_whole_must_fit_a_request(size: int, refused: bool) -> None:
    objects = [an_object("a", size), an_object("b", 1)]
    found = list(logic.problems(objects, replace(SETTINGS, split_type="None")))
    assert [problem[:25] for problem in found] == (["1 of 2 objects are larger"] if refused else [])
    assert list(logic.problems(objects, SETTINGS)) == [], "lines are cut to size"
    chunked = replace(SETTINGS, split_type="None", max_payload_in_mb=0)
    assert list(logic.problems(objects, chunked)) == [], "0 has no limit"


def test_packed_objects_must_be_said_to_be_packed() -> None:
    objects = [an_object("a.csv.gz"), an_object("b.csv.gz")]
    [problem] = logic.problems(objects, SETTINGS)
    assert problem.startswith("2 objects are packed")
    packed = replace(SETTINGS, compression_type="Gzip")
    assert list(logic.problems(objects, packed)) == []
    assert next(iter(logic.problems([*objects, an_object("c.csv")], packed))).startswith("1 objects are no .gz")


def test_a_count_of_shards_gives_each_about_as_many_bytes() -> None:
    objects = [an_object(f"{number}", size) for number, size in enumerate([90, 10, 10, 10, 30, 30])]
    shards = logic.cut(objects, SETTINGS)
    assert [sum(each.size for each in shard) for shard in shards] == [90, 90]
    assert sorted(each for shard in shards for each in shard) == sorted(objects)


def test_there_are_no_more_shards_than_objects() -> None:
    assert len(logic.cut([an_object("a")], replace(SETTINGS, shard_size=6))) == 1


def test_shards_are_cut_by_objects_and_by_megabytes() -> None:
    objects = [an_object(f"{number}", MEGABYTE) for number in range(5)]
    by_objects = logic.cut(objects, replace(SETTINGS, shard_by="objects", shard_size=2))
    assert [len(shard) for shard in by_objects] == [2, 2, 1]
    by_size = logic.cut([*objects, an_object("9", 9 * MEGABYTE)], replace(SETTINGS, shard_by="megabytes", shard_size=3))
    assert [len(shard) for shard in by_size] == [3, 2, 1]


def test_more_shards_than_allowed_are_refused() -> None:
    objects = [an_object(f"{number:02}") for number in range(11)]
    with pytest.raises(InvalidInput, match="11 objects make 11 shards, more than max_shards 10"):
        logic.cut(objects, replace(SETTINGS, shard_by="objects", shard_size=1))


def test_a_manifest_s_names_are_relative_to_the_folder_of_the_prefix() -> None:
    shard = [an_object("in/part-1.csv"), an_object("in/deep/part-2.csv")]
    folder = logic.folder_of("in/part-")
    assert logic.manifest("inputs", folder, shard) == [{"prefix": "s3://inputs/in/"}, "part-1.csv", "deep/part-2.csv"]


def test_the_fingerprint_changes_with_the_objects_and_with_the_job() -> None:
    objects = [an_object("a"), an_object("b")]
    same = logic.fingerprint(list(reversed(objects)), "in/", SETTINGS)
    assert logic.fingerprint(objects, "in/", SETTINGS) == same
    assert logic.fingerprint(objects[:1], "in/", SETTINGS) != same
    assert logic.fingerprint([an_object("a"), replace(objects[1], etag="other")], "in/", SETTINGS) != same
    assert logic.fingerprint(objects, "in/", replace(SETTINGS, fingerprint="model/2")) != same
    assert logic.fingerprint(objects, "", SETTINGS) != same, "the answers are called otherwise"


def test_a_plan_leaves_a_manifest_for_each_shard(plan: Callable[..., dict[str, Any]], s3: MemoryS3) -> None:
    s3.fill(INPUTS, {"in/a": b"aa", "in/b": b"bb", "in/c": b"c", "in/empty": b"", "out/d": b"d"})
    found = plan({})
    assert (found["objects"], found["empty_objects"], found["bytes"], found["shards"]) == (3, 1, 5, [0, 1])
    assert found["job_name"] == f"transform-{found['run']}"
    assert found["results"] == f"results/2026-11-21/{found['run']}/"
    manifests = [json.loads(s3.objects[BUCKET, f"{found['work']}shards/{n}/manifest.json"]) for n in (0, 1)]
    assert sorted(name for manifest in manifests for name in manifest[1:]) == ["a", "b", "c"]
    assert s3.log[-1] == ("put", f"{found['work']}plan.json"), "a run that has a plan has all of its shards"


def test_empty_objects_alone_are_nothing_to_do(plan: Callable[..., dict[str, Any]], s3: MemoryS3) -> None:
    s3.fill(INPUTS, {"in/a": b"", "in/b": b"", "in/c.txt": b"c"})
    note = plan({}, suffixes=["a", "b"])["note"]
    assert note.endswith("of 3, 1 are folders, markers, or of another suffix or age, 2 are empty")
    assert plan({"input_prefix": "none/"})["note"].endswith("is to be transformed: there is none")


def test_an_idempotent_run_goes_on_with_what_is_not_complete(plan: Callable[..., dict[str, Any]], s3: MemoryS3) -> None:
    s3.fill(INPUTS, {"in/a": b"a", "in/b": b"b"})
    first = plan({}, name="first", is_idempotent=True)
    s3.fill(BUCKET, {f"{first['work']}shards/0/result.json": b'{"status": "Complete"}'})
    second = plan({}, name="second", is_idempotent=True)
    assert (second["run"], second["shards"]) == (first["run"], [1])
    assert second["job_name"] != first["job_name"], "job names are unique for ever"
    s3.fill(BUCKET, {f"{first['results']}_SUCCESS": b'{"run": "another"}'})
    assert plan({}, name="after", is_idempotent=True)["shards"] == [1], "the place may be another run's by now"
    s3.fill(BUCKET, {f"{first['results']}_SUCCESS": json.dumps({"run": first["run"]}).encode()})
    assert plan({}, name="third", is_idempotent=True)["output"] == f"s3://{BUCKET}/{first['results']}answers/"


def test_the_plan_names_the_features_by_default_those_of_the_day(
    plan: Callable[..., dict[str, Any]], s3: MemoryS3
) -> None:
    s3.fill(INPUTS, {"in/a.csv": b"1"})
    assert plan({})["feature_version"] == "2026-11-21"
    assert plan({"date": "2026-11-20"}, name="earlier")["feature_version"] == "2026-11-20"
    named = plan({"feature_version": "v7"}, name="named")
    assert named["feature_version"] == "v7"
    assert plan({"resume": named["run"]}, name="again")["feature_version"] == "v7"
    for wrong, said in (("x" * 257, "at most 256 characters, got 257"), (7, "be a text"), ("", "not be empty")):
        assert said in plan({"feature_version": wrong})["problem"]


def test_a_resumed_run_is_as_old_as_its_first_start(plan: Callable[..., dict[str, Any]], s3: MemoryS3) -> None:
    s3.fill(INPUTS, {"in/a.csv": b"1"})
    first = plan({}, name="first")
    assert first["computed_at"] == 1_795_226_400, "2026-11-21T02:00:00Z"
    later = plan({"resume": first["run"]}, name="later", start_time="2026-11-21T09:00:00Z")
    assert later["computed_at"] == first["computed_at"]


def test_a_run_is_not_resumed_with_another_model(plan: Callable[..., dict[str, Any]], s3: MemoryS3) -> None:
    s3.fill(INPUTS, {"in/a": b"a"})
    run = plan({})["run"]
    assert plan({"resume": run}, fingerprint="model/2")["shards"] == [0], "other options are for a person to judge"
    assert "begun with the model model, which is new now" in plan({"resume": run}, fingerprint="new/1")["problem"]


def test_two_executions_are_not_at_the_same_run_at_the_same_time(
    plan: Callable[..., dict[str, Any]], s3: MemoryS3, states: FakeStates
) -> None:
    s3.fill(INPUTS, {"in/a": b"a"})
    states.statuses["first"] = "RUNNING"
    run = plan({}, name="first", is_idempotent=True)["run"]
    assert plan({}, name="second", is_idempotent=True)["note"] == f"nothing to do: execution first is at run {run}"
    assert plan({"resume": run}, name="third")["note"].startswith("nothing to do: execution first is at")
    assert plan({}, name="first", is_idempotent=True)["shards"] == [0], "an attempt of its own may come again"


@pytest.mark.parametrize("ended", [{"first": "FAILED"}, {}])
def test_a_run_whose_execution_has_ended_is_taken_over(
    plan: Callable[..., dict[str, Any]], s3: MemoryS3, states: FakeStates, ended: dict[str, str]
) -> None:
    s3.fill(INPUTS, {"in/a": b"a"})
    plan({}, name="first", is_idempotent=True)
    states.statuses.update(ended, second="RUNNING")
    assert plan({}, name="second", is_idempotent=True)["shards"] == [0]
    assert "execution second is at" in plan({}, name="third", is_idempotent=True)["note"]


def test_of_two_that_take_over_one_does(s3: MemoryS3) -> None:
    s3.fill(BUCKET, {"claim": b'{"execution": "first"}'})

    class Meanwhile(FakeStates):
        def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803 as boto3 calls it
            s3.fill(BUCKET, {"claim": b'{"execution": "another"}'})
            return {"status": "FAILED"}

    assert Claims(s3=s3, states=Meanwhile(), bucket=BUCKET).take("claim", "second") == "first"


def test_each_plan_is_logged_under_its_run_without_the_words_of_the_input(
    plan: Callable[..., dict[str, Any]], s3: MemoryS3, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    plan({"manifest": ""})
    plan({})
    s3.fill(INPUTS, {"in/a": b"a"})
    planned = plan({})
    assert logged() == [
        {"correlation_id": None, "Outcome": "Refused", "Shards": 0},
        {"correlation_id": None, "Outcome": "NothingToDo", "Shards": 0},
        {"correlation_id": planned["run"], "Outcome": "Planned", "Shards": 1},
    ]
