"""Asking the look-up function of a hybrid stack, and how long each of its ways to an answer took."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from demo.outcome import median

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Answer = dict[str, Any]
MOST = 100
"""Records in a request."""


class LookupFailed(Exception):
    """A function failed, or refused what it was asked; the message is what it said instead."""


class Lookups:
    """Invokes the function; `latencies` are in milliseconds, by the path of an answer that was asked for alone."""

    def __init__(self, functions: Any, name: str) -> None:
        self._functions = functions
        self._name = name
        self.latencies: dict[str, list[float]] = {}

    def ask(self, **asked: str) -> Answer:
        """The answer for one record, such as `ask(id="user-1", payload="3,0")`."""
        began = time.perf_counter()
        answer: Answer = invoke(self._functions, self._name, {"requests": [asked]})["answers"][0]
        self.latencies.setdefault(answer["path"], []).append((time.perf_counter() - began) * 1000)
        return answer

    def ask_all(self, ids: Sequence[str]) -> list[Answer]:
        """The answers for many records, without their payloads: what is not stored has none."""
        parts = [ids[begin : begin + MOST] for begin in range(0, len(ids), MOST)]
        asked = ({"requests": [{"id": each} for each in part]} for part in parts)
        return [answer for each in asked for answer in invoke(self._functions, self._name, each)["answers"]]

    def medians(self) -> dict[str, float]:
        """The middle latency of each path, in milliseconds."""
        return {path: round(median(found) or 0.0, 1) for path, found in self.latencies.items()}


def invoke(functions: Any, name: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """What a function returns; raises LookupFailed when it fails, or refuses the event."""
    response = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
    answer: dict[str, Any] = json.loads(response["Payload"].read())
    if "FunctionError" in response or "error" in answer:
        raise LookupFailed(str(answer))
    return answer
