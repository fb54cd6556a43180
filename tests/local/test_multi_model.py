"""Many models in one container, by SageMaker's contract: fetched and loaded when they are first asked for."""

import io
import json
import tarfile
import time
from collections.abc import Callable
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from tests.local.conftest import IMAGE, ROLE, Serve, any_name, on_instances, refused, without_instances

Endpoint = Callable[..., str]


def packed(weights: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("weights.txt")
        member.size = len(weights)
        archive.addfile(member, io.BytesIO(weights.encode()))
    return buffer.getvalue()


@pytest.fixture(scope="module")
def prefix(local_aws: LocalAws) -> str:
    """Where the models `red`, `green`, `team/blue` and `huge` are."""
    s3, bucket = local_aws.client("s3"), any_name("models")
    s3.create_bucket(Bucket=bucket)
    for name in ("red", "green", "team/blue"):
        s3.put_object(Bucket=bucket, Key=f"all/{name}.tar.gz", Body=packed(name.rpartition("/")[2]))
    s3.put_object(Bucket=bucket, Key="all/huge.tar.gz", Body=packed("too large"))
    return f"s3://{bucket}/all/"


def many_models(sagemaker: Any, prefix: str, **members: Any) -> str:
    """A model in MultiModel mode."""
    name = any_name("many")
    container = {"Image": IMAGE, "Mode": "MultiModel", "ModelDataUrl": prefix} | members
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    return name


@pytest.fixture
def endpoint(sagemaker: Any, serve: Serve, prefix: str) -> Endpoint:
    def make(**members: Any) -> str:
        return serve.endpoint(serve.config(on_instances(many_models(sagemaker, prefix, **members))))

    return make


def ask(runtime: Any, endpoint: str, model: str, body: str = "hello") -> str:
    answer = runtime.invoke_endpoint(EndpointName=endpoint, TargetModel=model, Body=body.encode())
    text: bytes = answer["Body"].read()
    return text.decode()


def test_each_request_is_answered_by_its_target_model(runtime: Any, endpoint: Endpoint) -> None:
    name = endpoint()
    answers = [ask(runtime, name, f"{model}.tar.gz") for model in ("red", "green", "team/blue", "red")]
    assert answers == ["red: hello", "green: hello", "blue: hello", "red: hello"]


def test_a_model_is_loaded_once(runtime: Any, endpoint: Endpoint) -> None:
    name = endpoint()
    for model in ("red", "red", "green", "red"):
        ask(runtime, name, f"{model}.tar.gz")
    assert json.loads(ask(runtime, name, "red.tar.gz", "!log")) == ["load red", "load green"]


def test_a_model_that_comes_later_is_found(
    local_aws: LocalAws, runtime: Any, sagemaker: Any, serve: Serve, prefix: str
) -> None:
    name = serve.endpoint(serve.config(on_instances(many_models(sagemaker, prefix))))
    bucket = prefix.removeprefix("s3://").partition("/")[0]
    local_aws.client("s3").put_object(Bucket=bucket, Key="all/late.tar.gz", Body=packed("late"))
    assert ask(runtime, name, "late.tar.gz") == "late: hello"


def test_the_container_sees_which_model_was_meant(runtime: Any, endpoint: Endpoint) -> None:
    seen = json.loads(ask(runtime, endpoint(), "team/blue.tar.gz", "!headers"))
    assert seen["x-amzn-sagemaker-target-model"] == "team/blue.tar.gz"


def test_without_memory_the_model_used_longest_ago_makes_room(runtime: Any, endpoint: Endpoint) -> None:
    name = endpoint(Environment={"CAPACITY": "2"})
    for model in ("red", "green", "red", "team/blue"):
        ask(runtime, name, f"{model}.tar.gz")
    log = json.loads(ask(runtime, name, "red.tar.gz", "!log"))
    assert log == ["load red", "load green", "unload green", "load blue"]


def test_a_model_that_fits_nowhere_is_a_model_error(runtime: Any, endpoint: Endpoint) -> None:
    name = endpoint()
    error = refused(runtime.invoke_endpoint, EndpointName=name, TargetModel="huge.tar.gz", Body=b"x").response
    assert error["Error"]["Code"] == "ModelError"
    assert (error["OriginalStatusCode"], error["OriginalMessage"]) == (507, "no memory is left")


def test_with_its_cache_disabled_nothing_stays_loaded(runtime: Any, endpoint: Endpoint) -> None:
    name = endpoint(MultiModelConfig={"ModelCacheSetting": "Disabled"})
    ask(runtime, name, "red.tar.gz")
    assert json.loads(ask(runtime, name, "green.tar.gz", "!log")) == ["load red", "unload red", "load green"]


def test_after_a_crash_the_models_are_loaded_again(runtime: Any, endpoint: Endpoint) -> None:
    name = endpoint()
    ask(runtime, name, "red.tar.gz")
    refused(runtime.invoke_endpoint, EndpointName=name, TargetModel="red.tar.gz", Body=b"!crash")
    deadline, answer = time.monotonic() + 10, ""
    while not answer and time.monotonic() < deadline:
        try:
            answer = ask(runtime, name, "red.tar.gz")
        except runtime.exceptions.ServiceUnavailable:
            time.sleep(0.05)
    assert answer == "red: hello"


def test_a_model_that_is_not_there_is_refused_with_its_place(runtime: Any, endpoint: Endpoint, prefix: str) -> None:
    error = refused(runtime.invoke_endpoint, EndpointName=endpoint(), TargetModel="none.tar.gz", Body=b"x").response[
        "Error"
    ]
    assert error["Code"] == "ValidationError"
    bucket = prefix.removeprefix("s3://").partition("/")[0]
    assert error["Message"].startswith(f"Failed to download model data(bucket: {bucket}, key: all/none.tar.gz).")


def test_a_request_without_a_target_model_is_refused(runtime: Any, endpoint: Endpoint) -> None:
    error = refused(runtime.invoke_endpoint, EndpointName=endpoint(), Body=b"x").response["Error"]
    assert error["Code"] == "ValidationError"
    assert "requires a target model header" in error["Message"]


def test_a_target_model_elsewhere_is_refused_in_aws_s_words(runtime: Any, serve: Serve) -> None:
    name = serve()
    error = refused(runtime.invoke_endpoint, EndpointName=name, TargetModel="red.tar.gz", Body=b"x").response["Error"]
    assert error["Code"] == "ValidationError"
    assert (
        error["Message"] == f"Endpoint {name} is not a multi-model endpoint and does not support target model header."
    )


def test_a_multi_model_container_needs_a_prefix(sagemaker: Any) -> None:
    container = {"Image": IMAGE, "Mode": "MultiModel"}
    error = refused(
        sagemaker.create_model, ModelName=any_name(), ExecutionRoleArn=ROLE, PrimaryContainer=container
    ).response["Error"]
    assert "ModelDataUrl of a container in MultiModel mode" in error["Message"]


def test_a_multi_model_container_is_not_serverless(sagemaker: Any, serve: Serve, prefix: str) -> None:
    variant = without_instances(many_models(sagemaker, prefix))
    error = refused(
        sagemaker.create_endpoint_config, EndpointConfigName=any_name(), ProductionVariants=[variant]
    ).response["Error"]
    assert "multi-model container" in error["Message"]
