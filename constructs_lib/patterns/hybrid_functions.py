"""The functions of hybrid inference, each with the permissions that it needs and no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.endpoints.handlers import make_function
from constructs_lib.endpoints.permissions import ENCRYPT, allow, allow_key
from constructs_lib.endpoints.realtime import RealtimeEndpoint
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.endpoints.serverless import ServerlessEndpoint
from constructs_lib.endpoints.storage import grant_read
from constructs_lib.facts import calls, lambdas, realtime, serverless, tables
from constructs_lib.options.answers import AnswerLines
from constructs_lib.options.hybrid import MOST_REQUESTS, Comparison, Fallback, Freshness, PredictionLoad
from constructs_lib.patterns.hybrid_metrics import NAMESPACE
from constructs_lib.patterns.hybrid_table import allow_items

Endpoint = RealtimeEndpoint | ServerlessEndpoint
_LOG_RETENTION = logs.RetentionDays.ONE_MONTH
# With so much comes a whole processor, for what runs in threads; and the SDK is loaded in a third of a second.
MEMORY_SIZE_IN_MB = 1792
_WRITES_AT_ONCE = 8
# A portion of rows is written in less, also where the table takes few at a time.
_SECONDS_TO_SPARE = 90
# A key holds the batch or the model besides the id.
_ID_LENGTH = tables.PARTITION_KEY.maximum // 2
_A_DAY = 86_400
# A payload is a text in the JSON of an event, where a character may take two.
_PAYLOADS_OF_EVENT = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Wiring:
    """What the functions have to know of each other, and of what they use."""

    table: dynamodb.Table
    dead_letter_queue: sqs.Queue
    endpoint: Endpoint
    model_version: str
    lines: AnswerLines
    content_type: str
    load: PredictionLoad
    freshness: Freshness
    fallback: Fallback
    comparison: Comparison | None
    safekeeping: Safekeeping

    @property
    def common(self) -> dict[str, str]:
        """What every function is told."""
        return {"table_name": self.table.table_name}


class HybridFunctions(Construct):
    """Load and switch, which the batch calls; lookup and override, which callers do; compute, which lookup does."""

    def __init__(self, scope: Construct, id: str, *, wiring: Wiring) -> None:
        super().__init__(scope, id)
        self._wiring = wiring
        self.load = self._make_load()
        self.switch = self._make_switch()
        self.compute = self._make_compute()
        self.lookup = self._make_lookup()
        self.override = self._make_override()
        # While an update of the endpoint is under way, or taken back, callers are answered as before it.
        for function in (self.compute, self.lookup):
            function.node.add_dependency(wiring.endpoint)

    def grant_read_answers(self, bucket: s3.IBucket, keys: str) -> None:
        """Let the load read the answers of batches."""
        grant_read(bucket, role_of(self.load), keys)

    def _make_load(self) -> lambda_.Function:
        wiring = self._wiring
        environment = {
            "dead_letter_url": wiring.dead_letter_queue.queue_url,
            "answer_type": wiring.lines.media_type,
            "id_member": wiring.lines.id,
            "answer_member": wiring.lines.answer,
            # Longer than it may be served, so that a row is refused for its age and not missed.
            "row_expires_after_seconds": str(wiring.freshness.max_age_in_seconds + _A_DAY),
            "id_length": str(_ID_LENGTH),
            "item_bytes": str(tables.ITEM.maximum),
            "rows_per_write": str(tables.BATCH_WRITE.maximum),
            "writes_at_once": str(_WRITES_AT_ONCE),
            "letters_per_send": str(calls.SENT_MESSAGES.maximum),
            "letter_bytes": str(calls.SENT_BYTES.maximum),
            "seconds_to_spare": str(_SECONDS_TO_SPARE),
            "metric_namespace": NAMESPACE,
        }
        function = self._function("Load", "puts the answers of a batch into the table", environment)
        role = role_of(function)
        allow_items(wiring.table, role, ["BatchWriteItem"], "row/*")
        allow_items(wiring.table, role, ["GetItem", "PutItem"], "load/*")
        queue = wiring.dead_letter_queue
        allow(role, ["sqs:SendMessage"], [queue.queue_arn])
        if queue.encryption_master_key:
            allow_key(role, queue.encryption_master_key, "sqs", *ENCRYPT)
        return function

    def _make_switch(self) -> lambda_.Function:
        environment = {
            "max_failed_share": repr(self._wiring.load.max_failed_share),
            "keys_per_read": str(calls.BATCH_GET.maximum),
        }
        function = self._function("Switch", "lets callers see a batch that is loaded as a whole", environment)
        role = role_of(function)
        allow_items(self._wiring.table, role, ["BatchGetItem"], "load/*")
        allow_items(self._wiring.table, role, ["GetItem", "PutItem"], "pointer")
        return function

    def _make_compute(self) -> lambda_.Function:
        wiring, endpoint = self._wiring, self._wiring.endpoint
        is_serverless = isinstance(endpoint, ServerlessEndpoint)
        payload = (serverless.PAYLOAD if is_serverless else realtime.PAYLOAD).maximum
        environment = {
            "endpoint_name": endpoint.endpoint_name,
            "endpoint_config_name": endpoint.endpoint_config_name,
            "model_version": wiring.model_version,
            "content_type": wiring.content_type,
            "accept": wiring.content_type,
            "payload_bytes": str(min(payload, lambdas.PAYLOAD.maximum)),
            # Longer than a caller waits: what comes late is stored for the next one.
            "timeout_milliseconds": str(realtime.INVOCATION_TIMEOUT.maximum * 1000),
            "fresh_expires_after_seconds": str(wiring.freshness.write_back_in_seconds),
            "item_bytes": str(tables.ITEM.maximum),
            "tolerance": repr(float(wiring.comparison.tolerance if wiring.comparison else 0)),
            "metric_namespace": NAMESPACE,
        }
        function = self._function(
            "Compute",
            "asks the endpoint, and keeps its answers for a while",
            environment,
            timeout_in_seconds=lambdas.CALLER_TIMEOUT.minimum + 20,
        )
        _bound(function, wiring.fallback.max_concurrency)
        role = role_of(function)
        allow(role, ["sagemaker:InvokeEndpoint", "sagemaker:DescribeEndpoint"], [endpoint.endpoint_arn])
        allow_items(wiring.table, role, ["PutItem"], "fresh/*")
        return function

    def _make_lookup(self) -> lambda_.Function:
        wiring = self._wiring
        # A comparison is an event, which is smaller than a request.
        event = lambdas.ASYNCHRONOUS_PAYLOAD if wiring.comparison else lambdas.PAYLOAD
        environment = {
            "model_version": wiring.model_version,
            "max_age_seconds": str(wiring.freshness.max_age_in_seconds),
            "compute_function_name": self.compute.function_name,
            "timeout_milliseconds": str(round(wiring.fallback.timeout_in_seconds * 1000)),
            "default_answer": json.dumps(wiring.fallback.default_answer),
            "max_requests": str(MOST_REQUESTS),
            "keys_per_read": str(calls.BATCH_GET.maximum),
            "id_length": str(_ID_LENGTH),
            "payload_bytes": str(event.maximum // _PAYLOADS_OF_EVENT),
            "comparison_share": repr(float(wiring.comparison.share if wiring.comparison else 0)),
            "metric_namespace": NAMESPACE,
        }
        function = self._function(
            "Lookup",
            "answers callers, from the table where it can",
            environment,
            timeout_in_seconds=wiring.fallback.function_timeout_in_seconds,
        )
        role = role_of(function)
        allow_items(wiring.table, role, ["GetItem", "BatchGetItem"], "pointer", "row/*", "fresh/*", "override/*")
        allow(role, ["lambda:InvokeFunction"], [self.compute.function_arn])
        return function

    def _make_override(self) -> lambda_.Function:
        environment = {
            # As long as an answer from before it may be there.
            "override_expires_after_seconds": str(self._wiring.freshness.longest_in_seconds + _A_DAY),
            "max_requests": str(MOST_REQUESTS),
            "id_length": str(_ID_LENGTH),
        }
        function = self._function(
            "Override", "marks ids whose stored answers are not served any more", environment, timeout_in_seconds=30
        )
        allow_items(self._wiring.table, role_of(function), ["PutItem"], "override/*")
        return function

    def _function(
        self,
        id: str,
        description: str,
        environment: Mapping[str, str],
        timeout_in_seconds: int = lambdas.TIMEOUT.maximum,
    ) -> lambda_.Function:
        function = make_function(
            Construct(self, id),
            f"hybrid_{id.lower()}",
            description=description,
            environment={**self._wiring.common, **environment},
            timeout_in_seconds=timeout_in_seconds,
            log_retention=_LOG_RETENTION,
            safekeeping=self._wiring.safekeeping,
        )
        resource_of(function).memory_size = MEMORY_SIZE_IN_MB
        return function


def _bound(function: lambda_.Function, max_concurrency: int | None) -> None:
    """So many at once, whoever asks; a comparison that finds no room is dropped, as it is worth no retry."""
    resource_of(function).reserved_concurrent_executions = max_concurrency
    function.configure_async_invoke(retry_attempts=0, max_event_age=Duration.seconds(lambdas.EVENT_AGE.minimum))


def resource_of(function: lambda_.Function) -> lambda_.CfnFunction:
    """The function as CloudFormation knows it."""
    resource = function.node.default_child
    assert isinstance(resource, lambda_.CfnFunction)
    return resource


def role_of(function: lambda_.Function) -> iam.IRole:
    """The function's own role."""
    assert function.role is not None
    return function.role
