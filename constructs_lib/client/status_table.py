"""The table in which a results consumer writes what became of each request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from constructs_lib.client.notifications import Outcome, Status
from constructs_lib.facts import calls

if TYPE_CHECKING:
    from constructs_lib.client.connections import Connections

KEY = "InferenceId"


class StatusTable:
    """Asks for many requests at once."""

    def __init__(self, connections: Connections, name: str) -> None:
        self._connections = connections
        self._name = name

    def outcomes(self, ids: Iterable[str]) -> dict[str, Outcome]:
        """What the table says of each request it knows; others are left out."""
        found: dict[str, Outcome] = {}
        left = list(dict.fromkeys(ids))  # DynamoDB refuses a key that is given twice
        while left:
            batch, left = left[: calls.BATCH_GET.maximum], left[calls.BATCH_GET.maximum :]
            # Keys that were left unprocessed for lack of capacity are asked for with the next look-up.
            answer = self._connections.service("dynamodb").batch_get_item(
                RequestItems={self._name: {"Keys": [{KEY: {"S": each}} for each in batch]}}
            )
            for item in answer.get("Responses", {}).get(self._name, []):
                found[item[KEY]["S"]] = outcome_of(item)
        return found


def outcome_of(item: Mapping[str, Any]) -> Outcome:
    """One item of the table, as DynamoDB gives it."""
    texts = {name: next(iter(value.values())) for name, value in item.items()}
    status = Status(texts.get("Status", Status.SUBMITTED))
    location = texts.get("FailureLocation" if status is Status.FAILED else "OutputLocation")
    return Outcome(status=status, location=location, reason=str(texts.get("FailureReason", "")))
