"""A model: its container, and a role that may do what this model needs and no more."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from constructs_lib import ContainerImage, InvalidConfiguration, Model, ModelArtifact
from tests.asl import text_of
from tests.support import actions, any_artifact, any_image, any_role_arn, only, statements, synthesize

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/classifier:7"


@pytest.fixture(scope="module")
def template() -> Template:
    return synthesize(
        lambda stack: Model(
            stack,
            "Model",
            image=ContainerImage.from_uri(IMAGE),
            artifact=ModelArtifact.from_s3_uri("s3://artifacts/a/model.tar.gz"),
            environment={"LOG_LEVEL": "info"},
        )
    )


def test_the_container_is_as_given(template: Template) -> None:
    assert only(template, "AWS::SageMaker::Model")["PrimaryContainer"] == {
        "Image": IMAGE,
        "ModelDataUrl": "s3://artifacts/a/model.tar.gz",
        "Environment": {"LOG_LEVEL": "info"},
    }


def test_a_model_has_no_physical_name(template: Template) -> None:
    assert "ModelName" not in only(template, "AWS::SageMaker::Model")


def test_what_a_model_needs_stands_in_its_role_so_that_it_is_there_with_it(template: Template) -> None:
    assert [policy["PolicyName"] for policy in only(template, "AWS::IAM::Role")["Policies"]] == ["Permissions"]
    template.resource_count_is("AWS::IAM::Policy", 0)


def test_a_model_waits_for_what_its_role_is_granted_later() -> None:
    def build(stack: cdk.Stack) -> None:
        model = Model(stack, "Model", image=any_image())
        model.execution_role.add_to_principal_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=["*"]))

    synthesize(build).has_resource(
        "AWS::SageMaker::Model",
        {"DependsOn": Match.array_with([Match.string_like_regexp("ModelExecutionRoleDefaultPolicy.*")])},
    )


def test_a_repository_whose_policy_names_the_role_does_not_wait_for_itself() -> None:
    def build(stack: cdk.Stack) -> None:
        repository = ecr.Repository(stack, "Repository")
        model = Model(stack, "Model", image=ContainerImage.from_uri(repository.repository_uri_for_tag("1")))
        repository.add_to_resource_policy(
            iam.PolicyStatement(actions=["ecr:BatchGetImage"], principals=[model.execution_role])
        )

    synthesize(build)  # Template.from_stack refuses a template whose resources wait for each other


def test_a_grant_that_needs_the_role_loses_nothing_that_comes_before_or_after_it() -> None:
    def build(stack: cdk.Stack) -> None:
        key = kms.Key(stack, "Key")
        bucket = s3.Bucket(stack, "Bucket", encryption_key=key)
        artifact = ModelArtifact.from_bucket(bucket, "model.tar.gz")
        Model(stack, "Model", image=ContainerImage.from_uri(IMAGE), artifact=artifact)

    allowed = actions(statements(synthesize(build), "ModelExecutionRole"))
    assert {"logs:PutLogEvents", "s3:GetObject", "kms:Decrypt", "ecr:GetAuthorizationToken"} <= allowed


def test_the_role_is_for_sagemaker_in_this_account_alone_and_has_no_managed_policy(
    template: Template,
) -> None:
    role = only(template, "AWS::IAM::Role")
    [statement] = role["AssumeRolePolicyDocument"]["Statement"]
    source = statement.pop("Condition")["ArnLike"].pop("aws:SourceArn")
    assert text_of(source) == "arn:aws:sagemaker:eu-west-1:AWS-AccountId:*"
    assert statement == {
        "Action": "sts:AssumeRole",
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
    }
    assert "ManagedPolicyArns" not in role


def test_the_role_may_pull_this_image_read_this_artifact_and_write_logs_and_metrics(template: Template) -> None:
    assert actions(statements(template, "Model")) == {
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:GetAuthorizationToken",
        "s3:GetObject",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
        "cloudwatch:PutMetricData",
    }


def test_only_actions_without_a_resource_level_are_allowed_on_everything(template: Template) -> None:
    everywhere = [statement for statement in statements(template, "Model") if statement["Resource"] == "*"]
    assert actions(everywhere) == {"ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}


def test_the_image_s_account_and_region_are_those_of_its_uri(template: Template) -> None:
    pull = next(s for s in statements(template, "Model") if "ecr:BatchGetImage" in s["Action"])
    assert pull["Resource"]["Fn::Join"][1][-1] == ":ecr:eu-west-1:111122223333:repository/team/classifier"


def test_a_repository_is_named_by_its_attributes() -> None:
    def build(stack: cdk.Stack) -> None:
        Model(stack, "Model", image=ContainerImage.from_ecr(ecr.Repository(stack, "Repository"), tag="3"))

    template = synthesize(build)
    pull = next(s for s in statements(template, "Model") if "ecr:BatchGetImage" in s["Action"])
    assert pull["Resource"]["Fn::GetAtt"][0].startswith("Repository")
    assert "ModelDataUrl" not in only(template, "AWS::SageMaker::Model")["PrimaryContainer"]


def test_a_digest_stands_in_place_of_a_tag() -> None:
    digest = f"sha256:{'0' * 64}"

    def build(stack: cdk.Stack) -> None:
        repository = ecr.Repository.from_repository_name(stack, "Repository", "classifier")
        Model(stack, "Model", image=ContainerImage.from_ecr(repository, tag=digest))

    image = only(synthesize(build), "AWS::SageMaker::Model")["PrimaryContainer"]["Image"]
    assert image["Fn::Join"][1][-1] == f"/classifier@{digest}"


def test_an_image_uri_of_this_account_keeps_its_tokens() -> None:
    uri = f"{cdk.Aws.ACCOUNT_ID}.dkr.ecr.{cdk.Aws.REGION}.{cdk.Aws.URL_SUFFIX}/classifier:1"
    template = synthesize(lambda stack: Model(stack, "Model", image=ContainerImage.from_uri(uri)))
    pull = next(s for s in statements(template, "Model") if "ecr:BatchGetImage" in s["Action"])
    assert pull["Resource"]["Fn::Join"][1][-1] == ":repository/classifier"


def test_an_image_uri_that_is_a_parameter_passes() -> None:
    def build(stack: cdk.Stack) -> None:
        Model(stack, "Model", image=ContainerImage.from_uri(cdk.CfnParameter(stack, "Image").value_as_string))

    template = synthesize(build)
    assert only(template, "AWS::SageMaker::Model")["PrimaryContainer"]["Image"] == {"Ref": "Image"}


@pytest.mark.parametrize("uri", ["python:3.12", "docker.io/library/python", "not an image", ""])
def test_an_image_outside_ecr_is_refused_with_the_remedy(uri: str) -> None:
    with pytest.raises(InvalidConfiguration, match="push the image to Amazon ECR"):
        ContainerImage.from_uri(uri)


def test_an_artifact_in_a_bucket_with_a_key_may_be_decrypted() -> None:
    def build(stack: cdk.Stack) -> None:
        bucket = s3.Bucket(stack, "Bucket", encryption_key=kms.Key(stack, "Key"))
        Model(stack, "Model", image=any_image(), artifact=ModelArtifact.from_bucket(bucket, "m/model.tar.gz"))

    template = synthesize(build)
    assert "kms:Decrypt" in actions(statements(template, "Model"))
    read = next(s for s in statements(template, "Model") if s["Action"] == "s3:GetObject")
    assert read["Resource"]["Fn::Join"][1][-1] == "/m/model.tar.gz"


def test_a_local_artifact_is_uploaded_as_an_asset(tmp_path: Path) -> None:
    archive = tmp_path / "model.tar.gz"
    archive.write_bytes(b"an archive")
    template = synthesize(
        lambda stack: Model(stack, "Model", image=any_image(), artifact=ModelArtifact.from_file(archive))
    )
    url = only(template, "AWS::SageMaker::Model")["PrimaryContainer"]["ModelDataUrl"]["Fn::Sub"]
    assert url.startswith("s3://cdk-")


def test_a_missing_local_artifact_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match=r"path must be an existing .tar\.gz file, got .*create it first"):
        ModelArtifact.from_file(tmp_path / "absent.tar.gz")


@pytest.mark.parametrize("uri", ["s3://bucket/prefix/", "bucket/model.tar.gz", ""])
def test_an_artifact_that_is_no_archive_in_s3_is_refused(uri: str) -> None:
    with pytest.raises(InvalidConfiguration, match=r"uri must be .* got"):
        ModelArtifact.from_s3_uri(uri)


def test_a_prefix_of_a_bucket_is_no_artifact() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(InvalidConfiguration, match=r"name the \.tar\.gz object, not a prefix"):
        ModelArtifact.from_bucket(s3.Bucket(stack, "Bucket"), "models/")


def test_a_role_that_is_handed_in_is_used() -> None:
    arn = any_role_arn()

    def build(stack: cdk.Stack) -> None:
        role = iam.Role.from_role_arn(stack, "Role", arn, mutable=False)
        Model(stack, "Model", image=any_image(), artifact=any_artifact(), execution_role=role)

    template = synthesize(build)
    template.resource_count_is("AWS::IAM::Role", 0)
    assert only(template, "AWS::SageMaker::Model")["ExecutionRoleArn"] == arn


def test_every_wrong_environment_variable_of_a_call_is_named() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    environment = {"1ST": "a", "LONG": "x" * 1025, "FINE": "x" * 1024, "NUMBER": 5}
    with pytest.raises(InvalidConfiguration) as caught:
        Model(stack, "Model", image=any_image(), environment=environment)  # type: ignore[arg-type]  # on purpose
    assert len(caught.value.problems) == 3
    assert "1ST" in caught.value.problems[0]
    assert (
        "length of environment variable 'LONG' must be from 0 to 1024 characters, got 1025" in caught.value.problems[1]
    )
    assert "environment variable 'NUMBER' must be text, got 5" in caught.value.problems[2]
    assert stack.node.try_find_child("Model") is None


def test_a_hundred_environment_variables_are_taken_and_one_more_is_not() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    Model(stack, "Fits", image=any_image(), environment={f"V{number}": "" for number in range(100)})
    with pytest.raises(InvalidConfiguration, match="must be from 0 to 100 entries, got 101"):
        Model(stack, "Model", image=any_image(), environment={f"V{number}": "" for number in range(101)})


def test_an_environment_variable_may_be_known_at_deploy_time_only() -> None:
    template = synthesize(lambda s: Model(s, "Model", image=any_image(), environment={"REGION": cdk.Aws.REGION}))
    container = only(template, "AWS::SageMaker::Model")["PrimaryContainer"]
    assert container["Environment"] == {"REGION": {"Ref": "AWS::Region"}}
