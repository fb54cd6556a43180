"""What a stack's outputs tell the client, and what it says where they tell nothing."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from constructs_lib.client import InferenceClient, InferenceOption, NotDeployed, StackNotFound
from constructs_lib.client.base import option_of
from constructs_lib.client.deployed import Deployed

ASYNC = {
    "InferenceOption": "async",
    "EndpointName": "e",
    "InputBucketName": "in",
    "OutputBucketName": "out",
    "NotificationQueueUrl": "https://queue",
}


def test_outputs_become_names() -> None:
    found = Deployed.from_outputs("S", ASYNC | {"InputPrefix": "mine/"}, "")
    assert found.inference_option is InferenceOption.ASYNC
    assert (found.endpoint_name, found.input_bucket, found.input_prefix) == ("e", "in", "mine/")
    assert (found.output_bucket, found.notification_queue_url, found.status_table) == ("out", "https://queue", None)


def test_requests_go_under_a_prefix_of_their_own_unless_the_stack_names_one() -> None:
    assert Deployed.from_outputs("S", ASYNC, "").input_prefix == "requests/"


def test_a_prefix_tells_endpoints_of_one_stack_apart() -> None:
    outputs = {f"Fast{name}": value for name, value in ASYNC.items()} | {"EndpointName": "other"}
    assert Deployed.from_outputs("S", outputs, "Fast").endpoint_name == "e"
    assert Deployed.from_outputs("S", outputs, "").endpoint_name == "other"


def test_a_pipeline_is_found_without_an_endpoint() -> None:
    found = Deployed.from_outputs("S", {"InferenceOption": "batch", "StateMachineArn": "arn"}, "")
    assert (found.state_machine_arn, found.inference_option) == ("arn", InferenceOption.BATCH)


@pytest.mark.parametrize(
    ("outputs", "parts"),
    [
        ({}, ["stack S has no output EndpointName or StateMachineArn", "it has no outputs", "add_outputs()"]),
        ({"Other": "x"}, ["it has Other"]),
        ({"FastEndpointName": "e"}, ["or give prefix='Fast'"]),
    ],
)
def test_outputs_that_name_nothing_say_what_to_do(outputs: dict[str, str], parts: list[str]) -> None:
    with pytest.raises(NotDeployed) as caught:
        Deployed.from_outputs("S", outputs, "")
    assert [part for part in parts if part not in str(caught.value)] == []


def session(describe: Any) -> Any:
    client = SimpleNamespace(describe_stacks=describe, meta=SimpleNamespace(region_name="eu-west-1"))
    return SimpleNamespace(client=lambda *_, **__: client)


def test_a_stack_is_asked_for_its_outputs() -> None:
    outputs = [{"OutputKey": name, "OutputValue": value} for name, value in ASYNC.items()]
    client = InferenceClient.for_stack("S", session=session(lambda **_: {"Stacks": [{"Outputs": outputs}]}))
    assert client.deployed.endpoint_name == "e"
    assert client.inference_option is InferenceOption.ASYNC


def test_a_stack_that_is_not_there_is_named_with_its_region() -> None:
    def describe(**_: object) -> None:
        raise ClientError(
            {"Error": {"Code": "ValidationError", "Message": "Stack with id S does not exist"}}, "DescribeStacks"
        )

    with pytest.raises(StackNotFound, match=re.escape("there is no stack S in eu-west-1")):
        InferenceClient.for_stack("S", session=session(describe))


def test_another_refusal_of_aws_passes_unchanged() -> None:
    def describe(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeStacks")

    with pytest.raises(ClientError, match="AccessDenied"):
        InferenceClient.for_stack("S", session=session(describe))


@pytest.mark.parametrize(
    ("described", "option"),
    [
        ({"ProductionVariants": [{"CurrentServerlessConfig": {"MaxConcurrency": 1}}]}, InferenceOption.SERVERLESS),
        ({"AsyncInferenceConfig": {"OutputConfig": {}}}, InferenceOption.ASYNC),
        ({"ProductionVariants": [{"VariantName": "v"}]}, InferenceOption.REALTIME),
    ],
)
def test_sagemaker_s_description_tells_how_an_endpoint_serves(described: Any, option: InferenceOption) -> None:
    assert option_of(described) is option


def test_who_may_not_describe_an_endpoint_is_taken_to_call_a_real_time_one() -> None:
    def describe(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeEndpoint")

    sagemaker = SimpleNamespace(describe_endpoint=describe)
    client = InferenceClient(endpoint_name="e", session=SimpleNamespace(client=lambda *_, **__: sagemaker))
    assert client.inference_option is InferenceOption.REALTIME


def test_who_may_not_describe_an_endpoint_may_call_it_in_any_way() -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeEndpoint")

    def take(**_: object) -> dict[str, str]:
        return {"OutputLocation": "s3://out/a"}

    service = SimpleNamespace(describe_endpoint=refuse, invoke_endpoint_async=take)
    client = InferenceClient(endpoint_name="e", session=SimpleNamespace(client=lambda *_, **__: service))
    assert client.submit("x").output_location == "s3://out/a"


def test_a_client_of_nothing_says_what_it_lacks() -> None:
    client = InferenceClient(inference_option="realtime")
    with pytest.raises(NotDeployed, match="needs endpoint_name, and the client's arguments do not give it"):
        client.predict("x")


def test_a_way_of_serving_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="sideways"):
        InferenceClient(endpoint_name="e", inference_option="sideways")
