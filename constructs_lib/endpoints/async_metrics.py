"""The CloudWatch metrics of an asynchronous endpoint: what waits, how long, what came of it."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from constructs_lib.endpoints.metrics import HostMetrics
from constructs_lib.facts import asynchronous
from constructs_lib.facts import asynchronous_metrics as facts


class BacklogMetrics(HostMetrics):
    """The metrics of the queue, which belongs to the endpoint as a whole."""

    def metric_backlog(self, *, statistic: str = "Maximum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of requests that wait or run."""
        return self._of_queue(asynchronous.BACKLOG_SIZE, statistic, period)

    def metric_backlog_per_instance(
        self, *, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of requests that wait or run, for each instance; no data while there is none."""
        return self._of_queue(asynchronous.BACKLOG_SIZE_PER_INSTANCE, statistic, period)

    def metric_age_of_oldest_request(
        self, *, statistic: str = "Maximum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Age of the request that has waited longest, in seconds."""
        return self._of_queue(asynchronous.AGE_OF_OLDEST_REQUEST, statistic, period)

    def metric_has_backlog_without_capacity(
        self, *, statistic: str = "Maximum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """1 while requests wait and no instance runs, 0 otherwise."""
        return self._of_queue(asynchronous.HAS_BACKLOG_WITHOUT_CAPACITY, statistic, period)

    def _of_queue(self, metric_name: str, statistic: str, period: Duration | None) -> cloudwatch.Metric:
        return self.metric(metric_name, statistic=statistic, period=period, per_variant=False)


class AsyncMetrics(BacklogMetrics):
    """All that AWS publishes of an asynchronous endpoint. What does not happen has no data."""

    def metric_invocations_processed(
        self, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of requests that were worked on."""
        return self.metric(facts.INVOCATIONS_PROCESSED, statistic=statistic, period=period)

    def metric_invocation_failures(
        self, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of requests that failed for any reason."""
        return self.metric(facts.INVOCATION_FAILURES, statistic=statistic, period=period)

    def metric_invocation_4xx_errors(
        self, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of requests that the model answered with a 4xx status."""
        return self.metric("Invocation4XXErrors", statistic=statistic, period=period)

    def metric_invocation_5xx_errors(
        self, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of requests that the model answered with a 5xx status."""
        return self.metric("Invocation5XXErrors", statistic=statistic, period=period)

    def metric_expired_requests(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of requests that waited longer than their time to live."""
        return self.metric(facts.EXPIRED_REQUESTS, statistic=statistic, period=period)

    def metric_request_download_failures(
        self, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of requests whose input could not be read from S3."""
        return self.metric(facts.REQUEST_DOWNLOAD_FAILURES, statistic=statistic, period=period)

    def metric_response_upload_failures(
        self, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of requests whose answer could not be written to S3."""
        return self.metric(facts.RESPONSE_UPLOAD_FAILURES, statistic=statistic, period=period)

    def metric_notification_failures(
        self, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of notifications that SageMaker could not publish to a topic."""
        return self.metric(facts.NOTIFICATION_FAILURES, statistic=statistic, period=period)

    def metric_time_in_backlog(self, *, statistic: str = "p99", period: Duration | None = None) -> cloudwatch.Metric:
        """Time that a request waited, in microseconds."""
        return self.metric(facts.TIME_IN_BACKLOG, statistic=statistic, period=period)

    def metric_request_download_latency(
        self, *, statistic: str = "p99", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Time that reading an input took, in microseconds."""
        return self.metric(facts.REQUEST_DOWNLOAD_LATENCY, statistic=statistic, period=period)

    def metric_response_upload_latency(
        self, *, statistic: str = "p99", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Time that writing an answer took, in microseconds."""
        return self.metric(facts.RESPONSE_UPLOAD_LATENCY, statistic=statistic, period=period)

    def metric_total_processing_time(
        self, *, statistic: str = "p99", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Time from taking a request to telling of its answer, in milliseconds; waiting included."""
        return self.metric(facts.TOTAL_PROCESSING_TIME, statistic=statistic, period=period)
