"""InvokeEndpoint by boto3: answers, headers, limits and errors as AWS documents them."""

import json
import threading
import time
from collections import Counter
from typing import Any

import pytest

from constructs_lib.facts import asynchronous, realtime, serverless
from tests.local.conftest import WEIGHTS, Serve, on_instances, refused, without_instances

ASYNC = {"OutputConfig": {"S3OutputPath": "s3://any-bucket/success"}}


@pytest.fixture(scope="module")
def endpoint(serve: Serve) -> str:
    return serve()


@pytest.fixture(scope="module")
def serverless_endpoint(serve: Serve) -> str:
    return serve.endpoint(serve.config(without_instances(serve.model(), max_concurrency=1)))


@pytest.fixture(scope="module")
def asynchronous_endpoint(serve: Serve) -> str:
    return serve.endpoint(serve.config(on_instances(serve.model()), AsyncInferenceConfig=ASYNC))


def test_the_container_s_answer_comes_back_with_its_content_type(runtime: Any, endpoint: str) -> None:
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"hello", Accept="application/json")
    assert answer["Body"].read() == b"HELLO"
    assert answer["ContentType"] == "application/json"
    assert answer["InvokedProductionVariant"] == "all"


def test_a_content_type_with_parameters_is_left_alone(runtime: Any, endpoint: str) -> None:
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"hello", Accept="application/json; charset=utf-8")
    assert answer["ContentType"] == "application/json; charset=utf-8"


def test_content_type_accept_and_attributes_reach_the_container(runtime: Any, endpoint: str) -> None:
    arguments = {"ContentType": "text/csv", "CustomAttributes": "a=b", "InferenceId": "id-1", "Accept": "text/plain"}
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"!headers", **arguments)
    assert answer["CustomAttributes"] == "a=b"
    seen = json.loads(answer["Body"].read())
    assert seen["content-type"] == "text/csv"
    assert seen["x-amzn-sagemaker-custom-attributes"] == "a=b"
    assert seen["x-amzn-sagemaker-inference-id"] == "id-1"
    assert "authorization" not in seen


def test_the_artifact_is_unpacked_for_the_container(runtime: Any, endpoint: str) -> None:
    assert runtime.invoke_endpoint(EndpointName=endpoint, Body=b"!model weights.txt")["Body"].read() == WEIGHTS


def test_an_endpoint_that_is_not_there_is_a_validation_error(runtime: Any) -> None:
    error = refused(runtime.invoke_endpoint, EndpointName="nowhere", Body=b"x").response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error["Error"] == {
        "Code": "ValidationError",
        "Message": "Endpoint nowhere of account 000000000000 not found.",
    }


@pytest.mark.parametrize(("status", "whose"), [(400, "client"), (415, "client"), (500, "server"), (503, "server")])
def test_a_container_s_error_is_a_model_error(runtime: Any, endpoint: str, status: int, whose: str) -> None:
    error = refused(runtime.invoke_endpoint, EndpointName=endpoint, Body=f"!status {status}".encode()).response
    assert error["Error"]["Code"] == "ModelError"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert error["OriginalStatusCode"] == status
    assert error["OriginalMessage"] == "as you wished"
    assert error["LogStreamArn"].endswith(f"/aws/sagemaker/Endpoints/{endpoint}")
    begin = f'Received {whose} error ({status}) from primary with message "as you wished".'
    assert error["Error"]["Message"].startswith(begin)


def test_a_payload_of_the_limit_is_served(runtime: Any, endpoint: str) -> None:
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x" * realtime.PAYLOAD.maximum)
    assert len(answer["Body"].read()) == realtime.PAYLOAD.maximum


def test_a_payload_one_byte_too_large_is_refused(runtime: Any, endpoint: str) -> None:
    body = b"x" * (realtime.PAYLOAD.maximum + 1)
    error = refused(runtime.invoke_endpoint, EndpointName=endpoint, Body=body).response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error["Error"]["Code"] == "ValidationError"
    assert error["Error"]["Message"].endswith("has oversize body.")


def test_a_serverless_payload_of_the_limit_is_served(runtime: Any, serverless_endpoint: str) -> None:
    answer = runtime.invoke_endpoint(EndpointName=serverless_endpoint, Body=b"x" * serverless.PAYLOAD.maximum)
    assert len(answer["Body"].read()) == serverless.PAYLOAD.maximum


