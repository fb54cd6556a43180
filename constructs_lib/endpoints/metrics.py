"""The CloudWatch metrics of an endpoint, by variant: what is asked, what fails, how long it takes, what it uses."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from constructs_lib.endpoints.identity import EndpointIdentity
from constructs_lib.endpoints.readings import Reading
from constructs_lib.facts.realtime import NAMESPACE
from constructs_lib.facts.scaling_policies import INSTANCE_NAMESPACE

_PERIOD = Duration.minutes(1)


def variant_dimensions(endpoint_name: str, variant_name: str) -> dict[str, str]:
    """The dimensions of what SageMaker measures of one variant."""
    return {"EndpointName": endpoint_name, "VariantName": variant_name}


class EndpointMetrics(EndpointIdentity):
    """The metrics of every kind of endpoint; ``variant_name`` is the variant that they are of where none is given."""

    variant_name: str

    def metric(
        self,
        metric_name: str,
        *,
        statistic: str = "Average",
        period: Duration | None = None,
        per_variant: bool = True,
        variant_name: str | None = None,
        namespace: str = NAMESPACE,
    ) -> cloudwatch.Metric:
        """A metric of a variant, by default the first; ``per_variant=False`` for those of the endpoint as a whole.

        :param statistic: such as ``Sum``, ``Average``, ``Maximum`` or ``p99``.
        :param period: 1 minute by default.
        """
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=metric_name,
            dimensions_map=self._dimensions(variant_name, per_variant),
            statistic=statistic,
            period=period or _PERIOD,
        )

    def reading(
        self,
        metric_name: str,
        *,
        statistic: str,
        period: int = 60,
        per_variant: bool = True,
        variant_name: str | None = None,
    ) -> Reading:
        """The same for an alarm of ours, over ``period`` seconds."""
        return Reading(
            namespace=NAMESPACE,
            metric_name=metric_name,
            dimensions=self._dimensions(variant_name, per_variant),
            statistic=statistic,
            period=period,
        )

    def _dimensions(self, variant_name: str | None, per_variant: bool) -> dict[str, str]:
        if not per_variant:
            return {"EndpointName": self.endpoint_name}
        return variant_dimensions(self.endpoint_name, variant_name or self.variant_name)

    def metric_model_latency(
        self, *, statistic: str = "p99", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Time that the container took, in microseconds."""
        return self.metric("ModelLatency", statistic=statistic, period=period, variant_name=variant_name)


class InvocationMetrics(EndpointMetrics):
    """The metrics of an endpoint whose caller waits for the answer."""

    def metric_invocations(
        self, *, statistic: str = "Sum", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Number of ``InvokeEndpoint`` requests."""
        return self.metric("Invocations", statistic=statistic, period=period, variant_name=variant_name)

    def metric_invocation_4xx_errors(
        self, *, statistic: str = "Sum", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Number of requests that the model answered with a 4xx status; ``Average`` is their part of all requests."""
        return self.metric("Invocation4XXErrors", statistic=statistic, period=period, variant_name=variant_name)

    def metric_invocation_5xx_errors(
        self, *, statistic: str = "Sum", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Number of requests that the model answered with a 5xx status; ``Average`` is their part of all requests."""
        return self.metric("Invocation5XXErrors", statistic=statistic, period=period, variant_name=variant_name)

    def metric_overhead_latency(
        self, *, statistic: str = "p99", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Time that SageMaker took besides the model, in microseconds."""
        return self.metric("OverheadLatency", statistic=statistic, period=period, variant_name=variant_name)


class HostMetrics(EndpointMetrics):
    """The metrics of instances, in percent; those of CPU and GPU add up their cores."""

    def metric_cpu_utilization(
        self, *, statistic: str = "Average", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Use of the CPU cores of an instance, in percent: 100 for each core."""
        return self._of_instances("CPUUtilization", statistic, period, variant_name)

    def metric_memory_utilization(
        self, *, statistic: str = "Average", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Use of the memory of an instance, in percent."""
        return self._of_instances("MemoryUtilization", statistic, period, variant_name)

    def metric_gpu_utilization(
        self, *, statistic: str = "Average", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Use of the GPUs of an instance, in percent: 100 for each GPU."""
        return self._of_instances("GPUUtilization", statistic, period, variant_name)

    def metric_gpu_memory_utilization(
        self, *, statistic: str = "Average", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Use of the memory of the GPUs of an instance, in percent: 100 for each GPU."""
        return self._of_instances("GPUMemoryUtilization", statistic, period, variant_name)

    def metric_disk_utilization(
        self, *, statistic: str = "Average", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Use of the disk of an instance, in percent; data capture stops at 75."""
        return self._of_instances("DiskUtilization", statistic, period, variant_name)

    def _of_instances(
        self, metric_name: str, statistic: str, period: Duration | None, variant_name: str | None
    ) -> cloudwatch.Metric:
        return self.metric(
            metric_name, statistic=statistic, period=period, variant_name=variant_name, namespace=INSTANCE_NAMESPACE
        )


class InstanceMetrics(HostMetrics):
    """The metrics that variants on instances alone have, and whose caller waits for the answer."""

    def metric_invocation_model_errors(
        self, *, statistic: str = "Sum", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Number of requests without a 2xx answer of the model: 4xx, 5xx, time-outs, broken connections."""
        return self.metric("InvocationModelErrors", statistic=statistic, period=period, variant_name=variant_name)

    def metric_invocations_per_instance(
        self, *, statistic: str = "Sum", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Number of requests to an instance on average, which is what ``Sum`` gives; autoscaling follows it."""
        return self.metric("InvocationsPerInstance", statistic=statistic, period=period, variant_name=variant_name)

    def metric_concurrent_requests_per_model(
        self, *, statistic: str = "Maximum", period: Duration | None = None, variant_name: str | None = None
    ) -> cloudwatch.Metric:
        """Number of requests that are worked on at once; published every 10 seconds."""
        return self.metric("ConcurrentRequestsPerModel", statistic=statistic, period=period, variant_name=variant_name)
