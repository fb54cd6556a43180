"""The function that scores: what it is told, what it may do, and what feeds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Token
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.endpoints.handlers import make_function
from constructs_lib.endpoints.invocable import Invocable
from constructs_lib.endpoints.permissions import allow
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.options.streaming import (
    REQUEST_TIMEOUT_IN_SECONDS,
    RESERVE_IN_SECONDS,
    StreamBatching,
    StreamRecovery,
)
from constructs_lib.patterns.streaming_firehose import BoundFirehose
from constructs_lib.patterns.streaming_metrics import NAMESPACE
from constructs_lib.patterns.streaming_queue import BoundQueue
from constructs_lib.patterns.streaming_sinks import BoundResults
from constructs_lib.patterns.streaming_sources import BoundStream
from constructs_lib.patterns.streaming_storage import FAILURE_PREFIX, allow_failures, allow_journal
from constructs_lib.tokens import is_token

_DAY_IN_SECONDS = 86_400
# A batch of 6 MB is there as text, as bytes, and as requests.
_MEMORY_SIZE_IN_MB = 512
_LOG_RETENTION = logs.RetentionDays.ONE_MONTH


@dataclass(frozen=True, kw_only=True, slots=True)
class Scoring:
    """What the function has to know of its surroundings."""

    endpoint: Invocable
    source: BoundStream | BoundQueue
    sink: BoundResults | BoundFirehose
    batching: StreamBatching
    max_bytes_per_request: int
    state_table: dynamodb.Table
    failure_bucket: s3.Bucket

    @property
    def settings(self) -> Mapping[str, str]:
        """The handler's ``Settings``, each a text."""
        batching = self.batching
        return {
            "endpoint_name": self.endpoint.endpoint_name,
            "content_type": batching.content_type,
            "accept": batching.accept or batching.content_type,
            "max_records_per_request": _text(batching.max_records_per_request),
            "max_bytes_per_request": _text(self.max_bytes_per_request),
            "request_timeout_seconds": str(REQUEST_TIMEOUT_IN_SECONDS),
            **self.sink.settings,
            "state_table_name": self.state_table.table_name,
            "state_expires_in_seconds": _text(self.source.remembers_for + _DAY_IN_SECONDS),
            "failure_bucket_name": self.failure_bucket.bucket_name,
            "failure_prefix": FAILURE_PREFIX,
            "reserve_seconds": str(RESERVE_IN_SECONDS),
            "metric_namespace": NAMESPACE,
        }


def make_scoring_function(scope: Construct, scoring: Scoring, safekeeping: Safekeeping) -> lambda_.Function:
    """The handler ``stream_score`` as ``Function``, with the permissions that it needs and no more."""
    if safekeeping.network:
        safekeeping.network.reach(scoring.sink.service)
    function = make_function(
        scope,
        "stream_score",
        description="Scores the records of a stream",
        environment=scoring.settings,
        timeout_in_seconds=scoring.batching.timeout_in_seconds,
        log_retention=_LOG_RETENTION,
        safekeeping=safekeeping,
    )
    resource, role = function.node.default_child, function.role
    assert isinstance(resource, lambda_.CfnFunction)
    assert role is not None
    resource.memory_size = _MEMORY_SIZE_IN_MB
    allow(role, ["sagemaker:InvokeEndpoint"], [scoring.endpoint.endpoint_arn])
    scoring.source.allow_read(role)
    scoring.sink.allow_put(role)
    allow_journal(scoring.state_table, role)
    allow_failures(scoring.failure_bucket, role)
    return function


def feed(
    scope: Construct, function: lambda_.Function, scoring: Scoring, recovery: StreamRecovery
) -> lambda_.CfnEventSourceMapping:
    """Let Lambda read the source and call the function, as ``Mapping``.

    Lambda tries at once what the role may do; the function waits for the role's policies, and the mapping for it.
    """
    return lambda_.CfnEventSourceMapping(
        scope,
        "Mapping",
        function_name=function.function_name,
        function_response_types=["ReportBatchItemFailures"],
        metrics_config=lambda_.CfnEventSourceMapping.MetricsConfigProperty(metrics=["EventCount"]),
        **scoring.source.mapping(recovery, scoring.failure_bucket.bucket_arn),
    )


def _text(number: int) -> str:
    return Token.as_string(number) if is_token(number) else str(number)
