"""Transform jobs by boto3: what goes in, what comes out, and how they end."""

import gzip
import json
import time
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from tests.local.conftest import Serve, any_name, refused


@pytest.fixture(scope="module")
def s3(local_aws: LocalAws) -> Any:
    return local_aws.client("s3")


@pytest.fixture(scope="module")
def model(serve: Serve) -> str:
    return serve.model()


class Batch:
    """One bucket, and jobs from `in/` to `out/` in it."""

    def __init__(self, s3: Any, sagemaker: Any, model: str) -> None:
        self._s3, self._sagemaker, self._model = s3, sagemaker, model
        self.bucket = any_name("batch")
        s3.create_bucket(Bucket=self.bucket)

    def put(self, key: str, body: bytes) -> None:
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def request(
        self, uri: str = "in/", data_type: str = "S3Prefix", split: str = "None", assemble: str = "None", **members: Any
    ) -> dict[str, Any]:
        source = {"S3DataSource": {"S3DataType": data_type, "S3Uri": f"s3://{self.bucket}/{uri}"}}
        request = {
            "TransformJobName": any_name("job"),
            "ModelName": self._model,
            "TransformInput": {"DataSource": source, "SplitType": split, "ContentType": "text/csv"},
            "TransformOutput": {"S3OutputPath": f"s3://{self.bucket}/out/", "AssembleWith": assemble},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        }
        return request | members

    def run(self, **members: Any) -> dict[str, Any]:
        """The description of a finished job."""
        return self.ended(self.start(**members))

    def start(self, **members: Any) -> str:
        request = self.request(**members)
        self._sagemaker.create_transform_job(**request)
        return str(request["TransformJobName"])

    def ended(self, name: str) -> dict[str, Any]:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            job: dict[str, Any] = self._sagemaker.describe_transform_job(TransformJobName=name)
            if job["TransformJobStatus"] not in ("InProgress", "Stopping"):
                return job
            time.sleep(0.05)
        raise AssertionError(f"job {name} did not end")

    def outputs(self) -> dict[str, bytes]:
        listed = self._s3.list_objects_v2(Bucket=self.bucket, Prefix="out/").get("Contents", [])
        return {each["Key"]: self._s3.get_object(Bucket=self.bucket, Key=each["Key"])["Body"].read() for each in listed}


@pytest.fixture
def batch(s3: Any, sagemaker: Any, model: str) -> Batch:
    return Batch(s3, sagemaker, model)


def test_each_object_below_the_prefix_gets_its_output_at_the_same_path(batch: Batch) -> None:
    batch.put("in/a.csv", b"one")
    batch.put("in/deep/b.csv", b"two")
    job = batch.run()
    assert job["TransformJobStatus"] == "Completed"
    assert job["TransformStartTime"] <= job["TransformEndTime"]
    assert batch.outputs() == {"out/a.csv.out": b"ONE", "out/deep/b.csv.out": b"TWO"}


def test_lines_sent_alone_come_back_in_order_one_a_line(batch: Batch) -> None:
    lines = [f"line {number}" for number in range(20)]
    batch.put("in/a.csv", "\n".join(lines).encode())
    batch.run(split="Line", assemble="Line", BatchStrategy="SingleRecord", MaxConcurrentTransforms=4, MaxPayloadInMB=6)
    assert batch.outputs()["out/a.csv.out"].decode().split("\n") == [line.upper() for line in lines] + [""]


def test_multi_record_batches_stay_below_the_payload(batch: Batch) -> None:
    batch.put("in/a.csv", b"".join(b"%07d\n" % number for number in range(200_000)))
    assert batch.run(split="Line", BatchStrategy="MultiRecord", MaxPayloadInMB=1)["TransformJobStatus"] == "Completed"
    assert batch.outputs()["out/a.csv.out"].count(b"\n") == 200_000


def test_a_manifest_chooses_the_objects(batch: Batch) -> None:
    for name in ("a", "b", "c"):
        batch.put(f"in/{name}", name.encode())
    batch.put("manifest.json", json.dumps([{"prefix": f"s3://{batch.bucket}/in/"}, "a", "c"]).encode())
    assert batch.run(uri="manifest.json", data_type="ManifestFile")["TransformJobStatus"] == "Completed"
    assert batch.outputs() == {"out/a.out": b"A", "out/c.out": b"C"}


def test_gzipped_objects_are_unpacked_first(batch: Batch) -> None:
    batch.put("in/a.csv.gz", gzip.compress(b"packed"))
    request = batch.request()
    request["TransformInput"]["CompressionType"] = "Gzip"
    batch.run(TransformInput=request["TransformInput"])
    assert batch.outputs() == {"out/a.csv.gz.out": b"PACKED"}


def test_the_job_s_environment_goes_over_the_model_s(batch: Batch) -> None:
    batch.put("in/a", b"!environment COLOUR")
    batch.run(Environment={"COLOUR": "green"})
    assert batch.outputs() == {"out/a.out": b"green"}


def test_execution_parameters_decide_what_the_job_leaves_open(serve: Serve, s3: Any, sagemaker: Any) -> None:
    parameters = {"BatchStrategy": "SINGLE_RECORD", "MaxConcurrentTransforms": 2, "MaxPayloadInMB": 6}
    batch = Batch(s3, sagemaker, serve.model(EXECUTION_PARAMETERS=json.dumps(parameters)))
    batch.put("in/a", b"!bytes 1\n!bytes 2\n")
    batch.run(split="Line", assemble="Line")
    assert batch.outputs() == {"out/a.out": b"x\nxx\n"}


