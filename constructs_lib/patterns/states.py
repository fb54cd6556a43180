"""Pieces of Amazon States Language in JSONata that the states of a batch share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

State = dict[str, Any]
JSONATA = "JSONata"

# Absent in an execution that was never redriven.
REDRIVE_COUNT = "($exists($states.context.Execution.RedriveCount) ? $states.context.Execution.RedriveCount : 0)"
# In milliseconds: of the execution, or of its last redrive.
STARTED = (
    "$toMillis($exists($states.context.Execution.RedriveTime) ? $states.context.Execution.RedriveTime"
    " : $states.context.Execution.StartTime)"
)
# What Lambda's own service may answer, which says nothing of the function.
_LAMBDA_ERRORS = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
]


def expression(text: str) -> str:
    """JSONata as a state machine marks it."""
    return f"{{% {text} %}}"


def retry(errors: list[str], *, attempts: int = 6) -> list[dict[str, object]]:
    """Try again with back-off and full jitter, up to a minute apart."""
    return [
        {
            "ErrorEquals": errors,
            "IntervalSeconds": 2,
            "BackoffRate": 2,
            "MaxAttempts": attempts,
            "MaxDelaySeconds": 60,
            "JitterStrategy": "FULL",
        }
    ]


def invoke(partition: str, function: str, payload: object) -> State:
    """A task that calls a function and waits for its answer."""
    return {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": payload},
        "Retry": retry(_LAMBDA_ERRORS),
    }


def scopes(machine: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What holds ``States``: the machine itself, and what lies in its Map and Parallel states at any depth."""
    yield machine
    for state in machine["States"].values():
        for inner in (state.get("ItemProcessor"), state.get("Iterator"), *state.get("Branches", ())):
            if inner is not None:
                yield from scopes(inner)


def merged(changed: Mapping[str, str]) -> str:
    """JSONata: the input of a state, with members that are other JSONata."""
    members = ", ".join(f"'{name}': {value}" for name, value in changed.items())
    return expression(f"$merge([$states.input, {{{members}}}])")
