"""The control plane by boto3, against what AWS documents."""

import time
from typing import Any

import pytest

from constructs_lib.facts import serverless
from tests.local.conftest import IMAGE, ROLE, Serve, any_name, on_instances, refused, settled, without_instances

ACCOUNT_ARN = "arn:aws:sagemaker:us-east-1:000000000000"


def test_a_model_is_described_as_it_was_created(sagemaker: Any, serve: Serve) -> None:
    name = serve.model(COLOUR="blue")
    answer = sagemaker.describe_model(ModelName=name)
    assert answer["ModelArn"] == f"{ACCOUNT_ARN}:model/{name}"
    assert answer["PrimaryContainer"]["Environment"] == {"COLOUR": "blue"}


def test_a_second_model_of_the_same_name_is_refused(sagemaker: Any, serve: Serve) -> None:
    name = serve.model()
    error = refused(
        sagemaker.create_model, ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}
    ).response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"] == f'Cannot create already existing model "{ACCOUNT_ARN}:model/{name}".'


def test_an_image_without_a_local_command_is_refused_with_the_known_names(sagemaker: Any) -> None:
    error = refused(
        sagemaker.create_model,
        ModelName=any_name(),
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/unheard-of:1"},
    ).response["Error"]
    assert "repository 'team/unheard-of'" in error["Message"]
    assert "known repositories: echo" in error["Message"]


def test_a_deleted_model_is_gone(sagemaker: Any, serve: Serve) -> None:
    name = serve.model()
    sagemaker.delete_model(ModelName=name)
    error = refused(sagemaker.describe_model, ModelName=name).response["Error"]
    assert error == {"Code": "ValidationException", "Message": f'Could not find model "{ACCOUNT_ARN}:model/{name}".'}


@pytest.mark.parametrize("name", ["-begins-with-a-dash", "a" * 64, "under_score"])
def test_a_name_that_aws_does_not_allow_is_refused(sagemaker: Any, name: str) -> None:
    error = refused(
        sagemaker.create_model, ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}
    ).response["Error"]
    assert error["Code"] == "ValidationException"
    assert f"Value '{name}' at 'ModelName'" in error["Message"]


def test_a_configuration_of_a_model_that_is_not_there_is_refused(sagemaker: Any) -> None:
    variant = on_instances("no-such-model")
    error = refused(
        sagemaker.create_endpoint_config, EndpointConfigName=any_name(), ProductionVariants=[variant]
    ).response["Error"]
    assert error["Message"] == f'Could not find model "{ACCOUNT_ARN}:model/no-such-model".'


@pytest.mark.parametrize("memory", serverless.MEMORY_SIZE_IN_MB.allowed.values)  # type: ignore[union-attr]
def test_every_serverless_memory_of_the_facts_is_taken(sagemaker: Any, serve: Serve, memory: int) -> None:
    variant = without_instances(serve.model())
    variant["ServerlessConfig"]["MemorySizeInMB"] = memory
    name = serve.config(variant)
    answer = sagemaker.describe_endpoint_config(EndpointConfigName=name)
    assert answer["ProductionVariants"][0]["ServerlessConfig"]["MemorySizeInMB"] == memory


@pytest.mark.parametrize(
    ("member", "value"), [("MemorySizeInMB", 2000), ("MaxConcurrency", serverless.MAX_CONCURRENCY.maximum + 1)]
)
def test_a_serverless_value_off_its_limit_is_refused(sagemaker: Any, serve: Serve, member: str, value: int) -> None:
    variant = without_instances(serve.model())
    variant["ServerlessConfig"][member] = value
    error = refused(
        sagemaker.create_endpoint_config, EndpointConfigName=any_name(), ProductionVariants=[variant]
    ).response["Error"]
    assert f"Value '{value}' at 'ProductionVariants.1.member.ServerlessConfig.{member}'" in error["Message"]


def test_more_provisioned_than_maximum_concurrency_is_refused(sagemaker: Any, serve: Serve) -> None:
    variant = without_instances(serve.model(), max_concurrency=2)
    variant["ServerlessConfig"]["ProvisionedConcurrency"] = 3
    error = refused(
        sagemaker.create_endpoint_config, EndpointConfigName=any_name(), ProductionVariants=[variant]
    ).response["Error"]
    assert "ProvisionedConcurrency (3) must be at most MaxConcurrency (2)" in error["Message"]


