"""Models of several models or containers, of a registry, in a VPC."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

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
    VpcConfig,
)
from constructs_lib.testing import assert_no_limit_findings
from tests.support import actions, any_account, any_artifact, any_image, any_name, only, statements, synthesize

MODEL = "AWS::SageMaker::Model"
PACKAGE = f"arn:aws:sagemaker:eu-west-1:{any_account()}:model-package/pigeons/3"


def bucket(stack: cdk.Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_name(stack, "Bucket", "models")


def containers(count: int, *, named: bool = True) -> list[Container]:
    return [Container(image=any_image(), hostname=f"step-{index}" if named else None) for index in range(count)]


@pytest.fixture(scope="module")
def multi_model() -> Template:
    def build(stack: cdk.Stack) -> None:
        MultiModel(stack, "Model", image=any_image(), bucket=bucket(stack), prefix="tenants/", cache_models=False)

    return synthesize(build)


def test_a_multi_model_has_a_prefix_in_place_of_an_archive(multi_model: Template) -> None:
    container = only(multi_model, MODEL)["PrimaryContainer"]
    assert container["Mode"] == "MultiModel"
    assert container["ModelDataUrl"] == "s3://models/tenants/"
    assert container["MultiModelConfig"] == {"ModelCacheSetting": "Disabled"}


def test_the_role_of_a_multi_model_reads_and_lists_below_the_prefix_alone(multi_model: Template) -> None:
    reading = [found for found in statements(multi_model, "Role") if "s3:" in str(found["Action"])]
    assert [found["Action"] for found in reading] == ["s3:GetObject", "s3:ListBucket"]
    assert reading[0]["Resource"]["Fn::Join"][1][-1] == ":s3:::models/tenants/*"
    assert reading[1]["Condition"] == {"StringLike": {"s3:prefix": ["tenants/*"]}}


def test_models_are_cached_unless_told_otherwise() -> None:
    template = synthesize(
        lambda stack: MultiModel(stack, "Model", image=any_image(), bucket=bucket(stack), prefix="a/")
    )
    assert "MultiModelConfig" not in only(template, MODEL)["PrimaryContainer"]


def test_a_prefix_without_a_slash_at_its_end_is_refused() -> None:
    stack = cdk.Stack()
    with pytest.raises(InvalidConfiguration, match="prefix must end in a slash, got 'tenants'"):
        MultiModel(stack, "Model", image=any_image(), bucket=bucket(stack), prefix="tenants")
    assert stack.node.try_find_child("Model") is None


def test_the_containers_of_a_pipeline_stand_in_their_order() -> None:
    template = synthesize(lambda stack: PipelineModel(stack, "Model", containers=containers(3)))
    model = only(template, MODEL)
    assert [container["ContainerHostname"] for container in model["Containers"]] == ["step-0", "step-1", "step-2"]
    assert model["InferenceExecutionConfig"] == {"Mode": "Serial"}


def test_the_containers_of_a_multi_container_model_are_called_by_name() -> None:
    template = synthesize(lambda stack: MultiContainerModel(stack, "Model", containers=containers(2)))
    assert only(template, MODEL)["InferenceExecutionConfig"] == {"Mode": "Direct"}


def test_each_container_may_have_an_artifact_of_its_own_from_a_local_file(tmp_path: Path) -> None:
    archives = []
    for name in ("first", "second"):
        path = tmp_path / f"{name}.tar.gz"
        path.write_text(name)
        archives.append(ModelArtifact.from_file(path))

    def build(stack: cdk.Stack) -> None:
        parts = [Container(image=any_image(), artifact=archive) for archive in archives]
        PipelineModel(stack, "Model", containers=parts)

    urls = [container["ModelDataUrl"] for container in only(synthesize(build), MODEL)["Containers"]]
    assert urls[0] != urls[1]


@pytest.mark.parametrize("kind", [PipelineModel, MultiContainerModel])
@pytest.mark.parametrize(("count", "allowed"), [(1, False), (2, True), (15, True), (16, False)])
def test_there_are_2_to_15_containers(kind: Any, count: int, allowed: bool) -> None:
    stack = cdk.Stack()
    if allowed:
        kind(stack, "Model", containers=containers(count))
        return
    with pytest.raises(InvalidConfiguration, match="containers must be from 2 to 15"):
        kind(stack, "Model", containers=containers(count))


def test_a_pipeline_names_all_of_its_containers_or_none() -> None:
    PipelineModel(cdk.Stack(), "Model", containers=containers(2, named=False))
    with pytest.raises(InvalidConfiguration, match="on every container or on none, got 1 of 2"):
        PipelineModel(cdk.Stack(), "Model", containers=[*containers(1), *containers(1, named=False)])


def test_every_fault_of_the_names_of_a_multi_container_model_is_told_at_once() -> None:
    twice = Container(image=any_image(), hostname="twice")
    wrong = Container(image=any_image(), hostname="a_b")
    with pytest.raises(InvalidConfiguration) as raised:
        MultiContainerModel(cdk.Stack(), "Model", containers=[twice, twice, wrong, Container(image=any_image())])
    assert len(raised.value.problems) == 3


def test_the_environments_of_all_containers_count_together() -> None:
    large = {f"V{index}": "x" * 1000 for index in range(20)}
    one = Container(image=any_image(), environment=large)
    with pytest.raises(InvalidConfiguration, match="size of the environment"):
        PipelineModel(cdk.Stack(), "Model", containers=[one, one])


def test_a_registered_model_names_its_package_and_its_role_may_describe_it() -> None:
    template = synthesize(lambda stack: RegisteredModel(stack, "Model", model_package_arn=PACKAGE))
    assert only(template, MODEL)["PrimaryContainer"] == {"ModelPackageName": PACKAGE}
    [describing] = [found for found in statements(template, "Role") if "DescribeModelPackage" in str(found["Action"])]
    assert describing["Resource"] == PACKAGE


def test_an_unpacked_artifact_is_a_data_source() -> None:
    def build(stack: cdk.Stack) -> None:
        artifact = ModelArtifact.from_prefix(bucket(stack), "llm/7b/")
        Model(stack, "Model", image=any_image(), artifact=artifact)

    container = only(synthesize(build), MODEL)["PrimaryContainer"]
    assert "ModelDataUrl" not in container
    assert container["ModelDataSource"]["S3DataSource"] == {
        "S3Uri": "s3://models/llm/7b/",
        "S3DataType": "S3Prefix",
        "CompressionType": "None",
    }


@pytest.fixture(scope="module")
def in_vpc() -> Template:
    def build(stack: cdk.Stack) -> None:
        vpc = ec2.Vpc(stack, "Vpc", max_azs=2)
        model = Model(stack, "Model", image=any_image(), vpc_config=VpcConfig(vpc=vpc), network_isolation=True)
        model.connections.allow_from(ec2.Peer.ipv4("10.0.0.0/8"), ec2.Port.tcp(8080))

    return synthesize(build)


def test_a_model_in_a_vpc_has_private_subnets_and_a_group_of_its_own(in_vpc: Template) -> None:
    network = only(in_vpc, MODEL)["VpcConfig"]
    assert len(network["Subnets"]) == 2
    assert "Private" in str(network["Subnets"])
    assert len(network["SecurityGroupIds"]) == 1


def test_a_model_in_a_vpc_can_be_connected(in_vpc: Template) -> None:
    rules = only(in_vpc, "AWS::EC2::SecurityGroup")["SecurityGroupIngress"]
    assert "10.0.0.0/8" in str(rules)


def test_a_model_may_be_isolated(in_vpc: Template) -> None:
    assert only(in_vpc, MODEL)["EnableNetworkIsolation"] is True


def test_interfaces_are_made_in_these_subnets_and_groups_alone(in_vpc: Template) -> None:
    allowed = [found for found in statements(in_vpc, "Role") if "CreateNetworkInterface" in str(found["Action"])]
    [making] = [found for found in allowed if "ec2:CreateNetworkInterface" in found["Action"]]
    assert len(making["Resource"]) == 4
    assert "*" not in making["Resource"]


def test_only_describing_is_allowed_on_everything(in_vpc: Template) -> None:
    everywhere = [found for found in statements(in_vpc, "Role") if found["Resource"] == "*"]
    others = {name for name in actions(everywhere) if not name.startswith("ec2:Describe")}
    assert others == {"ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}


def test_a_model_outside_of_a_vpc_has_no_connections() -> None:
    model = Model(cdk.Stack(), "Model", image=any_image())
    assert not model.is_in_vpc
    with pytest.raises(ValueError, match="give it a vpc_config"):
        _ = model.connections


def test_at_most_five_security_groups_are_taken() -> None:
    stack = cdk.Stack()
    vpc = ec2.Vpc(stack, "Vpc")
    groups = [ec2.SecurityGroup.from_security_group_id(stack, f"G{index}", f"sg-{index}") for index in range(6)]
    with pytest.raises(InvalidConfiguration, match="security_groups must be from 1 to 5"):
        Model(stack, "Model", image=any_image(), vpc_config=VpcConfig(vpc=vpc, security_groups=groups))


def test_a_private_registry_is_reached_through_the_vpc_with_the_function_that_has_the_password() -> None:
    def build(stack: cdk.Stack) -> None:
        code = lambda_.Code.from_inline("def handler(event, context): ...")
        runtime = lambda_.Runtime.PYTHON_3_13
        provider = lambda_.Function(stack, "Login", runtime=runtime, handler="index.handler", code=code)
        image = ContainerImage.from_private_registry("docker.example.com/pigeons:1", credentials_provider=provider)
        Model(stack, "Model", image=image, vpc_config=VpcConfig(vpc=ec2.Vpc(stack, "Vpc", max_azs=2)))

    template = synthesize(build)
    config = only(template, MODEL)["PrimaryContainer"]["ImageConfig"]
    assert config["RepositoryAccessMode"] == "Vpc"
    assert "Login" in str(config["RepositoryAuthConfig"]["RepositoryCredentialsProviderArn"])
    assert "lambda:InvokeFunction" in actions(statements(template, "ModelExecutionRole"))


def test_a_private_registry_without_a_vpc_is_refused() -> None:
    image = ContainerImage.from_private_registry("docker.example.com/pigeons:1")
    with pytest.raises(InvalidConfiguration, match="give vpc_config"):
        Model(cdk.Stack(), "Model", image=image)


def test_a_deep_learning_container_comes_from_the_account_of_the_region() -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region="eu-west-1", account=any_account()))
    Model(stack, "Model", image=ContainerImage.from_deep_learning_container("pytorch-inference", tag="2.6.0-cpu"))
    image = only(Template.from_stack(stack), MODEL)["PrimaryContainer"]["Image"]
    parts = image["Fn::Join"][1] if isinstance(image, dict) else [image]
    assert parts[0].startswith("763104351884.dkr.ecr.eu-west-1.")
    assert parts[-1].endswith("/pytorch-inference:2.6.0-cpu")


def test_a_dockerfile_becomes_an_image_for_amd64(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    template = synthesize(lambda stack: Model(stack, "Model", image=ContainerImage.from_asset(tmp_path)))
    assert "container-assets" in str(only(template, MODEL)["PrimaryContainer"]["Image"])


def test_a_folder_without_a_dockerfile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="directory must hold a Dockerfile"):
        ContainerImage.from_asset(tmp_path)


def test_no_kind_of_model_breaks_a_rule() -> None:
    def build(stack: cdk.Stack) -> None:
        network = VpcConfig(vpc=ec2.Vpc(stack, "Vpc", max_azs=2))
        models = bucket(stack)
        MultiModel(stack, "Multi", image=any_image(), bucket=models, prefix="a/", vpc_config=network)
        PipelineModel(stack, "Pipeline", containers=containers(2))
        MultiContainerModel(stack, "Direct", containers=containers(2))
        RegisteredModel(stack, "Registered", model_package_arn=PACKAGE)
        Model(stack, any_name(), image=any_image(), artifact=any_artifact(), network_isolation=True)

    assert_no_limit_findings(synthesize(build))
