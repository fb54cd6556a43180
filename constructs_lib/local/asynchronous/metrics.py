"""What SageMaker publishes of each asynchronous request: how long it waited and took, and what failed at it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.facts import asynchronous_metrics as facts
from constructs_lib.facts import realtime
from constructs_lib.local.asynchronous.request import CLIENT_ERRORS, SERVER_ERRORS
from constructs_lib.local.autoscaling.alarms import Metric

if TYPE_CHECKING:
    from constructs_lib.local.asynchronous.request import AsyncRequest, Outcome
    from constructs_lib.local.clock import Clock
    from constructs_lib.local.endpoints.invocation_metrics import Sample

_KINDS = (
    facts.EXPIRED_REQUESTS,
    facts.REQUEST_DOWNLOAD_FAILURES,
    facts.RESPONSE_UPLOAD_FAILURES,
    facts.NOTIFICATION_FAILURES,
    CLIENT_ERRORS,
    SERVER_ERRORS,
)
_TIMES = (facts.TIME_IN_BACKLOG, facts.TOTAL_PROCESSING_TIME)
ASYNC_METRICS = frozenset({facts.INVOCATIONS_PROCESSED, facts.INVOCATION_FAILURES, *_KINDS, *_TIMES})
# Requests that nobody has collected yet; the oldest go first.
_MOST_WAITING = 100_000


@dataclass(frozen=True, slots=True)
class _Answered:
    at: float
    dimensions: dict[str, str]
    failed: bool
    problems: frozenset[str]
    in_backlog: float
    in_all: float


class AsyncMetrics:
    """The requests answered since the last `take`, by the scaled clock; they end in many threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[_Answered] = deque(maxlen=_MOST_WAITING)

    def answered(
        self, dimensions: dict[str, str], request: AsyncRequest, outcome: Outcome, begun: float, problems: Set[str]
    ) -> None:
        """One more request has its outcome; it was taken out of the queue at `begun`."""
        now = self._clock.now()
        kinds = frozenset({*problems, *([outcome.counted_as] if outcome.counted_as else [])})
        failed = outcome.failure_reason is not None or facts.RESPONSE_UPLOAD_FAILURES in kinds
        waited, took = begun - request.received, now - request.received
        with self._lock:
            self._waiting.append(_Answered(now, dimensions, failed, kinds, waited, took))

    def take(self) -> list[Sample]:
        """Metric, time and value of everything since the last call, in the order of time."""
        with self._lock:
            taken = sorted(self._waiting, key=lambda each: each.at)
            self._waiting.clear()
        return [
            (Metric.of(realtime.NAMESPACE, name, **each.dimensions), each.at, value)
            for each in taken
            for name, value in _values(each)
        ]


def _values(request: _Answered) -> Iterator[tuple[str, float]]:
    """A failure of a kind is a 1, and its absence a 0, as in the guide."""
    yield facts.INVOCATIONS_PROCESSED, 1.0
    yield facts.INVOCATION_FAILURES, float(request.failed)
    for kind in _KINDS:
        yield kind, float(kind in request.problems)
    # In microseconds, and in milliseconds.
    yield facts.TIME_IN_BACKLOG, request.in_backlog * 1e6
    yield facts.TOTAL_PROCESSING_TIME, request.in_all * 1e3
