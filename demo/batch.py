"""Batch: the data set in several objects through the state machine, a prediction for every record."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from constructs_lib.client import BatchFailed, InferenceClient, TimedOut
from demo.outcome import Check, Outcome, expect_accuracy, expect_equal, share_right
from demo.scoring import CSV

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_lib.local import LocalAws
    from demo.dataset import DataSet
    from demo.steps import Steps

STACK = "InferenceBatch"
OBJECTS = 6
TIMEOUT = 90.0
"""Seconds for the whole execution."""


def serve(aws: LocalAws, _outputs: Mapping[str, str], data: DataSet, steps: Steps) -> Outcome:
    """Run the pipeline over all records, and put predictions and labels side by side."""
    client = InferenceClient.for_stack(STACK, session=aws.session())
    parts = {f"digits-{number}.csv": part for number, part in enumerate(data.parts(OBJECTS))}
    inputs = {name: "".join(f"{line}\n" for line in part.lines) for name, part in parts.items()}
    began = time.monotonic()
    answers, problem = run(client, inputs)
    milliseconds = (time.monotonic() - began) * 1000
    steps.note(f"{len(data)} records in {len(parts)} objects: {problem or 'the execution succeeded'}")

    predicted = [label for name, part in parts.items() for label in aligned(answers.get(f"{name}.out", ()), len(part))]
    predictions = sum(len(found) for found in answers.values())
    accuracy = share_right(predicted, data.labels)
    return Outcome(
        requests=len(data),
        succeeded=predictions,
        accuracy=accuracy,
        median_ms=milliseconds,
        p99_ms=milliseconds,
        checks=(
            Check("the execution succeeded", not problem, problem),
            expect_equal("an output object for each input", sorted(answers), sorted(f"{name}.out" for name in parts)),
            expect_equal("as many predictions as records", predictions, len(data)),
            expect_accuracy(accuracy),
        ),
    )


def run(client: InferenceClient, inputs: Mapping[str, str]) -> tuple[dict[str, list[int]], str]:
    """The labels in each output object by its name, or none and why."""
    try:
        done = client.run_batch(inputs, content_type=CSV, timeout=TIMEOUT)
    except (BatchFailed, TimedOut) as failure:
        return {}, str(failure)
    return {name: [int(label) for label in answer.text.split()] for name, answer in done.items()}, ""


def aligned(labels: Sequence[int], expected: int) -> Sequence[int | None]:
    """The labels, or as many None where their number shows that they cannot belong to the records."""
    return labels if len(labels) == expected else [None] * expected
