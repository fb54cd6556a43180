"""Distributed Maps of the local Step Functions: items from S3, batches, tolerated failures, results, redrives."""

import json
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.workflows.map_run import MapRun
from constructs_lib.local.workflows.results import result_files
from tests.local.conftest import any_name
from tests.local.machines import Machine, jsonata

GET = "arn:aws:states:::aws-sdk:s3:getObject"


class Data:
    """A bucket with a list of numbers, and objects of the numbers that are `given`."""

    def __init__(self, aws: LocalAws, numbers: int) -> None:
        self.bucket = any_name("bucket")
        self._s3 = aws.client("s3")
        self._s3.create_bucket(Bucket=self.bucket)
        self._s3.put_object(Bucket=self.bucket, Key="list.json", Body=json.dumps(list(range(numbers))).encode())

    def give(self, *numbers: int) -> None:
        """Write the objects of these numbers."""
        for number in numbers:
            self._s3.put_object(Bucket=self.bucket, Key=f"part-{number}", Body=b"x")

    def read(self, key: str) -> Any:
        """What an object holds as JSON."""
        return json.loads(self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def machine(self, aws: LocalAws, **members: Any) -> Machine:
        """A distributed Map, a child execution for each two numbers, each of which wants the object of its first."""
        read = {
            "Type": "Task",
            "Resource": GET,
            "Arguments": {"Bucket": self.bucket, "Key": "{% 'part-' & $states.input.Items[0] %}"},
            "Output": "{% $states.context.Execution.Name %}",
            "End": True,
        }
        mode = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
        reader = {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Arguments": {"Bucket": self.bucket, "Key": "{% $states.input.key %}"},
        }
        state = {
            "Type": "Map",
            "ItemReader": reader,
            "ItemBatcher": {"MaxItemsPerBatch": 2},
            "ItemProcessor": {"ProcessorConfig": mode, "StartAt": "Read", "States": {"Read": read}},
            "MaxConcurrency": 1,
            "End": True,
            **members,
        }
        return Machine(aws, jsonata("Map", {"Map": state}))


@pytest.fixture
def data(local_aws: LocalAws) -> Data:
    return Data(local_aws, 8)


def test_batches_of_items_are_child_executions_with_names_of_their_own(local_aws: LocalAws, data: Data) -> None:
    data.give(0, 2, 4, 6)
    machine = data.machine(local_aws, Output="{% $count($states.result) & $states.input.key %}")
    execution = machine.start({"key": "list.json"})
    assert json.loads(machine.result(execution)["output"]) == "4list.json"
    states = local_aws.client("stepfunctions")
    (run,) = states.list_map_runs(executionArn=execution)["mapRuns"]
    described = states.describe_map_run(mapRunArn=run["mapRunArn"])
    counts = (described["executionCounts"], described["itemCounts"])
    assert [(each["total"], each["succeeded"], each["pending"]) for each in counts] == [(4, 4, 0), (8, 8, 0)]


def test_failures_are_tolerated_up_to_a_share(local_aws: LocalAws, data: Data) -> None:
    data.give(0, 2, 4)
    given = {"key": "list.json"}
    *names, failed = data.machine(local_aws, ToleratedFailurePercentage=25).run(given)
    assert len(set(names)) == 3
    assert (failed["Status"], failed["Error"], json.loads(failed["Input"])) == (
        "FAILED",
        "S3.NoSuchKeyException",
        {"Items": [6, 7]},
    )
    strict = data.machine(local_aws, ToleratedFailurePercentage="{% 24 %}")
    assert strict.result(strict.start(given))["error"] == "States.ExceedToleratedFailureThreshold"


def test_a_redrive_runs_only_the_children_that_did_not_succeed(local_aws: LocalAws, data: Data) -> None:
    data.give(0)
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": data.bucket, "Prefix": "results"}}
    machine = data.machine(local_aws, ResultWriter=writer)
    execution = machine.start({"key": "list.json"})
    assert machine.result(execution)["status"] == "FAILED"
    data.give(2, 4, 6)
    written = json.loads(machine.redrive(execution)["output"])
    manifest = data.read(written["ResultWriterDetails"]["Key"])
    (file,) = manifest["ResultFiles"]["SUCCEEDED"]
    children = data.read(file["Key"])
    # The first had succeeded, the second had failed, the others had not been started.
    assert [child.get("RedriveCount", 0) for child in children] == [0, 1, 0, 0]
    assert manifest["ResultFiles"]["FAILED"] == []
    assert len(local_aws.client("stepfunctions").list_map_runs(executionArn=execution)["mapRuns"]) == 1


def test_result_files_part_children_by_what_became_of_them() -> None:
    children = [
        {"name": "a", "status": "SUCCEEDED", "output": "1"},
        {"name": "b", "status": "ABORTED"},
        {"name": "c", "status": "FAILED", "error": "E"},
        {"name": "d", "status": "PENDING"},
    ]
    files = result_files("bucket", "folder", "run", children)
    parted = {key.partition("/")[2]: json.loads(body) for key, body in files.items()}
    assert parted.pop("manifest.json")["ResultFiles"]["FAILED"] == [
        {"Key": "folder/FAILED_0.json", "Size": len(files["folder/FAILED_0.json"])}
    ]
    assert {key: [child.get("Name") for child in rows] for key, rows in parted.items()} == {
        "SUCCEEDED_0.json": ["a"],
        "FAILED_0.json": ["b", "c"],
        "PENDING_0.json": ["d"],
    }


@pytest.mark.parametrize(
    ("count", "percentage", "failed", "is_beyond"),
    [
        (None, None, 0, False),
        (None, None, 1, True),
        (1, None, 1, False),
        (1, None, 2, True),
        (None, 50, 2, False),
        (None, 50, 3, True),
        (3, 50, 3, True),  # each bound counts by itself
    ],
)
def test_a_map_run_fails_beyond_either_bound(
    count: float | None, percentage: float | None, failed: int, is_beyond: bool
) -> None:
    children = [{"status": "PENDING", "_items": 2} for _ in range(4)]
    run = MapRun({}, count, percentage)
    run.begin(children)
    for child in children[:failed]:
        run.turn(child, "FAILED", error="E")
    assert run.is_beyond_tolerance() == is_beyond
    assert (run.record["executionCounts"]["failed"], run.record["itemCounts"]["failed"]) == (failed, 2 * failed)
