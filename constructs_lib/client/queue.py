"""The notification queue, which many clients may share: own messages are deleted, those of others given back."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from constructs_lib.client.notifications import Outcome, UnknownMessage, hidden_for, parse
from constructs_lib.facts import calls

if TYPE_CHECKING:
    from constructs_lib.client.connections import Connections


class NotificationQueue:
    """Reads messages and leaves those of others as they were.

    Messages that are not SageMaker's are not touched: they show up again, and go to the dead-letter queue in the end.
    """

    def __init__(self, connections: Connections, url: str) -> None:
        self._connections = connections
        self._url = url

    def read(self, is_own: Callable[[str], bool], tell: Callable[[str, Outcome], None], wait: float) -> int:
        """Tell of the client's own news; returns how many messages were somebody else's.

        Waits up to ``wait`` seconds for a first message. A message is deleted after it was told of.
        """
        sqs = self._connections.service("sqs")
        answer = sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=calls.RECEIVED_MESSAGES.maximum,
            WaitTimeSeconds=min(calls.RECEIVE_WAIT.maximum, math.ceil(wait)),
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        own: list[dict[str, Any]] = []
        others: list[dict[str, Any]] = []
        for number, message in enumerate(answer.get("Messages", [])):
            try:
                inference_id, outcome = parse(message["Body"])
            except UnknownMessage:
                continue
            entry = {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            if is_own(inference_id):
                tell(inference_id, outcome)
                own.append(entry)
            else:
                receives = int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1))
                others.append(entry | {"VisibilityTimeout": hidden_for(receives)})
        if others:
            sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=others)
        if own:
            sqs.delete_message_batch(QueueUrl=self._url, Entries=own)
        return len(others)