def test_a_prefix_without_objects_fails_in_aws_s_words(batch: Batch) -> None:
    job = batch.run(uri="nothing/")
    assert job["TransformJobStatus"] == "Failed"
    assert f'No S3 objects found under S3 URL "s3://{batch.bucket}/nothing/"' in job["FailureReason"]


def test_a_refusal_by_the_container_fails_the_job_with_its_message(batch: Batch) -> None:
    batch.put("in/bad.csv", b"!status 400")
    reason = batch.run()["FailureReason"]
    assert reason.startswith("ClientError: See job logs for more information")
    assert "in/bad.csv: the container answered 400: as you wished" in reason
    assert batch.outputs() == {}


def test_a_server_error_is_tried_again_as_often_as_the_job_allows(batch: Batch) -> None:
    batch.put("in/a", b"!status 500")
    assert "answered 500" in batch.run(ModelClientConfig={"InvocationsMaxRetries": 0})["FailureReason"]
    started = time.monotonic()
    assert "answered 500" in batch.run(ModelClientConfig={"InvocationsMaxRetries": 3})["FailureReason"]
    # Three pauses of a tenth of a second each.
    assert time.monotonic() - started >= 0.3


def test_a_container_that_dies_of_a_record_fails_the_job(batch: Batch) -> None:
    batch.put("in/a", b"!crash")
    job = batch.run(ModelClientConfig={"InvocationsMaxRetries": 1})
    assert job["TransformJobStatus"] == "Failed"
    assert "answered 503" in job["FailureReason"]


def test_a_container_that_never_gets_healthy_is_an_algorithm_error(serve: Serve, s3: Any, sagemaker: Any) -> None:
    batch = Batch(s3, sagemaker, serve.model(DEAD="1"))
    batch.put("in/a", b"x")
    assert batch.run()["FailureReason"].startswith("AlgorithmError: ")


def test_a_stopped_job_ends_as_stopped_and_cannot_be_stopped_again(batch: Batch, sagemaker: Any) -> None:
    batch.put("in/a", b"!sleep 0.2\n" * 100)
    name = batch.start(split="Line", BatchStrategy="SingleRecord")
    sagemaker.stop_transform_job(TransformJobName=name)
    assert batch.ended(name)["TransformJobStatus"] == "Stopped"
    error = refused(sagemaker.stop_transform_job, TransformJobName=name)
    assert "in status Stopped" in str(error)


def test_a_job_name_is_never_free_again(batch: Batch, sagemaker: Any) -> None:
    batch.put("in/a", b"x")
    request = batch.request()
    sagemaker.create_transform_job(**request)
    batch.ended(request["TransformJobName"])
    error = refused(sagemaker.create_transform_job, **request)
    assert error.response["Error"]["Code"] == "ResourceInUse"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"MaxPayloadInMB": 51, "MaxConcurrentTransforms": 2}, "MaxConcurrentTransforms x MaxPayloadInMB"),
        ({"MaxPayloadInMB": 101}, "MaxPayloadInMB"),
        ({"ModelClientConfig": {"InvocationsMaxRetries": 4}}, "InvocationsMaxRetries"),
        ({"ModelName": "no-such-model"}, "Could not find model"),
        ({"DataProcessing": {"InputFilter": "$[1:]"}}, "ContentType and Accept must be the same"),
    ],
)
def test_a_request_outside_of_the_limits_is_refused(
    batch: Batch, sagemaker: Any, members: dict[str, Any], said: str
) -> None:
    error = refused(sagemaker.create_transform_job, **batch.request(**members))
    assert error.response["Error"]["Code"] == "ValidationException"
    assert said in error.response["Error"]["Message"]


def test_payload_times_concurrency_of_exactly_one_hundred_is_taken(batch: Batch) -> None:
    batch.put("in/a", b"x")
    assert batch.run(MaxPayloadInMB=50, MaxConcurrentTransforms=2)["TransformJobStatus"] == "Completed"


def test_a_job_that_is_not_there_cannot_be_described(sagemaker: Any) -> None:
    assert "Could not find requested job" in str(refused(sagemaker.describe_transform_job, TransformJobName="nowhere"))


def test_jobs_are_listed_by_status(batch: Batch, sagemaker: Any) -> None:
    batch.put("in/a", b"x")
    name = batch.start()
    batch.ended(name)
    for status, listed in (("Completed", [name]), ("Failed", [])):
        rows = sagemaker.list_transform_jobs(NameContains=name, StatusEquals=status)["TransformJobSummaries"]
        assert [row["TransformJobName"] for row in rows] == listed


def test_the_end_of_a_job_is_an_event(batch: Batch, local_aws: LocalAws) -> None:
    events, sqs = local_aws.client("events"), local_aws.client("sqs")
    queue = sqs.create_queue(QueueName=any_name("events"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = any_name("rule")
    pattern = {"detail-type": ["SageMaker Transform Job State Change"], "detail": {"TransformJobStatus": ["Completed"]}}
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": arn}])
    batch.put("in/a", b"x")
    name = batch.run()["TransformJobName"]
    messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5, MaxNumberOfMessages=10)["Messages"]
    events.remove_targets(Rule=rule, Ids=["queue"])
    assert name in [json.loads(message["Body"])["detail"]["TransformJobName"] for message in messages]
