"""Executions of the local Step Functions: variables, back-off, failures in a Map, aborts, time-outs, redrives."""

import json
import time
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.workflows.progress import Progress, retry_delay
from tests.local.conftest import any_name, refused
from tests.local.machines import Machine, jsonata

GET = "arn:aws:states:::aws-sdk:s3:getObject"
# An hour of the execution's time is a minute of real time: no test waits for its end.
HOUR = {"Type": "Wait", "Seconds": 3600, "End": True}


@pytest.fixture(scope="module")
def bucket(local_aws: LocalAws) -> str:
    """An empty bucket."""
    name = any_name("bucket")
    local_aws.client("s3").create_bucket(Bucket=name)
    return name


def then(state: dict[str, Any], following: str) -> dict[str, Any]:
    """The state, with another one after it."""
    return {name: value for name, value in state.items() if name != "End"} | {"Next": following}


def read(bucket: str, key: str, **members: Any) -> dict[str, Any]:
    """A task that fails unless there is an object of this key."""
    return {"Type": "Task", "Resource": GET, "Arguments": {"Bucket": bucket, "Key": key}, "End": True, **members}


def each(state: dict[str, Any], **members: Any) -> dict[str, Any]:
    """A Map of one state."""
    return {"Type": "Map", "ItemProcessor": {"StartAt": "One", "States": {"One": state}}, "End": True, **members}


def test_variables_and_expressions_work_in_every_kind_of_state(local_aws: LocalAws) -> None:
    branch = {"Type": "Pass", "Output": "{% $states.input.each & $name %}", "End": True}
    states: dict[str, Any] = {
        "Set": {"Type": "Pass", "Assign": {"name": "{% $states.input.name %}"}, "Next": "Ask"},
        "Ask": {"Type": "Choice", "Choices": [{"Condition": "{% $name = 'a' %}", "Next": "Both"}], "Default": "Fall"},
        "Fall": {"Type": "Fail"},
        "Both": {
            "Type": "Parallel",
            "Arguments": {"each": "x"},
            "Branches": [{"StartAt": "One", "States": {"One": branch}}] * 2,
            "Output": "{% $join($states.result, '+') %}",
            "Assign": {"count": "{% $count($states.result) %}"},
            "Next": "Map",
        },
        "Map": each(
            {"Type": "Pass", "Output": "{% $name & $states.input %}", "End": True},
            Items=[1, 2],
            ItemSelector="{% $string($states.context.Map.Item.Value * 10) %}",
            Assign={"mapped": "{% $states.result %}"},
            Output="{% $states.input %}",
        ),
        "Done": {"Type": "Succeed", "Output": {"in": "{% $states.input %}", "m": "{% $mapped %}", "n": "{% $count %}"}},
    }
    states["Map"] = then(states["Map"], "Done")
    assert Machine(local_aws, jsonata("Set", states)).run({"name": "a"}) == {"in": "xa+xa", "m": ["a10", "a20"], "n": 2}


def test_delays_grow_to_the_largest_and_full_jitter_takes_a_share() -> None:
    retrier = {"IntervalSeconds": 10, "BackoffRate": 3, "MaxDelaySeconds": 60}
    assert [retry_delay(retrier, retries, 0.5) for retries in range(4)] == [10, 30, 60, 60]
    assert retry_delay({**retrier, "JitterStrategy": "FULL"}, 1, 0.5) == 15
    assert [retry_delay({}, retries, 0.5) for retries in range(3)] == [1, 2, 4]


def test_back_off_runs_on_the_fast_clock_and_counts_its_retries(local_aws: LocalAws, bucket: str) -> None:
    retry = [{"ErrorEquals": ["S3.NoSuchKeyException"], "IntervalSeconds": 30, "MaxDelaySeconds": 60, "MaxAttempts": 3}]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught", "Assign": {"error": "{% $states.errorOutput.Error %}"}}]
    states = {
        "Read": {**read(bucket, "none"), "Retry": retry, "Catch": catch},
        "Caught": {"Type": "Pass", "Output": "{% $error %}", "End": True},
    }
    machine, began = Machine(local_aws, jsonata("Read", states)), time.monotonic()
    execution = machine.start({})
    assert json.loads(machine.result(execution)["output"]) == "S3.NoSuchKeyException"
    waited = time.monotonic() - began
    assert 150 / 60 <= waited < 8  # 30, 60 and 60 seconds, at 60 times the speed
    assert [event["type"] for event in machine.history(execution)].count("TaskFailed") == 4


