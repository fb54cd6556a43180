"""Roles that may do more than they need are told apart from those that may not."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest

from constructs_lib.facts.permissions import NO_RESOURCE_LEVEL
from constructs_lib.testing import assert_least_privilege

ENDPOINT = {"Fn::Sub": "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:endpoint/fraud"}
TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}


def role(**properties: Any) -> dict[str, Any]:
    return {
        "Resources": {
            "Caller": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, **properties}}
        }
    }


def allowing(actions: object, resource: object = ENDPOINT, **others: object) -> dict[str, Any]:
    """A role with a policy of its own, and the same policy attached to it."""
    document = {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource, **others}]}
    template = role(Policies=[{"PolicyName": "Own", "PolicyDocument": document}])
    attached = {"PolicyName": "Beside", "PolicyDocument": document, "Roles": [{"Ref": "Caller"}]}
    template["Resources"]["Beside"] = {"Type": "AWS::IAM::Policy", "Properties": attached}
    return template


@pytest.mark.parametrize(
    ("actions", "resource"),
    [
        ("sagemaker:InvokeEndpoint", ENDPOINT),
        (["s3:GetObject*", "s3:List*"], "arn:aws:s3:::bucket/*"),
        ("ecr:GetAuthorizationToken", "*"),
        (["ec2:DescribeVpcs", "xray:puttracesegments"], ["*"]),
        ("logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/*"),
        ("sagemaker:InvokeEndpoint", {"Ref": "Parameter"}),
        ("ec2:CreateNetworkInterface", {"Fn::Sub": "arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:*/*"}),
    ],
)
def test_permissions_on_arns_and_actions_without_a_resource_level_pass(actions: object, resource: object) -> None:
    assert_least_privilege(allowing(actions, resource))


@pytest.mark.parametrize(
    ("actions", "resource", "told"),
    [
        ("*", ENDPOINT, r"Action: \*; name the actions"),
        (["sagemaker:ListModels", "sagemaker:*"], ENDPOINT, r"Action\.1: sagemaker:\*; name the actions"),
        ("sagemaker:*Endpoint", ENDPOINT, r"Action: sagemaker:\*Endpoint; name the actions"),
        ("sagemaker:InvokeEndpoint", "*", r"Resource: \* for sagemaker:InvokeEndpoint; give the ARNs"),
        (["ecr:GetAuthorizationToken", "s3:GetObject"], ["*"], r"Resource\.0: \* for s3:GetObject; give the ARNs"),
        ("s3:GetObject", {"Fn::Sub": "arn:${AWS::Partition}:s3:::*"}, r"Resource: \* for s3:GetObject"),
        ("ec2:Describe*", "*", r"Resource: \* for ec2:Describe\*"),
        (
            "ec2:RunInstances",
            {"Fn::Sub": "arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:*/*"},
            r"\* for ec2:RunInstances",
        ),
    ],
)
def test_a_wildcard_is_told_with_its_place_and_remedy_in_both_kinds_of_policies(
    actions: object, resource: object, told: str
) -> None:
    with pytest.raises(AssertionError, match=told) as raised:
        assert_least_privilege(allowing(actions, resource))
    lines = str(raised.value).splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("  - template: Caller Properties.Policies.0.PolicyDocument.Statement.0.")
    assert lines[2].startswith("  - template: Beside Properties.PolicyDocument.Statement.0.")


def test_what_is_denied_may_be_wide() -> None:
    assert_least_privilege(allowing("*", "*", Effect="Deny"))


def test_allowing_all_but_something_is_told() -> None:
    document = {"Statement": {"Effect": "Allow", "NotAction": "iam:*", "NotResource": ENDPOINT}}
    with pytest.raises(AssertionError) as raised:
        assert_least_privilege(role(Policies=[{"PolicyName": "Own", "PolicyDocument": document}]))
    assert "NotAction: allows all that it does not name" in str(raised.value)
    assert "NotResource: allows all that it does not name" in str(raised.value)


@pytest.mark.parametrize("name", ["AmazonSageMakerFullAccess", "AdministratorAccess", "PowerUserAccess"])
def test_a_managed_policy_of_full_access_is_told(name: str) -> None:
    arn = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":iam::aws:policy/{name}"]]}
    with pytest.raises(AssertionError, match=rf"ManagedPolicyArns\.0: {name}; allow the actions that it needs"):
        assert_least_privilege(role(ManagedPolicyArns=[arn]))


def test_another_managed_policy_passes() -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert_least_privilege(role(ManagedPolicyArns=[arn]))


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["arn:aws:iam::123456789012:root", "*"]}])
def test_a_role_that_anybody_may_assume_is_told_unless_a_condition_bounds_it(principal: object) -> None:
    statement: dict[str, object] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    with pytest.raises(AssertionError, match="anybody may assume the role"):
        assert_least_privilege(role(AssumeRolePolicyDocument={"Statement": [statement]}))
    statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    assert_least_privilege(role(AssumeRolePolicyDocument={"Statement": [statement]}))


def test_further_actions_without_a_resource_level_can_be_named() -> None:
    template = allowing("iot:DescribeEndpoint", "*")
    with pytest.raises(AssertionError, match="iot:DescribeEndpoint"):
        assert_least_privilege(template)
    assert_least_privilege(template, without_resource_level=["iot:DescribeEndpoint"])


def test_a_template_without_a_role_is_no_proof() -> None:
    with pytest.raises(AssertionError, match="expected an AWS::IAM::Role, found none"):
        assert_least_privilege({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})


def test_the_actions_without_a_resource_level_have_none_in_the_service_authorization_reference() -> None:
    known = json.loads((resources.files("cfnlint.data.AdditionalSpecs") / "Policies.json").read_text(encoding="utf-8"))
    with_types = {
        name: known[service]["Actions"][action.lower()].get("Resources", [])
        for name in NO_RESOURCE_LEVEL
        for service, action in [name.split(":")]
    }
    assert {name: types for name, types in with_types.items() if types} == {"cloudwatch:PutMetricData": ["dataset"]}
