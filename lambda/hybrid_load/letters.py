"""Sends what cannot be a row to the dead letter queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hybrid_load.writing import until_nothing_is_left


class Letters:
    """The dead letter queue. The client is handed in."""

    def __init__(self, sqs: Any, *, queue_url: str, letters_per_send: int) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self._letters_per_send = letters_per_send

    def send(self, bodies: Sequence[str], has_time: Callable[[], bool]) -> None:
        """Send all of them; raises ``OutOfTime``."""
        for start in range(0, len(bodies), self._letters_per_send):
            until_nothing_is_left(bodies[start : start + self._letters_per_send], self._left_of, has_time)

    def _left_of(self, bodies: Sequence[str]) -> Sequence[str]:
        """What the queue did not take."""
        entries = [{"Id": str(place), "MessageBody": body} for place, body in enumerate(bodies)]
        answer = self._sqs.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
        return [bodies[int(failure["Id"])] for failure in answer.get("Failed", [])]
