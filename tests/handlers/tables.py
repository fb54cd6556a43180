"""A table of DynamoDB in memory, as far as hybrid inference needs it, and what its functions are told in tests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from tests.handlers.fakes import client_error

TABLE = "predictions"
ID_LENGTH = 64
LOAD_ENVIRONMENT = {
    "TABLE_NAME": TABLE,
    "DEAD_LETTER_URL": "https://queue/letters",
    "ANSWER_TYPE": "text/csv",
    "ID_MEMBER": "0",
    "ANSWER_MEMBER": "1",
    "ROW_EXPIRES_AFTER_SECONDS": "1000",
    "ID_LENGTH": str(ID_LENGTH),
    "ITEM_BYTES": "2000",
    "ROWS_PER_WRITE": "2",
    "WRITES_AT_ONCE": "1",
    "LETTERS_PER_SEND": "2",
    "LETTER_BYTES": "2000",
    "SECONDS_TO_SPARE": "10",
    "METRIC_NAMESPACE": "Hybrid",
}
SWITCH_ENVIRONMENT = {"TABLE_NAME": TABLE, "MAX_FAILED_SHARE": "0.5", "KEYS_PER_READ": "2"}
LOOKUP_ENVIRONMENT = {
    "TABLE_NAME": TABLE,
    "MODEL_VERSION": "model-1",
    "MAX_AGE_SECONDS": "1000",
    "COMPUTE_FUNCTION_NAME": "compute",
    "TIMEOUT_MILLISECONDS": "2000",
    "DEFAULT_ANSWER": '"popular"',
    "MAX_REQUESTS": "5",
    "KEYS_PER_READ": "4",
    "ID_LENGTH": str(ID_LENGTH),
    "PAYLOAD_BYTES": "2000",
    "COMPARISON_SHARE": "0",
    "METRIC_NAMESPACE": "Hybrid",
}
COMPUTE_ENVIRONMENT = {
    "TABLE_NAME": TABLE,
    "ENDPOINT_NAME": "endpoint",
    "ENDPOINT_CONFIG_NAME": "config-1",
    "MODEL_VERSION": "model-1",
    "CONTENT_TYPE": "text/csv",
    "ACCEPT": "text/csv",
    "PAYLOAD_BYTES": "20",
    "TIMEOUT_MILLISECONDS": "2000",
    "FRESH_EXPIRES_AFTER_SECONDS": "100",
    "ITEM_BYTES": "2000",
    "TOLERANCE": "0.01",
    "METRIC_NAMESPACE": "Hybrid",
}
OVERRIDE_ENVIRONMENT = {
    "TABLE_NAME": TABLE,
    "OVERRIDE_EXPIRES_AFTER_SECONDS": "1000",
    "MAX_REQUESTS": "5",
    "ID_LENGTH": str(ID_LENGTH),
}
_UNRESERVED = ("computed_at", "since", "etag")
Item = dict[str, dict[str, Any]]


class MemoryTable:
    """One table. ``before`` is called with the name of each operation, and may raise what the table is to answer.

    ``unprocessed`` is how many items of the next batches are left over, one after the other.
    """

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.before: Callable[[str], None] = lambda _: None
        self.unprocessed: list[int] = []
        self._lock = threading.Lock()

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.items if key.startswith(prefix))

    def get_item(self, **request: Any) -> dict[str, Any]:
        self.before("get_item")
        assert request["ConsistentRead"]
        found = self.items.get(request["Key"]["pk"]["S"])
        return {} if found is None else {"Item": found}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 as boto3 calls it
        self.before("batch_get_item")
        asked = RequestItems[TABLE]
        assert asked["ConsistentRead"]
        names = [key["pk"]["S"] for key in asked["Keys"]]
        assert len(set(names)) == len(names), "DynamoDB takes no key twice"
        count = len(names) - (self.unprocessed.pop(0) if self.unprocessed else 0)
        left = {TABLE: {"Keys": asked["Keys"][count:]}} if count < len(names) else {}
        return {
            "Responses": {TABLE: [self.items[name] for name in names[:count] if name in self.items]},
            "UnprocessedKeys": left,
        }

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 as boto3 calls it
        self.before("batch_write_item")
        requests = RequestItems[TABLE]
        items = [request["PutRequest"]["Item"] for request in requests]
        names = [item["pk"]["S"] for item in items]
        assert items, "DynamoDB takes no batch of nothing"
        assert len(set(names)) == len(names), "DynamoDB takes no key twice"
        count = len(items) - (self.unprocessed.pop(0) if self.unprocessed else 0)
        self.items |= dict(zip(names[:count], items[:count], strict=False))
        return {"UnprocessedItems": {TABLE: requests[count:]} if count < len(items) else {}}

    def put_item(self, **request: Any) -> None:
        self.before("put_item")
        with self._lock:
            there = self.items.get(request["Item"]["pk"]["S"])
            if not _holds(there, request):
                raise client_error("ConditionalCheckFailedException", "PutItem")
            self.items[request["Item"]["pk"]["S"]] = request["Item"]


def _holds(there: Item | None, request: dict[str, Any]) -> bool:
    """Whether an item meets the condition of a write; those that these functions use, a test holds against the AWS."""
    if "ConditionExpression" not in request or there is None:
        return True
    names, values = request.get("ExpressionAttributeNames", {}), request["ExpressionAttributeValues"]

    def is_met(term: str) -> bool:
        if term == "attribute_not_exists(pk)":
            return False
        name, operator, value = term.split()
        assert name.startswith("#") or name in _UNRESERVED, "a reserved word is no name in an expression"
        [(kind, left)], right = there[names.get(name, name)].items(), values[value]
        return bool(float(left) < float(right[kind]) if operator == "<" else left == right[kind])

    options = [
        option.strip("() ") if " AND " in option else option for option in request["ConditionExpression"].split(" OR ")
    ]
    return any(all(is_met(term) for term in option.split(" AND ")) for option in options)


class MemoryQueue:
    """A queue in memory; ``failing`` is how many messages of the next batches are not taken."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.failing: list[int] = []
        self.before: Callable[[str], None] = lambda _: None

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        self.before("send_message_batch")
        entries = request["Entries"]
        count = len(entries) - (self.failing.pop(0) if self.failing else 0)
        self.bodies += [entry["MessageBody"] for entry in entries[:count]]
        return {"Failed": [{"Id": entry["Id"]} for entry in entries[count:]]}


def text(item: Item, name: str) -> str:
    """An attribute as text, whatever its type."""
    [value] = item[name].values()
    return str(value)
