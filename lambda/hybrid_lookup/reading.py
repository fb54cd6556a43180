"""Reads the table for a request: the pointer once, and what belongs to the batch that it points to."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

from hybrid_lookup import keys
from hybrid_lookup.budget import Budget
from hybrid_lookup.logic import Item

_FIRST_WAIT = 0.01


class Table:
    """The table of answers; reads see all that was written before. The client is handed in."""

    def __init__(self, dynamodb: Any, *, table_name: str, keys_per_read: int) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._keys_per_read = keys_per_read

    def batch(self) -> str | None:
        """The batch that is served now, if there is one."""
        key = {"pk": {"S": keys.POINTER}}
        found = self._dynamodb.get_item(TableName=self._table_name, Key=key, ConsistentRead=True).get("Item")
        return None if found is None else str(found["batch"]["S"])

    def read(self, wanted: Sequence[str], budget: Budget) -> dict[str, Item | None]:
        """The items of these keys, ``None`` for those that are not there; without those that there was no time for."""
        found: dict[str, Item | None] = {}
        for start in range(0, len(wanted), self._keys_per_read):
            found |= self._read(wanted[start : start + self._keys_per_read], budget)
        return found

    def _read(self, wanted: Sequence[str], budget: Budget) -> dict[str, Item | None]:
        items: dict[str, Item] = {}
        left: list[Any] = [{"pk": {"S": key}} for key in wanted]
        wait = _FIRST_WAIT
        while left and budget.left:
            asked = {self._table_name: {"Keys": left, "ConsistentRead": True}}
            answer = self._dynamodb.batch_get_item(RequestItems=asked)
            items |= {item["pk"]["S"]: item for item in answer["Responses"].get(self._table_name, [])}
            left = answer.get("UnprocessedKeys", {}).get(self._table_name, {}).get("Keys", [])
            if left:
                time.sleep(random.uniform(0, wait))
                wait *= 2
        unread = {key["pk"]["S"] for key in left}
        return {key: items.get(key) for key in wanted if key not in unread}
