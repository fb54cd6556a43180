"""Models of several containers: in a row, or one of them by request; a process each."""

import json
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from tests.local.conftest import IMAGE, ROLE, Serve, any_name, children_of, on_instances, refused, without_instances


def container(hostname: str | None = None, **environment: str) -> dict[str, Any]:
    given = {"Image": IMAGE, "Environment": environment}
    return given | ({"ContainerHostname": hostname} if hostname else {})


def model_of(sagemaker: Any, *containers: dict[str, Any], mode: str | None = None) -> str:
    name = any_name("several")
    members = {"InferenceExecutionConfig": {"Mode": mode}} if mode else {}
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, Containers=list(containers), **members)
    return name


def refusal_of(sagemaker: Any, *containers: dict[str, Any], **members: Any) -> str:
    error = refused(
        sagemaker.create_model, ModelName=any_name(), ExecutionRoleArn=ROLE, Containers=list(containers), **members
    ).response["Error"]
    assert error["Code"] == "ValidationException"
    return str(error["Message"])


@pytest.fixture(scope="module")
def pipeline(sagemaker: Any, serve: Serve) -> str:
    """Two containers: the first adds `ers` to the body, the second is the echo server."""
    return serve.endpoint(serve.config(on_instances(model_of(sagemaker, container(SUFFIX="ers"), container()))))


@pytest.fixture(scope="module")
def direct(sagemaker: Any, serve: Serve) -> str:
    """The containers `red` and `blue`, each with its COLOUR."""
    pair = [container(name, COLOUR=name) for name in ("red", "blue")]
    return serve.endpoint(serve.config(on_instances(model_of(sagemaker, *pair, mode="Direct"))))


def body_of(answer: dict[str, Any]) -> str:
    text: bytes = answer["Body"].read()
    return text.decode()


def test_the_answer_of_a_container_is_the_request_of_the_next(runtime: Any, pipeline: str) -> None:
    assert body_of(runtime.invoke_endpoint(EndpointName=pipeline, Body=b"numb")) == "NUMBERS"


def test_the_next_container_sees_the_content_type_of_the_answer(runtime: Any, pipeline: str) -> None:
    answer = runtime.invoke_endpoint(
        EndpointName=pipeline, Body=b"!head", ContentType="text/csv", Accept="text/plain", CustomAttributes="a=b"
    )
    seen = json.loads(answer["Body"].read())
    # The first container answers with the type it was asked for: JSON, as between containers.
    assert seen["content-type"] == "application/json"
    assert seen["accept"] == "text/plain"
    assert seen["x-amzn-sagemaker-custom-attributes"] == "a=b"


def test_each_container_is_a_process(local_aws: LocalAws, sagemaker: Any, serve: Serve) -> None:
    before = set(children_of(local_aws.pid))
    serve.endpoint(serve.config(on_instances(model_of(sagemaker, container(), container(), container()))))
    assert len(set(children_of(local_aws.pid)) - before) == 3


def test_an_error_in_the_middle_ends_the_pipeline_and_names_its_container(
    runtime: Any, sagemaker: Any, serve: Serve
) -> None:
    model = model_of(sagemaker, container(SUFFIX=" 418"), container(), container(SUFFIX="never"))
    endpoint = serve.endpoint(serve.config(on_instances(model)))
    error = refused(runtime.invoke_endpoint, EndpointName=endpoint, Body=b"!status").response
    assert error["OriginalStatusCode"] == 418
    begin = 'Received client error (418) from container-2 with message "as you wished".'
    assert error["Error"]["Message"].startswith(begin)


def test_a_pipeline_is_in_service_only_when_every_container_is_healthy(sagemaker: Any, serve: Serve) -> None:
    endpoint = serve.endpoint(serve.config(on_instances(model_of(sagemaker, container(), container(DEAD="1")))))
    answer = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert answer["EndpointStatus"] == "Failed"
    assert "dead on arrival" in answer["FailureReason"]


def test_after_a_failed_start_no_container_is_left(local_aws: LocalAws, sagemaker: Any, serve: Serve) -> None:
    before = set(children_of(local_aws.pid))
    serve.endpoint(serve.config(on_instances(model_of(sagemaker, container(), container(DEAD="1")))))
    assert set(children_of(local_aws.pid)) - before == set()


def test_the_images_of_all_containers_are_described(sagemaker: Any, pipeline: str) -> None:
    variant = sagemaker.describe_endpoint(EndpointName=pipeline)["ProductionVariants"][0]
    assert [each["SpecifiedImage"] for each in variant["DeployedImages"]] == [IMAGE, IMAGE]


@pytest.mark.parametrize("name", ["red", "blue"])
def test_a_request_chooses_its_container(runtime: Any, direct: str, name: str) -> None:
    answer = runtime.invoke_endpoint(EndpointName=direct, TargetContainerHostname=name, Body=b"!environment COLOUR")
    assert body_of(answer) == name


def test_the_error_of_a_chosen_container_names_it(runtime: Any, direct: str) -> None:
    error = refused(
        runtime.invoke_endpoint, EndpointName=direct, TargetContainerHostname="blue", Body=b"!status 500"
    ).response["Error"]
    assert error["Message"].startswith("Received server error (500) from blue")


