"""Lets all readers have the answers of a batch at once, when every one of them is in the table."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import boto3
from botocore.exceptions import ClientError

from hybrid_switch import keys
from hybrid_switch.logic import Batch, judged, pointer
from hybrid_switch.settings import Settings

_FIRST_WAIT = 0.05
_LONGEST_WAIT = 5.0


class Switch:
    """Moves the pointer of a table. The client is handed in."""

    def __init__(self, settings: Settings, *, dynamodb: Any) -> None:
        self._settings = settings
        self._dynamodb = dynamodb

    def switch(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Serve the batch, or say in a ``note`` that a newer one is served.

        Raises ``LoadIncomplete`` or ``TooManyFailed`` for one that must not be, ``ValueError`` for an event that is
        none.
        """
        batch = Batch.from_event(event)
        counts = judged(batch, dict(self._found(batch.checkpoints)), self._settings.max_failed_share)
        try:
            self._dynamodb.put_item(TableName=self._settings.table_name, **pointer(batch, counts, time.time()))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return {"served": False, "note": f"batch {self._served()} is served, which is not older than {batch.name}"}
        print(json.dumps({"correlation_id": batch.name, "Outcome": "Served", "Rows": counts.loaded}))
        return {"served": True, "batch": batch.name, "rows": counts.loaded, "failed": counts.failed}

    def _found(self, wanted: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The items of these keys that there are."""
        size, name = self._settings.keys_per_read, self._settings.table_name
        for start in range(0, len(wanted), size):
            left: list[Any] = [{"pk": {"S": key}} for key in wanted[start : start + size]]
            wait = _FIRST_WAIT
            while left:
                asked = {name: {"Keys": left, "ConsistentRead": True}}
                answer = self._dynamodb.batch_get_item(RequestItems=asked)
                yield from ((item["pk"]["S"], item) for item in answer["Responses"].get(name, []))
                left = answer.get("UnprocessedKeys", {}).get(name, {}).get("Keys", [])
                if left:
                    time.sleep(random.uniform(0, wait))
                    wait = min(2 * wait, _LONGEST_WAIT)

    def _served(self) -> str:
        key = {"pk": {"S": keys.POINTER}}
        found = self._dynamodb.get_item(TableName=self._settings.table_name, Key=key, ConsistentRead=True)
        return str(found["Item"]["batch"]["S"])


_switch = Switch(Settings.from_environment(os.environ), dynamodb=boto3.client("dynamodb"))


def handle(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Lambda's entry point."""
    del context
    return _switch.switch(event)
