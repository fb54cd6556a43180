"""The metrics of a stream: what came, what became of it, and how long it took."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from constructs_lib.endpoints.monitoring import Monitored
from constructs_lib.patterns.streaming_queue import BoundQueue
from constructs_lib.patterns.streaming_sources import BoundStream

NAMESPACE = "SageMakerInference/Streaming"
_LAMBDA = "AWS/Lambda"
_PERIOD = Duration.minutes(5)


class StreamingMetrics(Monitored):
    """Metrics of the function that scores. Records in are those out, the poisoned and the duplicates together."""

    function: lambda_.Function
    event_source_mapping: lambda_.CfnEventSourceMapping
    source: BoundStream | BoundQueue

    def metric(self, metric_name: str, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """What the function counts itself, by name."""
        return self._of_function(NAMESPACE, metric_name, statistic, period)

    def metric_records_in(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of records that were dealt with."""
        return self.metric("RecordsIn", statistic=statistic, period=period)

    def metric_records_out(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of results that were put."""
        return self.metric("RecordsOut", statistic=statistic, period=period)

    def metric_poisoned(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of records that were put into the failure bucket, since they cannot be scored."""
        return self.metric("Poisoned", statistic=statistic, period=period)

    def metric_throttled(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of requests that the endpoint did not take at the time."""
        return self.metric("Throttled", statistic=statistic, period=period)

    def metric_duplicates(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of records that came again, and whose results had been put."""
        return self.metric("Duplicates", statistic=statistic, period=period)

    def metric_end_to_end_latency(self, *, statistic: str = "p99", period: Duration | None = None) -> cloudwatch.Metric:
        """Time from the arrival of a record to its result, in milliseconds."""
        return self.metric("EndToEndLatency", statistic=statistic, period=period)

    def metric_endpoint_latency(self, *, statistic: str = "p99", period: Duration | None = None) -> cloudwatch.Metric:
        """Time that a request took, in milliseconds."""
        return self.metric("EndpointLatency", statistic=statistic, period=period)

    def metric_errors(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of batches on which the function failed as a whole."""
        return self._of_function(_LAMBDA, "Errors", statistic, period)

    def metric_function_throttles(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of batches for which the account had no concurrency left."""
        return self._of_function(_LAMBDA, "Throttles", statistic, period)

    def metric_destination_delivery_failures(
        self, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of batches that Lambda gave up and could not put into the failure bucket: they are lost."""
        return self._of_function(_LAMBDA, "DestinationDeliveryFailures", statistic, period)

    def metric_concurrent_executions(
        self, *, statistic: str = "Maximum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of batches at once."""
        return self._of_function(_LAMBDA, "ConcurrentExecutions", statistic, period)

    def metric_age_of_oldest_record(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """How long the last record of a batch has waited, in milliseconds; of a queue the oldest message, in s."""
        return self.source.metric_age(self.function.function_name, period=period)

    def metric_given_up(self, *, period: Duration | None = None) -> cloudwatch.Metric | None:
        """Number of records that were given up; ``None`` for a queue that was handed in."""
        return self.source.metric_given_up(self.event_source_mapping.ref, period=period)

    def _of_function(
        self, namespace: str, metric_name: str, statistic: str, period: Duration | None
    ) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=metric_name,
            dimensions_map={"FunctionName": self.function.function_name},
            statistic=statistic,
            period=period or _PERIOD,
        )
