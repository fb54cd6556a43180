"""The Map Run of a distributed Map: what becomes of its child executions, and when too many of them failed. Pure."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from constructs_lib.local.store import Payload

# How DescribeMapRun counts child executions by their status.
_COUNTED = {
    "PENDING": "pending",
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timedOut",
    "ABORTED": "aborted",
    "PENDING_REDRIVE": "pendingRedrive",
}


@dataclass
class MapRun:
    """The child executions of one Map Run, and whether more of them failed than is tolerated."""

    record: Payload
    tolerated_count: float | None
    tolerated_percentage: float | None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, children: Sequence[Payload]) -> None:
        """Count the child executions as they are."""
        none = dict.fromkeys((*_COUNTED.values(), "total", "resultsWritten"), 0)
        self.record["executionCounts"] = none | {"total": len(children)}
        self.record["itemCounts"] = none | {"total": sum(child["_items"] for child in children)}
        for child in children:
            self._add(child, 1)

    def turn(self, child: Payload, status: str, **members: Any) -> None:
        """Bring a child execution into another status."""
        with self.lock:
            self._add(child, -1)
            child.update(status=status, **members)
            self._add(child, 1)

    def _add(self, child: Payload, sign: int) -> None:
        for counts, weight in (("executionCounts", 1), ("itemCounts", child["_items"])):
            self.record[counts][_COUNTED[child["status"]]] += sign * weight

    def is_beyond_tolerance(self) -> bool:
        """Whether the Map Run fails."""
        counts = self.record["executionCounts"]
        failed, total = counts["failed"], counts["total"]
        if self.tolerated_count is None and self.tolerated_percentage is None:
            return bool(failed)
        count, percentage = self.tolerated_count, self.tolerated_percentage
        return (count is not None and failed > count) or (percentage is not None and failed * 100 > percentage * total)
