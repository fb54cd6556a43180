"""Every path of a batch, executed on the local AWS: from the start of an execution to what lies in the bucket."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from constructs_lib.local import LocalAws
from tests.end_to_end.batch_app import BUILDERS, BatchStack, Pipeline
from tests.end_to_end.deploying import bootstrap, deploy
from tests.support import any_name

ROOT = Path(__file__).resolve().parents[2]
ECHO = [sys.executable, str(ROOT / "tests" / "local" / "echo_server.py")]
Find = Callable[[str], Pipeline]


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """A local AWS whose minutes are seconds."""
    with LocalAws(containers={"echo": ECHO}, time_scale=60.0) as local:
        bootstrap(local)
        yield local


@pytest.fixture(scope="module")
def pipeline(aws: LocalAws) -> Find:
    """A pipeline by its name, deployed when it is first asked for."""
    app = cdk.App()
    for name, build in BUILDERS.items():
        BatchStack(app, name, build)
    stacks = {stack.stack_name: stack for stack in app.synth().stacks}
    return cache(lambda name: Pipeline(aws, deploy(aws, stacks[name])))


@pytest.fixture
def folder() -> str:
    return f"{any_name()}/"


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
    run = wide.jobs(first)[0]["TransformOutput"]["S3OutputPath"].partition("/work/")[2].partition("/")[0]
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
    awaited_job(repeated, first)
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


def test_an_aborted_execution_stops_its_jobs(pipeline: Find, folder: str) -> None:
    small = pipeline("Small")
    small.put(folder, {"a.csv": b"!sleep 3", "b.csv": b"b\n"})
    arn = small.start({"input_prefix": folder})
    assert awaited_job(small, arn)["TransformJobStatus"] == "InProgress"
    assert small.stop(arn)["status"] == "ABORTED"
    assert ended_job(small, arn) == "Stopped"


def test_a_batch_that_takes_too_long_stops_its_jobs_and_may_be_redriven(pipeline: Find, folder: str) -> None:
    short = pipeline("Short")
    short.put(folder, {"a.csv": b"!sleep 5", "b.csv": b"b\n"})
    arn = short.start({"input_prefix": folder})
    ended = short.end(arn)
    assert (ended["status"], ended["error"]) == ("FAILED", "BatchIncomplete")
    assert "States.Timeout" in ended["cause"]
    assert ended_job(short, arn) == "Stopped"
    short.put(folder, {"a.csv": b"a\n"})
    ended = short.redriven(arn)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert short.answers(json.loads(ended["output"])) == {"a.csv.out": b"A\n", "b.csv.out": b"B\n"}
    assert short.entered(arn).count("Plan") == 1, "what was done is not done again"


def test_without_capacity_the_next_instance_type_is_taken_at_once(
    aws: LocalAws, pipeline: Find, folder: str, short_of: Callable[..., None]
) -> None:
    wide = pipeline("Wide")
    wide.put(folder, {"a.csv": b"a\n"})
    short_of("ml.m5.large")
    arn = wide.start({"input_prefix": folder})
    ended = wide.end(arn)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    jobs = wide.jobs(arn)
    assert [job["TransformResources"]["InstanceType"] for job in jobs] == ["ml.m5.large", "ml.m5.xlarge"]
    assert jobs[0]["FailureReason"].startswith("CapacityError")


def test_capacity_that_comes_back_is_waited_for(
    aws: LocalAws, pipeline: Find, folder: str, short_of: Callable[..., None]
) -> None:
    small = pipeline("Small")
    small.put(folder, {"a.csv": b"a\n"})
    short_of("ml.m5.large")
    arn = small.start({"input_prefix": folder})
    assert awaited_job(small, arn)["TransformResources"]["InstanceType"] == "ml.m5.large"
    aws.limit_instances("ml.m5.large")
    ended = small.end(arn)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert len(small.jobs(arn)) >= 2
    assert "Back off" in small.entered(arn)


def test_a_quota_that_is_used_up_is_waited_for_a_bounded_number_of_times(
    aws: LocalAws, pipeline: Find, folder: str, short_of: Callable[..., None]
) -> None:
    wide = pipeline("Wide")
    wide.put(folder, {"a.csv": b"a\n"})
    short_of("ml.m5.large", quota=0)
    short_of("ml.m5.xlarge", quota=0)
    arn = wide.start({"input_prefix": folder})
    ended = wide.end(arn)
    assert ended["error"] == "BatchIncomplete"
    assert "ResourceLimitExceeded" in ended["cause"]
    assert wide.entered(arn).count("Transform") == 3
    assert wide.jobs(arn) == []


@pytest.fixture
def short_of(aws: LocalAws) -> Iterator[Callable[..., None]]:
    """Makes instances of a type scarce, none there by default, until the test is over."""
    scarce = []

    def limit(instance_type: str, **limits: int) -> None:
        scarce.append(instance_type)
        aws.limit_instances(instance_type, **(limits or {"available": 0}))

    yield limit
    for instance_type in scarce:
        aws.limit_instances(instance_type)


def test_hooks_run_before_the_jobs_and_after_publication(pipeline: Find, folder: str) -> None:
    hooked = pipeline("Hooked")
    hooked.put(folder, {"a.csv": b"a\n"})
    arn = hooked.start({"input_prefix": folder})
    assert hooked.end(arn)["status"] == "SUCCEEDED"
    entered = hooked.entered(arn)
    assert entered.index("Accepted") < entered.index("Transform") < entered.index("Load")
    hooked.put(folder, {"b.csv": b"b\n", "c.csv": b"c\n"})
    refused = hooked.start({"input_prefix": folder})
    assert hooked.end(refused)["error"] == "TooManyObjects"
    assert hooked.jobs(refused) == []


def test_a_marker_starts_the_batch_of_its_folder_and_its_end_is_announced(
    aws: LocalAws, pipeline: Find, folder: str
) -> None:
    wide, sqs = pipeline("Wide"), aws.client("sqs")
    queue = wide.outputs["EndsUrl"]
    sqs.purge_queue(QueueUrl=queue)
    wide.put(f"input/{folder}", {"a.csv": b"a\n", "b.csv": b"b\n"})
    wide.put(f"input/{folder}", {"_READY": b""})
    deadline = time.monotonic() + 20
    while not (messages := sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])):
        assert time.monotonic() < deadline, "nobody was told"
    text = messages[0]["Body"]
    assert "has ended: SUCCEEDED" in text
    [run] = {key.split("/")[1] for key in wide.below("results/") if key.split("/")[1] in text}
    published = [key for key in wide.below("results/") if f"/{run}/" in key]
    assert sorted(key.rpartition("/")[2] for key in published) == ["_SUCCESS", "a.csv.out", "b.csv.out", "report.json"]


def test_a_deadline_counts_a_batch_that_is_not_complete(aws: LocalAws, pipeline: Find, folder: str) -> None:
    watched = pipeline("Hooked")
    watched.put(folder, {"a.csv": b"a\n"})
    watched.run({"input_prefix": folder, "date": "2026-03-01"})
    for day, is_late in (("2026-03-01", False), ("2026-03-02", True)):
        # 08:00 in Berlin, in winter; the batch begins at 01:00 the same day.
        found = watched.look_at_deadline(f"{day}T07:00:00Z")
        assert found == {"date": day, "late": is_late}
    metrics = aws.client("cloudwatch").list_metrics(MetricName="Late")["Metrics"]
    assert {"Name": "StateMachineName", "Value": watched.arn.rpartition(":")[2]} in metrics[0]["Dimensions"]


def awaited_job(pipeline: Pipeline, arn: str) -> dict[str, Any]:
    """The first job of an execution, as soon as it is there."""
    deadline = time.monotonic() + 10
    while not (jobs := pipeline.jobs(arn)):
        assert time.monotonic() < deadline, "no job was started"
        time.sleep(0.05)
    return jobs[0]


def ended_job(pipeline: Pipeline, arn: str) -> str:
    """How the only job of an execution ended."""
    deadline = time.monotonic() + 10
    while True:
        [job] = pipeline.jobs(arn)
        if job["TransformJobStatus"] not in ("InProgress", "Stopping"):
            return str(job["TransformJobStatus"])
        assert time.monotonic() < deadline, "the job still runs"
        time.sleep(0.05)
