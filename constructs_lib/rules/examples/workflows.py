"""Step Functions around transform jobs."""

from __future__ import annotations

import json

from constructs_lib.rules.examples.bases import ROLE_ARN, model
from constructs_lib.rules.examples.example import Document, Example, boundary, changed, get, resource, template
from constructs_lib.rules.examples.transform import batch, machine, task

_PREFIX = "Machine.Definition.States"
_START = "arn:aws:states:::sagemaker:createTransformJob"
_SDK = "arn:aws:states:::aws-sdk:sagemaker:createTransformJob"
_SYNC_ACTIONS = [
    "sagemaker:CreateTransformJob",
    "sagemaker:DescribeTransformJob",
    "sagemaker:StopTransformJob",
    "sagemaker:*Tags",
    "events:PutTargets",
    "events:PutRule",
    "events:DescribeRule",
]


def _text(text: str) -> Document:
    return template(
        Machine=resource("AWS::StepFunctions::StateMachine", RoleArn=ROLE_ARN, DefinitionString=text),
    )


def _sized(size: int) -> Document:
    rest = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
    empty = json.dumps({"Comment": "", **rest})
    return _text(json.dumps({"Comment": "x" * (size - len(empty)), **rest}))


def _named(length: int) -> Document:
    return template(Machine=machine({"x" * length: {"Type": "Succeed"}}))


def _state(**fields: object) -> Document:
    return template(Model=model(), Machine=machine({"Only": {"End": True, **fields}}))


def _map(concurrency: int, mode: str) -> Document:
    inner = {"ProcessorConfig": {"Mode": mode}, "StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}}
    return _state(Type="Map", MaxConcurrency=concurrency, ItemProcessor=inner)


def _wait(seconds: int, **properties: object) -> Document:
    return template(Machine=machine({"Wait": {"Type": "Wait", "Seconds": seconds, "End": True}}, **properties))


def _retried(field: str, *, passes: object, fails: object) -> Example:
    errors = {"ErrorEquals": ["States.ALL"]}
    return boundary(
        batch(), f"{_PREFIX}.Transform.Retry", passes=[{**errors, field: passes}], fails=[{**errors, field: fails}]
    )


def _with_role(actions: list[str]) -> Document:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    trust = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ]
    }
    policy = {"PolicyName": "jobs", "PolicyDocument": {"Statement": [statement]}}
    role = resource("AWS::IAM::Role", AssumeRolePolicyDocument=trust, Policies=[policy])
    document = batch()
    document["Resources"]["Role"] = role
    return changed(document, {"Machine.RoleArn": get("Role", "Arn")})


_BROKEN = '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}'
_YEAR = 31_536_000

EXAMPLES: dict[str, Example | tuple[Example, ...]] = {
    "SF-DEF": Example(_sized(1_048_576), _sized(1_048_577)),
    "SF-JSON": Example(_text(_BROKEN + "}"), _text(_BROKEN)),
    "SF-NAME": (
        boundary(batch(), "Machine.StateMachineName", passes="x" * 80, fails="x" * 81),
        boundary(batch(), "Machine.StateMachineName", passes="nightly-batch", fails="nightly batch"),
    ),
    "SF-STATE-NAME": Example(_named(80), _named(81)),
    "SF-TIME": Example(_wait(_YEAR), _wait(_YEAR + 1)),
    "SF-TIME-EXPRESS": Example(_wait(300, StateMachineType="EXPRESS"), _wait(301, StateMachineType="EXPRESS")),
    "SF-EXPRESS-SYNC": boundary(batch(), "Machine.StateMachineType", passes="STANDARD", fails="EXPRESS"),
    "SF-NO-TOKEN": boundary(
        batch(), f"{_PREFIX}.Transform.Resource", passes=_START, fails=f"{_START}.waitForTaskToken"
    ),
    "SF-SDK-SYNC": boundary(batch(), f"{_PREFIX}.Transform.Resource", passes=_SDK, fails=f"{_SDK}.sync"),
    "SF-MAP": Example(_map(40, "INLINE"), _map(41, "INLINE")),
    "SF-MAP-DISTRIBUTED": Example(_map(10_000, "DISTRIBUTED"), _map(10_001, "DISTRIBUTED")),
    "SF-PERM-SYNC": Example(_with_role(_SYNC_ACTIONS), _with_role(_SYNC_ACTIONS[:-1])),
    "SF-TASK-TIMEOUT": Example(
        _state(**task(TimeoutSeconds=1)),
        _state(**task(TimeoutSeconds=0)),
    ),
    "BATCH-BACK-OFF": _retried("BackoffRate", passes=1.0, fails=0.9),
    "SF-RETRY-ATTEMPTS": _retried("MaxAttempts", passes=0, fails=-1),
    "SF-RETRY-INTERVAL": _retried("IntervalSeconds", passes=99_999_999, fails=100_000_000),
    "SF-RETRY-DELAY": _retried("MaxDelaySeconds", passes=1, fails=0),
}
