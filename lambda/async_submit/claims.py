"""Who submits a request: a small object in S3 for each, written under conditions, so that no two do at once.

EventBridge and Lambda deliver an event at least once, and nothing in SageMaker refuses the same request twice. A marker
goes through two states::

    (none) --claim--> Claimed until T --confirm--> Submitted
                         |        ^
                         +-release+      (given back at once; or T passes, and the next attempt takes it over)

The marker is written before the request is sent, so that two deliveries at the same time do not both send it; and it is
confirmed after SageMaker took it, so that a function that dies in between loses nothing: its claim runs out before
Lambda tries again. What is left is a death, or a lost answer, between SageMaker's yes and the confirmation: then the
request is sent once more, under the same inference id and the same output file, and counts once.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

_CLAIMED = "Claimed"
_SUBMITTED = "Submitted"
# In bytes, many times that of any marker; whatever else lies there does not fill the memory.
_LONGEST = 64 * 1024
# What S3 answers when the marker is not as expected, or another write to it is under way.
_LOST = ("PreconditionFailed", "ConditionalRequestConflict")


class InProgress(Exception):
    """Another invocation has the request at this moment. To fail is right: it is tried again when that one is done."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to submit a request; ``etag`` is the marker's as this invocation wrote it."""

    inference_id: str
    etag: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """The request was submitted before, with this receipt."""

    receipt: Mapping[str, Any]


class Claims:
    """The markers of an endpoint, below ``prefix`` in ``bucket``. ``seconds`` outlasts any invocation."""

    def __init__(self, s3: Any, *, bucket: str, prefix: str, seconds: int, clock: Callable[[], float]) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = prefix
        self._seconds = seconds
        self._clock = clock

    def take(self, inference_id: str) -> Claim | Submitted:
        """Claim a request, or learn that it was submitted; raises ``InProgress`` while another invocation has it."""
        marker = self._claimed_for(self._seconds)
        try:
            return Claim(inference_id, self._put(inference_id, marker, IfNoneMatch="*"))
        except InProgress:
            found = self._s3.get_object(**self._place(inference_id))
        written = json.loads(found["Body"].read(_LONGEST))
        if written["State"] == _SUBMITTED:
            return Submitted(written["Receipt"])
        if written["Until"] > self._clock():
            raise InProgress(f"{inference_id} is claimed until {written['Until']}")
        return Claim(inference_id, self._put(inference_id, marker, IfMatch=found["ETag"]))

    def confirm(self, claim: Claim, receipt: Mapping[str, Any]) -> None:
        """SageMaker has it: no other delivery of the event is to submit it again."""
        self._put(claim.inference_id, {"State": _SUBMITTED, "Receipt": dict(receipt)}, IfMatch=claim.etag)

    def release(self, claim: Claim) -> None:
        """SageMaker did not take it: let the next attempt claim it at once."""
        self._put(claim.inference_id, self._claimed_for(0), IfMatch=claim.etag)

    def _claimed_for(self, seconds: int) -> dict[str, Any]:
        # The owner tells two claims of the same moment apart, and so their ETags.
        return {"State": _CLAIMED, "Until": self._clock() + seconds, "Owner": uuid.uuid4().hex}

    def _put(self, inference_id: str, marker: Mapping[str, Any], **condition: str) -> str:
        body = json.dumps(marker).encode()
        try:
            written = self._s3.put_object(
                **self._place(inference_id), Body=body, ContentType="application/json", **condition
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _LOST:
                raise InProgress(f"{inference_id} is being submitted by another invocation") from error
            raise
        return str(written["ETag"])

    def _place(self, inference_id: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": f"{self._prefix}{inference_id}.json"}