def test_a_serverless_payload_one_byte_too_large_is_refused(runtime: Any, serverless_endpoint: str) -> None:
    body = b"x" * (serverless.PAYLOAD.maximum + 1)
    error = refused(runtime.invoke_endpoint, EndpointName=serverless_endpoint, Body=body).response["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"].endswith("has oversize body.")


def test_a_serverless_answer_one_byte_too_large_is_a_model_error(runtime: Any, serverless_endpoint: str) -> None:
    body = f"!bytes {serverless.PAYLOAD.maximum + 1}".encode()
    error = refused(runtime.invoke_endpoint, EndpointName=serverless_endpoint, Body=body).response["Error"]
    assert error["Code"] == "ModelError"


def test_serverless_invocations_beyond_the_maximum_concurrency_are_throttled(
    runtime: Any, serverless_endpoint: str
) -> None:
    slow = threading.Thread(
        target=runtime.invoke_endpoint, kwargs={"EndpointName": serverless_endpoint, "Body": b"!sleep 0.6"}
    )
    slow.start()
    time.sleep(0.25)
    error = refused(runtime.invoke_endpoint, EndpointName=serverless_endpoint, Body=b"x").response["Error"]
    slow.join()
    assert error["Code"] == "ThrottlingException"
    assert runtime.invoke_endpoint(EndpointName=serverless_endpoint, Body=b"x")["Body"].read() == b"X"


def test_a_crashed_container_is_started_again(runtime: Any, endpoint: str) -> None:
    before = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"!pid")["Body"].read()
    error = refused(runtime.invoke_endpoint, EndpointName=endpoint, Body=b"!crash").response["Error"]
    assert error["Code"] == "ServiceUnavailable"
    after = before
    deadline = time.monotonic() + 10
    while after == before and time.monotonic() < deadline:
        try:
            after = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"!pid")["Body"].read()
        except runtime.exceptions.ServiceUnavailable:
            time.sleep(0.05)
    assert after != before


def test_variants_are_chosen_by_weight_and_by_name(runtime: Any, serve: Serve) -> None:
    model = serve.model()
    shares = {"most": 3.0, "none": 0.0}
    variants = [on_instances(model, name, InitialVariantWeight=weight) for name, weight in shares.items()]
    endpoint = serve.endpoint(serve.config(*variants))
    asked = [runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x")["InvokedProductionVariant"] for _ in range(20)]
    assert Counter(asked) == {"most": 20}
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x", TargetVariant="none")
    assert answer["InvokedProductionVariant"] == "none"
    error = refused(runtime.invoke_endpoint, EndpointName=endpoint, Body=b"x", TargetVariant="third").response["Error"]
    assert error["Code"] == "ValidationError"


def test_an_endpoint_serves_on_when_its_configuration_is_deleted(runtime: Any, sagemaker: Any, serve: Serve) -> None:
    config = serve.config(on_instances(serve.model()))
    endpoint = serve.endpoint(config)
    sagemaker.delete_endpoint_config(EndpointConfigName=config)
    assert runtime.invoke_endpoint(EndpointName=endpoint, Body=b"still here")["Body"].read() == b"STILL HERE"


def test_an_asynchronous_endpoint_is_not_invoked_synchronously(runtime: Any, asynchronous_endpoint: str) -> None:
    error = refused(runtime.invoke_endpoint, EndpointName=asynchronous_endpoint, Body=b"x").response["Error"]
    assert error["Code"] == "ValidationError"
    assert "InvokeEndpointAsync" in error["Message"]


def test_a_synchronous_endpoint_is_not_invoked_asynchronously(runtime: Any, endpoint: str) -> None:
    error = refused(runtime.invoke_endpoint_async, EndpointName=endpoint, InputLocation="s3://any/input").response
    assert error["Error"]["Code"] == "ValidationError"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("RequestTTLSeconds", asynchronous.REQUEST_TTL.maximum + 1),
        ("InvocationTimeoutSeconds", asynchronous.INVOCATION_TIMEOUT.maximum + 1),
    ],
)
def test_an_asynchronous_time_beyond_its_limit_is_refused(
    runtime: Any, asynchronous_endpoint: str, member: str, value: int
) -> None:
    error = refused(
        runtime.invoke_endpoint_async,
        EndpointName=asynchronous_endpoint,
        InputLocation="s3://any/input",
        **{member: value},
    ).response["Error"]
    assert error["Code"] == "ValidationError"
    assert f"{member} must be" in error["Message"]
