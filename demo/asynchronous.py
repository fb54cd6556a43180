"""Asynchronous: inputs submitted to an endpoint without instances, which wakes, answers by notification and sleeps."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo import storage
from demo.notifications import Arrival, collect
from demo.outcome import Check, Outcome, expect_accuracy, expect_equal, median, percentile, share_right
from demo.scoring import CSV, labels_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_lib.local import LocalAws
    from demo.dataset import DataSet
    from demo.steps import Steps

STACK = "InferenceAsync"
INPUTS = 20
POISON = b"not a number"
REASON = "must have 64 columns"
"""What the container says of the poison."""
TIMEOUT = 60.0
"""Seconds for each of: scaling in to zero, waking and answering everything, scaling in again."""
POLL = 0.1


@dataclass(frozen=True)
class Submitted:
    """One input under way."""

    inference_id: str
    at: float
    failure_location: str | None


def serve(aws: LocalAws, outputs: Mapping[str, str], data: DataSet, steps: Steps) -> Outcome:
    """Wait for zero instances, submit everything, collect what the notifications tell of, wait for zero again."""
    sagemaker, endpoint_name = aws.client("sagemaker"), outputs["EndpointName"]
    asleep = wait_for_instances(sagemaker, endpoint_name, zero=True)
    steps.note("the endpoint is at zero instances" if asleep else "the endpoint did not go down to zero instances")
    parts = data.parts(INPUTS)
    good = [submit(aws, outputs, "\n".join(part.lines).encode()) for part in parts]
    poisoned = submit(aws, outputs, POISON)
    steps.note(f"submitted {len(good)} inputs and a poisoned one")

    woken = wait_for_instances(sagemaker, endpoint_name, zero=False)
    steps.note("the endpoint has woken" if woken else "the endpoint did not wake")
    wanted = [each.inference_id for each in (*good, poisoned)]
    arrived = collect(aws.client("sqs"), outputs["NotificationQueueUrl"], wanted, TIMEOUT)
    steps.note(f"{len(arrived)} of {len(wanted)} notifications received")
    results = [
        labels(aws.client("s3"), part, arrived.get(each.inference_id)) for part, each in zip(parts, good, strict=True)
    ]
    failure = poison_found(aws, poisoned, arrived.get(poisoned.inference_id))

    back = wait_for_instances(sagemaker, endpoint_name, zero=True)
    steps.note("the endpoint is back at zero instances" if back else "the endpoint did not go back to zero instances")
    latencies = [(arrived[each.inference_id].at - each.at) * 1000 for each in good if each.inference_id in arrived]
    accuracy = share_right([label for result in results for label in result], data.labels)
    succeeded = sum(None not in result for result in results)
    return Outcome(
        requests=len(wanted),
        succeeded=succeeded,
        failed_as_expected=int(failure.ok),
        accuracy=accuracy,
        median_ms=median(latencies),
        p99_ms=percentile(latencies, 99),
        checks=(
            Check("at zero instances before the first input", asleep, f"not within {TIMEOUT:g} s"),
            Check("woken by the backlog", woken, f"not within {TIMEOUT:g} s"),
            expect_equal("results fetched by their notifications", succeeded, INPUTS),
            expect_accuracy(accuracy),
            failure,
            Check("back at zero instances", back, f"not within {TIMEOUT:g} s"),
        ),
    )


def submit(aws: LocalAws, outputs: Mapping[str, str], body: bytes) -> Submitted:
    """Store an input and ask for its predictions."""
    inference_id = str(uuid.uuid4())
    location = storage.put(aws.client("s3"), outputs["InputBucketName"], f"demo/{inference_id}.csv", body)
    answer = aws.client("sagemaker-runtime").invoke_endpoint_async(
        EndpointName=outputs["EndpointName"],
        InputLocation=location,
        ContentType=CSV,
        Accept=CSV,
        InferenceId=inference_id,
    )
    return Submitted(inference_id, time.monotonic(), answer.get("FailureLocation"))


def labels(s3: Any, data: DataSet, arrival: Arrival | None) -> list[int | None]:
    """The predictions of one input, fetched from where its notification says; None for each that is missing."""
    missing: list[int | None] = [None] * len(data)
    if arrival is None or not arrival.notification.completed or not arrival.notification.output_location:
        return missing
    try:
        return [*labels_for(data, storage.read(s3, arrival.notification.output_location))]
    except ValueError:
        return missing


def poison_found(aws: LocalAws, poisoned: Submitted, arrival: Arrival | None) -> Check:
    """The poisoned input has to be told of as failed, with the container's reason in the failure path."""
    what = "the poisoned input in the failure path with its error message"
    if arrival is None:
        return Check(what, ok=False, found="no notification of it")
    if arrival.notification.completed:
        return Check(what, ok=False, found="it completed")
    if poisoned.failure_location is None:
        return Check(what, ok=False, found="the endpoint has no failure path")
    message = storage.read(aws.client("s3"), poisoned.failure_location).decode(errors="replace")
    return Check(what, REASON in message, f"{poisoned.failure_location} holds {message[:200]!r}")


def wait_for_instances(sagemaker: Any, endpoint_name: str, *, zero: bool, timeout: float = TIMEOUT) -> bool:
    """Wait until the endpoint has no instances, or has some; False when it takes longer than `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        (variant,) = sagemaker.describe_endpoint(EndpointName=endpoint_name)["ProductionVariants"]
        if (variant["CurrentInstanceCount"] == 0) == zero:
            return True
        time.sleep(POLL)
    return False
