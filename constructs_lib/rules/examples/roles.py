"""The roles that SageMaker and its neighbours take."""

from __future__ import annotations

import copy

from constructs_lib.rules.examples.bases import ROLE_ARN, realtime
from constructs_lib.rules.examples.example import Document, Example, boundary, changed, get, resource

_ARTIFACT_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


def _trust(service: str) -> Document:
    """A trust policy for one service."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _role(service: str) -> Document:
    return resource("AWS::IAM::Role", AssumeRolePolicyDocument=_trust(service))


def _with_role() -> Document:
    """A real-time endpoint whose execution role is of the same template."""
    document = changed(realtime(), {"Model.ExecutionRoleArn": get("Role", "Arn")})
    document["Resources"]["Role"] = _role("sagemaker.amazonaws.com")
    return document


def _with_state_machine() -> Document:
    """A state machine, and its role."""
    machine = resource(
        "AWS::StepFunctions::StateMachine",
        RoleArn=get("Role", "Arn"),
        Definition={"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}},
    )
    return {"Resources": {"Role": _role("states.amazonaws.com"), "Machine": machine}}


def _with_function() -> Document:
    """A function, and its role."""
    function = resource(
        "AWS::Lambda::Function",
        Role=get("Role", "Arn"),
        Handler="index.handler",
        Runtime="python3.13",
        Code={"ZipFile": "def handler(event, context): ..."},
    )
    return {"Resources": {"Role": _role("lambda.amazonaws.com"), "Function": function}}


def _with_policy(*depends_on: str) -> Document:
    """An execution role that reads the artifact by a policy of its own, for which the model waits or does not."""
    document = copy.deepcopy(_with_role())
    document["Resources"]["Policy"] = resource(
        "AWS::IAM::Policy", PolicyName="artifact", PolicyDocument=_ARTIFACT_POLICY, Roles=[{"Ref": "Role"}]
    )
    if depends_on:
        document["Resources"]["Model"]["DependsOn"] = list(depends_on)
    return document


EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "ROLE-ARN": (
        boundary(realtime(), "Model.ExecutionRoleArn", passes=ROLE_ARN, fails="Execution"),
        boundary(_with_role(), "Model.ExecutionRoleArn", passes=get("Role", "Arn"), fails={"Ref": "Role"}),
    ),
    "ROLE-TRUST": boundary(
        _with_role(),
        "Role.AssumeRolePolicyDocument",
        passes=_trust("sagemaker.amazonaws.com"),
        fails=_trust("ec2.amazonaws.com"),
    ),
    "ROLE-TRUST-STATES": boundary(
        _with_state_machine(),
        "Role.AssumeRolePolicyDocument",
        passes=_trust("states.eu-west-1.amazonaws.com"),
        fails=_trust("sagemaker.amazonaws.com"),
    ),
    "ROLE-TRUST-LAMBDA": boundary(
        _with_function(),
        "Role.AssumeRolePolicyDocument",
        passes=_trust("lambda.amazonaws.com"),
        fails=_trust("sagemaker.amazonaws.com"),
    ),
    "ROLE-RACE": Example(_with_policy("Policy"), _with_policy()),
}
