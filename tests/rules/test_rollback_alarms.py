"""Alarms that roll a deployment back: what their examples do not show."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.components import components
from constructs_lib.rules.examples.deployment import canary, rolling, rolling_component
from constructs_lib.rules.examples.example import ABSENT, changed, get, resource
from constructs_lib.rules.examples.rollback_alarms import watched, with_role
from tests.rules.support import broken, found

Document = dict[str, Any]
ROLLBACK = "Endpoint.DeploymentConfig.AutoRollbackConfiguration"
NAME = f"{ROLLBACK}.Alarms.0.AlarmName"
SERVING = "s3:GetObject"


def policy(*actions: str, **properties: object) -> Document:
    """A policy of the role Role."""
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return resource(
        "AWS::IAM::Policy",
        **{"PolicyName": "alarms", "PolicyDocument": document, "Roles": [{"Ref": "Role"}], **properties},
    )


def test_a_rolling_deployment_without_alarms_is_a_warning() -> None:
    [found] = judge(changed(rolling(), {ROLLBACK: ABSENT}))
    assert (found.rule, found.severity) == ("DEP-ALARMS-NONE", Severity.WARNING)


@pytest.mark.parametrize("alarms", [{"Ref": "Alarms"}, {"Alarms": {"Ref": "Alarms"}}])
def test_alarms_known_at_deploy_time_are_not_judged(alarms: Document) -> None:
    assert broken(changed(canary(), {ROLLBACK: alarms})) == set()


def test_an_alarm_that_is_left_out_in_one_case_leaves_none() -> None:
    document = changed(
        canary(), {f"{ROLLBACK}.Alarms": [{"Fn::If": ["Watched", {"AlarmName": "errors"}, {"Ref": "AWS::NoValue"}]}]}
    )
    document["Parameters"] = {"Stage": {"Type": "String"}}
    document["Conditions"] = {"Watched": {"Fn::Equals": [{"Ref": "Stage"}, "production"]}}
    assert broken(document) == {"DEP-ALARMS-NONE"}


def test_an_arn_in_the_place_of_a_name_is_a_warning() -> None:
    [found] = judge(changed(canary(), {NAME: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors"}))
    assert (found.severity, found.fix) == (Severity.WARNING, "give what stands after :alarm:")


def test_a_cycle_is_found_through_substituted_text_too() -> None:
    document = watched()
    dimension = {"Name": "EndpointName", "Value": {"Fn::Sub": "${Endpoint.EndpointName}"}}
    document["Resources"]["Alarm"]["Properties"]["Dimensions"][0] = dimension
    assert broken(document) >= {"DEP-ALARM-CYCLE"}


def test_an_alarm_named_by_a_text_makes_no_cycle() -> None:
    document = changed(watched(), {NAME: "classifier-errors", "Alarm.AlarmName": "classifier-errors"})
    document["Resources"]["Alarm"]["Properties"]["Dimensions"][0]["Value"] = get("Endpoint", "EndpointName")
    assert broken(document) == set()


@pytest.mark.parametrize("action", ["cloudwatch:DescribeAlarms", "cloudwatch:Describe*", "CloudWatch:*", "*"])
def test_a_policy_beside_the_role_grants_too(action: str) -> None:
    document = with_role(SERVING)
    document["Resources"]["Policy"] = policy(action)
    assert "DEP-ALARM-PERM" not in broken(document)


def test_a_policy_of_another_role_grants_nothing() -> None:
    document = with_role(SERVING)
    document["Resources"]["Policy"] = policy("cloudwatch:DescribeAlarms", Roles=["Elsewhere"])
    assert "DEP-ALARM-PERM" in broken(document)


@pytest.mark.parametrize(
    "changes",
    [
        {"Role.ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"]},
        {"Role.Policies": {"Ref": "Policies"}},
        {"Role.Policies.0.PolicyDocument": {"Ref": "Document"}},
        {"Role.Policies": ABSENT},
        {"Model.ExecutionRoleArn": {"Ref": "RoleArn"}},
        {ROLLBACK: ABSENT},
    ],
)
def test_permissions_are_not_judged_unless_all_are_known(changes: Document) -> None:
    assert "DEP-ALARM-PERM" not in broken(changed(with_role(SERVING), changes))


def test_a_policy_that_may_belong_to_any_role_leaves_the_permissions_open() -> None:
    document = with_role(SERVING)
    document["Resources"]["Policy"] = policy("cloudwatch:DescribeAlarms", Roles=[{"Ref": "RoleName"}])
    assert "DEP-ALARM-PERM" not in broken(document)


def test_components_are_watched_under_the_role_of_their_endpoint() -> None:
    role = with_role(SERVING)["Resources"]["Role"]
    document = changed(
        rolling_component(),
        {"Config.ExecutionRoleArn": get("Role", "Arn"), "Model.ExecutionRoleArn": get("Role", "Arn")},
    )
    document["Resources"]["Role"] = role
    [finding] = found(document, "DEP-ALARM-PERM")
    assert finding.logical_id == "Component"
    assert finding.severity is Severity.ERROR


def test_a_component_without_deployment_has_nothing_to_watch() -> None:
    assert broken(components()) == set()
