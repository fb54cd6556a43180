"""Where the results go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.permissions import ENCRYPT, allow, allow_key
from constructs_lib.facts import streams
from constructs_lib.options.throughput import Throughput
from constructs_lib.outputs import RESULT_STREAM_NAME
from constructs_lib.patterns.streaming_streams import check_stream, make_stream, refused_by

_BYTES_IN_A_KIB = 1024
# Before it puts again what may have been put already, the function looks for it.
_LOOK = ("kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultStream:
    """A Kinesis stream for the results, in the order of the records of each key, once each.

    :param stream: the stream; by default one is made, encrypted.
    :param shard_count: of the stream that is made, at least 1; on demand by default. Of one that is handed in: how many
        it has, for ``Throughput`` alone.
    :param retention_in_hours: how long the stream keeps results, 24 to 8760; 24 by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    stream: kinesis.IStream | None = None
    shard_count: int | None = None
    retention_in_hours: int = 24

    def __post_init__(self) -> None:
        checks = Checks("ResultStream")
        check_stream(checks, self.shard_count, self.retention_in_hours)
        checks.done()

    def check(self, checks: Checks, throughput: Throughput | None) -> None:
        """Note a problem where the stream cannot take the results."""
        if throughput:
            size = f"{throughput.bytes_per_result or throughput.bytes_per_record} bytes"
            throughput.check_shards(checks, "sink.shard_count", self.shard_count, throughput.shards_out, size)

    def bind(self, scope: Construct, encryption_key: kms.IKey | None, removal_policy: RemovalPolicy) -> BoundResults:
        """Make the stream, if it was not handed in."""
        stream = self.stream or make_stream(
            scope, "Results", self.shard_count, self.retention_in_hours, encryption_key, removal_policy
        )
        return BoundResults(stream)


@dataclass(frozen=True, slots=True)
class BoundResults:
    """The stream of results at work."""

    stream: kinesis.IStream
    service: ClassVar[str] = "kinesis-streams"

    @property
    def settings(self) -> Mapping[str, str]:
        """What the handler is told of it."""
        return {
            "result_stream_name": self.stream.stream_name,
            "delivery_stream_name": "",
            "max_records_per_put": str(streams.PUT_RECORDS.maximum),
            "max_bytes_per_put": str(streams.PUT_RECORDS_BYTES.maximum),
            "max_bytes_per_result": str((streams.MAX_RECORD_SIZE.default or 0) * _BYTES_IN_A_KIB),
        }

    @property
    def outputs(self) -> Mapping[str, str]:
        """By which a client finds it."""
        return {RESULT_STREAM_NAME: self.stream.stream_name}

    def allow_put(self, role: iam.IRole) -> None:
        """Let the role of the function put results, and look for those that it put."""
        allow(role, ["kinesis:PutRecords", *_LOOK], [self.stream.stream_arn])
        if self.stream.encryption_key:
            allow_key(role, self.stream.encryption_key, "kinesis", *ENCRYPT)

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` read the results."""
        return self.stream.grant_read(grantee)

    def metric_refused(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Results that could not be put at once, as a shard was full."""
        return refused_by(self.stream, period)
