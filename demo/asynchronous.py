"""Asynchronous: inputs submitted to an endpoint without instances, which wakes, answers by notification and sleeps."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from constructs_lib.client import AsyncResult, AsyncResults, InferenceClient, InferenceError, InferenceFailed, TimedOut
from constructs_lib.facts.asynchronous import INLINE_PAYLOAD
from demo.outcome import Check, Outcome, expect_accuracy, expect_equal, median, percentile, share_right
from demo.scoring import CSV, labels_for
from demo.serverless import padded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from constructs_lib.local import LocalAws
    from demo.dataset import DataSet
    from demo.steps import Steps

STACK = "InferenceAsync"
INPUTS = 20
POISON = "not a number"
REASON = "must have 64 columns"
"""What the container says of the poison."""
TIMEOUT = 60.0
"""Seconds for each of: scaling in to zero, waking and answering everything, scaling in again."""
POLL = 0.1


def serve(aws: LocalAws, outputs: Mapping[str, str], data: DataSet, steps: Steps) -> Outcome:
    """Wait for zero instances, submit everything, collect what the notifications tell of, wait for zero again."""
    client = InferenceClient.for_stack(STACK, session=aws.session())
    asleep = wait_for_instances(aws, outputs, zero=True)
    steps.note("the endpoint is at zero instances" if asleep else "the endpoint did not go down to zero instances")
    parts = data.parts(INPUTS)
    began = time.monotonic()
    sent = client.submit_all([*payloads(parts), POISON], content_type=CSV, accept=CSV)
    *good, poisoned = sent
    steps.note(f"submitted {len(good)} inputs and a poisoned one")

    woken = wait_for_instances(aws, outputs, zero=False)
    steps.note("the endpoint has woken" if woken else "the endpoint did not wake")
    ended = moments(sent)
    steps.note(f"{len(ended)} of {len(sent)} results told of")
    results = [labels(part, each) for part, each in zip(parts, good, strict=True)]
    failure = poison_found(poisoned)
    told = nothing_on_the_queue(aws.client("sqs"), outputs["NotificationQueueUrl"])

    back = wait_for_instances(aws, outputs, zero=True)
    steps.note("the endpoint is back at zero instances" if back else "the endpoint did not go back to zero instances")
    latencies = [(ended[each.inference_id] - began) * 1000 for each in good if each.inference_id in ended]
    accuracy = share_right([label for result in results for label in result], data.labels)
    succeeded = sum(None not in result for result in results)
    return Outcome(
        requests=len(sent),
        succeeded=succeeded,
        failed_as_expected=int(failure.ok),
        accuracy=accuracy,
        median_ms=median(latencies),
        p99_ms=percentile(latencies, 99),
        checks=(
            Check("at zero instances before the first input", asleep, f"not within {TIMEOUT:g} s"),
            Check("woken by the backlog", woken, f"not within {TIMEOUT:g} s"),
            expect_equal("results fetched", succeeded, INPUTS),
            expect_equal("inputs that went through S3", len(inputs_in_s3(aws, outputs)), 1),
            told,
            expect_accuracy(accuracy),
            failure,
            Check("back at zero instances", back, f"not within {TIMEOUT:g} s"),
        ),
    )


def payloads(parts: list[DataSet]) -> list[bytes]:
    """The rows as CSV, the first ones padded to a byte more than a request takes along: they go through S3."""
    first, *others = ("\n".join(part.lines) for part in parts)
    return [padded(first, INLINE_PAYLOAD.maximum + 1), *(other.encode() for other in others)]


def moments(sent: AsyncResults) -> dict[str, float]:
    """When each result was told of, by inference id; without those that were not in time."""
    ended: dict[str, float] = {}
    try:
        for result in sent.as_completed(TIMEOUT):
            ended[result.inference_id] = time.monotonic()
    except TimedOut:
        pass
    return ended


def labels(part: DataSet, result: AsyncResult) -> list[int | None]:
    """The predictions of one input; None for each that is missing."""
    try:
        return [*labels_for(part, result.result(POLL).body)]
    except (InferenceError, ValueError):
        return [None] * len(part)


def poison_found(poisoned: AsyncResult) -> Check:
    """The poisoned input has to be told of as failed, with the container's reason from the failure path."""
    what = "the poisoned input in the failure path with its error message"
    try:
        poisoned.wait(POLL)
    except InferenceFailed as failure:
        found = f"{failure.failure_location} holds {failure.reason[:200]!r}"
        return Check(what, REASON in failure.reason and bool(failure.failure_location), found)
    except InferenceError as error:
        return Check(what, ok=False, found=str(error))
    return Check(what, ok=False, found="it completed")


def nothing_on_the_queue(sqs: Any, queue_url: str, timeout: float = TIMEOUT) -> Check:
    """Every notification has to be taken off the queue by the client that waits for it."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def left() -> int:
        found = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    until(lambda: left() == 0, timeout)
    return expect_equal("notifications left on the queue", left(), 0)


def inputs_in_s3(aws: LocalAws, outputs: Mapping[str, str]) -> list[str]:
    """The keys of everything that was put into the input bucket."""
    return [found["Key"] for found in aws.client("s3").list_objects_v2(Bucket=outputs["InputBucketName"])["Contents"]]


def wait_for_instances(aws: LocalAws, outputs: Mapping[str, str], *, zero: bool, timeout: float = TIMEOUT) -> bool:
    """Wait until the endpoint has no instances, or has some; False when it takes longer than `timeout` seconds."""

    def holds() -> bool:
        described = aws.client("sagemaker").describe_endpoint(EndpointName=outputs["EndpointName"])
        (variant,) = described["ProductionVariants"]
        return bool((variant["CurrentInstanceCount"] == 0) == zero)

    return until(holds, timeout)


def until(holds: Callable[[], bool], timeout: float) -> bool:
    """Wait until something holds; False when it takes longer than `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(POLL)
    return False
