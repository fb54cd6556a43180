"""What state machines of the local AWS call, and what starts them: S3, functions, metrics, schedules, uploads."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.plugin.function_errors import exception_name
from tests.local.conftest import ROLE, any_name
from tests.local.machines import Machine, jsonata
from tests.local.test_functions import zipped

BEGINS = "Traceback (most recent call last):"
SDK = "arn:aws:states:::aws-sdk:"
HANDLER = """
class InvalidInput(Exception):
    pass

def handler(event, context):
    if "fail" in event:
        raise InvalidInput("line one\\nline two")
    return {"got": event}
"""


def called(aws: LocalAws, resource: str, arguments: Any, **members: Any) -> dict[str, Any]:
    """The end of an execution that calls something."""
    task = {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True, **members}
    machine = Machine(aws, jsonata("Call", {"Call": task}))
    return machine.result(machine.start({}))


@pytest.fixture(scope="module")
def bucket(local_aws: LocalAws) -> str:
    """A bucket of two objects that tells of uploads."""
    name, s3 = any_name("bucket"), local_aws.client("s3")
    s3.create_bucket(Bucket=name)
    for key in ("in/a b.csv", "in/c.csv"):
        s3.put_object(Bucket=name, Key=key, Body=b"1,2")
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    return name


def test_objects_are_listed_and_looked_at_with_numbers(local_aws: LocalAws, bucket: str) -> None:
    where = {"Bucket": bucket, "Prefix": "in/", "MaxKeys": 1}
    listed = json.loads(called(local_aws, f"{SDK}s3:listObjectsV2", where)["output"])
    assert (listed["KeyCount"], listed["IsTruncated"], listed["Contents"][0]["Size"]) == (1, True, 3)
    head = json.loads(called(local_aws, f"{SDK}s3:headObject", {"Bucket": bucket, "Key": "in/a b.csv"})["output"])
    assert head["ContentLength"] == 3


@pytest.mark.parametrize("name", ["headObject", "getObject"])
def test_an_object_that_is_missing_has_the_sdk_s_error(local_aws: LocalAws, bucket: str, name: str) -> None:
    answer = called(local_aws, f"{SDK}s3:{name}", {"Bucket": bucket, "Key": "none"})
    assert answer["error"] == "S3.NoSuchKeyException"


def test_an_object_is_written_as_json_and_read_as_text(local_aws: LocalAws, bucket: str) -> None:
    place = {"Bucket": bucket, "Key": "report.json"}
    assert called(local_aws, f"{SDK}s3:putObject", {**place, "Body": {"a": [1]}})["status"] == "SUCCEEDED"
    answer = called(local_aws, f"{SDK}s3:getObject", place, Output="{% $parse($states.result.Body).a %}")
    assert json.loads(answer["output"]) == [1]
    assert "takes an object or a list" in called(local_aws, f"{SDK}s3:putObject", {**place, "Body": "text"})["cause"]
    assert called(local_aws, f"{SDK}s3:putObject", {**place, "Key": "_SUCCESS"})["status"] == "SUCCEEDED"


def test_a_function_s_error_has_the_name_of_its_exception(local_aws: LocalAws) -> None:
    function = local_aws.client("lambda").create_function(
        FunctionName=any_name(),
        Runtime="python3.12",
        Handler="index.handler",
        Role=ROLE,
        Code={"ZipFile": zipped("index.py", HANDLER)},
    )["FunctionArn"]
    invoke = "arn:aws:states:::lambda:invoke"
    answer = called(local_aws, invoke, {"FunctionName": function, "Payload": {"x": 1}})
    assert json.loads(answer["output"])["Payload"] == {"got": {"x": 1}}
    answer = called(local_aws, invoke, {"FunctionName": function, "Payload": {"fail": 1}})
    assert (answer["error"], json.loads(answer["cause"])["errorMessage"]) == ("InvalidInput", "line one\nline two")


@pytest.mark.parametrize(
    ("log", "name"),
    [
        ("", None),
        (f"said\n{BEGINS}\n  File x\n    y\nValueError: no\n", "ValueError"),
        (f"{BEGINS}\n  File x\na.b.Custom\n", "Custom"),
        (f"{BEGINS}\n  x\nKeyError: 1\n\nDuring handling ...:\n\n{BEGINS}\n  x\nm.Last: two\nlines: here\n", "Last"),
    ],
)
def test_the_last_traceback_names_the_exception(log: str, name: str | None) -> None:
    assert exception_name(log) == name


def test_metrics_keep_values_and_dimensions(local_aws: LocalAws) -> None:
    namespace = any_name("Batch")
    data = {"MetricName": "Cost", "Value": 1.5, "Dimensions": [{"Name": "Pipeline", "Value": "nightly"}]}
    answer = called(local_aws, f"{SDK}cloudwatch:putMetricData", {"Namespace": namespace, "MetricData": [data]})
    assert answer["status"] == "SUCCEEDED", answer
    (metric,) = local_aws.client("cloudwatch").list_metrics(Namespace=namespace)["Metrics"]
    assert metric["Dimensions"] == [{"Name": "Pipeline", "Value": "nightly"}]


def test_a_refusal_of_sagemaker_has_the_sdk_s_error(local_aws: LocalAws) -> None:
    answer = called(local_aws, f"{SDK}sagemaker:describeTransformJob", {"TransformJobName": "none"})
    assert answer["error"] == "SageMaker.SageMakerException"


def inputs(aws: LocalAws, machine: Machine) -> list[Any]:
    """The inputs of the executions of a machine, once there is one, within 15 s."""
    states, deadline = aws.client("stepfunctions"), time.monotonic() + 15
    executions: list[Any] = []
    while not executions and time.monotonic() < deadline:
        executions = states.list_executions(stateMachineArn=machine.arn)["executions"]
        time.sleep(0.05)
    described = (states.describe_execution(executionArn=each["executionArn"]) for each in executions)
    return [json.loads(each["input"]) for each in described]


@pytest.fixture
def machine(local_aws: LocalAws) -> Machine:
    """A machine that does nothing."""
    return Machine(local_aws, jsonata("Done", {"Done": {"Type": "Succeed"}}))


def test_a_schedule_starts_an_execution_and_tells_it_for_when(local_aws: LocalAws, machine: Machine) -> None:
    at = datetime.now(UTC) + timedelta(seconds=2)
    local_aws.client("scheduler").create_schedule(
        Name=any_name(),
        ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": machine.arn, "RoleArn": ROLE, "Input": '{"for": "<aws.scheduler.scheduled-time>"}'},
    )
    (given,) = inputs(local_aws, machine)
    told = datetime.strptime(given["for"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs((told - at).total_seconds()) < 5


def test_an_upload_starts_an_execution_with_its_key(local_aws: LocalAws, bucket: str, machine: Machine) -> None:
    events, rule = local_aws.client("events"), any_name("rule")
    detail = {"bucket": {"name": [bucket]}, "object": {"key": [{"suffix": "_READY"}]}}
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    transformer = {"InputPathsMap": {"key": "$.detail.object.key"}, "InputTemplate": '{"key": <key>}'}
    target = {"Id": "machine", "Arn": machine.arn, "RoleArn": ROLE, "InputTransformer": transformer}
    events.put_targets(Rule=rule, Targets=[target])
    for key in ("in/other", "in/2026/_READY"):
        local_aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"")
    assert inputs(local_aws, machine) == [{"key": "in/2026/_READY"}]
