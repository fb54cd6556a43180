"""A function that takes what an asynchronous endpoint says of its requests, and a table in which that stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.handlers import make_function
from constructs_lib.endpoints.status_table import StatusTable, settings_of
from constructs_lib.facts import asynchronous, lambdas
from constructs_lib.tokens import is_token

if TYPE_CHECKING:
    from constructs_lib.endpoints.asynchronous import AsyncEndpoint

# A sixth of the time for which the queue hides a message (LAMBDA-SQS-VISIBILITY-FACTOR) is 50 s.
_TIMEOUT_IN_SECONDS = 30
_METRIC_NAMESPACE = "InferenceResults"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsConsumer:
    """What becomes of the messages in the notification queue: each is counted, logged and, if wanted, kept as a status.

    Messages may come more than once. With ``request_status`` the first outcome of a request is written and each later
    one is counted as a duplicate; without, there is nothing to tell them by. A message that cannot be taken fails
    alone, and goes to the queue's dead letters after its last try. The queue is then the function's: a client that
    waits for results asks the table or S3.

    :param request_status: whether a DynamoDB table says what became of each request.
    :param status_expires_in_days: for how many days the table keeps a request after its last news; 30 by default.
    :param batch_size: messages that the function takes at once, 1 to 10,000; 10 by default.
    :param max_batching_window_in_seconds: how long a batch may take to fill up, 0 to 300 s; 0 by default. More than 10
        messages a batch need 1 or more.
    :param max_concurrency: functions that read the queue at once, 2 to 1000; no bound by default.
    :param log_retention: how long the function's log is kept; a month by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    request_status: bool = False
    status_expires_in_days: int = 30
    batch_size: int = 10
    max_batching_window_in_seconds: int = 0
    max_concurrency: int | None = None
    log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH

    def __post_init__(self) -> None:
        checks = Checks("ResultsConsumer")
        days = self.status_expires_in_days
        problem = f"status_expires_in_days must be at least 1, got {days}; a request alone may wait for hours"
        checks.require(is_token(days) or days >= 1, problem, asynchronous.REQUEST_TTL)
        checks.limit("batch_size", self.batch_size, lambdas.BATCH_SIZE)
        if self.max_batching_window_in_seconds == 0 and self.batch_size in lambdas.BATCH_SIZE.allowed:
            remedy = "give max_batching_window_in_seconds too"
            checks.limit("batch_size", self.batch_size, lambdas.BATCH_WITHOUT_WINDOW, remedy)
        checks.limit("max_batching_window_in_seconds", self.max_batching_window_in_seconds, lambdas.BATCHING_WINDOW)
        checks.limit("max_concurrency", self.max_concurrency, lambdas.MAXIMUM_CONCURRENCY)
        checks.done()

    def bind(self, endpoint: AsyncEndpoint) -> BoundResultsConsumer:
        """Make function and table for ``endpoint``, in it as ``ResultsConsumer``."""
        scope = Construct(endpoint, "ResultsConsumer")
        table = self._make_table(scope, endpoint) if self.request_status else None
        function = make_function(
            scope,
            "async_results",
            description="Takes the results of an asynchronous endpoint",
            environment={"metric_namespace": _METRIC_NAMESPACE, **settings_of(table)},
            timeout_in_seconds=_TIMEOUT_IN_SECONDS,
            log_retention=self.log_retention,
            safekeeping=endpoint.safekeeping,
        )
        if table is not None and function.role is not None:
            table.allow_write(function.role, "dynamodb:UpdateItem")
        function.add_event_source(self._source(endpoint))
        return BoundResultsConsumer(endpoint, function, table)

    def _make_table(self, scope: Construct, endpoint: AsyncEndpoint) -> StatusTable:
        return StatusTable(
            scope,
            "Status",
            expires_in_days=self.status_expires_in_days,
            encryption_key=endpoint.encryption_key,
            removal_policy=endpoint.removal_policy,
        )

    def _source(self, endpoint: AsyncEndpoint) -> event_sources.SqsEventSource:
        window = self.max_batching_window_in_seconds
        return event_sources.SqsEventSource(
            endpoint.notification_queue,
            batch_size=self.batch_size,
            max_batching_window=Duration.seconds(window) if window else None,
            max_concurrency=self.max_concurrency,
            report_batch_item_failures=True,
        )


@dataclass(frozen=True, slots=True)
class BoundResultsConsumer:
    """The consumer at work: its function, and the table if there is one."""

    endpoint: AsyncEndpoint
    function: lambda_.Function
    table: StatusTable | None

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant | None:
        """Let ``grantee`` ask what became of a request; ``None`` where there is no table."""
        return self.table.grant_read_data(grantee) if self.table is not None else None

    def metric(self, metric_name: str, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """What the function counts: ``Completed``, ``Failed``, ``Duplicates``, and ``TimeToResult`` in milliseconds."""
        return cloudwatch.Metric(
            namespace=_METRIC_NAMESPACE,
            metric_name=metric_name,
            dimensions_map={"EndpointName": self.endpoint.endpoint_name},
            statistic=statistic,
            period=period or Duration.minutes(5),
        )
