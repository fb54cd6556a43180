"""InvokeEndpointAsync by boto3: results, failures, notifications, and requests that must not get lost."""

import json
import os
import signal
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from constructs_lib.facts import asynchronous
from constructs_lib.local import LocalAws
from constructs_lib.local.asynchronous.request import AsyncRequest, Outcome
from constructs_lib.local.asynchronous.results import notification_of
from tests.local.conftest import Serve, any_name, on_instances, refused, settled


class Queue:
    """An asynchronous endpoint with its buckets, topics, and a queue that hears of every outcome."""

    def __init__(self, aws: LocalAws, serve: Serve, runtime: Any, concurrency: int = 4) -> None:
        self.s3, self._sns, self._sqs, self._runtime = aws.client("s3"), aws.client("sns"), aws.client("sqs"), runtime
        self.bucket = any_name("async")
        self.s3.create_bucket(Bucket=self.bucket)
        self._queue = self._sqs.create_queue(QueueName=any_name("outcomes"))["QueueUrl"]
        topics = {kind: self._topic() for kind in ("SuccessTopic", "ErrorTopic")}
        output = {
            "S3OutputPath": f"s3://{self.bucket}/success",
            "S3FailurePath": f"s3://{self.bucket}/failure",
            "NotificationConfig": topics | {"IncludeInferenceResponseIn": ["SUCCESS_NOTIFICATION_TOPIC"]},
        }
        client = {"MaxConcurrentInvocationsPerInstance": concurrency}
        config = serve.config(
            on_instances(serve.model()), AsyncInferenceConfig={"ClientConfig": client, "OutputConfig": output}
        )
        self.endpoint = serve.endpoint(config)

    def _topic(self) -> str:
        topic = self._sns.create_topic(Name=any_name("topic"))["TopicArn"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        self._sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        return str(topic)

    def put(self, body: bytes) -> str:
        """The location of a new input."""
        key = f"input/{any_name()}"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    def submit(self, body: bytes, **members: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._runtime.invoke_endpoint_async(
            EndpointName=self.endpoint, InputLocation=self.put(body), **members
        )
        return answer

    def outcomes(self, count: int, within: float = 20.0) -> list[dict[str, Any]]:
        """The next `count` notifications, in any order."""
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + within
        while len(found) < count and time.monotonic() < deadline:
            answer = self._sqs.receive_message(QueueUrl=self._queue, WaitTimeSeconds=1, MaxNumberOfMessages=10)
            for message in answer.get("Messages", []):
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        assert len(found) == count
        return found

    def read(self, location: str) -> bytes:
        bucket, _, key = location.removeprefix("s3://").partition("/")
        body: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body


@pytest.fixture(scope="module")
def queue(local_aws: LocalAws, serve: Serve, runtime: Any) -> Queue:
    return Queue(local_aws, serve, runtime)


def test_the_result_lies_at_the_promised_place_when_the_notification_comes(queue: Queue) -> None:
    answer = queue.submit(b"hello", ContentType="text/csv", Accept="text/plain", CustomAttributes="a=b")
    (message,) = queue.outcomes(1)
    assert queue.read(answer["OutputLocation"]) == b"HELLO"
    assert answer["OutputLocation"].startswith(f"s3://{queue.bucket}/success/")
    assert message["invocationStatus"] == "Completed"
    assert message["responseParameters"] == {"contentType": "text/plain", "outputLocation": answer["OutputLocation"]}
    assert message["requestParameters"]["endpointName"] == queue.endpoint
    assert message["requestParameters"]["customAttributes"] == "a=b"
    assert message["inferenceId"] == answer["InferenceId"]
    assert message["responseBody"]["content"] == "HELLO"


def test_headers_of_the_request_reach_the_container(queue: Queue) -> None:
    answer = queue.submit(b"!headers", ContentType="text/csv", InferenceId="my-id", CustomAttributes="a=b")
    queue.outcomes(1)
    seen = json.loads(queue.read(answer["OutputLocation"]))
    assert (seen["content-type"], seen["x-amzn-sagemaker-inference-id"]) == ("text/csv", "my-id")
    assert seen["x-amzn-sagemaker-custom-attributes"] == "a=b"


def test_a_poisoned_input_leaves_its_error_in_the_failure_path(queue: Queue) -> None:
    answer = queue.submit(b"!status 400")
    (message,) = queue.outcomes(1)
    assert message["invocationStatus"] == "Failed"
    assert "client error (400)" in message["failureReason"]
    assert answer["FailureLocation"].endswith("-error.out")
    assert b"as you wished" in queue.read(answer["FailureLocation"])
    with pytest.raises(ClientError, match="NoSuchKey"):
        queue.read(answer["OutputLocation"])


def test_an_input_that_is_not_there_fails_and_says_which(queue: Queue, runtime: Any) -> None:
    location = f"s3://{queue.bucket}/nothing-here"
    runtime.invoke_endpoint_async(EndpointName=queue.endpoint, InputLocation=location)
    (message,) = queue.outcomes(1)
    assert f"Failed to download the input {location}" in message["failureReason"]


def test_an_inline_body_needs_no_object(queue: Queue, runtime: Any) -> None:
    answer = runtime.invoke_endpoint_async(EndpointName=queue.endpoint, Body=b"inline")
    (message,) = queue.outcomes(1)
    assert queue.read(answer["OutputLocation"]) == b"INLINE"
    assert "inputLocation" not in message["requestParameters"]


def test_an_inline_body_one_byte_too_large_is_refused(queue: Queue, runtime: Any) -> None:
    most = asynchronous.INLINE_PAYLOAD.maximum
    error = refused(runtime.invoke_endpoint_async, EndpointName=queue.endpoint, Body=b"x" * (most + 1))
    assert error.response["Error"]["Code"] == "ValidationError"
    runtime.invoke_endpoint_async(EndpointName=queue.endpoint, Body=b"x" * most)
    assert queue.outcomes(1)[0]["invocationStatus"] == "Completed"


def test_an_inference_id_may_hold_any_characters(queue: Queue) -> None:
    wanted = 'a "quoted" \\ one'
    assert queue.submit(b"x", InferenceId=wanted)["InferenceId"] == wanted
    assert queue.outcomes(1)[0]["inferenceId"] == wanted


def test_every_problem_of_a_request_is_told_at_once(queue: Queue, runtime: Any) -> None:
    error = refused(runtime.invoke_endpoint_async, EndpointName=queue.endpoint, RequestTTLSeconds=60).response
    assert "exactly one of InputLocation and Body must be given" in error["Error"]["Message"]
    error = refused(
        runtime.invoke_endpoint_async,
        EndpointName=queue.endpoint,
        InputLocation="https://elsewhere/input",
        RequestTTLSeconds=21601,
        InvocationTimeoutSeconds=3601,
    ).response
    assert error["Error"]["Code"] == "ValidationError"
    assert "https://elsewhere/input" in error["Error"]["Message"]
    assert "RequestTTLSeconds must be from 60 to 21600 s, got 21601" in error["Error"]["Message"]
    assert "InvocationTimeoutSeconds must be from 1 to 3600 s, got 3601" in error["Error"]["Message"]


def test_requests_are_taken_and_told_of_when_the_configuration_is_deleted(
    local_aws: LocalAws, serve: Serve, runtime: Any, sagemaker: Any
) -> None:
    orphan = Queue(local_aws, serve, runtime)
    config = sagemaker.describe_endpoint(EndpointName=orphan.endpoint)["EndpointConfigName"]
    sagemaker.delete_endpoint_config(EndpointConfigName=config)
    answer = orphan.submit(b"still here")
    assert orphan.outcomes(1)[0]["invocationStatus"] == "Completed"
    assert orphan.read(answer["OutputLocation"]) == b"STILL HERE"


def test_output_path_and_file_name_are_the_caller_s(queue: Queue) -> None:
    answer = queue.submit(b"x", S3OutputPathExtension="by/day", Filename="mine.csv")
    queue.outcomes(1)
    assert answer["OutputLocation"] == f"s3://{queue.bucket}/success/by/day/mine.csv"
    assert queue.read(answer["OutputLocation"]) == b"X"


def test_a_model_slower_than_its_time_out_fails(queue: Queue) -> None:
    queue.submit(b"!sleep 3", InvocationTimeoutSeconds=1)
    assert "did not respond within the time-out of 1 seconds" in queue.outcomes(1)[0]["failureReason"]


def test_no_more_run_at_once_than_the_instances_take(local_aws: LocalAws, serve: Serve, runtime: Any) -> None:
    narrow = Queue(local_aws, serve, runtime, concurrency=2)
    started = time.monotonic()
    for _ in range(4):
        narrow.submit(b"!sleep 0.4")
    narrow.outcomes(4)
    assert time.monotonic() - started >= 0.8


def test_requests_wait_at_zero_and_expire_by_their_own_time_to_live(queue: Queue, sagemaker: Any, runtime: Any) -> None:
    set_count(sagemaker, queue.endpoint, 0)
    # A minute of the sped-up clock: 60 s are one second.
    expiring, patient = queue.submit(b"x", RequestTTLSeconds=60), queue.submit(b"patient")
    (message,) = queue.outcomes(1)
    assert message["inferenceId"] == expiring["InferenceId"]
    assert "RequestTTLSeconds of 60" in message["failureReason"]
    set_count(sagemaker, queue.endpoint, 1)
    (message,) = queue.outcomes(1)
    assert message["inferenceId"] == patient["InferenceId"]


def test_a_crash_in_the_middle_loses_no_request_and_answers_none_twice(
    local_aws: LocalAws, serve: Serve, runtime: Any
) -> None:
    crashing = Queue(local_aws, serve, runtime, concurrency=8)
    pid = crashing.submit(b"!pid")
    crashing.outcomes(1)
    asked = [crashing.submit(b"!sleep 1") for _ in range(6)]
    time.sleep(0.3)
    os.kill(int(crashing.read(pid["OutputLocation"])), signal.SIGKILL)
    seen = [message["inferenceId"] for message in crashing.outcomes(6)]
    assert sorted(seen) == sorted(answer["InferenceId"] for answer in asked)
    assert {crashing.read(answer["OutputLocation"]) for answer in asked} == {b"slept"}
    # The pid changed, so the requests in flight really were cut off.
    again = crashing.submit(b"!pid")
    assert len(crashing.outcomes(1)) == 1
    assert crashing.read(again["OutputLocation"]) != crashing.read(pid["OutputLocation"])


def test_an_input_that_crashes_the_container_each_time_is_given_up(
    local_aws: LocalAws, serve: Serve, runtime: Any
) -> None:
    poisoned = Queue(local_aws, serve, runtime)
    poisoned.submit(b"!crash")
    assert "crashed each time" in poisoned.outcomes(1)[0]["failureReason"]
    poisoned.submit(b"next")
    assert poisoned.outcomes(1)[0]["invocationStatus"] == "Completed"


def test_a_request_that_was_waiting_survives_an_update_of_its_endpoint(
    queue: Queue, serve: Serve, sagemaker: Any
) -> None:
    set_count(sagemaker, queue.endpoint, 0)
    answer = queue.submit(b"patient")
    old = sagemaker.describe_endpoint(EndpointName=queue.endpoint)["AsyncInferenceConfig"]
    config = serve.config(on_instances(serve.model()), AsyncInferenceConfig=old)
    sagemaker.update_endpoint(EndpointName=queue.endpoint, EndpointConfigName=config)
    settled(sagemaker, queue.endpoint)
    assert [message["inferenceId"] for message in queue.outcomes(1)] == [answer["InferenceId"]]


def test_a_message_without_a_written_result_names_no_place() -> None:
    request = AsyncRequest.accept_request(
        {"InputLocation": "s3://any/input"}, {"OutputConfig": {"S3OutputPath": "s3://any/out"}}, now=0.0
    )
    message = notification_of("any", request, Outcome.failure("broken"), None)
    assert (message["failureReason"], "responseParameters" in message) == ("broken", False)


def test_a_response_too_long_for_a_message_stays_out_of_it() -> None:
    request = AsyncRequest.accept_request({"Body": b"x"}, {"OutputConfig": {"S3OutputPath": "s3://any/out"}}, now=0.0)
    most = asynchronous.SNS_RESPONSE.maximum
    for length, carried in ((most, True), (most + 1, False)):
        message = notification_of("any", request, Outcome(b"x" * length), "s3://any/out/x", with_body=True)
        assert ("responseBody" in message) is carried


def set_count(sagemaker: Any, endpoint: str, count: int) -> None:
    change = [{"VariantName": "all", "DesiredInstanceCount": count}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=endpoint, DesiredWeightsAndCapacities=change)
    settled(sagemaker, endpoint)
