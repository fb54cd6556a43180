"""Which metric a target-tracking policy follows, and whether anybody publishes it here."""

from __future__ import annotations

from constructs_lib.facts import asynchronous, scaling, serverless_metrics
from constructs_lib.local.asynchronous.metrics import ASYNC_METRICS
from constructs_lib.local.autoscaling.alarms import Metric
from constructs_lib.local.autoscaling.keys import Key, component_of, refused, variant_of
from constructs_lib.local.autoscaling.signals import NAMESPACE, predefined_component_metric, predefined_metric
from constructs_lib.local.endpoints.invocation_metrics import COUNTED, MODEL_LATENCY
from constructs_lib.local.store import Payload

_BACKLOG = (
    asynchronous.BACKLOG_SIZE,
    asynchronous.BACKLOG_SIZE_PER_INSTANCE,
    asynchronous.AGE_OF_OLDEST_REQUEST,
    asynchronous.HAS_BACKLOG_WITHOUT_CAPACITY,
)
_CONCURRENCY = (
    "ConcurrentRequestsPerModel",
    serverless_metrics.CONCURRENT_EXECUTIONS_UTILIZATION,
    serverless_metrics.PROVISIONED_EXECUTIONS,
    serverless_metrics.PROVISIONED_UTILIZATION,
)
_PUBLISHED = frozenset({*COUNTED, MODEL_LATENCY, *_BACKLOG, *ASYNC_METRICS, *_CONCURRENCY, "InvocationsPerInstance"})


def tracked_metric(key: Key, config: Payload) -> tuple[Metric, str, bool]:
    """Metric, statistic, and whether it is of high resolution; raises AWS's ValidationException."""
    predefined, custom = config.get("PredefinedMetricSpecification"), config.get("CustomizedMetricSpecification")
    if bool(predefined) == bool(custom):
        raise refused("Exactly one of predefined or customized metric specification must be specified")
    return _predefined(key, predefined) if predefined else _customized(custom or {})


def is_published(config: Payload) -> bool:
    """Whether the local SageMaker measures the metric of a policy: what it does not, like a CPU's load, nobody does."""
    custom = config.get("CustomizedMetricSpecification")
    if not custom:
        return True
    return custom.get("Namespace") == NAMESPACE and custom.get("MetricName") in _PUBLISHED


def _predefined(key: Key, specification: Payload) -> tuple[Metric, str, bool]:
    kind = specification["PredefinedMetricType"]
    allowed = scaling.PREDEFINED_METRICS[key[1]]
    if kind not in allowed:
        raise refused(
            f"Scalable dimension {key[1]} only supports the following predefined metric types: {', '.join(allowed)}"
        )
    if specification.get("ResourceLabel"):
        raise refused(f"Resource label should not be specified for predefined metric type {kind}")
    component = component_of(key)
    if component is None:
        metric = predefined_metric(kind, *variant_of(key))
    else:
        metric = predefined_component_metric(kind, component)
    counted = (scaling.INVOCATIONS_PER_INSTANCE, scaling.INVOCATIONS_PER_COPY)
    return metric, "Sum" if kind in counted else "Average", "HighResolution" in kind


def _customized(specification: Payload) -> tuple[Metric, str, bool]:
    if specification.get("Metrics"):
        # Metric math has no name of its own: no sample is ever found under this one.
        return Metric.of("", "metric math"), "Average", False
    missing = [member for member in ("MetricName", "Namespace", "Statistic") if not specification.get(member)]
    if missing:
        raise refused(f"customized metric specification must have {', '.join(missing)}")
    dimensions = {each["Name"]: each["Value"] for each in specification.get("Dimensions", [])}
    metric = Metric.of(specification["Namespace"], specification["MetricName"], **dimensions)
    return metric, specification["Statistic"], False
