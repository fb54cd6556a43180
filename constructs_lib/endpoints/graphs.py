"""The graphs that dashboards are made of, in the same order for every endpoint: time, load, errors, use, instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch

if TYPE_CHECKING:
    from constructs_lib.endpoints.component_endpoint import ComponentEndpoint
    from constructs_lib.endpoints.components import InferenceComponent
    from constructs_lib.endpoints.realtime import RealtimeEndpoint
    from constructs_lib.endpoints.serverless import ServerlessEndpoint

# Three in a row: a dashboard is 24 units wide.
WIDTH, HEIGHT = 8, 6
_PERCENTILES = ("p50", "p95", "p99")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What is paid for by the hour: instances of one type, and the metric that has a sample a minute of each."""

    instance_type: str
    price_name: str
    samples: cloudwatch.IMetric


def graph(
    title: str, *left: cloudwatch.IMetric, right: Sequence[cloudwatch.IMetric] | None = None
) -> cloudwatch.IWidget:
    """A graph, as wide as all others."""
    return cloudwatch.GraphWidget(
        title=title, left=list(left), right=list(right) if right else None, width=WIDTH, height=HEIGHT
    )


def of_instances(
    endpoint: RealtimeEndpoint | ComponentEndpoint, variant_names: Sequence[str]
) -> list[cloudwatch.IWidget]:
    """The graphs of variants on instances; of several each has its own lines."""
    several = len(variant_names) > 1

    def lines(method: str, *statistics: str, label: str = "") -> list[cloudwatch.IMetric]:
        return [
            _named(getattr(endpoint, method)(statistic=statistic, variant_name=name), label or statistic, name, several)
            for name in variant_names
            for statistic in statistics
        ]

    return [
        graph("Time of the model, in microseconds", *lines("metric_model_latency", *_PERCENTILES)),
        graph(
            "Requests a minute, and for each instance",
            *lines("metric_invocations", "Sum", label="all"),
            right=lines("metric_invocations_per_instance", "Sum", label="each instance"),
        ),
        graph(
            "Requests that failed",
            *lines("metric_invocation_4xx_errors", "Sum", label="4xx"),
            *lines("metric_invocation_5xx_errors", "Sum", label="5xx"),
            *lines("metric_invocation_model_errors", "Sum", label="no 2xx of the model"),
        ),
        graph(
            "Utilization, in percent",
            *lines("metric_cpu_utilization", "Average", label="CPU"),
            *lines("metric_memory_utilization", "Average", label="memory"),
            *lines("metric_gpu_utilization", "Average", label="GPU"),
        ),
        # Each instance sends one value a minute.
        graph("Instances", *lines("metric_cpu_utilization", "SampleCount", label="instances")),
    ]


def of_copies(component: InferenceComponent) -> list[cloudwatch.IWidget]:
    """The graphs of an inference component; in place of instances it has copies."""

    def failed(metric_name: str, label: str) -> cloudwatch.IMetric:
        return component.metric(metric_name, statistic="Sum").with_(label=label)

    return [
        graph(
            "Time of the model, in microseconds",
            *(component.metric_model_latency(statistic=each).with_(label=each) for each in _PERCENTILES),
        ),
        graph(
            "Requests a minute, and for each copy",
            component.metric_invocations(),
            right=[component.metric_invocations_per_copy()],
        ),
        graph(
            "Requests that failed",
            failed("Invocation4XXErrors", "4xx"),
            failed("Invocation5XXErrors", "5xx"),
            failed("InvocationModelErrors", "no 2xx of the model"),
            component.metric_no_capacity_invocation_failures().with_(label="no copy"),
        ),
        graph(
            "Utilization of what is reserved, in percent",
            component.metric_cpu_utilization(),
            component.metric_memory_utilization(),
            component.metric_gpu_utilization(),
        ),
    ]


def of_serverless(endpoint: ServerlessEndpoint) -> list[cloudwatch.IWidget]:
    """The graphs of a serverless endpoint; in place of instances it has concurrency and starts."""
    use = endpoint.metric_concurrent_executions_utilization()
    return [
        graph(
            "Time of the model, in microseconds",
            *(endpoint.metric_model_latency(statistic=each).with_(label=each) for each in _PERCENTILES),
        ),
        graph("Requests a minute", endpoint.metric_invocations()),
        graph("Requests that failed", endpoint.metric_invocation_4xx_errors(), endpoint.metric_invocation_5xx_errors()),
        graph("Concurrency in use: 1 is all of it", use, endpoint.metric_provisioned_concurrency_utilization()),
        graph("Memory in use, in percent", endpoint.metric_memory_utilization()),
        graph(
            "Cold starts in percent, and how long they take in microseconds",
            endpoint.metric_cold_start_share(),
            right=[endpoint.metric_model_setup_time()],
        ),
    ]


def _named(metric: cloudwatch.Metric, label: str, variant_name: str, several: bool) -> cloudwatch.IMetric:
    return metric.with_(label=f"{variant_name} {label}" if several else label)
