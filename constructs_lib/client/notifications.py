"""The messages in which SageMaker tells of asynchronous results, and what a reader of a shared queue does with each.

Pure. A queue may have many readers, each of which gets messages that are meant for another one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

# Seconds after the first, second ... receive. A queue gives a message up after a few of them, so they are made to take
# a while; its own reader looks into S3 meanwhile, and loses nothing.
_GIVE_BACK_AFTER = (0, 1, 5, 300)


class Status(StrEnum):
    """What became of an asynchronous request, in the words of the status table.

    ``UNKNOWN`` is said of an id alone while the table has nothing of it: the request is under way, or was never sent.
    """

    UNKNOWN = "Unknown"
    SUBMITTED = "Submitted"
    COMPLETED = "Completed"
    FAILED = "Failed"


class UnknownMessage(Exception):
    """A message is not one of SageMaker's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a request ended: where its answer or its error is, and SageMaker's reason for a failure."""

    status: Status
    location: str | None = None
    reason: str = ""


def parse(body: str) -> tuple[str, Outcome]:
    """Inference id and outcome in a queue's message, raw or in SNS's envelope; raises ``UnknownMessage``."""
    try:
        message = json.loads(body)
        if message.get("Type") == "Notification":
            message = json.loads(message["Message"])
        completed = message["invocationStatus"] == Status.COMPLETED
        response = message.get("responseParameters") or {}
        return str(message["inferenceId"]), Outcome(
            status=Status.COMPLETED if completed else Status.FAILED,
            location=response.get("outputLocation"),
            reason=str(message.get("failureReason") or ""),
        )
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise UnknownMessage(f"{error!r} in {body[:200]}") from None


def hidden_for(receives: int) -> int:
    """Seconds for which a message of somebody else's is hidden when it is given back after so many receives.

    The first time its own reader may have it at once; later it waits, so that readers who are not meant neither toss
    it to and fro nor use up its receives while its own one is away.
    """
    return _GIVE_BACK_AFTER[min(max(receives, 1), len(_GIVE_BACK_AFTER)) - 1]
