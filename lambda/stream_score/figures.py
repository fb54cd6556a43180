"""What is counted of a delivery, as one line in CloudWatch's embedded metric format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# So many values show how the times of a delivery are spread; all of them would make long lines.
_VALUES = 100


@dataclass(slots=True)
class Figures:
    """Counts of records, and times in milliseconds. All that came in are out, poisoned, or duplicates."""

    out: int = 0
    poisoned: int = 0
    duplicates: int = 0
    throttled: int = 0
    end_to_end: list[float] = field(default_factory=list)
    requests: list[float] = field(default_factory=list)

    def request_took(self, seconds: float) -> None:
        """An answer of the endpoint's came after so many seconds."""
        self.requests.append(seconds * 1000)

    def was_put(self, seconds: float) -> None:
        """A result was put so many seconds after its record came into the stream."""
        self.out += 1
        self.end_to_end.append(max(0.0, seconds * 1000))

    def line(self, namespace: str, function_name: str, now: float) -> dict[str, Any]:
        """The line to log; CloudWatch makes the metrics of it."""
        counts = {
            "RecordsIn": self.out + self.poisoned + self.duplicates,
            "RecordsOut": self.out,
            "Poisoned": self.poisoned,
            "Duplicates": self.duplicates,
            "Throttled": self.throttled,
        }
        times = {"EndToEndLatency": _sample(self.end_to_end), "EndpointLatency": _sample(self.requests)}
        times = {name: values for name, values in times.items() if values}
        metrics = [{"Name": name, "Unit": "Count"} for name in counts]
        metrics += [{"Name": name, "Unit": "Milliseconds"} for name in times]
        directive = {"Namespace": namespace, "Dimensions": [["FunctionName"]], "Metrics": metrics}
        return {
            "_aws": {"Timestamp": round(now * 1000), "CloudWatchMetrics": [directive]},
            "FunctionName": function_name,
            **counts,
            **times,
        }


def _sample(values: Sequence[float]) -> list[float]:
    """At most a line's number of values, evenly over all when sorted, the greatest among them."""
    ranked = sorted(values)
    if len(ranked) <= _VALUES:
        return ranked
    return [ranked[(number + 1) * len(ranked) // _VALUES - 1] for number in range(_VALUES)]