def test_direct_invocation_needs_a_container(runtime: Any, direct: str) -> None:
    error = refused(runtime.invoke_endpoint, EndpointName=direct, Body=b"x").response["Error"]
    assert error["Code"] == "ValidationError"
    assert "requires a target container hostname header, one of red, blue" in error["Message"]


def test_a_container_that_is_not_there_is_refused(runtime: Any, direct: str) -> None:
    error = refused(runtime.invoke_endpoint, EndpointName=direct, TargetContainerHostname="green", Body=b"x").response[
        "Error"
    ]
    assert (error["Code"], "Container green not found" in error["Message"]) == ("ValidationError", True)


def test_a_pipeline_refuses_the_choice_of_a_container(runtime: Any, pipeline: str) -> None:
    error = refused(
        runtime.invoke_endpoint, EndpointName=pipeline, TargetContainerHostname="container-1", Body=b"x"
    ).response["Error"]
    assert error["Code"] == "ValidationError"
    assert "not configured for direct invocation" in error["Message"]


def test_an_asynchronous_request_has_no_way_to_choose_a_container(runtime: Any, sagemaker: Any, serve: Serve) -> None:
    pair = [container(name) for name in ("red", "blue")]
    config = serve.config(
        on_instances(model_of(sagemaker, *pair, mode="Direct")),
        AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://any-bucket/success"}},
    )
    error = refused(
        runtime.invoke_endpoint_async, EndpointName=serve.endpoint(config), InputLocation="s3://any/input"
    ).response["Error"]
    assert error["Code"] == "ValidationError"


def test_a_batch_job_goes_through_the_whole_pipeline(local_aws: LocalAws, sagemaker: Any) -> None:
    s3, bucket, job = local_aws.client("s3"), any_name("batch"), any_name("job")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="in/a.txt", Body=b"numb")
    sagemaker.create_transform_job(
        TransformJobName=job,
        ModelName=model_of(sagemaker, container(SUFFIX="ers"), container()),
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/in"}}},
        TransformOutput={"S3OutputPath": f"s3://{bucket}/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    sagemaker.get_waiter("transform_job_completed_or_stopped").wait(
        TransformJobName=job, WaiterConfig={"Delay": 0, "MaxAttempts": 2000}
    )
    written = s3.list_objects_v2(Bucket=bucket, Prefix="out/")["Contents"]
    assert [s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in written] == [b"NUMBERS"]


def test_a_stack_makes_direct_invocation(local_aws: LocalAws, runtime: Any) -> None:
    variant = {
        "VariantName": "all",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1,
    }
    properties = {
        "Model": {
            "ExecutionRoleArn": ROLE,
            "Containers": [container(name, COLOUR=name) for name in ("red", "blue")],
            "InferenceExecutionConfig": {"Mode": "Direct"},
        },
        "EndpointConfig": {"ProductionVariants": [variant]},
        "Endpoint": {"EndpointConfigName": {"Fn::GetAtt": ["EndpointConfig", "EndpointConfigName"]}},
    }
    resources = {name: {"Type": f"AWS::SageMaker::{name}", "Properties": each} for name, each in properties.items()}
    outputs = {"Name": {"Value": {"Fn::GetAtt": ["Endpoint", "EndpointName"]}}}
    cloudformation, stack = local_aws.client("cloudformation"), any_name("stack")
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": resources, "Outputs": outputs}))
    fast = {"Delay": 0, "MaxAttempts": 2000}
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=fast)
    name = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"][0]["OutputValue"]
    answer = runtime.invoke_endpoint(EndpointName=name, TargetContainerHostname="blue", Body=b"!environment COLOUR")
    assert body_of(answer) == "blue"
    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig=fast)


def test_direct_invocation_needs_hostnames(sagemaker: Any) -> None:
    message = refusal_of(sagemaker, container("red"), container(), InferenceExecutionConfig={"Mode": "Direct"})
    assert "ContainerHostname with direct invocation must be given on every container" in message


def test_direct_invocation_needs_two_containers(sagemaker: Any) -> None:
    message = refusal_of(sagemaker, container("red"), InferenceExecutionConfig={"Mode": "Direct"})
    assert "containers of a model with direct invocation must be" in message


def test_two_containers_of_one_hostname_are_refused(sagemaker: Any) -> None:
    assert "must be unique, got red, red" in refusal_of(sagemaker, container("red"), container("red"))


def test_hostnames_in_a_pipeline_are_given_to_all_or_none(sagemaker: Any) -> None:
    assert "given on every container or on none" in refusal_of(sagemaker, container("red"), container())


def test_sixteen_containers_are_one_too_many(sagemaker: Any) -> None:
    assert "got 16" in refusal_of(sagemaker, *[container() for _ in range(16)])


def test_two_multi_model_containers_in_a_pipeline_are_refused_in_aws_s_words(sagemaker: Any) -> None:
    many = container() | {"Mode": "MultiModel", "ModelDataUrl": "s3://any/models/"}
    message = refusal_of(sagemaker, many, many)
    assert message == "More than one container in MultiModel mode is not supported with inference pipeline."


def test_a_pipeline_is_not_serverless(sagemaker: Any) -> None:
    variant = without_instances(model_of(sagemaker, container(), container()))
    error = refused(
        sagemaker.create_endpoint_config, EndpointConfigName=any_name(), ProductionVariants=[variant]
    ).response["Error"]
    assert "more than one container" in error["Message"]
