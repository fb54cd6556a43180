"""The CloudWatch metrics of an inference component."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from constructs_lib.endpoints.readings import Reading
from constructs_lib.facts import realtime, scaling, scaling_policies
from constructs_lib.facts.components import UTILIZATION_NAMESPACE


class ComponentMetrics:
    """What SageMaker measures of all copies of a component together."""

    inference_component_name: str

    @property
    def metric_dimensions(self) -> dict[str, str]:
        """What CloudWatch knows the component by."""
        return {"InferenceComponentName": self.inference_component_name}

    def metric(
        self,
        metric_name: str,
        *,
        statistic: str = "Average",
        period: Duration | None = None,
        namespace: str = realtime.NAMESPACE,
    ) -> cloudwatch.Metric:
        """A metric of this component; ``statistic`` such as ``Sum`` or ``p99``, ``period`` of 1 minute by default."""
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=metric_name,
            dimensions_map=self.metric_dimensions,
            statistic=statistic,
            period=Duration.minutes(1) if period is None else period,
        )

    def reading(self, metric_name: str, *, statistic: str) -> Reading:
        """The same for an alarm of ours, over a minute."""
        return Reading(
            namespace=realtime.NAMESPACE,
            metric_name=metric_name,
            dimensions=self.metric_dimensions,
            statistic=statistic,
        )

    def metric_invocations(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of requests for this component."""
        return self.metric("Invocations", statistic=statistic, period=period)

    def metric_invocations_per_copy(
        self, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of requests to a copy on average, which is what ``Sum`` gives."""
        return self.metric("InvocationsPerCopy", statistic=statistic, period=period)

    def metric_model_latency(self, *, statistic: str = "p99", period: Duration | None = None) -> cloudwatch.Metric:
        """Time that the container took, in microseconds."""
        return self.metric("ModelLatency", statistic=statistic, period=period)

    def metric_no_capacity_invocation_failures(
        self, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of requests that failed because there was no copy."""
        return self.metric(scaling.NO_CAPACITY_METRIC, statistic=statistic, period=period)

    def metric_cpu_utilization(
        self, *, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Use of the CPU cores that are reserved for a copy, in percent."""
        return self._of_copies(scaling_policies.CPU_UTILIZATION, statistic, period)

    def metric_gpu_utilization(
        self, *, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Use of the GPUs that are reserved for a copy, in percent."""
        return self._of_copies(scaling_policies.GPU_UTILIZATION, statistic, period)

    def metric_gpu_memory_utilization(
        self, *, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Use of the memory of a copy's GPUs, in percent."""
        return self._of_copies(scaling_policies.GPU_MEMORY_UTILIZATION, statistic, period)

    def metric_memory_utilization(
        self, *, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Use of the memory that is reserved for a copy, in percent."""
        return self._of_copies(scaling_policies.MEMORY_UTILIZATION, statistic, period)

    def _of_copies(self, metric_name: str, statistic: str, period: Duration | None) -> cloudwatch.Metric:
        name = f"{metric_name}{scaling_policies.NORMALIZED}"
        return self.metric(name, statistic=statistic, period=period, namespace=UTILIZATION_NAMESPACE)