def test_two_variants_of_one_name_are_refused(sagemaker: Any, serve: Serve) -> None:
    variant = on_instances(serve.model())
    error = refused(
        sagemaker.create_endpoint_config, EndpointConfigName=any_name(), ProductionVariants=[variant, variant]
    ).response["Error"]
    assert "variant names must be unique" in error["Message"]


def test_an_endpoint_is_in_service_once_its_container_answers_ping(sagemaker: Any, serve: Serve) -> None:
    name = any_name("slow")
    config = serve.config(on_instances(serve.model(START_AFTER="0.6"), count=2))
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    assert sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "Creating"
    answer = settled(sagemaker, name)
    assert answer["EndpointStatus"] == "InService"
    assert answer["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert (answer["LastModifiedTime"] - answer["CreationTime"]).total_seconds() > 0.6
    sagemaker.delete_endpoint(EndpointName=name)


def test_a_container_that_dies_fails_the_endpoint_with_the_reason(sagemaker: Any, serve: Serve) -> None:
    answer = sagemaker.describe_endpoint(EndpointName=serve(DEAD="1"))
    assert answer["EndpointStatus"] == "Failed"
    assert "exited with code 1" in answer["FailureReason"]
    assert "dead on arrival" in answer["FailureReason"]


def test_an_artifact_that_is_not_there_fails_the_endpoint_with_the_reason(sagemaker: Any, serve: Serve) -> None:
    model = any_name("model")
    container = {"Image": IMAGE, "ModelDataUrl": "s3://no-such-bucket/model.tar.gz"}
    sagemaker.create_model(ModelName=model, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    answer = sagemaker.describe_endpoint(EndpointName=serve.endpoint(serve.config(on_instances(model))))
    assert answer["EndpointStatus"] == "Failed"
    assert "s3://no-such-bucket/model.tar.gz" in answer["FailureReason"]


def test_a_second_endpoint_of_the_same_name_is_refused(sagemaker: Any, serve: Serve) -> None:
    config = serve.config(on_instances(serve.model()))
    name = serve.endpoint(config)
    error = refused(sagemaker.create_endpoint, EndpointName=name, EndpointConfigName=config).response["Error"]
    assert error["Message"] == f'Cannot create already existing endpoint "{ACCOUNT_ARN}:endpoint/{name}".'


def test_an_endpoint_of_a_configuration_that_is_not_there_is_refused(sagemaker: Any) -> None:
    error = refused(sagemaker.create_endpoint, EndpointName=any_name(), EndpointConfigName="none").response["Error"]
    assert error["Message"] == f'Could not find endpoint configuration "{ACCOUNT_ARN}:endpoint-config/none".'


def test_a_deleted_endpoint_is_gone_and_its_process_with_it(sagemaker: Any, runtime: Any, serve: Serve) -> None:
    name = serve()
    sagemaker.delete_endpoint(EndpointName=name)
    deadline = time.monotonic() + 10
    while sagemaker.list_endpoints(NameContains=name)["Endpoints"] and time.monotonic() < deadline:
        time.sleep(0.05)
    error = refused(sagemaker.describe_endpoint, EndpointName=name).response["Error"]
    assert error["Message"] == f'Could not find endpoint "{ACCOUNT_ARN}:endpoint/{name}".'


def test_lists_come_in_pages_and_by_name(sagemaker: Any, serve: Serve) -> None:
    made = sorted(serve.model() for _ in range(3))
    arguments = {"NameContains": "model-", "SortBy": "Name", "SortOrder": "Ascending"}
    pages = sagemaker.get_paginator("list_models").paginate(**arguments, PaginationConfig={"PageSize": 2})
    names = [model["ModelName"] for page in pages for model in page["Models"]]
    assert names == sorted(names)
    assert set(made) <= set(names)
    assert len(sagemaker.list_models(MaxResults=2)["Models"]) == 2


def test_tags_are_added_listed_and_deleted(sagemaker: Any, serve: Serve) -> None:
    arn = sagemaker.describe_model(ModelName=serve.model())["ModelArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "red"}, {"Key": "cost", "Value": "low"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["cost"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "red"}]


def test_an_operation_that_is_not_there_says_which_ones_are(sagemaker: Any) -> None:
    error = refused(sagemaker.list_notebook_instances).response["Error"]
    assert error["Code"] == "UnknownOperationException"
    assert "CreateEndpoint" in error["Message"]
