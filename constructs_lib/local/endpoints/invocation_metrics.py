"""What SageMaker publishes of each invocation: its latency, and whether it was an error and whose."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs_lib.facts import realtime
from constructs_lib.local.autoscaling.alarms import Metric

if TYPE_CHECKING:
    from constructs_lib.local.clock import Clock
    from constructs_lib.local.store import VariantRecord

MODEL_LATENCY = "ModelLatency"
COUNTED = ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors")
# Invocations that nobody has collected yet; the oldest go first.
_MOST_WAITING = 100_000

Sample = tuple[Metric, float, float]


@dataclass
class Observation:
    """One invocation under way; `status` is the container's, 0 while it gave none."""

    status: int = 0


@dataclass(frozen=True, slots=True)
class _Invocation:
    at: float
    status: int
    microseconds: float
    dimensions: tuple[dict[str, str], ...]
    is_serverless: bool


class InvocationMetrics:
    """The invocations since the last `take`, by the scaled clock; requests come in from many threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[_Invocation] = deque(maxlen=_MOST_WAITING)

    @contextmanager
    def observed(self, endpoint: str, variant: VariantRecord) -> Iterator[Observation]:
        """Watch one invocation of a variant; the caller says the container's status, or raises without one."""
        seen, started = Observation(), time.perf_counter()
        try:
            yield seen
        finally:
            took = (time.perf_counter() - started) * 1e6
            dimensions, is_serverless = _dimensions(endpoint, variant), variant.serverless is not None
            with self._lock:
                self._waiting.append(_Invocation(self._clock.now(), seen.status, took, dimensions, is_serverless))

    def take(self) -> list[Sample]:
        """Metric, time and value of everything since the last call, in the order of time."""
        with self._lock:
            taken = sorted(self._waiting, key=lambda each: each.at)
            self._waiting.clear()
        return [
            (Metric.of(realtime.NAMESPACE, name, **dimensions), each.at, value)
            for each in taken
            for dimensions in each.dimensions
            for name, value in _values(each).items()
        ]


def _dimensions(endpoint: str, variant: VariantRecord) -> tuple[dict[str, str], ...]:
    """The variant, the variant of its configuration (which tells an old fleet from a new one), the component."""
    of_variant = {"EndpointName": endpoint, "VariantName": variant.name}
    found = [of_variant]
    if variant.config_name:
        found.append(of_variant | {"EndpointConfigName": variant.config_name})
    if variant.component:
        found.append({"InferenceComponentName": variant.component})
    return tuple(found)


def _values(invocation: _Invocation) -> dict[str, float]:
    is_client_error = 400 <= invocation.status < 500
    is_error = not 200 <= invocation.status < 300
    values = {
        "Invocations": 1.0,
        "Invocation4XXErrors": float(is_client_error),
        "Invocation5XXErrors": float(is_error and not is_client_error),
        MODEL_LATENCY: invocation.microseconds,
    }
    # AWS's list of what serverless endpoints publish does not have it (MET-SLS-ALL).
    return values if invocation.is_serverless else values | {"InvocationModelErrors": float(is_error)}
