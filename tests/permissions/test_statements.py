"""No policy of an example, of the app or of a construct allows more than it says why, and none serves strangers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.asl import text_of
from tests.permissions.policies import Statement, statements, templates

_REFERENCE = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_{}.html: the action has no resource type"
)
ON_EVERYTHING: Mapping[str, str] = {
    "cloudwatch:DescribeAlarms": "AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html: composite alarms are "
    "shown to those alone who may do it on *; the role of a model whose rollout is rolled back by one",
    "cloudwatch:PutMetricData": _REFERENCE.format("amazoncloudwatch") + "; cloudwatch:namespace bounds it",
    "ec2:DescribeDhcpOptions": _REFERENCE.format("amazonec2"),
    "ec2:DescribeNetworkInterfaces": _REFERENCE.format("amazonec2"),
    "ec2:DescribeSecurityGroups": _REFERENCE.format("amazonec2"),
    "ec2:DescribeSubnets": _REFERENCE.format("amazonec2"),
    "ec2:DescribeVpcEndpoints": _REFERENCE.format("amazonec2"),
    "ec2:DescribeVpcs": _REFERENCE.format("amazonec2"),
    "ecr:GetAuthorizationToken": _REFERENCE.format("amazonelasticcontainerregistry"),
    "xray:PutTelemetryRecords": _REFERENCE.format("awsx-ray"),
    "xray:PutTraceSegments": _REFERENCE.format("awsx-ray"),
}
"""Actions that may be allowed on ``*``, each with its reason."""
ON_A_WHOLE_TYPE: Mapping[str, str] = {
    "redshift-data:ExecuteStatement": "its ARN holds an id that AWS makes; examples/batch_hooks.py knows its name",
    "ec2:CreateNetworkInterface": "the interface that it makes has no id yet; subnets and groups are named beside it",
    "ec2:CreateNetworkInterfacePermission": "on the interface that was just made",
    "ec2:DeleteNetworkInterface": "on the interface that was just made",
    "ec2:DeleteNetworkInterfacePermission": "on the interface that was just made",
}
"""Actions that may be allowed on all resources of a type in the account, each with its reason."""
KINDS_OF_ONE_ACTION: Mapping[str, str] = {
    "kms:GenerateDataKey*": "with and without the plaintext of the key; both only make keys for what is to be written",
    "kms:ReEncrypt*": "ReEncryptFrom and ReEncryptTo are two sides of one call; CDK's grantEncryptDecrypt",
}
"""Actions with a wildcard that a role may be allowed, each with its reason."""
WITHOUT_SOURCE: Mapping[str, str] = {
    "lambda.amazonaws.com": "AWS names no source when Lambda takes the role of a function: "
    "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html; iam:PassRole says who gives it one",
    "firehose.amazonaws.com": "AWS's trust policy has no condition: "
    "https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#firehose-assume-role",
}
"""Services that are let in without a condition on whom they act for, each with its reason."""
MANAGED: Mapping[str, str] = {
    "service-role/AWSLambdaBasicExecutionRole": "logs of a function that CDK itself deploys, to empty default groups",
}
"""Managed policies that a role may have, each with its reason."""
WITH_THE_KEY_ITSELF: Mapping[str, str] = {
    "ExecutionRole": "volumes and answers of jobs are encrypted by SageMaker: AWS documents no kms:ViaService for them",
    "ResultsConsumerRole": "CDK's event source of a queue gives it",
    "ScheduleRole": "EventBridge Scheduler decrypts the schedule as the role: AWS's policy has no condition",
}
"""Roles, by a part of their ids, that use a key without a bound on what for, each with its reason."""
_SOURCES = {"aws:SourceArn", "aws:SourceAccount", "kms:EncryptionContext:aws:logs:arn"}
# A type and nothing of a name, as in `workgroup/*` or `*`.
_WHOLE_TYPE = re.compile(r"arn:[^:]*:[^:]*:[^:]*:[^:]*:([a-z-]+[/:])?\*")


def _only_part(arn: Any) -> Any:
    """CDK writes an ARN of a managed policy once more into a condition of its own."""
    return arn["Fn::If"][1] if isinstance(arn, dict) and "Fn::If" in arn else arn


def found(*, roles_only: bool = False) -> list[Statement]:
    return [each for each in statements() if each.allows and (each.kind.startswith("AWS::IAM::") or not roles_only)]


def test_there_are_policies_to_look_at() -> None:
    kinds = {each.kind for each in statements()}
    assert {"AWS::IAM::Policy", "AWS::IAM::Role", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"} <= kinds
    assert {True, False} == {each.is_trust for each in statements()}
    assert len(statements()) > 400


def test_everything_is_the_resource_of_actions_without_a_resource_level_alone() -> None:
    wide = [each for each in found(roles_only=True) if "*" in each.resources]
    assert wide
    assert [str(each) for each in wide if not set(each.actions) <= set(ON_EVERYTHING)] == []


def test_metrics_are_put_into_named_namespaces_alone() -> None:
    put = [each for each in found() if "cloudwatch:PutMetricData" in each.actions]
    assert put
    assert [str(each) for each in put if "cloudwatch:namespace" not in each.conditions] == []


def test_a_whole_type_is_the_resource_of_actions_with_a_reason_alone() -> None:
    wide = [each for each in found(roles_only=True) if any(_WHOLE_TYPE.fullmatch(arn) for arn in each.resources)]
    assert [str(each) for each in wide if not set(each.actions) <= set(ON_A_WHOLE_TYPE)] == []


@pytest.mark.parametrize(
    "arn", ["arn:aws:s3:::*", "arn:aws:sqs:eu-west-1:1:*", "arn:aws:states:eu-west-1:1:execution:*"]
)
def test_a_whole_type_is_known_for_one(arn: str) -> None:
    assert _WHOLE_TYPE.fullmatch(arn)


def test_no_role_may_do_a_kind_of_action_without_a_reason() -> None:
    wild = {action for each in found(roles_only=True) for action in each.actions if "*" in action}
    assert wild - set(KINDS_OF_ONE_ACTION) == set()


def test_nothing_is_allowed_by_leaving_it_out() -> None:
    assert [str(each) for each in found() if {"NotAction", "NotResource", "NotPrincipal"} & set(each.body)] == []


def test_no_role_has_a_managed_policy_without_a_reason() -> None:
    roles = [
        resource.get("Properties", {})
        for template in templates().values()
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::IAM::Role"
    ]
    assert roles
    arns = {text_of(_only_part(arn)) for role in roles for arn in role.get("ManagedPolicyArns", [])}
    assert {arn.partition(":aws:policy/")[2] for arn in arns} - set(MANAGED) == set()


def test_no_policy_of_a_resource_lets_other_accounts_in() -> None:
    everybody = ("*", {"AWS": "*"})
    open_to_all = [each for each in found() if each.body.get("Principal") in everybody]
    assert [str(each) for each in open_to_all if "aws:PrincipalAccount" not in each.conditions] == []


def test_a_service_is_let_in_for_this_account_alone_unless_aws_names_no_source() -> None:
    let_in = [each for each in found() if set(each.services) - set(WITHOUT_SOURCE)]
    assert {"sagemaker.amazonaws.com", "states.amazonaws.com", "events.amazonaws.com", "scheduler.amazonaws.com"} <= {
        service for each in let_in for service in each.services
    }
    assert [str(each) for each in let_in if not _SOURCES & set(each.conditions)] == []


def test_the_source_of_a_role_s_service_is_in_the_account_and_region_of_the_stack() -> None:
    sources = {
        text_of(each.conditions["aws:SourceArn"])
        for each in found()
        if "aws:SourceArn" in each.conditions and each.is_trust
    }
    assert sources
    assert [arn for arn in sources if arn.split(":")[3:5] != ["eu-west-1", "AWS-AccountId"]] == []


def test_no_two_functions_and_no_function_and_model_share_a_role() -> None:
    shared = []
    for name, template in templates().items():
        takers = [
            str(resource["Properties"].get("Role") or resource["Properties"].get("ExecutionRoleArn"))
            for resource in template["Resources"].values()
            if resource["Type"] in ("AWS::Lambda::Function", "AWS::StepFunctions::StateMachine", "AWS::Pipes::Pipe")
        ]
        models = {
            str(resource["Properties"]["ExecutionRoleArn"])
            for resource in template["Resources"].values()
            if resource["Type"] == "AWS::SageMaker::Model"
        }
        if len(set(takers)) < len(takers) or models & set(takers):
            shared.append(name)
    assert shared == []


def test_roles_are_passed_to_a_named_service_alone() -> None:
    passed = [each for each in found() if "iam:PassRole" in each.actions]
    assert passed
    assert [str(each) for each in passed if "iam:PassedToService" not in each.conditions] == []


def test_a_key_is_used_through_what_it_encrypts_alone_unless_sagemaker_uses_it_itself() -> None:
    bounds = {
        "kms:ViaService",
        "kms:GrantIsForAWSResource",
        "kms:EncryptionContext:aws:lambda:FunctionArn",
        "kms:EncryptionContext:aws:states:stateMachineArn",
    }
    used = [each for each in found(roles_only=True) if any(action.startswith("kms:") for action in each.actions)]
    assert any("kms:ViaService" in each.conditions for each in used)
    unbound = {each.resource for each in used if not bounds & set(each.conditions)}
    assert {name for name in unbound if not any(part in name for part in WITH_THE_KEY_ITSELF)} == set()
