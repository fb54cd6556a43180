"""Kinesis streams, for records and for results."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.facts import streams
from constructs_lib.tokens import is_token


def check_stream(checks: Checks, shard_count: int | None, retention_in_hours: int) -> None:
    """Note every problem of a stream that is to be made."""
    problem = f"shard_count must be at least 1, got {shard_count}; leave it out for a stream on demand"
    known = shard_count is not None and not is_token(shard_count)
    checks.require(not known or (shard_count or 0) >= 1, problem, streams.SHARDS_PROVISIONED)
    checks.limit("retention_in_hours", retention_in_hours, streams.RETENTION)


def make_stream(
    scope: Construct,
    id: str,
    shard_count: int | None,
    retention_in_hours: int,
    encryption_key: kms.IKey | None,
    removal_policy: RemovalPolicy,
    max_record_size_in_kib: int | None = None,
) -> kinesis.Stream:
    """An encrypted stream, on demand where no number of shards is given."""
    stream = kinesis.Stream(
        scope,
        id,
        stream_mode=kinesis.StreamMode.ON_DEMAND if shard_count is None else kinesis.StreamMode.PROVISIONED,
        shard_count=shard_count,
        retention_period=Duration.hours(retention_in_hours),
        encryption=kinesis.StreamEncryption.KMS if encryption_key else kinesis.StreamEncryption.MANAGED,
        encryption_key=encryption_key,
        removal_policy=removal_policy,
    )
    if max_record_size_in_kib is not None:
        resource = stream.node.default_child
        assert isinstance(resource, kinesis.CfnStream)
        resource.max_record_size_in_kib = max_record_size_in_kib
    return stream


def refused_by(stream: kinesis.IStream, period: Duration | None) -> cloudwatch.Metric:
    """Records that a stream did not take, as a shard was full."""
    return cloudwatch.Metric(
        namespace="AWS/Kinesis",
        metric_name="WriteProvisionedThroughputExceeded",
        dimensions_map={"StreamName": stream.stream_name},
        statistic="Sum",
        period=period or Duration.minutes(5),
    )
