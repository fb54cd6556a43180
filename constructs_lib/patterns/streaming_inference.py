"""Streaming inference: the records of a stream through an endpoint, results in order, each once."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from constructs_lib.checks import Checks, check_kinds
from constructs_lib.endpoints.invocable import Invocable
from constructs_lib.endpoints.network import VpcConfig
from constructs_lib.endpoints.outputs import add_outputs
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.options.streaming import StreamBatching, StreamRecovery
from constructs_lib.options.throughput import Throughput
from constructs_lib.outputs import (
    ENDPOINT_NAME,
    FAILURE_BUCKET_NAME,
    INFERENCE_OPTION,
    InferenceOption,
)
from constructs_lib.patterns.streaming_checks import check_apart, check_endpoint, payload_of
from constructs_lib.patterns.streaming_firehose import FirehoseSink
from constructs_lib.patterns.streaming_function import Scoring, feed, make_scoring_function
from constructs_lib.patterns.streaming_metrics import StreamingMetrics
from constructs_lib.patterns.streaming_monitoring import StreamMonitoring, dashboard_widgets
from constructs_lib.patterns.streaming_queue import QueueSource
from constructs_lib.patterns.streaming_sinks import BoundResults, ResultStream
from constructs_lib.patterns.streaming_sources import BoundStream, StreamSource
from constructs_lib.patterns.streaming_storage import make_failure_bucket, make_journal

_MONITORING = StreamMonitoring()


class StreamingInference(StreamingMetrics):
    """Records of a stream are scored by an endpoint, and their results put on another stream.

    Lambda reads the source in batches and calls a function, which joins records into requests of many lines. Results
    of a partition key are in the order of its records, and each record has one result, also where a batch came twice or
    a function died. While the endpoint throttles, the function waits and then hands back what is not done: its shard
    waits, others go on. A record that the model refuses goes alone to the failure bucket; a batch that is too old goes
    there as a whole.

    :param endpoint: a real-time or serverless endpoint, or an imported one; it answers a line for each line.
    :param source: where the records come from; a ``StreamSource`` on demand by default, or a ``QueueSource``.
    :param sink: where the results go; a ``ResultStream`` on demand by default, or a ``FirehoseSink``.
    :param batching: how records become batches and requests.
    :param recovery: for how long a failed batch is tried again.
    :param throughput: the load at its peak; what cannot carry it is refused. Nothing is known of it by default.
    :param monitoring: which alarms are made, and what they do; ``None`` for none. By default they are on.
    :param encryption_key: key for streams, queues, table and buckets that are made, and for logs and the environment of
        the function; AWS's own keys by default.
    :param vpc_config: the subnets and security groups of the function; none by default. The model has its own.
    :param tracing: let AWS X-Ray trace the function; off by default, as each recorded trace is paid for.
    :param removal_policy: what becomes of them and of the logs when the stack goes; they are retained by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        endpoint: Invocable,
        source: StreamSource | QueueSource | None = None,
        sink: ResultStream | FirehoseSink | None = None,
        batching: StreamBatching | None = None,
        recovery: StreamRecovery | None = None,
        throughput: Throughput | None = None,
        monitoring: StreamMonitoring | None = _MONITORING,
        encryption_key: kms.IKey | None = None,
        vpc_config: VpcConfig | None = None,
        tracing: bool = False,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        check_kinds(
            f"StreamingInference {id}",
            source=(source, (StreamSource, QueueSource)),
            sink=(sink, (ResultStream, FirehoseSink)),
            batching=(batching, StreamBatching),
            recovery=(recovery, StreamRecovery),
            throughput=(throughput, Throughput),
            monitoring=(monitoring, StreamMonitoring),
        )
        source = source or StreamSource()
        sink = sink or ResultStream()
        batching = source.fitted(batching or StreamBatching())
        recovery = recovery or StreamRecovery()
        payload = payload_of(endpoint)
        max_bytes = batching.max_bytes_per_request or payload.maximum

        checks = Checks(f"StreamingInference {id}")
        checks.limit("batching.max_bytes_per_request", max_bytes, payload, "the endpoint refuses larger requests")
        check_endpoint(checks, endpoint)
        source.check(checks, batching, recovery, throughput, max_bytes)
        sink.check(checks, throughput)
        check_apart(checks, source, sink)
        if throughput:
            throughput.check_endpoint(checks, batching, max_bytes)
        if monitoring:
            monitoring.check(checks, recovery)
        checks.done()

        super().__init__(scope, id)
        self.endpoint = endpoint
        safekeeping = Safekeeping.of(
            self,
            encryption_key=encryption_key,
            removal_policy=removal_policy,
            vpc_config=vpc_config,
            tracing=tracing,
        )
        self.source = source.bind(self, batching, encryption_key, removal_policy)
        self.sink = sink.bind(self, encryption_key, removal_policy)
        self.state_table = make_journal(self, encryption_key, removal_policy)
        self.failure_bucket = make_failure_bucket(
            self, recovery.failures_expire_in_days, encryption_key, removal_policy
        )
        scoring = Scoring(
            endpoint=endpoint,
            source=self.source,
            sink=self.sink,
            batching=batching,
            max_bytes_per_request=max_bytes,
            state_table=self.state_table,
            failure_bucket=self.failure_bucket,
        )
        self.function: lambda_.Function = make_scoring_function(self, scoring, safekeeping)
        self.event_source_mapping = feed(self, self.function, scoring, recovery)
        self._watch(monitoring, monitoring.of(self) if monitoring else ())

    @property
    def stream(self) -> kinesis.IStream | None:
        """The stream of the records; ``None`` where they come in a queue."""
        return self.source.stream if isinstance(self.source, BoundStream) else None

    @property
    def result_stream(self) -> kinesis.IStream | None:
        """The stream of the results; ``None`` where Firehose takes them."""
        return self.sink.stream if isinstance(self.sink, BoundResults) else None

    def grant_put(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` put records that are to be scored."""
        return self.source.grant_put(grantee)

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` read the results."""
        return self.sink.grant_read(grantee)

    def grant_read_failures(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` read the records that were not scored."""
        return self.failure_bucket.grant_read(grantee)

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard of CloudWatch."""
        return dashboard_widgets(self)

    def add_outputs(self, prefix: str = "") -> None:
        """Make the stack outputs by which a client finds the stream and its results.

        :param prefix: goes before the name of each output; tells several streams of one stack apart.
        """
        values = {
            INFERENCE_OPTION: InferenceOption.STREAMING,
            ENDPOINT_NAME: self.endpoint.endpoint_name,
            **self.source.outputs,
            **self.sink.outputs,
            FAILURE_BUCKET_NAME: self.failure_bucket.bucket_name,
        }
        add_outputs(self, prefix, values)
