"""State machines of the local Step Functions that run transform jobs of the local SageMaker."""

import json
import time
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from tests.local.conftest import Serve, any_name
from tests.local.machines import Machine

RESOURCE = "arn:aws:states:::sagemaker:createTransformJob"


@pytest.fixture(scope="module")
def bucket(local_aws: LocalAws) -> str:
    """A bucket with two inputs below `in/`, one below `slow/` that takes seconds, one below `bad/` that is refused."""
    name = any_name("data")
    s3 = local_aws.client("s3")
    s3.create_bucket(Bucket=name)
    for key, body in {"in/a.csv": b"abc", "in/b.csv": b"def", "slow/a": b"!sleep 20", "bad/a": b"!status 400"}.items():
        s3.put_object(Bucket=name, Key=key, Body=body)
    return name


def arguments(model: str, bucket: str, prefix: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/{prefix}/"}
    return {
        "ModelName": model,
        "TransformInput": {"DataSource": {"S3DataSource": source}, "ContentType": "text/csv"},
        "TransformOutput": {"S3OutputPath": f"s3://{bucket}/out-{prefix}"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }


def jsonata(task: dict[str, Any]) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": f"{RESOURCE}.sync", "End": True, **task}
    return {"QueryLanguage": "JSONata", "StartAt": "Transform", "States": {"Transform": task}}


@pytest.fixture
def job() -> str:
    return any_name("job")


def test_a_job_of_a_jsonata_task_completes_and_writes_its_results(
    local_aws: LocalAws, serve: Serve, bucket: str, job: str
) -> None:
    given = {"TransformJobName": "{% $states.input.job %}", **arguments(serve.model(), bucket, "in")}
    output = {"status": "{% $states.result.TransformJobStatus %}", "began": "{% $states.result.CreationTime %}"}
    machine = Machine(local_aws, jsonata({"Arguments": given, "Output": output}))
    answer = machine.result(machine.start({"job": job}))
    assert answer["status"] == "SUCCEEDED", answer
    assert json.loads(answer["output"])["status"] == "Completed"
    assert json.loads(answer["output"])["began"] > 1_000_000_000_000
    s3 = local_aws.client("s3")
    results = {
        key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in ("out-in/a.csv.out", "out-in/b.csv.out")
    }
    assert results == {"out-in/a.csv.out": b"ABC", "out-in/b.csv.out": b"DEF"}


def test_a_job_of_a_jsonpath_task_completes(local_aws: LocalAws, serve: Serve, bucket: str, job: str) -> None:
    parameters = {"TransformJobName.$": "$.job", **arguments(serve.model(), bucket, "in")}
    task = {"Type": "Task", "Resource": f"{RESOURCE}.sync", "Parameters": parameters, "End": True}
    machine = Machine(local_aws, {"StartAt": "Transform", "States": {"Transform": task}})
    answer = machine.result(machine.start({"job": job}))
    assert json.loads(answer["output"])["TransformJobName"] == job


def test_without_sync_the_execution_does_not_wait(
    local_aws: LocalAws, sagemaker: Any, serve: Serve, bucket: str, job: str
) -> None:
    given = {"TransformJobName": job, **arguments(serve.model(), bucket, "slow")}
    machine = Machine(local_aws, jsonata({"Resource": RESOURCE, "Arguments": given}))
    assert machine.result(machine.start({}))["status"] == "SUCCEEDED"
    assert sagemaker.describe_transform_job(TransformJobName=job)["TransformJobStatus"] == "InProgress"
    sagemaker.stop_transform_job(TransformJobName=job)


def test_a_failing_job_fails_the_execution_with_the_job_in_the_cause(
    local_aws: LocalAws, serve: Serve, bucket: str, job: str
) -> None:
    given = {"TransformJobName": job, **arguments(serve.model(), bucket, "bad")}
    machine = Machine(local_aws, jsonata({"Arguments": given}))
    answer = machine.result(machine.start({}))
    assert (answer["status"], answer["error"]) == ("FAILED", "States.TaskFailed")
    cause = json.loads(answer["cause"])
    assert (cause["TransformJobName"], cause["TransformJobStatus"]) == (job, "Failed")
    assert cause["FailureReason"]


def test_a_job_that_the_api_refuses_can_be_caught_by_its_error(local_aws: LocalAws, bucket: str, job: str) -> None:
    given = {"TransformJobName": job, **arguments("no-such-model", bucket, "in")}
    catch = [{"ErrorEquals": ["SageMaker.AmazonSageMakerException"], "Next": "Caught"}]
    definition = jsonata({"Arguments": given, "Catch": catch})
    definition["States"]["Caught"] = {"Type": "Pass", "Output": "caught", "End": True}
    machine = Machine(local_aws, definition)
    assert json.loads(machine.result(machine.start({}))["output"]) == "caught"


def test_an_aborted_execution_stops_its_job(
    local_aws: LocalAws, sagemaker: Any, serve: Serve, bucket: str, job: str
) -> None:
    given = {"TransformJobName": job, **arguments(serve.model(), bucket, "slow")}
    machine = Machine(local_aws, jsonata({"Arguments": given}))
    execution = machine.start({})
    deadline = time.monotonic() + 10
    while not sagemaker.list_transform_jobs(NameContains=job)["TransformJobSummaries"] and time.monotonic() < deadline:
        time.sleep(0.05)
    machine.stop(execution)
    status = "InProgress"
    while status not in ("Stopped", "Failed", "Completed") and time.monotonic() < deadline:
        status = sagemaker.describe_transform_job(TransformJobName=job)["TransformJobStatus"]
        time.sleep(0.05)
    assert (status, machine.result(execution)["status"]) == ("Stopped", "ABORTED")


def test_an_aborted_map_stops_each_of_its_jobs(
    local_aws: LocalAws, sagemaker: Any, serve: Serve, bucket: str, job: str
) -> None:
    given = {"TransformJobName": "{% $states.input %}", **arguments(serve.model(), bucket, "slow")}
    processor = {"StartAt": "Transform", "States": jsonata({"Arguments": given})["States"]}
    names = [f"{job}-{index}" for index in range(3)]
    each = {"Type": "Map", "Items": names, "MaxConcurrency": 2, "ItemProcessor": processor, "End": True}
    machine = Machine(local_aws, {"QueryLanguage": "JSONata", "StartAt": "Each", "States": {"Each": each}})
    execution = machine.start({})

    def statuses() -> list[str]:
        jobs = sagemaker.list_transform_jobs(NameContains=job)["TransformJobSummaries"]
        return [each["TransformJobStatus"] for each in jobs]

    deadline = time.monotonic() + 10
    while len(statuses()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    machine.stop(execution)
    while statuses() != ["Stopped", "Stopped"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert statuses() == ["Stopped", "Stopped"]  # and the third was never started


def test_any_operation_is_a_task_by_the_sdk_integration(local_aws: LocalAws, serve: Serve) -> None:
    model = serve.model()
    task = {"Resource": "arn:aws:states:::aws-sdk:sagemaker:describeModel", "Arguments": {"ModelName": model}}
    machine = Machine(local_aws, jsonata(task))
    assert json.loads(machine.result(machine.start({}))["output"])["ModelName"] == model


def test_state_changes_of_a_job_are_events(
    local_aws: LocalAws, sagemaker: Any, serve: Serve, bucket: str, job: str
) -> None:
    sqs, events = local_aws.client("sqs"), local_aws.client("events")
    queue = sqs.create_queue(QueueName=any_name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    detail = {"TransformJobName": [job]}
    pattern = {"detail-type": ["SageMaker Transform Job State Change"], "detail": detail}
    rule = any_name("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])
    sagemaker.create_transform_job(TransformJobName=job, **arguments(serve.model(), bucket, "in"))
    states: list[str] = []
    deadline = time.monotonic() + 15
    while states[-1:] != ["Completed"] and time.monotonic() < deadline:
        received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
        states += [json.loads(message["Body"])["detail"]["TransformJobStatus"] for message in received]
    assert states == ["InProgress", "Completed"]