def test_a_failed_iteration_ends_the_others_at_once(local_aws: LocalAws) -> None:
    wait = {"Type": "Wait", "Seconds": "{% $states.input %}", "Next": "Fail"}
    processor = {"StartAt": "Wait", "States": {"Wait": wait, "Fail": {"Type": "Fail", "Error": "Mine"}}}
    state = {"Type": "Map", "Items": [36_000, 1, 36_000], "ItemProcessor": processor, "End": True}
    machine, began = Machine(local_aws, jsonata("Map", {"Map": state})), time.monotonic()
    assert machine.result(machine.start({}))["error"] == "Mine"
    assert time.monotonic() - began < 10


def test_the_states_of_a_map_see_of_their_item_what_the_selector_gives(local_aws: LocalAws) -> None:
    index = "{% $states.context.Map.Item.Index %}"
    inside = each({"Type": "Pass", "Output": index, "End": True}, Items=[1])
    machine = Machine(local_aws, jsonata("Map", {"Map": inside}))
    assert machine.result(machine.start({}))["error"] == "States.QueryEvaluationError"
    selected = each({"Type": "Pass", "End": True}, Items=[5, 6], ItemSelector=index)
    assert Machine(local_aws, jsonata("Map", {"Map": selected})).run() == [0, 1]


def test_a_map_runs_no_more_iterations_at_once_than_asked(local_aws: LocalAws) -> None:
    state = each({**HOUR, "Seconds": 30}, Items="{% [1..4] %}", MaxConcurrency="{% $states.input.most %}")
    machine = Machine(local_aws, jsonata("Map", {"Map": state}))
    seconds = []
    for most in (1, 4):
        began = time.monotonic()
        machine.run({"most": most})
        seconds.append(time.monotonic() - began)
    assert seconds[0] > 2 > seconds[1]


def test_a_redrive_runs_only_the_iterations_that_failed(local_aws: LocalAws, bucket: str) -> None:
    s3, prefix = local_aws.client("s3"), any_name()
    s3.put_object(Bucket=bucket, Key=f"{prefix}0", Body=b"zero")
    key = f"{{% '{prefix}' & $states.input %}}"
    # The first one has the time to succeed before the second one fails.
    nap = {"Type": "Wait", "Seconds": "{% $states.input * 30 %}", "Next": "Read"}
    processor = {
        "StartAt": "Nap",
        "States": {"Nap": nap, "Read": read(bucket, key, Output="{% $states.result.Body %}")},
    }
    state = {"Type": "Map", "Items": [0, 1], "ItemProcessor": processor, "Next": "Count"}
    redrives = "{% $states.context.Execution.RedriveCount %}"
    count = {"Type": "Pass", "Output": {"read": "{% $states.input %}", "redrives": redrives}, "End": True}
    machine = Machine(local_aws, jsonata("Map", {"Map": state, "Count": count}))
    execution = machine.start({})
    failed = machine.result(execution)
    assert (failed["status"], failed["error"], failed["redriveStatus"]) == (
        "FAILED",
        "S3.NoSuchKeyException",
        "REDRIVABLE",
    )
    s3.put_object(Bucket=bucket, Key=f"{prefix}1", Body=b"one")
    answer = machine.redrive(execution)
    assert json.loads(answer["output"]) == {"read": ["zero", "one"], "redrives": 1}
    assert (answer["redriveCount"], answer["redriveStatus"]) == (1, "NOT_REDRIVABLE")
    assert "error" not in answer
    indices = [
        event["mapIterationStartedEventDetails"]["index"]
        for event in machine.history(execution)
        if event["type"] == "MapIterationStarted"
    ]
    assert sorted(indices) == [0, 1, 1]


def test_a_redrive_goes_on_with_the_variables_of_before(local_aws: LocalAws, bucket: str) -> None:
    key = any_name()
    states = {
        "Set": {"Type": "Pass", "Assign": {"a": 1}, "Next": "Read"},
        "Read": then(read(bucket, key, Assign={"a": "{% $a + 1 %}"}), "Done"),
        "Done": {"Type": "Succeed", "Output": "{% $a %}"},
    }
    machine = Machine(local_aws, jsonata("Set", states))
    execution = machine.start({})
    machine.result(execution)
    assert machine.redrive(execution)["status"] == "FAILED"
    local_aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")
    answer = machine.redrive(execution)
    assert (answer["output"], answer["redriveCount"]) == ("2", 2)


def test_what_succeeded_cannot_be_driven_again(local_aws: LocalAws) -> None:
    machine = Machine(local_aws, jsonata("Done", {"Done": {"Type": "Succeed"}}))
    execution = machine.start({})
    machine.result(execution)
    error = refused(local_aws.client("stepfunctions").redrive_execution, executionArn=execution)
    assert error.response["Error"]["Code"] == "ExecutionNotRedrivable"


