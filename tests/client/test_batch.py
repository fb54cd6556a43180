"""run_batch: inputs under names of their own, an execution waited for, its end told. The pipeline itself is a stand-in
in most tests; the demo runs the real one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.client import (
    BatchFailed,
    InferenceClient,
    NotDeployed,
    Progress,
    TimedOut,
    UnsupportedPayload,
)
from constructs_lib.client.batch import Pipeline, named
from constructs_lib.client.connections import Connections
from constructs_lib.client.deadline import Deadline
from constructs_lib.client.deployed import Deployed
from constructs_lib.client.objects import Objects
from constructs_lib.local import LocalAws
from tests.local.conftest import any_name


class States:
    """Step Functions: answers the statuses one after the other, the last of them for ever."""

    def __init__(self, *statuses: str, **described: str) -> None:
        self.statuses = list(statuses)
        self.described = described
        self.started: dict[str, Any] = {}
        self.stopped: dict[str, Any] = {}

    def start_execution(self, **arguments: Any) -> dict[str, str]:
        self.started = arguments
        return {"executionArn": f"arn:{arguments['name']}"}

    def describe_execution(self, **_: object) -> dict[str, str]:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return {"status": status} | self.described

    def stop_execution(self, **arguments: Any) -> None:
        self.stopped = arguments


OUTPUT = json.dumps({"transform_job_name": "job", "output": "s3://out/run"})


@pytest.fixture
def buckets(local_aws: LocalAws) -> Deployed:
    names = [any_name("in"), any_name("out")]
    for name in names:
        local_aws.client("s3").create_bucket(Bucket=name)
    return Deployed(state_machine_arn="machine", input_bucket=names[0], output_bucket=names[1], input_prefix="input/")


def pipeline(aws: LocalAws, deployed: Deployed, states: States, slept: list[float] | None = None) -> Pipeline:
    sleep = (slept if slept is not None else []).append
    return Pipeline(deployed, states, Objects(Connections(aws.session())), sleep)


def silent(_: Progress) -> None:
    pass


def test_an_execution_gets_its_prefix_and_gives_its_output(local_aws: LocalAws, buckets: Deployed) -> None:
    states, slept = States("RUNNING", "RUNNING", "SUCCEEDED", output=OUTPUT), list[float]()
    done = pipeline(local_aws, buckets, states, slept).run("input/", Deadline(60, "run_batch"), silent)
    assert states.started["stateMachineArn"] == "machine"
    assert json.loads(states.started["input"]) == {"input_prefix": "input/"}
    assert done.execution_arn == f"arn:{states.started['name']}"
    assert (done.output["transform_job_name"], done.output_location) == ("job", "s3://out/run")
    assert slept == sorted(slept)
    assert len(slept) == 2


def test_without_a_prefix_the_pipeline_reads_its_own(local_aws: LocalAws, buckets: Deployed) -> None:
    states = States("SUCCEEDED", output=OUTPUT)
    pipeline(local_aws, buckets, states).run(None, Deadline(60, "run_batch"), silent)
    assert json.loads(states.started["input"]) == {}


def test_an_execution_that_found_nothing_to_do_has_no_answers(local_aws: LocalAws, buckets: Deployed) -> None:
    states = States("SUCCEEDED", output='{"note": "nothing to do"}')
    done = pipeline(local_aws, buckets, states).run(None, Deadline(60, "run_batch"), silent)
    assert (done.output["note"], done.output_location, done.locations()) == ("nothing to do", None, [])


def test_who_may_not_list_the_buckets_has_a_run_without_a_bar(local_aws: LocalAws, buckets: Deployed) -> None:
    told: list[Progress] = []
    blind = replace(buckets, input_bucket="no-such-bucket")
    states = States("RUNNING", "SUCCEEDED", output=OUTPUT)
    pipeline(local_aws, blind, states).run(None, Deadline(60, "run_batch"), told.append)
    assert told == []


def test_a_failed_execution_tells_step_functions_error_and_cause(local_aws: LocalAws, buckets: Deployed) -> None:
    states = States("FAILED", error="SageMaker.AmazonSageMakerException", cause="no data")
    with pytest.raises(BatchFailed, match=r"ended FAILED: SageMaker.AmazonSageMakerException: no data") as caught:
        pipeline(local_aws, buckets, states).run("input/", Deadline(60, "run_batch"), silent)
    assert (caught.value.error, caught.value.cause) == ("SageMaker.AmazonSageMakerException", "no data")


def test_an_execution_that_takes_too_long_is_stopped(local_aws: LocalAws, buckets: Deployed) -> None:
    ticks = iter(range(0, 1000, 4))
    deadline = Deadline(10, "run_batch", lambda: float(next(ticks)))
    states = States("RUNNING")
    with pytest.raises(TimedOut, match="run_batch took longer than 10 s"):
        pipeline(local_aws, buckets, states).run("input/", deadline, silent)
    assert states.stopped["executionArn"] == f"arn:{states.started['name']}"


def test_progress_counts_answers_among_inputs_and_is_full_only_at_the_end(
    local_aws: LocalAws, buckets: Deployed
) -> None:
    s3, told = local_aws.client("s3"), list[Progress]()
    for name in "ab":
        s3.put_object(Bucket=buckets.input_bucket, Key=f"input/{name}", Body=b"x")
    states = States("RUNNING", "RUNNING", "SUCCEEDED", output=OUTPUT)

    def answer(_: float) -> None:
        for name in "ab":
            key = f"work/{states.started['name']}/shards/0/answers/{name}.out"
            s3.put_object(Bucket=buckets.output_bucket, Key=key, Body=b"x")

    Pipeline(buckets, states, Objects(Connections(local_aws.session())), answer).run(
        "input/", Deadline(60, "run_batch"), told.append
    )
    assert [(each.done, each.total) for each in told] == [(0, 2), (1, 2), (2, 2)]


def test_inputs_lie_apart_from_those_of_other_runs(local_aws: LocalAws, buckets: Deployed, tmp_path: Path) -> None:
    told: list[Progress] = []
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.csv").write_text("1")
    (tmp_path / "deep" / "b.csv").write_text("2")
    made = pipeline(local_aws, buckets, States("RUNNING"))
    inputs = named(tmp_path, None)
    first, second = (made.upload(inputs, Deadline(20, "run_batch"), told.append) for _ in range(2))
    assert first != second
    found = local_aws.client("s3").list_objects_v2(Bucket=buckets.input_bucket, Prefix=first)["Contents"]
    assert [item["Key"] for item in found] == [f"{first}a.csv", f"{first}deep/b.csv"]
    assert told[-1] == Progress(what="uploaded", done=2, total=2)


def test_inputs_have_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1")
    assert list(named(tmp_path / "a.csv", None)) == ["a.csv"]
    assert list(named({"x/y.csv": "1"}, "text/csv")) == ["x/y.csv"]
    rows = named([[[1, 2]], [[3, 4]]], "text/csv")
    assert {name: payload.read() for name, payload in rows.items()} == {"000000.csv": b"1,2\n", "000001.csv": b"3,4\n"}


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no input in"):
        named(tmp_path, None)


@pytest.mark.parametrize("inputs", ["inputs", b"1,2"])
def test_a_text_is_neither_a_path_nor_many_payloads(inputs: Any) -> None:
    with pytest.raises(UnsupportedPayload, match=r"inputs must be a pathlib.Path, .*, got b?'.*'; give Path\(...\)"):
        named(inputs, None)


def test_answers_are_read_and_downloaded_by_their_names(local_aws: LocalAws, buckets: Deployed, tmp_path: Path) -> None:
    output = json.dumps({"transform_job_name": "job", "output": f"s3://{buckets.output_bucket}/run"})
    for key in ("run/a.csv.out", "run/deep/b.csv.out", "run-of-others/c.out"):
        local_aws.client("s3").put_object(Bucket=buckets.output_bucket, Key=key, Body=key.encode())
    done = pipeline(local_aws, buckets, States("SUCCEEDED", output=output)).run("x", Deadline(9, "run_batch"), silent)
    assert {name: answer.text for name, answer in done.items()} == {
        "a.csv.out": "run/a.csv.out",
        "deep/b.csv.out": "run/deep/b.csv.out",
    }
    assert done.download(tmp_path) == [tmp_path / "a.csv.out", tmp_path / "deep" / "b.csv.out"]
    assert (tmp_path / "deep" / "b.csv.out").read_text() == "run/deep/b.csv.out"


@pytest.mark.parametrize("inputs", [None, {"a.csv": "1"}])
def test_an_endpoint_is_no_pipeline_and_gets_no_inputs_of_one(
    local_aws: LocalAws, buckets: Deployed, inputs: dict[str, str] | None
) -> None:
    client = InferenceClient(endpoint_name="e", input_bucket=buckets.input_bucket, session=local_aws.session())
    with pytest.raises(NotDeployed, match="run_batch needs state_machine_arn"):
        client.run_batch(inputs)
    assert local_aws.client("s3").list_objects_v2(Bucket=buckets.input_bucket)["KeyCount"] == 0
