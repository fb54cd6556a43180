"""A role may do what its function was seen to do, or what its state machine says, and what else has a reason.

`calls.json` holds what the functions of this repository called on the local AWS, whose judge refused what their roles
did not allow: so nothing is missing for what the end-to-end tests and the demo do. `record.py` makes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from tests.asl import text_of
from tests.permissions.policies import Template, statements, templates
from tests.permissions.record import CALLS, HANDLERS

USED: Mapping[str, list[str]] = json.loads(CALLS.read_text(encoding="utf-8"))
BY_SERVICES: Mapping[str, str] = {
    "kinesis:DescribeStream": "Lambda's poller, as the role: lambda/latest/dg/with-kinesis.html",
    "kinesis:DescribeStreamSummary": "Lambda's poller",
    "kinesis:DescribeStreamConsumer": "Lambda's poller, with enhanced fan-out",
    "kinesis:SubscribeToShard": "Lambda's poller, with enhanced fan-out",
    "kinesis:GetRecords": "Lambda's poller",
    "kinesis:GetShardIterator": "Lambda's poller",
    "kinesis:ListShards": "Lambda's poller",
    "logs:CreateLogStream": "Lambda writes the log, as the role",
    "logs:PutLogEvents": "Lambda writes the log, as the role",
    "sqs:ChangeMessageVisibility": "Lambda's poller",
    "sqs:DeleteMessage": "Lambda's poller: lambda/latest/dg/with-sqs.html",
    "sqs:GetQueueAttributes": "Lambda's poller, and CDK's grantSendMessages",
    "sqs:GetQueueUrl": "CDK's grantSendMessages, for a dead-letter queue",
    "sqs:ReceiveMessage": "Lambda's poller",
    "sqs:SendMessage": "Lambda sends to the dead-letter queue, as the role",
    "xray:PutTelemetryRecords": "Lambda's tracing daemon",
    "xray:PutTraceSegments": "Lambda's tracing daemon",
}
"""What Lambda does as the role of a function; the local AWS does it in its own name."""
NOT_LOCAL: Mapping[str, str] = {
    "ec2:": "Lambda connects a function to its VPC, as the role; the local AWS has no networks",
    "sagemaker:CreateProcessingJob": "the local AWS has no processing jobs: tests/handlers/test_drift_watch.py",
    "iam:PassRole": "the role of those jobs",
    "kms:": "the local AWS encrypts nothing; tests/safe derives each grant from what is stored",
}
"""Actions of services that the local AWS does not have."""
AT_FAULTS: Mapping[tuple[str, str], str] = {
    ("", "s3:AbortMultipartUpload"): "boto3 gives up a large upload that broke off; else its parts are paid for",
    ("", "s3:ListBucket"): "not called: with it S3 says of an object that is missing 404, without it 403",
    (
        "hybrid_switch",
        "dynamodb:GetItem",
    ): "reads which newer batch the pointer is at: tests/handlers/test_hybrid_switch.py",
}
"""What is called only when something goes wrong, by handler; an empty name stands for each."""
MACHINES: Mapping[str, set[str]] = {
    "lambda:invoke": {"lambda:InvokeFunction"},
    "aws-sdk:cloudwatch:putMetricData": {"cloudwatch:PutMetricData"},
    "aws-sdk:redshiftdata:executeStatement": {"redshift-data:ExecuteStatement"},
    "aws-sdk:sagemaker:stopTransformJob": {"sagemaker:StopTransformJob"},
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
    "sagemaker:createTransformJob.sync": {
        *(f"sagemaker:{name}TransformJob" for name in ("Create", "Describe", "Stop")),
        *(f"sagemaker:{name}Tags" for name in ("Add", "List")),
        *(f"events:{name}" for name in ("DescribeRule", "PutRule", "PutTargets")),
        "iam:PassRole",
    },
    # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    "distributed": {f"states:{name}Execution" for name in ("Start", "Describe", "Stop", "Redrive")},
    "s3:listObjectsV2": {"s3:ListBucket"},
    "s3:putObject": {"s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"},
}
"""What a state machine needs for each of its integrations, by AWS's documentation."""


@dataclass(frozen=True, slots=True)
class Taker:
    """What takes a role: a function by the name of its handler, or a state machine."""

    template: str
    name: str
    role: str
    resource: Mapping[str, Any]


@cache
def takers(kind: str) -> tuple[Taker, ...]:
    return tuple(
        Taker(name, logical_id, resource["Properties"][role]["Fn::GetAtt"][0], resource["Properties"])
        for name, template in templates().items()
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == kind
        for role in ("Role", "RoleArn")
        if "Fn::GetAtt" in resource["Properties"].get(role, {})
    )


def functions() -> list[tuple[str, Taker]]:
    """Those of our handlers, by handler."""
    named = [(str(each.resource.get("Handler", "")), each) for each in takers("AWS::Lambda::Function")]
    return [
        (name.partition(".")[0], each) for name, each in named if (HANDLERS / name.partition(".")[0]).is_dir() and name
    ]


@cache
def allowed(template: str, role: str) -> set[str]:
    """Every action that a role of a template may do."""
    holders = {role, *_policies_of(templates()[template], role)}
    found = [each for each in statements() if each.template == template and each.resource in holders]
    return {action for each in found if each.allows and not each.is_trust for action in each.actions}


def _policies_of(template: Template, role: str) -> Iterator[str]:
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Policy" and {"Ref": role} in resource["Properties"]["Roles"]:
            yield logical_id


def has_reason(handler: str, action: str) -> bool:
    at_fault = any((name, action) in AT_FAULTS for name in ("", handler))
    return at_fault or action in BY_SERVICES or action.startswith(tuple(NOT_LOCAL))


def test_every_handler_was_seen_at_work() -> None:
    handlers = {folder.name for folder in HANDLERS.iterdir() if (folder / "handler.py").is_file()}
    assert set(USED) == handlers
    assert {name for name, _ in functions()} == handlers


def test_a_function_may_do_nothing_that_it_was_never_seen_to_do() -> None:
    unused = {
        (handler, action)
        for handler, taker in functions()
        for action in allowed(taker.template, taker.role) - set(USED[handler])
        if not has_reason(handler, action)
    }
    assert unused == set()


def test_no_reason_is_for_what_was_seen_after_all() -> None:
    assert [key for key in AT_FAULTS if key[1] in USED.get(key[0], [])] == []
    assert {action for actions in USED.values() for action in actions if action.startswith(tuple(NOT_LOCAL))} == set()


@pytest.mark.parametrize("handler", sorted(USED))
def test_what_a_function_was_seen_to_do_it_may(handler: str) -> None:
    may = {action for name, taker in functions() if name == handler for action in allowed(taker.template, taker.role)}
    assert set(USED[handler]) - may == set()


def test_a_state_machine_may_do_what_its_definition_says_and_nothing_else() -> None:
    machines = takers("AWS::StepFunctions::StateMachine")
    assert machines
    for machine in machines:
        integrations = set(_integrations(json.loads(text_of(machine.resource["DefinitionString"]))))
        needed = {action for integration in integrations for action in MACHINES[integration]}
        may = {action for action in allowed(machine.template, machine.role) if not action.startswith("kms:")}
        assert may == needed, machine.template


def _integrations(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _integrations(each)
    elif isinstance(part, dict):
        if part.get("Mode") == "DISTRIBUTED":
            yield "distributed"
        resource = part.get("Resource")
        if isinstance(resource, str) and ":states:::" in resource:
            yield resource.partition(":states:::")[2]
        for each in part.values():
            yield from _integrations(each)
