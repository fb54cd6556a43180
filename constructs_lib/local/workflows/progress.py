"""How far an execution has come, so that a redrive goes on where it failed. Pure."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Progress:
    """One run through states: of an execution, of an iteration of a Map, of a branch of a Parallel.

    `parts` are the iterations or branches of the state that was entered last, `map_run` is its Map Run; `record` is
    what Step Functions keeps of a child execution.
    """

    state: str | None = None
    given: Any = None
    variables: dict[str, Any] = field(default_factory=dict)
    parts: list[Progress] = field(default_factory=list)
    finished: bool = False
    result: Any = None
    map_run: dict[str, Any] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)

    def enter(self, state: str, given: Any, variables: dict[str, Any]) -> None:
        """Note a state, its input, and the variables as they are."""
        self.state, self.given, self.variables = state, copy.deepcopy(given), copy.deepcopy(variables)
        self.parts, self.map_run = [], {}

    def finish(self, result: Any) -> None:
        """Note the output; a redrive takes it and runs nothing again."""
        self.finished, self.result = True, result

    def divide(self, count: int, *, again: bool) -> list[Progress]:
        """The parts of the state that was entered last: those of before the redrive, unless the state is retried."""
        if again or len(self.parts) != count:
            self.parts, self.map_run = [Progress() for _ in range(count)], {}
        return self.parts


def retry_delay(retrier: dict[str, Any], retries: int, share: float) -> float:
    """Seconds until the next attempt after `retries` of them.

    They grow by BackoffRate from IntervalSeconds up to MaxDelaySeconds; with JitterStrategy FULL it is the `share`
    (0 to 1) of them.
    """
    delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retries
    delay = min(delay, retrier.get("MaxDelaySeconds", delay))
    return float(delay * (share if retrier.get("JitterStrategy") == "FULL" else 1.0))
