"""Every way from the start of an execution of a batch to what lies in the bucket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.options.batch import WORK_PREFIX
from tests.end_to_end.batch_app import Find


def test_a_batch_of_one_shard_publishes_an_answer_for_each_input(pipeline: Find, folder: str) -> None:
    small = pipeline("Small")
    small.put(folder, {"a.csv": b"one\n", "deep/b.csv": b"two\n"})
    output = small.run({"input_prefix": folder})
    assert small.answers(output) == {"a.csv.out": b"ONE\n", "deep/b.csv.out": b"TWO\n"}
    place = output["output"].removeprefix(f"s3://{small.output_bucket}/").removesuffix("answers/")
    assert set(small.below(place)) == {"answers/a.csv.out", "answers/deep/b.csv.out", "report.json", "_SUCCESS"}
    assert output["objects"] == 2
    assert output["transform_job_name"].startswith("transform-")


def test_a_small_batch_takes_few_steps(pipeline: Find, folder: str) -> None:
    small = pipeline("Small")
    small.put(folder, {"a.csv": b"one\n"})
    arn = small.start({"input_prefix": folder})
    assert small.end(arn)["status"] == "SUCCEEDED"
    names = ["Plan", "Planned?", "Shards", "Transform", "Verify", "Report", "Measure", "Publish", "Published?", "Done"]
    assert small.entered(arn) == names


def test_nothing_to_do_is_a_success_that_says_so(pipeline: Find, folder: str) -> None:
    output = pipeline("Small").run({"input_prefix": folder})
    assert output["note"].startswith("nothing to do: no object below s3://")


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({"keys": ["missing.csv"]}, "1 of 1 objects do not exist: missing.csv"),
        ({"manifest": "missing.json"}, "the manifest missing.json does not exist"),
        ({"keys": ["s3://elsewhere/a.csv"]}, "must be an object of the input bucket"),
        ({"resume": "never-run"}, "there is no run never-run"),
    ],
)
def test_invalid_input_fails_before_a_job_is_started(pipeline: Find, given: dict[str, Any], cause: str) -> None:
    small = pipeline("Small")
    arn = small.start(given)
    ended = small.end(arn)
    assert (ended["status"], ended["error"]) == ("FAILED", "InvalidInput")
    assert cause in ended["cause"]
    assert small.jobs(arn) == []


def test_a_manifest_and_a_list_name_objects_too(pipeline: Find, folder: str) -> None:
    small = pipeline("Small")
    manifest = [{"prefix": f"s3://{small.input_bucket}/{folder}"}, "a.csv"]
    small.put(folder, {"a.csv": b"one\n", "b.csv": b"two\n", "m.json": json.dumps(manifest).encode()})
    assert small.answers(small.run({"manifest": f"{folder}m.json"})) == {f"{folder}a.csv.out": b"ONE\n"}
    assert small.answers(small.run({"keys": [f"{folder}b.csv"]})) == {f"{folder}b.csv.out": b"TWO\n"}


def test_shards_run_side_by_side_and_are_counted(aws: LocalAws, pipeline: Find, folder: str) -> None:
    wide = pipeline("Wide")
    wide.put(folder, {f"{number}.csv": b"a\nb\n" for number in range(6)} | {"notes.txt": b"no input"})
    arn = wide.start({"input_prefix": folder})
    output = json.loads(wide.end(arn)["output"])
    assert len(wide.answers(output)) == 6
    assert (output["objects"], output["shards"], output["records"]) == (6, 3, 12)
    assert len(wide.jobs(arn)) == 3
    assert output["cost"] == pytest.approx(output["instance_hours"] * 3600, rel=1e-3)
    metrics = aws.client("cloudwatch").list_metrics(Namespace="SageMakerInference/Batch")["Metrics"]
    assert {metric["MetricName"] for metric in metrics} >= {"Objects", "Records", "Duration", "FailedShards", "Cost"}


def test_a_shard_that_fails_for_good_leaves_the_others_and_publishes_nothing(pipeline: Find, folder: str) -> None:
    wide = pipeline("Wide")
    wide.put(folder, {"a.csv": b"a\n", "b.csv": b"!status 400", "c.csv": b"c\n"})
    arn = wide.start({"input_prefix": folder, "date": "2026-01-01"})
    ended = wide.end(arn)
    assert (ended["status"], ended["error"]) == ("FAILED", "BatchIncomplete")
    assert "1 of 3 shards failed" in ended["cause"]
    assert "ClientError" in ended["cause"]
    assert len(wide.jobs(arn)) == 3, "errors in the data are not tried again"
    assert wide.below("results/2026-01-01/") == {}


def test_a_redrive_runs_the_failed_shards_alone_and_publishes(pipeline: Find, folder: str) -> None:
    wide = pipeline("Wide")
    wide.put(folder, {"a.csv": b"a\n", "b.csv": b"!status 400", "c.csv": b"c\n"})
    arn = wide.start({"input_prefix": folder})
    assert wide.end(arn)["error"] == "BatchIncomplete"
    assert wide.redriven(arn)["error"] == "BatchIncomplete"
    assert len(wide.jobs(arn)) == 4
    wide.put(folder, {"b.csv": b"b\n"})
    ended = wide.redriven(arn)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert wide.answers(json.loads(ended["output"])) == {"a.csv.out": b"A\n", "b.csv.out": b"B\n", "c.csv.out": b"C\n"}
    assert len(wide.jobs(arn)) == 5
    [report] = wide.below(json.loads(ended["output"])["report"].removeprefix(f"s3://{wide.output_bucket}/")).values()
    assert sorted(len(shard["jobs"]) for shard in json.loads(report)["shards"]) == [1, 1, 3]


def test_a_second_execution_resumes_the_failed_shards_of_the_first(pipeline: Find, folder: str) -> None:
    wide = pipeline("Wide")
    wide.put(folder, {"a.csv": b"a\n", "b.csv": b"!status 400"})
    first = wide.start({"input_prefix": folder})
    assert wide.end(first)["error"] == "BatchIncomplete"
    wide.put(folder, {"b.csv": b"b\n"})
    run = wide.jobs(first)[0]["TransformOutput"]["S3OutputPath"].partition(f"/{WORK_PREFIX}")[2].partition("/")[0]
    second = wide.start({"resume": run})
    ended = wide.end(second)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert len(wide.jobs(second)) == 1
    assert wide.answers(json.loads(ended["output"])) == {"a.csv.out": b"A\n", "b.csv.out": b"B\n"}


def test_an_idempotent_batch_does_the_same_objects_once(pipeline: Find, folder: str) -> None:
    repeated = pipeline("Spread")
    repeated.put(folder, {"a.csv": b"a\n", "b.csv": b"b\n"})
    first = repeated.run({"input_prefix": folder})
    again = repeated.start({"input_prefix": folder})
    output = json.loads(repeated.end(again)["output"])
    assert "is complete" in output["note"]
    assert output["output"] == first["output"]
    assert repeated.jobs(again) == []
    repeated.put(folder, {"b.csv": b"changed\n"})
    assert repeated.answers(repeated.run({"input_prefix": folder}))["b.csv.out"] == b"CHANGED\n"


def test_an_idempotent_batch_that_is_started_twice_runs_once(pipeline: Find, folder: str) -> None:
    repeated = pipeline("Spread")
    repeated.put(folder, {"a.csv": b"!sleep 2"})
    first = repeated.start({"input_prefix": folder})
    repeated.awaited_job(first)
    output = repeated.run({"input_prefix": folder})
    assert output["note"] == f"nothing to do: execution {first} is at run {output['run']}"
    assert repeated.end(first)["status"] == "SUCCEEDED"


def test_a_distributed_batch_ends_like_an_inline_one(pipeline: Find, folder: str) -> None:
    spread = pipeline("Spread")
    spread.put(folder, {"a.csv": b"a\n", "b.csv": b"!status 400"})
    arn = spread.start({"input_prefix": folder})
    assert spread.end(arn)["error"] == "BatchIncomplete"
    spread.put(folder, {"b.csv": b"b\n"})
    ended = spread.redriven(arn)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert spread.answers(json.loads(ended["output"])) == {"a.csv.out": b"A\n", "b.csv.out": b"B\n"}
    assert len(spread.jobs(arn)) == 3
