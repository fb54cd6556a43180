"""Batch: the data set in several objects through the state machine, a prediction for every record."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from demo import storage
from demo.outcome import Check, Outcome, expect_accuracy, expect_equal, share_right

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_lib.local import LocalAws
    from demo.dataset import DataSet
    from demo.steps import Steps

STACK = "InferenceBatch"
OBJECTS = 6
PREFIX = "demo/"
TIMEOUT = 90.0
"""Seconds for the whole execution."""
POLL = 0.1


@dataclass(frozen=True)
class Execution:
    """How an execution of the state machine ended, after how many milliseconds."""

    status: str
    output: dict[str, str]
    reason: str
    milliseconds: float


def serve(aws: LocalAws, outputs: Mapping[str, str], data: DataSet, steps: Steps) -> Outcome:
    """Upload the records, run one execution, and put predictions and labels side by side."""
    s3 = aws.client("s3")
    parts = {f"digits-{number}.csv": part for number, part in enumerate(data.parts(OBJECTS))}
    for name, part in parts.items():
        body = "".join(f"{line}\n" for line in part.lines).encode()
        storage.put(s3, outputs["InputBucketName"], f"{PREFIX}{name}", body)
    steps.note(f"uploaded {len(data)} records in {len(parts)} objects")

    execution = run(aws.client("stepfunctions"), outputs["StateMachineArn"])
    steps.note(f"the execution ended {execution.status}")
    answers = results(s3, execution.output["output"]) if "output" in execution.output else {}
    predicted = [label for name, part in parts.items() for label in aligned(answers.get(f"{name}.out", ()), len(part))]
    predictions = sum(len(found) for found in answers.values())
    accuracy = share_right(predicted, data.labels)
    return Outcome(
        requests=len(data),
        succeeded=predictions,
        accuracy=accuracy,
        median_ms=execution.milliseconds,
        p99_ms=execution.milliseconds,
        checks=(
            Check("the execution succeeded", execution.status == "SUCCEEDED", execution.reason or execution.status),
            expect_equal("an output object for each input", sorted(answers), sorted(f"{name}.out" for name in parts)),
            expect_equal("as many predictions as records", predictions, len(data)),
            expect_accuracy(accuracy),
        ),
    )


def run(states: Any, state_machine: str, timeout: float = TIMEOUT) -> Execution:
    """Start an execution and wait for its end; one that takes too long is stopped and counts as TIMED_OUT."""
    began = time.monotonic()
    prefix = json.dumps({"input_prefix": PREFIX})
    arn = states.start_execution(stateMachineArn=state_machine, input=prefix)["executionArn"]
    while (found := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        if time.monotonic() - began > timeout:
            states.stop_execution(executionArn=arn)
            return Execution("TIMED_OUT", {}, f"still running after {timeout:g} s", timeout * 1000)
        time.sleep(POLL)
    reason = ": ".join(found[name] for name in ("error", "cause") if found.get(name))
    milliseconds = (time.monotonic() - began) * 1000
    return Execution(found["status"], json.loads(found.get("output") or "{}"), reason, milliseconds)


def results(s3: Any, location: str) -> dict[str, list[int]]:
    """The labels in each object below the location, by the object's own name."""
    bucket, prefix = storage.split(location)
    return {
        PurePosixPath(key).name: [int(line) for line in storage.read(s3, f"s3://{bucket}/{key}").split()]
        for key in storage.keys_below(s3, bucket, prefix)
    }


def aligned(labels: Sequence[int], expected: int) -> Sequence[int | None]:
    """The labels, or as many None where their number shows that they cannot belong to the records."""
    return labels if len(labels) == expected else [None] * expected
