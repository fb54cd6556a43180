"""Pieces of Amazon States Language in JSONata that the states of a batch share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


def expression(text: str) -> str:
    """JSONata as a state machine marks it."""
    return f"{{% {text} %}}"


def retried(errors: list[str], *, attempts: int) -> dict[str, object]:
    """Try again with back-off and full jitter, up to a minute apart."""
    return {
        "ErrorEquals": errors,
        "IntervalSeconds": 2,
        "BackoffRate": 2,
        "MaxAttempts": attempts,
        "MaxDelaySeconds": 60,
        "JitterStrategy": "FULL",
    }


# What Lambda's own service may answer, which says nothing of the function.
SERVICE_FAILURE = [
    retried(
        [
            "Lambda.ClientExecutionTimeoutException",
            "Lambda.ServiceException",
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
            "Lambda.TooManyRequestsException",
        ],
        attempts=6,
    )
]
# The functions of a batch may be run again at any time: what they wrote, they write again.
ANY_FAILURE = [*SERVICE_FAILURE, retried(["States.TaskFailed"], attempts=2)]


def invoke(partition: str, function: str, payload: object, *, retry: Sequence[Mapping[str, object]]) -> State:
    """A task that calls a function and waits for its answer."""
    return {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": payload},
        "Retry": [dict(each) for each in retry],
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
