"""CloudWatch in small: metric samples, their statistics by period, and the state of an alarm over them. Pure."""

from __future__ import annotations

import math
import operator
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

ALARM, OK, INSUFFICIENT_DATA = "ALARM", "OK", "INSUFFICIENT_DATA"

# CloudWatch looks a little further back than the evaluation periods, so that one late sample does not decide.
_EXTRA_PERIODS = 2

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Average": lambda values: sum(values) / len(values),
    "Maximum": max,
    "Minimum": min,
    "Sum": sum,
    "SampleCount": lambda values: float(len(values)),
}


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric by namespace, name and dimensions."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, namespace: str, name: str, **dimensions: str) -> Metric:
        """A metric with its dimensions as keywords: `Metric.of("AWS/SageMaker", "X", EndpointName="e")`."""
        return cls(namespace, name, frozenset(dimensions.items()))


class Metrics:
    """Samples by metric, kept for `retention` seconds (default: a day)."""

    def __init__(self, retention: float = 86_400.0) -> None:
        self._retention = retention
        self._samples: defaultdict[Metric, deque[tuple[float, float]]] = defaultdict(deque)

    def record(self, metric: Metric, at: float, value: float) -> None:
        """Add a sample taken at `at` (seconds); samples of one metric must come in the order of time."""
        samples = self._samples[metric]
        samples.append((at, value))
        while samples[0][0] < at - self._retention:
            samples.popleft()

    def between(self, metric: Metric, start: float, end: float) -> list[tuple[float, float]]:
        """The samples with start <= time < end, in the order of time."""
        found: list[tuple[float, float]] = []
        for at, value in reversed(self._samples.get(metric, ())):
            if at < start:
                break
            if at < end:
                found.append((at, value))
        return found[::-1]

    def forget(self, metric: Metric) -> None:
        """Drop every sample of a metric, when what it measured is gone."""
        self._samples.pop(metric, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A metric alarm in CloudWatch's terms; `period` in seconds.

    Raises ValueError for a comparison or statistic that is unknown here.
    """

    name: str
    metric: Metric
    threshold: float
    comparison: str
    statistic: str = "Average"
    period: int = 60
    evaluation_periods: int = 1
    datapoints_to_alarm: int | None = None
    treat_missing_data: str = "missing"

    def __post_init__(self) -> None:
        if self.comparison not in _COMPARISONS:
            raise ValueError(f"alarm comparison must be one of {', '.join(_COMPARISONS)}, got '{self.comparison}'")
        if self.statistic not in _STATISTICS:
            raise ValueError(f"alarm statistic must be one of {', '.join(_STATISTICS)}, got '{self.statistic}'")

    @property
    def is_above(self) -> bool:
        """Whether the alarm watches for values above its threshold."""
        return self.comparison.startswith("Greater")

    def breaches(self, value: float) -> bool:
        """Whether one datapoint is on the wrong side of the threshold."""
        return _COMPARISONS[self.comparison](value, self.threshold)

    def datapoints(self, metrics: Metrics, now: float) -> list[float | None]:
        """The statistic of each whole period looked at, oldest first; None where there is no sample."""
        count = self.evaluation_periods + _EXTRA_PERIODS
        end = math.floor(now / self.period) * self.period
        start = end - count * self.period
        values: list[list[float]] = [[] for _ in range(count)]
        for at, value in metrics.between(self.metric, start, end):
            values[int((at - start) // self.period)].append(value)
        return [_STATISTICS[self.statistic](each) if each else None for each in values]

    def evaluate(self, metrics: Metrics, now: float, previous: str = INSUFFICIENT_DATA) -> str:
        """ALARM, OK or INSUFFICIENT_DATA, from the whole periods before `now` and the state before."""
        return self.judge(self.datapoints(metrics, now), previous)

    def judge(self, datapoints: list[float | None], previous: str = INSUFFICIENT_DATA) -> str:
        """The state for given datapoints (oldest first), by CloudWatch's rules for missing data."""
        needed = self.datapoints_to_alarm or self.evaluation_periods
        known = [(age, value) for age, value in enumerate(reversed(datapoints), start=1) if value is not None]
        known = known[: self.evaluation_periods]
        missing = self.evaluation_periods - len(known)
        breaching = sum(self.breaches(value) for _, value in known)
        if missing and self.treat_missing_data == "breaching":
            return ALARM if breaching + missing >= needed else OK
        if breaching >= needed:
            return ALARM
        if not missing or self.treat_missing_data == "notBreaching" or breaching < len(known):
            return OK
        return self._with_gaps(known, needed, previous)

    def _with_gaps(self, known: list[tuple[int, float]], needed: int, previous: str) -> str:
        """Too few datapoints, and whatever is there breaches: the settings `missing` and `ignore` differ here."""
        if self.treat_missing_data == "ignore":
            return previous
        if not known:
            return INSUFFICIENT_DATA
        # A breach only counts for the gaps after it when it is old enough; a fresh one must not alarm too early.
        oldest_age = known[-1][0]
        return ALARM if oldest_age >= needed else previous