def test_an_aborted_execution_ends_its_wait_and_can_be_driven_again(local_aws: LocalAws) -> None:
    states = {"Wait": {**HOUR, "Seconds": "{% $exists($states.context.Execution.RedriveTime) ? 1 : 36000 %}"}}
    machine = Machine(local_aws, jsonata("Wait", states))
    execution = machine.start({})
    time.sleep(0.3)
    machine.stop(execution)
    assert machine.result(execution)["status"] == "ABORTED"
    assert machine.redrive(execution)["status"] == "SUCCEEDED"


def test_an_abort_reaches_the_execution_that_is_waited_for(local_aws: LocalAws) -> None:
    nested = Machine(local_aws, jsonata("Wait", {"Wait": {**HOUR, "Seconds": 36_000}}))
    start = "arn:aws:states:::states:startExecution.sync:2"
    task = {"Type": "Task", "Resource": start, "Arguments": {"StateMachineArn": nested.arn}, "End": True}
    machine = Machine(local_aws, jsonata("Task", {"Task": task}))
    execution, states = machine.start({}), local_aws.client("stepfunctions")
    deadline = time.monotonic() + 10
    while (
        not (inner := states.list_executions(stateMachineArn=nested.arn)["executions"]) and time.monotonic() < deadline
    ):
        time.sleep(0.05)
    machine.stop(execution)
    assert nested.result(inner[0]["executionArn"])["status"] == "ABORTED"


def test_an_execution_that_runs_too_long_times_out(local_aws: LocalAws) -> None:
    machine = Machine(local_aws, jsonata("Wait", {"Wait": {**HOUR, "Seconds": 36_000}}, TimeoutSeconds=1))
    execution = machine.start({})
    answer = machine.result(execution)
    assert (answer["status"], "error" in answer) == ("TIMED_OUT", False)
    assert machine.history(execution)[-1]["executionTimedOutEventDetails"]["error"] == "States.Timeout"


def test_ends_of_executions_are_metrics_by_machine(local_aws: LocalAws, bucket: str) -> None:
    key = any_name()
    machine = Machine(local_aws, jsonata("Read", {"Read": read(bucket, key)}))
    execution = machine.start({})
    machine.result(execution)
    local_aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")
    machine.redrive(execution)
    dimensions = [{"Name": "StateMachineArn", "Value": machine.arn}]

    def total(name: str) -> float:
        now = time.time()
        points = local_aws.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/States",
            MetricName=name,
            Dimensions=dimensions,
            StartTime=now - 600,
            EndTime=now + 600,
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))

    ends = ("Started", "Failed", "Redriven", "Succeeded", "TimedOut", "Aborted")
    assert [total(f"Executions{end}") for end in ends] == [1, 1, 1, 1, 0, 0]
    assert total("ExecutionTime") > 0


def test_an_alarm_on_failed_executions_sees_the_failure(local_aws: LocalAws) -> None:
    machine, alarm = Machine(local_aws, jsonata("Fail", {"Fail": {"Type": "Fail"}})), any_name("alarm")
    cloudwatch = local_aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        Namespace="AWS/States",
        MetricName="ExecutionsFailed",
        Dimensions=[{"Name": "StateMachineArn", "Value": machine.arn}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    machine.result(machine.start({}))
    deadline, state = time.monotonic() + 10, ""
    while state != "ALARM" and time.monotonic() < deadline:
        state = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]["StateValue"]
    assert state == "ALARM"


def test_a_task_may_compute_its_time_out(local_aws: LocalAws, bucket: str) -> None:
    nested = Machine(local_aws, jsonata("Wait", {"Wait": HOUR}))
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Arguments": {"StateMachineArn": nested.arn},
        "TimeoutSeconds": "{% $states.input.seconds %}",
        "End": True,
    }
    machine = Machine(local_aws, jsonata("Task", {"Task": task}))
    assert machine.result(machine.start({"seconds": 1}))["error"] == "States.Timeout"


def test_a_state_passes_on_no_more_than_256_kib(local_aws: LocalAws) -> None:
    states = {"Grow": {"Type": "Pass", "Output": "{% $pad('', $states.input, 'x') %}", "End": True}}
    machine = Machine(local_aws, jsonata("Grow", states))
    assert len(machine.run(262_142)) == 262_142
    assert machine.result(machine.start(262_143))["error"] == "States.DataLimitExceeded"


def test_a_redriven_state_that_is_retried_runs_all_its_parts() -> None:
    progress = Progress()
    progress.enter("Map", [1, 2], {})
    progress.divide(2, again=False)[0].finish("a")
    assert [part.finished for part in progress.divide(2, again=False)] == [True, False]
    assert [part.finished for part in progress.divide(2, again=True)] == [False, False]
