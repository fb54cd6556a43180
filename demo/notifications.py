"""The messages in which SageMaker tells of asynchronous results, as they arrive on an SQS queue behind SNS."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


class UnknownMessage(Exception):
    """A message on the queue is not one of SageMaker's."""


@dataclass(frozen=True)
class Notification:
    """One result: where it is when it completed, why there is none when it failed."""

    inference_id: str
    completed: bool
    output_location: str | None
    failure_reason: str | None

    @classmethod
    def parse(cls, body: str) -> Notification:
        """Read the body of a queue message, in SNS's envelope or delivered raw; raises `UnknownMessage`."""
        try:
            message = json.loads(body)
            if message.get("Type") == "Notification":
                message = json.loads(message["Message"])
            status = message["invocationStatus"]
            response = message.get("responseParameters") or {}
            return cls(
                inference_id=str(message["inferenceId"]),
                completed=status == "Completed",
                output_location=response.get("outputLocation"),
                failure_reason=message.get("failureReason"),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnknownMessage(f"{error!r} in {body[:200]}") from None


@dataclass(frozen=True)
class Arrival:
    """A notification, and when it was read off the queue (seconds of the clock handed in)."""

    notification: Notification
    at: float


def collect(
    sqs: Any,
    queue_url: str,
    wanted: Collection[str],
    timeout: float,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Arrival]:
    """Read the queue until each wanted inference id has been told of, or `timeout` seconds have passed.

    A queue may deliver a message twice; the first arrival counts. Read messages are deleted.
    """
    arrived: dict[str, Arrival] = {}
    deadline = clock() + timeout
    while set(wanted) - set(arrived) and clock() < deadline:
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            notification = Notification.parse(message["Body"])
            if notification.inference_id in wanted:
                arrived.setdefault(notification.inference_id, Arrival(notification, clock()))
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return arrived
