"""What is judged of state machines around transform jobs, and what is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.bases import ROLE_ARN
from constructs_lib.rules.examples.example import Document, changed, get, join, resource, template
from constructs_lib.rules.examples.transform import SYNC, batch, machine, task
from constructs_lib.rules.rule import Finding
from tests.rules.support import found

STATE = "Machine.Definition.States.Transform"
START = "arn:aws:states:::sagemaker:createTransformJob"
JOBS = ["sagemaker:CreateTransformJob", "sagemaker:DescribeTransformJob", "sagemaker:AddTags"]
EVENTS = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]


def findings(changes: dict[str, object]) -> list[Finding]:
    return judge(changed(batch(), changes))


def ids(changes: dict[str, object]) -> list[str]:
    return [finding.rule for finding in findings(changes)]


def of_text(text: object, **properties: object) -> list[Finding]:
    given = {"RoleArn": ROLE_ARN, "DefinitionString": text, **properties}
    return judge(template(Machine=resource("AWS::StepFunctions::StateMachine", **given)))


def policy(actions: object, **statement: object) -> Document:
    """A policy document of one statement."""
    return {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*", **statement}]}


def inline(document: object) -> Document:
    return {"Policies": [{"PolicyName": "jobs", "PolicyDocument": document}]}


def with_role(role: Document, resource_arn: str = SYNC, **others: Document) -> list[Finding]:
    """Findings where the state machine has a role of the template, beside other resources."""
    document = changed(batch(), {"Machine.RoleArn": get("Role", "Arn"), f"{STATE}.Resource": resource_arn})
    trust = policy("sts:AssumeRole", Principal={"Service": "states.amazonaws.com"})
    del trust["Statement"][0]["Resource"]
    given = {"AssumeRolePolicyDocument": trust, **role}
    document["Resources"].update(Role=resource("AWS::IAM::Role", **given), **others)
    return found(document, "SF-PERM-SYNC")


def test_a_broken_definition_says_where() -> None:
    (finding,) = of_text('{"StartAt": "A",\n "States": }')
    assert (finding.rule, finding.path) == ("SF-JSON", "Properties.DefinitionString")
    assert "line 2 column 12" in finding.message


@pytest.mark.parametrize(
    "text",
    [
        {"Ref": "Definition"},
        join('{"StartAt": ', {"Fn::ImportValue": "rest"}),
        '{"StartAt": ${Rest}',
        "[" * 100_000,
    ],
)
def test_a_definition_with_unknown_parts_may_be_sound(text: object) -> None:
    assert of_text(text) == []


def test_a_substitution_can_break_a_definition() -> None:
    body = '{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": ${Seconds}, "End": true}}}'
    assert of_text(body, DefinitionSubstitutions={"Seconds": 5}) == []
    assert [finding.rule for finding in of_text(body, DefinitionSubstitutions={"Seconds": "five"})] == ["SF-JSON"]


def test_the_known_parts_of_a_definition_are_already_too_long() -> None:
    (finding,) = of_text(join('{"Comment": "', "é" * 524_288, {"Ref": "AWS::StackName"}, '"}'))
    assert finding.rule == "SF-DEF"


@pytest.mark.parametrize("pattern", [".sync", ".waitForTaskToken"])
def test_express_workflows_wait_for_no_service(pattern: str) -> None:
    arn = join("arn:", {"Ref": "AWS::Partition"}, f":states:::lambda:invoke{pattern}")
    state = {"Type": "Task", "Resource": arn, "Parameters": {"FunctionName": "f"}, "End": True}
    (finding,) = judge(template(Machine=machine({"Call": state}, StateMachineType="EXPRESS")))
    assert finding.rule == "SF-EXPRESS-SYNC"
    assert finding.path == "Properties.Definition.States.Call.Resource"
    assert pattern in finding.message


def test_an_express_workflow_may_start_a_job() -> None:
    assert ids({f"{STATE}.Resource": START, "Machine.StateMachineType": "EXPRESS"}) == []


def test_the_children_of_a_distributed_map_may_be_express_too() -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    inner = {"ProcessorConfig": config, "StartAt": "Transform", "States": {"Transform": task()}}
    document = template(Machine=machine({"Each": {"Type": "Map", "ItemProcessor": inner, "End": True}}))
    assert [finding.rule for finding in judge(document)] == ["SF-EXPRESS-SYNC"]


def test_a_type_that_is_a_parameter_is_not_judged() -> None:
    assert ids({"Machine.StateMachineType": {"Ref": "Type"}}) == []


def test_the_sdk_integration_may_wait_for_a_token() -> None:
    arn = "arn:aws:states:::aws-sdk:sagemaker:createTransformJob.waitForTaskToken"
    assert ids({f"{STATE}.Resource": arn}) == []


@pytest.mark.parametrize("mode", [{"Ref": "Mode"}, "DISTRIBUTED"])
def test_only_an_inline_map_is_held_to_forty(mode: object) -> None:
    inner = {"ProcessorConfig": {"Mode": mode}, "States": {"One": {"Type": "Pass", "End": True}}, "StartAt": "One"}
    state = {"Type": "Map", "MaxConcurrency": 41, "ItemProcessor": inner, "End": True}
    assert judge(template(Machine=machine({"Each": state}))) == []


def test_a_map_without_a_mode_is_inline() -> None:
    inner = {"States": {"One": {"Type": "Pass", "End": True}}, "StartAt": "One"}
    state = {"Type": "Map", "MaxConcurrency": 41, "Iterator": inner, "End": True}
    (finding,) = judge(template(Machine=machine({"Each": state})))
    assert (finding.rule, finding.severity) == ("SF-MAP", Severity.WARNING)
    assert "at most 40, MaxConcurrency asks for 41" in finding.message


def test_retriers_are_judged_at_any_depth_and_say_what_aws_answers() -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "BackoffRate": 0.5}]
    state = {"Type": "Parallel", "Branches": [{"StartAt": "A", "States": {"A": task(Retry=retry)}}], "End": True}
    (finding,) = found(template(Machine=machine({"All": state})), "BATCH-BACK-OFF")
    assert "BackoffRate of a retrier must be at least 1, got 0.5" in finding.message
    assert "SCHEMA_VALIDATION_FAILED: Minimum value is 1" in finding.message


def test_a_timeout_that_an_expression_gives_is_not_judged() -> None:
    assert ids({f"{STATE}.TimeoutSeconds": "{% $states.input.timeout %}"}) == []


@pytest.mark.parametrize("actions", ["*", ["sagemaker:*", "events:*"], [*JOBS, *EVENTS], ["SageMaker:*", *EVENTS]])
def test_a_role_that_may_do_what_the_job_needs_is_sound(actions: object) -> None:
    assert with_role(inline(policy(actions))) == []


def test_what_the_role_lacks_is_named() -> None:
    (finding,) = with_role(inline(policy(JOBS)))
    assert finding.severity == Severity.ERROR
    assert "lacks events:PutTargets, events:PutRule, events:DescribeRule" in finding.message


def test_a_denial_does_not_allow() -> None:
    (denied,) = policy("*", Effect="Deny")["Statement"]
    (allowed,) = policy(JOBS)["Statement"]
    assert len(with_role(inline({"Statement": [allowed, denied]}))) == 1


@pytest.mark.parametrize("resource_arn", [START, "arn:aws:states:::aws-sdk:sagemaker:createTransformJob"])
def test_a_job_that_nobody_waits_for_needs_less(resource_arn: str) -> None:
    assert with_role(inline(policy(JOBS[:1])), resource_arn) == []
    assert len(with_role(inline(policy(EVENTS)), resource_arn)) == 1


@pytest.mark.parametrize(
    "role",
    [
        {},
        {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"]},
        {"ManagedPolicyArns": {"Ref": "Policies"}},
        {"Policies": {"Ref": "Policies"}},
        inline({"Ref": "Document"}),
        inline(policy({"Ref": "Actions"})),
        inline(policy(["sagemaker:*", {"Ref": "Action"}])),
        inline({"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}),
        inline({"Statement": [{"Effect": {"Ref": "Effect"}, "Action": "*", "Resource": "*"}]}),
    ],
)
def test_a_role_whose_policies_are_not_all_known_is_not_judged(role: Document) -> None:
    assert with_role(role) == []


@pytest.mark.parametrize(
    ("type_", "names"),
    [
        ("AWS::IAM::Policy", {"PolicyName": "events", "Roles": [{"Ref": "Role"}]}),
        ("AWS::IAM::ManagedPolicy", {"Roles": [{"Ref": "Role"}]}),
        ("AWS::IAM::RolePolicy", {"PolicyName": "events", "RoleName": {"Ref": "Role"}}),
        ("AWS::IAM::Policy", {"PolicyName": "events", "Roles": [{"Ref": "SomeParameter"}]}),
        ("AWS::IAM::Policy", {"PolicyName": "events", "Roles": {"Ref": "SomeParameter"}}),
    ],
)
def test_policies_beside_the_role_count(type_: str, names: dict[str, Any]) -> None:
    beside = resource(type_, PolicyDocument=policy(EVENTS), **names)
    assert with_role(inline(policy(JOBS)), Beside=beside) == []


def test_a_managed_policy_of_the_template_counts_where_the_role_names_it() -> None:
    managed = resource("AWS::IAM::ManagedPolicy", PolicyDocument=policy(EVENTS))
    role = {**inline(policy(JOBS)), "ManagedPolicyArns": [{"Ref": "Managed"}]}
    assert with_role(role, Managed=managed) == []
    assert len(with_role(inline(policy(JOBS)), Managed=managed)) == 1


def test_the_policy_of_another_role_does_not_count() -> None:
    other = resource("AWS::IAM::Policy", PolicyName="x", Roles=["Other"], PolicyDocument=policy(EVENTS))
    assert len(with_role(inline(policy(JOBS)), Beside=other)) == 1


def test_a_task_with_credentials_of_its_own_is_not_judged() -> None:
    document = changed(batch(), {"Machine.RoleArn": get("Role", "Arn"), f"{STATE}.Credentials": {"RoleArn": ROLE_ARN}})
    document["Resources"]["Role"] = resource("AWS::IAM::Role", AssumeRolePolicyDocument=json.loads("{}"))
    assert found(document, "SF-PERM-SYNC") == []
