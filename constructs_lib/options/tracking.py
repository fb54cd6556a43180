"""Target tracking: a metric, and the value at which instances or copies are added and removed to keep it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from constructs_lib.checks import Checks
from constructs_lib.facts import scaling, scaling_policies
from constructs_lib.tokens import is_token

DEFAULT_COOLDOWN = scaling.COOLDOWN.default or 0


class Tracked(StrEnum):
    """A metric that both instances of a variant and copies of an inference component have."""

    INVOCATIONS = "Invocations"
    CONCURRENT_REQUESTS = "ConcurrentRequests"
    CPU_UTILIZATION = scaling_policies.CPU_UTILIZATION
    GPU_UTILIZATION = scaling_policies.GPU_UTILIZATION
    GPU_MEMORY_UTILIZATION = scaling_policies.GPU_MEMORY_UTILIZATION
    MEMORY_UTILIZATION = scaling_policies.MEMORY_UTILIZATION


class AnyMetric(Protocol):
    """What tracking needs of a metric; ``aws_cdk.aws_cloudwatch.Metric`` has it all."""

    @property
    def namespace(self) -> str: ...
    @property
    def metric_name(self) -> str: ...
    @property
    def dimensions(self) -> Mapping[str, Any] | None: ...
    @property
    def statistic(self) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomMetric:
    """A metric of CloudWatch that rises with the load and falls as capacity is added.

    :param namespace: such as ``AWS/SageMaker``.
    :param metric_name: such as ``ModelLatency``.
    :param dimensions: names and values; none by default.
    :param statistic: ``Average`` (the default), ``Minimum``, ``Maximum``, ``SampleCount``, ``Sum``, or a percentile
        such as ``p99``; over a minute.
    """

    namespace: str
    metric_name: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    statistic: str = "Average"


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetTracking:
    """One policy of target tracking; made by ``TargetTracking.on_invocations(70)`` and its siblings.

    Of several policies the one that asks for the largest capacity wins, and all must agree before any is removed.

    :param metric: what is tracked.
    :param target_value: which value is kept, in the metric's own unit; greater than 0.
    :param name: the policy's name, unique in one scaling; by default from the metric.
    :param scale_in_cooldown_in_seconds: time after a scale-in before the next; AWS's default is 300.
    :param scale_out_cooldown_in_seconds: time after a scale-out before the next; AWS's default is 300.
    :param disable_scale_in: only ever add capacity by this policy. False by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    metric: Tracked | CustomMetric
    target_value: float
    name: str | None = None
    scale_in_cooldown_in_seconds: int = DEFAULT_COOLDOWN
    scale_out_cooldown_in_seconds: int = DEFAULT_COOLDOWN
    disable_scale_in: bool = False

    def __post_init__(self) -> None:
        checks = Checks("TargetTracking")
        checks.limit("target_value", self.target_value, scaling.TARGET_VALUE)
        checks.limit("name", self.name, scaling_policies.POLICY_NAME, scaling_policies.POLICY_NAME.fix)
        check_cooldowns(checks, self.scale_in_cooldown_in_seconds, self.scale_out_cooldown_in_seconds)
        if self.metric == Tracked.MEMORY_UTILIZATION and not is_token(self.target_value):
            most = scaling_policies.PERCENT
            problem = f"target_value of memory utilization must be at most {most} %, got {self.target_value}; lower it"
            checks.require(self.target_value <= most, problem, scaling_policies.UTILIZATION)
        checks.done()

    @classmethod
    def on_invocations(cls, target_value: float, **options: Any) -> TargetTracking:
        """Invocations a minute of one instance, or of one copy, on average.

        :param options: ``name``, the cool-downs and ``disable_scale_in``, as of every constructor here.
        """
        return cls(metric=Tracked.INVOCATIONS, target_value=target_value, **options)

    @classmethod
    def on_concurrent_requests(cls, target_value: float, **options: Any) -> TargetTracking:
        """Requests at once in one model of a variant, or in one copy: waiting and running.

        The metric comes every 10 seconds, so it reacts soonest; the best choice for models that take long, such as
        language models.
        """
        return cls(metric=Tracked.CONCURRENT_REQUESTS, target_value=target_value, **options)

    @classmethod
    def on_cpu_utilization(cls, target_value: float, **options: Any) -> TargetTracking:
        """CPU in percent. Instances add their cores up: 4 cores reach 400, so 280 is 70 % of them; copies reach 100."""
        return cls(metric=Tracked.CPU_UTILIZATION, target_value=target_value, **options)

    @classmethod
    def on_gpu_utilization(cls, target_value: float, **options: Any) -> TargetTracking:
        """GPU in percent. Instances add their GPUs up: 4 GPUs reach 400; copies reach 100."""
        return cls(metric=Tracked.GPU_UTILIZATION, target_value=target_value, **options)

    @classmethod
    def on_gpu_memory_utilization(cls, target_value: float, **options: Any) -> TargetTracking:
        """Memory of GPUs in percent. Instances add their GPUs up: 4 GPUs reach 400; copies reach 100.

        Servers of language models reserve nearly all of it when they start, whatever the load.
        """
        return cls(metric=Tracked.GPU_MEMORY_UTILIZATION, target_value=target_value, **options)

    @classmethod
    def on_memory_utilization(cls, target_value: float, **options: Any) -> TargetTracking:
        """Memory in percent, up to 100."""
        return cls(metric=Tracked.MEMORY_UTILIZATION, target_value=target_value, **options)

    @classmethod
    def on_metric(cls, metric: AnyMetric | CustomMetric, target_value: float, **options: Any) -> TargetTracking:
        """Any metric, as ``CustomMetric`` or as ``cloudwatch.Metric``, whose period and account are not taken over."""
        if not isinstance(metric, CustomMetric):
            metric = CustomMetric(
                namespace=metric.namespace,
                metric_name=metric.metric_name,
                dimensions=_texts(metric.dimensions),
                statistic=metric.statistic,
            )
        return cls(metric=metric, target_value=target_value, **options)


def check_cooldowns(checks: Checks, scale_in: int, scale_out: int) -> None:
    """Note a problem unless both are times."""
    checks.limit("scale_in_cooldown_in_seconds", scale_in, scaling.COOLDOWN)
    checks.limit("scale_out_cooldown_in_seconds", scale_out, scaling.COOLDOWN)


def _texts(dimensions: Mapping[str, Any] | None) -> dict[str, str]:
    return {} if dimensions is None else {name: str(value) for name, value in dimensions.items()}
