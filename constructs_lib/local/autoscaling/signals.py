"""What the local SageMaker measures of its endpoints, once a minute, for scaling and for CloudWatch."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.facts import asynchronous, scaling, serverless_metrics
from constructs_lib.local.asynchronous.metrics import ASYNC_METRICS, AsyncMetrics
from constructs_lib.local.autoscaling.alarms import Alarm, Metric, Metrics
from constructs_lib.local.endpoints.concurrency import measured_concurrency
from constructs_lib.local.endpoints.invocation_metrics import COUNTED, MODEL_LATENCY, InvocationMetrics

if TYPE_CHECKING:
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import ComponentRecord, EndpointRecord

NAMESPACE = "AWS/SageMaker"
PERIOD = 60
HIGH_RESOLUTION_PERIOD = 10
# What an inference component is measured by: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
COMPONENT = "InferenceComponentName"
INVOCATIONS_PER_COPY, CONCURRENT_REQUESTS_PER_COPY = "InvocationsPerCopy", "ConcurrentRequestsPerCopy"
RETENTION = 6 * 3600.0
# Real seconds between two posts to the local CloudWatch, however fast the clock runs.
_POST_EVERY = 1.0
# A tick that comes late fills the minutes it missed, up to as many as the longest alarm looks back.
_MOST_MISSED = 20
# Of these every value is posted, of the others (states, not events) the newest.
_EACH_VALUE = frozenset({*COUNTED, MODEL_LATENCY, *ASYNC_METRICS})
_MOST_VALUES = 150

_logger = logging.getLogger("constructs_lib.local")


def predefined_metric(kind: str, endpoint: str, variant: str) -> Metric:
    """The metric behind a PredefinedMetricType of a variant; KeyError for one that is not of SageMaker variants."""
    name = {
        scaling.INVOCATIONS_PER_INSTANCE: "InvocationsPerInstance",
        scaling.CONCURRENT_REQUESTS_PER_MODEL: "ConcurrentRequestsPerModel",
        scaling.PROVISIONED_CONCURRENCY_UTILIZATION: serverless_metrics.PROVISIONED_UTILIZATION,
    }[kind]
    return Metric.of(NAMESPACE, name, EndpointName=endpoint, VariantName=variant)


def predefined_component_metric(kind: str, component: str) -> Metric:
    """The metric behind a PredefinedMetricType of an inference component; KeyError for one that is not of these."""
    name = {
        scaling.INVOCATIONS_PER_COPY: INVOCATIONS_PER_COPY,
        scaling.CONCURRENT_REQUESTS_PER_COPY: CONCURRENT_REQUESTS_PER_COPY,
    }[kind]
    return Metric.of(NAMESPACE, name, **{COMPONENT: component})


class Signals:
    """Samples of every endpoint, by the scaled clock; `metrics` is what alarms and policies read."""

    def __init__(self, sagemaker: LocalSageMaker) -> None:
        self.metrics = Metrics(RETENTION)
        self.invocations = InvocationMetrics(sagemaker.clock)
        self.requests = AsyncMetrics(sagemaker.clock)
        self._sagemaker = sagemaker
        self._lock = threading.Lock()
        self._metrics_lock = threading.Lock()
        self._invocations: Counter[tuple[str, str]] = Counter()
        self._without_capacity: Counter[str] = Counter()
        self._of_components: Counter[str] = Counter()
        self._minute = math.floor(sagemaker.clock.now() / PERIOD)
        self._slot = math.floor(sagemaker.clock.now() / HIGH_RESOLUTION_PERIOD)
        self._latest: dict[Metric, list[float]] = {}
        self._posted_at = 0.0

    def count_invocation(self, endpoint: str, variant: str) -> None:
        """One more invocation of a variant in this minute."""
        with self._lock:
            self._invocations[endpoint, variant] += 1

    def count_without_capacity(self, component: str) -> None:
        """One more invocation of an inference component that has no copy."""
        with self._lock:
            self._without_capacity[component] += 1

    def state_of(self, alarm: Alarm) -> str:
        """The state of an alarm over these metrics at this moment of the scaled clock, from any thread."""
        with self._metrics_lock:
            return alarm.evaluate(self.metrics, self._sagemaker.clock.now())

    def sample(self, now: float) -> None:
        """Take the samples that are due at `now`; each stands for the period that just ended."""
        with self._metrics_lock:
            self._sample(now)

    def _sample(self, now: float) -> None:
        for metric, at, value in [*self.invocations.take(), *self.requests.take()]:
            self._record(metric, at, value)
            if metric.name == "Invocations":
                self._of_components.update(text for name, text in metric.dimensions if name == COMPONENT)
        with self._sagemaker.store.lock:
            endpoints = [each for each in self._sagemaker.store.endpoints.values() if each.variants]
            components = [each for each in self._sagemaker.store.inference_components.values() if not each.base]
        slot = math.floor(now / HIGH_RESOLUTION_PERIOD)
        if slot > self._slot:
            self._sample_concurrency(endpoints, slot)
            self._sample_copies(components, slot)
            self._slot = slot
        minute = math.floor(now / PERIOD)
        if minute > self._minute:
            minutes = range(max(self._minute, minute - _MOST_MISSED), minute)
            self._sample_minutes(endpoints, minutes)
            self._sample_component_minutes(components, minutes)
            self._minute = minute

    def _sample_concurrency(self, endpoints: list[EndpointRecord], slot: int) -> None:
        at = slot * HIGH_RESOLUTION_PERIOD - 1.0
        for endpoint in endpoints:
            for variant in endpoint.variants.values():
                values = measured_concurrency(variant)
                for name, value in values.items():
                    metric = Metric.of(NAMESPACE, name, EndpointName=endpoint.name, VariantName=variant.name)
                    self._record(metric, at, value)

    def _sample_minutes(self, endpoints: list[EndpointRecord], minutes: range) -> None:
        with self._lock:
            invocations, self._invocations = self._invocations, Counter()
        for endpoint in endpoints:
            values = self._minute_values(endpoint, invocations, len(minutes))
            for minute in minutes:
                for metric, value in values.items():
                    self._record(metric, (minute + 1) * PERIOD - 1.0, value)

    def _sample_copies(self, components: list[ComponentRecord], slot: int) -> None:
        for component in components:
            copies = component.copies.current_instance_count
            if copies:
                metric = Metric.of(NAMESPACE, CONCURRENT_REQUESTS_PER_COPY, **{COMPONENT: component.name})
                self._record(metric, slot * HIGH_RESOLUTION_PERIOD - 1.0, component.copies.in_flight / copies)

    def _sample_component_minutes(self, components: list[ComponentRecord], minutes: range) -> None:
        """Without a copy there is nothing to divide by, and without a failure nothing to publish."""
        with self._lock:
            failures, self._without_capacity = self._without_capacity, Counter()
        invocations, self._of_components = self._of_components, Counter()
        for component in components:
            name, copies = component.name, component.copies.current_instance_count
            if copies:
                per_copy = Metric.of(NAMESPACE, INVOCATIONS_PER_COPY, **{COMPONENT: name})
                for minute in minutes:
                    self._record(per_copy, (minute + 1) * PERIOD - 1.0, invocations[name] / copies / len(minutes))
            if failures[name]:
                # In one minute, not shared out over those that a late tick missed: one failure has to be one.
                refused = Metric.of(NAMESPACE, scaling.NO_CAPACITY_METRIC, **{COMPONENT: name})
                self._record(refused, (minutes[-1] + 1) * PERIOD - 1.0, float(failures[name]))

    def _minute_values(
        self, endpoint: EndpointRecord, invocations: Counter[tuple[str, str]], minutes: int
    ) -> dict[Metric, float]:
        backlog = self._sagemaker.asynchronous.backlog(endpoint.name)
        if backlog is None:
            return {
                Metric.of(
                    NAMESPACE, "InvocationsPerInstance", EndpointName=endpoint.name, VariantName=variant.name
                ): invocations[endpoint.name, variant.name] / variant.current_instance_count / minutes
                for variant in endpoint.variants.values()
                if variant.current_instance_count
            }
        size, age = backlog
        instances = sum(variant.current_instance_count for variant in endpoint.variants.values())
        values = {
            asynchronous.BACKLOG_SIZE: float(size),
            asynchronous.AGE_OF_OLDEST_REQUEST: age,
            asynchronous.HAS_BACKLOG_WITHOUT_CAPACITY: float(size > 0 and instances == 0),
        }
        # Without an instance there is nothing to divide by, which is why target tracking cannot wake an endpoint.
        if instances:
            values[asynchronous.BACKLOG_SIZE_PER_INSTANCE] = size / instances
        return {Metric.of(NAMESPACE, name, EndpointName=endpoint.name): value for name, value in values.items()}

    def _record(self, metric: Metric, at: float, value: float) -> None:
        self.metrics.record(metric, at, value)
        if metric.name in _EACH_VALUE:
            self._latest.setdefault(metric, []).append(value)
        else:
            self._latest[metric] = [value]

    def post(self) -> None:
        """Put the newest values into the local CloudWatch, at most once a real second; a failure is only logged."""
        if not self._latest or time.monotonic() - self._posted_at < _POST_EVERY:
            return
        self._posted_at = time.monotonic()
        latest, self._latest = self._latest, {}
        data = [_datum(metric, values) for metric, values in latest.items()]
        try:
            for start in range(0, len(data), 500):
                self._sagemaker.s3.client("cloudwatch").put_metric_data(
                    Namespace=NAMESPACE, MetricData=data[start : start + 500]
                )
        except (BotoCoreError, ClientError) as error:
            _logger.debug("metrics could not be posted: %s", error)


def _datum(metric: Metric, values: list[float]) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": text} for name, text in sorted(metric.dimensions)]
    datum = {"MetricName": metric.name, "Dimensions": dimensions}
    if len(values) == 1:
        return datum | {"Value": values[0]}
    # CloudWatch takes up to 150 different values of a metric at once, each with how often it was seen.
    counts = Counter(values[-_MOST_VALUES:])
    return datum | {"Values": list(counts), "Counts": [float(count) for count in counts.values()]}
