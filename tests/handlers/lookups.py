"""A look-up over a table in memory, and a function in place of the one that computes."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

from hybrid_lookup.settings import Settings
from tests.handlers.tables import LOOKUP_ENVIRONMENT, TABLE, Item, MemoryTable

SETTINGS = Settings.from_environment(LOOKUP_ENVIRONMENT)


class FakeLambda:
    """The function that computes; ``tell`` makes its answer of the event."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.tell: Callable[[dict[str, Any]], Any] = computed
        self.fails = False

    def invoke(self, **request: Any) -> dict[str, Any]:
        event = json.loads(request["Payload"])
        self.events.append((request["InvocationType"], event))
        body = io.BytesIO(json.dumps(self.tell(event)).encode())
        return {"Payload": body, **({"FunctionError": "Unhandled"} if self.fails else {})}


def computed(event: dict[str, Any]) -> dict[str, Any]:
    answers = {each["id"]: {"answer": f"computed {each['payload']}", "computed_at": 1.0} for each in event["requests"]}
    return {"model_version": event["model_version"], "answers": answers}


def row(batch: str, record: str, **values: Any) -> Item:
    now = time.time()
    found = {"answer": f"{batch} {record}", "model_version": "model-1", "feature_version": "today", **values}
    numbers = {"computed_at": now - 10, "expires_at": now + 100}
    return {
        "pk": {"S": f"row/{batch}/{record}"},
        **{name: {"S": value} for name, value in found.items()},
        **{name: {"N": str(value)} for name, value in numbers.items()},
    }


class World:
    """A table with two batches, of which ``b1`` is served, and what computes."""

    def __init__(self, handler: ModuleType) -> None:
        self.table, self.lambda_ = MemoryTable(), FakeLambda()
        self._handler = handler
        for batch in ("b1", "b2"):
            for record in ("u", "v", "w"):
                item = row(batch, record)
                self.table.items[item["pk"]["S"]] = item
        self.point_to("b1")

    def point_to(self, batch: str) -> None:
        self.table.items["pointer"] = {"pk": {"S": "pointer"}, "batch": {"S": batch}}

    def lookup(self, lambda_: Any = None, table: Any = None, **settings: Any) -> Any:
        told = replace(SETTINGS, **settings)
        found = self._handler.Table(table or self.table, table_name=TABLE, keys_per_read=4)
        computing = self._handler.Computing(
            lambda_ or self.lambda_, function_name="compute", model_version=told.model_version
        )
        return self._handler.Lookup(told, table=found, computing=computing)

    def ask(self, *records: str, **settings: Any) -> dict[str, Any]:
        requests = [{"id": record, "payload": f"of {record}"} for record in records]
        answer: dict[str, Any] = self.lookup(**settings).answer({"requests": requests})
        return answer


def paths(answer: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(each["answer"], each["path"], each.get("why")) for each in answer["answers"]]
