"""What the examples of the rules about roles do not show."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.example import ABSENT, Document, changed, get, join, resource
from tests.rules.support import found

SAGEMAKER = "sagemaker.amazonaws.com"


def statement(principal: object = None, action: object = "sts:AssumeRole", effect: object = "Allow") -> Document:
    return {"Effect": effect, "Principal": principal or {"Service": SAGEMAKER}, "Action": action}


def with_trust(statements: object, **role: object) -> Document:
    document = changed(realtime(), {"Model.ExecutionRoleArn": get("Role", "Arn")})
    trust = {"Version": "2012-10-17", "Statement": statements}
    document["Resources"]["Role"] = resource("AWS::IAM::Role", AssumeRolePolicyDocument=trust, **role)
    return document


def policy(type_: str = "AWS::IAM::Policy", action: object = "s3:GetObject", **properties: object) -> Document:
    listed: list[Any] = [{"Effect": "Allow", "Action": action, "Resource": "*"}]
    return resource(
        type_, PolicyDocument={"Statement": listed}, **(properties or {"PolicyName": "p", "Roles": [{"Ref": "Role"}]})
    )


def with_policy(given: Document, *, role: dict[str, object] | None = None) -> Document:
    document = with_trust([statement()], **(role or {}))
    document["Resources"]["Policy"] = given
    return document


@pytest.mark.parametrize(
    "statements",
    [
        [statement({"Service": ["ec2.amazonaws.com", SAGEMAKER]})],
        [statement({"Service": "ec2.amazonaws.com"}), statement()],
        statement(),
        [statement(action=["sts:TagSession", "sts:AssumeRole"])],
        [statement(action="sts:*")],
        [statement(action="STS:Assume*")],
        [statement("*")],
        [statement({"AWS": "*"})],
        [statement({"Service": "sagemaker.amazonaws.com.cn"})],
        [statement({"Service": {"Ref": "Service"}})],
        [statement({"Service": join("sagemaker.", {"Ref": "AWS::URLSuffix"})})],
        [statement(action={"Ref": "Action"})],
        [{"Ref": "Statement"}],
        {"Ref": "Statements"},
    ],
)
def test_a_role_that_sagemaker_can_or_may_assume_is_not_judged(statements: object) -> None:
    assert judge(with_trust(statements)) == []


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [statement({"Service": "ec2.amazonaws.com"})],
        [statement({"AWS": join("arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":root")})],
        [statement(action="sts:TagSession")],
        [statement(effect="Deny")],
        [statement({"Service": "sagemaker"})],
    ],
)
def test_a_role_that_sagemaker_cannot_assume_is_refused(statements: object) -> None:
    [finding] = judge(with_trust(statements))
    assert (finding.rule, finding.path) == ("ROLE-TRUST", "Properties.ExecutionRoleArn")
    assert "the trust policy of Role must let sagemaker.amazonaws.com assume the role" in finding.message
    assert "allow sts:AssumeRole to the Service sagemaker.amazonaws.com" in finding.fix


@pytest.mark.parametrize(
    "role",
    [
        join("arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":role/", {"Ref": "Role"}),
        {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Role}"},
    ],
)
def test_a_role_is_found_at_the_end_of_an_arn(role: object) -> None:
    document = changed(with_trust([statement({"Service": "ec2.amazonaws.com"})]), {"Model.ExecutionRoleArn": role})
    assert [finding.rule for finding in judge(document)] == ["ROLE-TRUST"]


def test_the_roles_of_configurations_and_experiments_are_judged_too() -> None:
    document = with_trust([statement({"Service": "ec2.amazonaws.com"})])
    document["Resources"]["Experiment"] = resource("AWS::SageMaker::InferenceExperiment", RoleArn=get("Role", "Arn"))
    document = changed(document, {"Config.ExecutionRoleArn": get("Role", "Arn")})
    assert {finding.logical_id for finding in found(document, "ROLE-TRUST")} == {"Model", "Config", "Experiment"}


@pytest.mark.parametrize("arn", [{"Ref": "RoleArn"}, {"Fn::ImportValue": "RoleArn"}, get("Nested", "Outputs.RoleArn")])
def test_a_role_of_another_stack_is_not_judged(arn: object) -> None:
    assert judge(changed(realtime(), {"Model.ExecutionRoleArn": arn})) == []


@pytest.mark.parametrize(("given", "what"), [({"Ref": "Role"}, "name"), (get("Role", "RoleId"), "RoleId")])
def test_a_reference_that_is_no_arn_is_refused(given: object, what: str) -> None:
    [finding] = judge(changed(with_trust([statement()]), {"Model.ExecutionRoleArn": given}))
    assert finding.rule == "ROLE-ARN"
    assert f"got the {what} of Role" in finding.message
    assert finding.fix == "use Fn::GetAtt Role.Arn"


@pytest.mark.parametrize(
    "given",
    [
        policy(),
        policy(action=["logs:*", "S3:*"]),
        policy("AWS::IAM::RolePolicy", PolicyName="p", RoleName={"Ref": "Role"}),
        policy("AWS::IAM::ManagedPolicy", Roles=[{"Ref": "Role"}]),
    ],
)
def test_a_model_that_does_not_wait_for_its_permissions_is_a_warning(given: Document) -> None:
    [finding] = judge(with_policy(given))
    assert (finding.rule, finding.severity) == ("ROLE-RACE", Severity.WARNING)
    assert finding.fix == "add Policy to DependsOn of the model"


def test_a_model_may_wait_for_its_permissions_through_others() -> None:
    document = with_policy(policy())
    document["Resources"]["Bucket"] = {"Type": "AWS::S3::Bucket", "DependsOn": "Policy"}
    url = {"Fn::Sub": "s3://${Bucket}/model.tar.gz"}
    assert judge(changed(document, {"Model.PrimaryContainer.ModelDataUrl": url})) == []


@pytest.mark.parametrize(
    ("given", "role"),
    [
        (policy(action="logs:PutLogEvents"), {}),
        (policy(action={"Ref": "Action"}), {}),
        (policy(PolicyName="p", Roles=["another"]), {}),
        (policy(), {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"]}),
        (policy(), {"Policies": [{"PolicyName": "inline", "PolicyDocument": {"Statement": []}}]}),
    ],
)
def test_a_role_that_may_have_its_permissions_already_is_not_judged(given: Document, role: dict[str, object]) -> None:
    assert judge(with_policy(given, role=role)) == []


def test_a_model_without_artifact_has_nothing_to_wait_for() -> None:
    assert judge(changed(with_policy(policy()), {"Model.PrimaryContainer.ModelDataUrl": ABSENT})) == []
