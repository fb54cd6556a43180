"""Where the records come from that are scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from aws_cdk import Duration, Names, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.permissions import DECRYPT, allow, allow_key
from constructs_lib.facts import streams
from constructs_lib.options.streaming import StreamBatching, StreamRecovery
from constructs_lib.options.throughput import Throughput
from constructs_lib.outputs import STREAM_NAME
from constructs_lib.patterns.streaming_streams import check_stream, make_stream, refused_by
from constructs_lib.tokens import is_token

_READ = (
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
)
_NAME_LENGTH = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSource:
    """A Kinesis stream whose records are scored: the one that is handed in, or one that is made.

    :param stream: the stream; by default one is made, encrypted.
    :param shard_count: of the stream that is made, at least 1; on demand by default. Of one that is handed in: how many
        it has, for ``Throughput`` alone.
    :param retention_in_hours: how long the stream keeps records, 24 to 8760; 24 by default. Of one that is handed in:
        how long it does.
    :param max_record_size_in_kib: of the stream that is made, 1024 to 4608 KiB: a function takes no more; 1024 by
        default.
    :param starting_position: where the reading of the stream begins at the first deployment: ``TRIM_HORIZON``, the
        oldest record, by default; ``LATEST``, which misses what comes while it is set up; ``AT_TIMESTAMP``.
    :param starting_position_timestamp: the Unix time in s, with ``AT_TIMESTAMP`` alone.
    :param enhanced_fan_out: read through a consumer of its own, with 2 MB/s a shard that no other reader shares and
        some 70 ms instead of 200 ms to the function; paid for by shard hour and GB. False by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    stream: kinesis.IStream | None = None
    shard_count: int | None = None
    retention_in_hours: int = 24
    max_record_size_in_kib: int | None = None
    starting_position: str = "TRIM_HORIZON"
    starting_position_timestamp: float | None = None
    enhanced_fan_out: bool = False

    def __post_init__(self) -> None:
        checks = Checks("StreamSource")
        check_stream(checks, self.shard_count, self.retention_in_hours)
        checks.limit("max_record_size_in_kib", self.max_record_size_in_kib, streams.RECORD_FOR_FUNCTION)
        checks.limit("starting_position", self.starting_position, streams.STARTING_POSITION)
        with_time = self.starting_position == "AT_TIMESTAMP"
        given = self.starting_position_timestamp is not None
        problem = (
            "starting_position_timestamp goes with AT_TIMESTAMP, and only with it, "
            f"got {self.starting_position_timestamp} with {self.starting_position}; give both or neither"
        )
        checks.require(is_token(self.starting_position) or with_time == given, problem, streams.STARTING_TIME)
        checks.done()

    @property
    def remembers_for(self) -> int:
        """Seconds for which a record can come again; the longest there are if that is known only at deploy time."""
        hours = streams.RETENTION.maximum if is_token(self.retention_in_hours) else self.retention_in_hours
        return hours * 3600

    def fitted(self, batching: StreamBatching) -> StreamBatching:
        """Batches as a stream gives them: as they are asked for."""
        return batching

    def check(
        self,
        checks: Checks,
        batching: StreamBatching,
        recovery: StreamRecovery,
        throughput: Throughput | None,
        max_bytes: int,
    ) -> None:
        """Note every problem of the stream with the other options."""
        recovery.check_retention(checks, self.retention_in_hours)
        if throughput:
            size = f"{throughput.bytes_per_record} bytes"
            needed = throughput.shards_in
            throughput.check_shards(checks, "source.shard_count", self.shard_count, needed, size)
            if self.stream is None:
                self._check_record(checks, throughput.bytes_per_record)
            if self.stream is None or self.shard_count is not None:
                throughput.check_lanes(checks, batching, self.shard_count, max_bytes)

    def _check_record(self, checks: Checks, bytes_per_record: int) -> None:
        size = self.max_record_size_in_kib or streams.MAX_RECORD_SIZE.default or 0
        checks.require(
            is_token(size) or bytes_per_record <= size * 1024,
            f"throughput.bytes_per_record must be at most source.max_record_size_in_kib {size} ({size * 1024} bytes), "
            f"got {bytes_per_record}; raise it",
            streams.MAX_RECORD_SIZE,
        )

    def bind(
        self,
        scope: Construct,
        batching: StreamBatching,
        encryption_key: kms.IKey | None,
        removal_policy: RemovalPolicy,
    ) -> BoundStream:
        """Make the stream, and the consumer, as far as they are wanted."""
        stream = self.stream or make_stream(
            scope,
            "Source",
            self.shard_count,
            self.retention_in_hours,
            encryption_key,
            removal_policy,
            self.max_record_size_in_kib,
        )
        consumer = None
        if self.enhanced_fan_out:
            name = Names.unique_resource_name(
                scope, max_length=_NAME_LENGTH, separator="-", allowed_special_characters="-"
            )
            consumer = kinesis.CfnStreamConsumer(scope, "Consumer", consumer_name=name, stream_arn=stream.stream_arn)
        return BoundStream(self, batching, stream, consumer)


@dataclass(frozen=True, slots=True)
class BoundStream:
    """The stream at work, and the consumer with enhanced fan-out."""

    options: StreamSource
    batching: StreamBatching
    stream: kinesis.IStream
    consumer: kinesis.CfnStreamConsumer | None
    age_units_a_second: ClassVar[int] = 1000

    @property
    def remembers_for(self) -> int:
        """Seconds for which a record can come again."""
        return self.options.remembers_for

    @property
    def outputs(self) -> Mapping[str, str]:
        """By which a client finds it."""
        return {STREAM_NAME: self.stream.stream_name}

    def mapping(self, recovery: StreamRecovery, failures_arn: str) -> Mapping[str, Any]:
        """What an event source mapping has for it."""
        batching = self.batching
        return {
            "event_source_arn": self.consumer.attr_consumer_arn if self.consumer else self.stream.stream_arn,
            "starting_position": self.options.starting_position,
            "starting_position_timestamp": self.options.starting_position_timestamp,
            "batch_size": batching.batch_size,
            "maximum_batching_window_in_seconds": batching.max_batching_window_in_seconds,
            "parallelization_factor": batching.parallelization_factor,
            "bisect_batch_on_function_error": recovery.bisect_on_error,
            "maximum_record_age_in_seconds": recovery.max_record_age_in_seconds,
            "maximum_retry_attempts": recovery.max_retry_attempts,
            "destination_config": {"onFailure": {"destination": failures_arn}},
        }

    def allow_read(self, role: iam.IRole) -> None:
        """Let the role of a function read it."""
        allow(role, _READ, [self.stream.stream_arn])
        if self.consumer:
            read = ["kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard"]
            allow(role, read, [self.consumer.attr_consumer_arn])
        if self.stream.encryption_key:
            allow_key(role, self.stream.encryption_key, "kinesis", *DECRYPT)

    def grant_put(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` put records."""
        return self.stream.grant_write(grantee)

    def metric_refused(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Records that producers could not put, as a shard was full."""
        return refused_by(self.stream, period)

    def metric_age(self, function_name: str, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Age of the last record of a batch when the function gets it, in ms."""
        return cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name="IteratorAge",
            dimensions_map={"FunctionName": function_name},
            statistic="Maximum",
            period=period or Duration.minutes(5),
        )

    def metric_given_up(self, mapping_id: str, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Records that Lambda put into the failure bucket with their batches."""
        return cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name="OnFailureDestinationDeliveredEventCount",
            dimensions_map={"EventSourceMappingUUID": mapping_id},
            statistic="Sum",
            period=period or Duration.minutes(5),
        )
