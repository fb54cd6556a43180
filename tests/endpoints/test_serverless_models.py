"""Models that serverless inference does not take are refused, with what does take them."""

from __future__ import annotations

import re
from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3

from constructs_lib import (
    Container,
    ContainerImage,
    InvalidConfiguration,
    Model,
    ModelArtifact,
    MultiContainerModel,
    MultiModel,
    PipelineModel,
    RegisteredModel,
    ServerlessEndpoint,
    VpcConfig,
)
from constructs_lib.endpoints.model import BaseModel
from tests.support import any_account, any_artifact, any_image, synthesize

PACKAGE = f"arn:aws:sagemaker:eu-west-1:{any_account()}:model-package/pigeons/3"
ON_INSTANCES = "or serve it with RealtimeEndpoint or AsyncEndpoint"


def bucket(stack: cdk.Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "Bucket", "models")


def vpc(stack: cdk.Stack) -> VpcConfig:
    return VpcConfig(vpc=ec2.Vpc(stack, "Vpc"))


def in_a_vpc(stack: cdk.Stack) -> BaseModel:
    return Model(stack, "Model", image=any_image(), vpc_config=vpc(stack))


def isolated(stack: cdk.Stack) -> BaseModel:
    return Model(stack, "Model", image=any_image(), network_isolation=True)


def unpacked(stack: cdk.Stack) -> BaseModel:
    return Model(stack, "Model", image=any_image(), artifact=ModelArtifact.from_prefix(bucket(stack), "large/"))


def of_many(stack: cdk.Stack) -> BaseModel:
    return MultiModel(stack, "Model", image=any_image(), bucket=bucket(stack), prefix="tenants/")


def in_a_row(stack: cdk.Stack) -> BaseModel:
    return PipelineModel(stack, "Model", containers=[Container(image=any_image()) for _ in range(2)])


def side_by_side(stack: cdk.Stack) -> BaseModel:
    containers = [Container(image=any_image(), hostname=name) for name in ("breed", "species")]
    return MultiContainerModel(stack, "Model", containers=containers)


def refused(build: Callable[[cdk.Stack], BaseModel]) -> tuple[str, ...]:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(InvalidConfiguration) as caught:
        ServerlessEndpoint(stack, "Endpoint", model=build(stack))
    return tuple(caught.value.problems)


@pytest.mark.parametrize(
    ("build", "problem", "instead", "row"),
    [
        (in_a_vpc, "model must not be in a VPC; leave its vpc_config out", ON_INSTANCES, "SLS-NO-VPC"),
        (isolated, "model must not have network_isolation; leave it out", ON_INSTANCES, "SLS-NO-NETISO"),
        (unpacked, "model must have a packed artifact, not the objects below a prefix", ON_INSTANCES, "SLS-NO-MDS"),
        (of_many, "model must not be a MultiModel", "or serve it with RealtimeEndpoint (", "SLS-NO-MME"),
        (in_a_row, "model must have one container", "or serve it with RealtimeEndpoint (", "SLS-NO-PIPE"),
        (side_by_side, "model must have one container", "or serve it with RealtimeEndpoint (", "SLS-NO-PIPE"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_serverless_excludes_is_refused_with_what_serves_it(
    build: Callable[[cdk.Stack], BaseModel], problem: str, instead: str, row: str
) -> None:
    (found,) = refused(build)
    assert problem in found
    assert instead in found
    assert f"({row}: https://docs.aws.amazon.com" in found or f"({row}: sagemaker API model" in found


def test_everything_that_is_wrong_with_a_model_is_said_at_once() -> None:
    def build(stack: cdk.Stack) -> BaseModel:
        image = ContainerImage.from_private_registry("registry.example.com/pigeons:1")
        artifact = ModelArtifact.from_prefix(bucket(stack), "large/")
        return Model(stack, "Model", image=image, artifact=artifact, vpc_config=vpc(stack), network_isolation=True)

    found = refused(build)
    rows = re.findall(r"\((SLS-[A-Z-]+):", "".join(found))
    assert rows == ["SLS-NO-VPC", "SLS-NO-NETISO", "SLS-NO-MDS", "SLS-NO-PRIVREG"]
    assert "push it to Amazon ECR and give ContainerImage.from_ecr" in found[3]


def test_a_pipeline_without_a_packed_artifact_has_both_faults() -> None:
    def build(stack: cdk.Stack) -> BaseModel:
        large = Container(image=any_image(), artifact=ModelArtifact.from_prefix(bucket(stack), "large/"))
        small = Container(image=any_image(), artifact=any_artifact())
        return PipelineModel(stack, "Model", containers=[small, large])

    assert len(refused(build)) == 2


def test_a_package_of_the_registry_is_served() -> None:
    template = synthesize(
        lambda s: ServerlessEndpoint(s, "Endpoint", model=RegisteredModel(s, "Model", model_package_arn=PACKAGE))
    )
    template.resource_count_is("AWS::SageMaker::Endpoint", 1)


def test_a_model_without_an_artifact_is_served() -> None:
    template = synthesize(lambda s: ServerlessEndpoint(s, "Endpoint", model=Model(s, "Model", image=any_image())))
    template.resource_count_is("AWS::SageMaker::Endpoint", 1)
