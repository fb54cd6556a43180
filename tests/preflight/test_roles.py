"""Execution roles: there, assumed by SageMaker, and passed by whoever deploys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.preflight.account import Account
from constructs_lib.preflight.roles import PASSED_ROLES
from constructs_lib.rules.examples.bases import ROLE_ARN, realtime
from constructs_lib.rules.examples.example import Document, changed
from tests.preflight.conftest import ACCOUNT, CALLER, TODAY, Aws, Preflight, refusal
from tests.preflight.test_instances import resource

DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/cdk-cfn-exec-role"


def role(arn: str = ROLE_ARN, service: str = "sagemaker.amazonaws.com") -> dict[str, Any]:
    """A role as IAM describes it, botocore having read its trust policy."""
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}]}
    name = arn.rpartition("/")[2]
    described = {"Path": "/", "RoleName": name, "RoleId": "A" * 16, "Arn": arn, "CreateDate": 0}
    return {"Role": {**described, "AssumeRolePolicyDocument": json.dumps(trust)}}


def decides(aws: Aws, decision: str, **given: Any) -> None:
    """What IAM's simulation says."""
    result = {"EvalActionName": "iam:PassRole", "EvalDecision": decision}
    aws.on("SimulatePrincipalPolicy", {"EvaluationResults": [result]}, **given)


@pytest.fixture
def iam(aws: Aws) -> Aws:
    """A role that SageMaker may assume and everybody may pass."""
    aws.on("GetRole", role())
    decides(aws, "allowed")
    return aws


def test_a_role_that_can_be_passed_is_clean(iam: Aws, preflight: Preflight) -> None:
    assert preflight(PASSED_ROLES, realtime()) == []
    (asked,) = iam.asked("SimulatePrincipalPolicy")
    assert (asked["PolicySourceArn"], asked["ActionNames"], asked["ResourceArns"]) == (
        CALLER,
        ["iam:PassRole"],
        [ROLE_ARN],
    )
    (context,) = asked["ContextEntries"]
    assert (context["ContextKeyName"], context["ContextKeyValues"]) == (
        "iam:PassedToService",
        ["sagemaker.amazonaws.com"],
    )


def test_a_role_that_may_not_be_passed_is_an_error(iam: Aws, preflight: Preflight) -> None:
    decides(iam, "implicitDeny")
    (finding,) = preflight(PASSED_ROLES, realtime())
    assert (finding.rule, finding.severity) == ("ROLE-PASS", Severity.ERROR)
    assert f"{CALLER} must be allowed iam:PassRole on {ROLE_ARN}, IAM says implicitDeny" in finding.message


def test_the_role_of_cloudformation_passes_where_it_deploys(iam: Aws, preflight: Preflight) -> None:
    decides(iam, "explicitDeny", PolicySourceArn=DEPLOYER)
    assert preflight(PASSED_ROLES, realtime()) == []
    (finding,) = preflight(PASSED_ROLES, realtime(), execution_role=DEPLOYER)
    assert finding.message.startswith(DEPLOYER)


def test_an_assumed_role_is_asked_about_as_the_role_behind_it(iam: Aws, preflight: Preflight) -> None:
    behind = f"arn:aws:iam::{ACCOUNT}:role/teams/Deployer"
    answer = role(behind)
    iam.on("GetRole", answer, RoleName="Deployer")
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deployer/session"
    iam.on("GetCallerIdentity", {"Arn": arn, "Account": ACCOUNT, "UserId": "any"})
    other = Preflight(Account(iam, today=TODAY), preflight.path.parent)
    assert other(PASSED_ROLES, realtime()) == []
    assert iam.asked("SimulatePrincipalPolicy")[-1]["PolicySourceArn"] == behind


def test_a_role_that_is_not_there_is_an_error(iam: Aws, preflight: Preflight) -> None:
    iam.on("GetRole", refusal("NoSuchEntity", "The role cannot be found.", 404))
    (finding,) = preflight(PASSED_ROLES, realtime())
    assert (finding.rule, f"there is no role {ROLE_ARN}" in finding.message) == ("ROLE-EXISTS", True)


def test_a_role_that_sagemaker_may_not_assume_is_an_error(iam: Aws, preflight: Preflight) -> None:
    iam.on("GetRole", role(service="lambda.amazonaws.com"))
    (finding,) = preflight(PASSED_ROLES, realtime())
    assert (finding.rule, finding.severity) == ("ROLE-TRUST", Severity.ERROR)


def _with_its_own_role() -> Document:
    document = changed(realtime(), {"Model.ExecutionRoleArn": {"Fn::GetAtt": ["Execution", "Arn"]}})
    document["Resources"]["Execution"] = {"Type": "AWS::IAM::Role", "Properties": {}}
    return document


def test_a_role_that_the_deployment_makes_is_asked_about_by_the_name_it_will_have(
    iam: Aws, preflight: Preflight
) -> None:
    assert preflight(PASSED_ROLES, _with_its_own_role()) == []
    decides(iam, "implicitDeny")
    (finding,) = preflight(PASSED_ROLES, _with_its_own_role())
    assert finding.severity is Severity.WARNING
    assert "role/Stack-Execution-" in finding.message


def test_a_role_that_the_stack_has_already_is_asked_about_by_its_name(iam: Aws, preflight: Preflight) -> None:
    iam.on("ListStackResources", {"StackResourceSummaries": [resource("Stack-Execution-REAL", "Execution")]})
    decides(iam, "implicitDeny")
    (finding,) = preflight(PASSED_ROLES, _with_its_own_role())
    assert finding.severity is Severity.ERROR
    assert "role/Stack-Execution-REAL, IAM says" in finding.message


def test_a_role_of_another_account_is_not_there(iam: Aws, preflight: Preflight) -> None:
    elsewhere = ROLE_ARN.replace(ACCOUNT, "210987654321")
    (finding,) = preflight(PASSED_ROLES, changed(realtime(), {"Model.ExecutionRoleArn": elsewhere}))
    assert finding.rule == "ROLE-EXISTS"
    assert f"there is no role {elsewhere} in account {ACCOUNT}" in finding.message


def test_a_simulation_that_is_denied_is_named(iam: Aws, preflight: Preflight) -> None:
    iam.on("SimulatePrincipalPolicy", refusal("AccessDenied"))
    (finding,) = preflight(PASSED_ROLES, realtime())
    assert (finding.rule, "iam:SimulatePrincipalPolicy is not allowed" in finding.message) == (
        "PREFLIGHT-DENIED",
        True,
    )
