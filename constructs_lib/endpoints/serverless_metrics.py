"""The CloudWatch metrics of a serverless endpoint: its starts, its concurrency, its memory."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from constructs_lib.endpoints.metrics import EndpointMetrics
from constructs_lib.facts import serverless_metrics as facts
from constructs_lib.facts.scaling_policies import INSTANCE_NAMESPACE


class ServerlessMetrics(EndpointMetrics):
    """What AWS publishes of serverless endpoints, besides invocations, errors and latencies.

    Utilizations of concurrency are shares: 1 is all of it. Those of provisioned concurrency are there only where some
    is provisioned; AWS lists Average, Maximum and Minimum for them, and no Sum.
    """

    def metric_model_setup_time(self, *, statistic: str = "p99", period: Duration | None = None) -> cloudwatch.Metric:
        """Time that it took to start new compute, in microseconds; ``SampleCount`` is how often that was."""
        return self.metric(facts.MODEL_SETUP_TIME, statistic=statistic, period=period)

    def metric_cold_start_share(
        self, *, minimum_invocations: int = 1, period: Duration | None = None
    ) -> cloudwatch.MathExpression:
        """Starts of new compute for 100 invocations; no value where nothing was started.

        :param minimum_invocations: with fewer of them in a period it is 0; 1 by default.
        :param period: 1 minute by default.
        """
        period = period or Duration.minutes(1)
        return cloudwatch.MathExpression(
            expression=f"IF(invocations >= {minimum_invocations}, 100 * starts / invocations, 0)",
            using_metrics={
                "starts": self.metric_model_setup_time(statistic="SampleCount", period=period),
                "invocations": self.metric("Invocations", statistic="Sum", period=period),
            },
            label="Cold starts in percent",
            period=period,
        )

    def metric_memory_utilization(
        self, *, statistic: str = "Maximum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Use of the memory, in percent."""
        return self.metric(facts.MEMORY_UTILIZATION, statistic=statistic, period=period, namespace=INSTANCE_NAMESPACE)

    def metric_concurrent_executions_utilization(
        self, *, statistic: str = "Maximum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Requests at once by ``max_concurrency``; at 1, further ones are throttled."""
        return self.metric(facts.CONCURRENT_EXECUTIONS_UTILIZATION, statistic=statistic, period=period)

    def metric_provisioned_concurrency_executions(
        self, *, statistic: str = "Maximum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of requests at once that provisioned concurrency works on."""
        return self.metric(facts.PROVISIONED_EXECUTIONS, statistic=statistic, period=period)

    def metric_provisioned_concurrency_utilization(
        self, *, statistic: str = "Maximum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Requests at once by provisioned concurrency; autoscaling follows it."""
        return self.metric(facts.PROVISIONED_UTILIZATION, statistic=statistic, period=period)

    def metric_provisioned_concurrency_invocations(
        self, *, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Requests that provisioned concurrency took."""
        return self.metric(facts.PROVISIONED_INVOCATIONS, statistic=statistic, period=period)

    def metric_provisioned_concurrency_spillover_invocations(
        self, *, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Requests beyond it, which may have waited for a start."""
        return self.metric(facts.SPILLOVER_INVOCATIONS, statistic=statistic, period=period)
