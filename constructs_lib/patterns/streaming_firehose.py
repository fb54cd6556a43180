"""Results that Amazon Data Firehose collects into objects in S3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.handlers import make_log_group
from constructs_lib.endpoints.permissions import ENCRYPT, allow, allow_key
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.endpoints.storage import INCOMPLETE_UPLOADS_STAY, grant_write, private_bucket
from constructs_lib.facts import asynchronous_output
from constructs_lib.facts import firehose as facts
from constructs_lib.options.throughput import Throughput
from constructs_lib.outputs import OUTPUT_BUCKET_NAME, OUTPUT_PREFIX
from constructs_lib.tokens import is_token

_BY_HOUR = "!{timestamp:yyyy/MM/dd/HH}/"
_ERRORS = "errors/"
Destination = firehose.CfnDeliveryStream.ExtendedS3DestinationConfigurationProperty


@dataclass(frozen=True, slots=True, kw_only=True)
class FirehoseSink:
    """Amazon Data Firehose for the results, which it collects into JSON Lines objects in a bucket.

    Nobody can look up what Firehose has taken, so a function that died while it put has to put again: a result may come
    twice, with the same ``id``. Objects lie below ``prefix`` by the hour (UTC) of their arrival in Firehose.

    :param bucket: where the objects lie; by default one is made: private, encrypted, TLS only.
    :param prefix: of their keys, with the slash at its end; ``results/`` by default.
    :param buffering_in_seconds: an object is written after so long, 0 to 900 s, 60 by default,
    :param buffering_in_mb: or when there are so many MiB, 1 to 128; 5 by default.
    :param compressed: whether objects are packed with gzip; true by default.
    :param expire_in_days: after how many days the bucket that is made deletes them; ``None``, never, by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    bucket: s3.IBucket | None = None
    prefix: str = "results/"
    buffering_in_seconds: int = 60
    buffering_in_mb: int = 5
    compressed: bool = True
    expire_in_days: int | None = None

    def __post_init__(self) -> None:
        checks = Checks("FirehoseSink")
        prefix = self.prefix
        folder = is_token(prefix) or (prefix.endswith("/") and not prefix.startswith("/") and "!{" not in prefix)
        problem = f"prefix must be a folder such as results/ without expressions, got {prefix!r}; write it so"
        checks.require(folder, problem, asynchronous_output.OUTPUT_PATH)
        apart = f"prefix must lie apart from {_ERRORS!r}, got {prefix!r}; Firehose puts there what it could not deliver"
        checks.require(is_token(prefix) or not prefix.startswith(_ERRORS), apart, asynchronous_output.OUTPUT_PATH)
        checks.limit("buffering_in_seconds", self.buffering_in_seconds, facts.BUFFERING_INTERVAL)
        checks.limit("buffering_in_mb", self.buffering_in_mb, facts.BUFFERING_SIZE)
        checks.limit("expire_in_days", self.expire_in_days, asynchronous_output.EXPIRATION, "None keeps them for ever")
        checks.done()

    def check(self, checks: Checks, throughput: Throughput | None) -> None:
        """Nothing to note: Firehose grows with the load, within quotas of the account."""

    def bind(self, scope: Construct, encryption_key: kms.IKey | None, removal_policy: RemovalPolicy) -> BoundFirehose:
        """Make the delivery stream, its role and log, and the bucket if it was not handed in."""
        scope = Construct(scope, "Delivery")
        bucket = self.bucket or self._make_bucket(scope, encryption_key, removal_policy)
        keeping = Safekeeping(encryption_key=encryption_key, removal_policy=removal_policy)
        log_group = make_log_group(scope, logs.RetentionDays.ONE_MONTH, keeping)
        log_stream = logs.CfnLogStream(scope, "LogStream", log_group_name=log_group.log_group_name)
        role = iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal("firehose.amazonaws.com"))
        allow(role, ["logs:PutLogEvents"], [log_group.log_group_arn])
        self._allow_delivery(role, bucket)
        if encryption_key:
            allow_key(role, encryption_key, "s3", *ENCRYPT)
        destination = Destination(
            bucket_arn=bucket.bucket_arn,
            role_arn=role.role_arn,
            prefix=f"{self.prefix}{_BY_HOUR}",
            error_output_prefix=f"{_ERRORS}!{{firehose:error-output-type}}/{_BY_HOUR}",
            compression_format="GZIP" if self.compressed else "UNCOMPRESSED",
            buffering_hints=firehose.CfnDeliveryStream.BufferingHintsProperty(
                interval_in_seconds=self.buffering_in_seconds, size_in_m_bs=self.buffering_in_mb
            ),
            cloud_watch_logging_options=firehose.CfnDeliveryStream.CloudWatchLoggingOptionsProperty(
                enabled=True, log_group_name=log_group.log_group_name, log_stream_name=log_stream.ref
            ),
        )
        delivery = firehose.CfnDeliveryStream(
            scope,
            "Resource",
            delivery_stream_type="DirectPut",
            delivery_stream_encryption_configuration_input=_encryption(encryption_key),
            extended_s3_destination_configuration=destination,
        )
        delivery.node.add_dependency(role)
        return BoundFirehose(self, delivery, bucket)

    def _make_bucket(
        self, scope: Construct, encryption_key: kms.IKey | None, removal_policy: RemovalPolicy
    ) -> s3.Bucket:
        rules = [s3.LifecycleRule(abort_incomplete_multipart_upload_after=INCOMPLETE_UPLOADS_STAY)]
        if self.expire_in_days is not None:
            rules.append(s3.LifecycleRule(expiration=Duration.days(self.expire_in_days)))
        return private_bucket(
            scope, "Bucket", lifecycle_rules=rules, encryption_key=encryption_key, removal_policy=removal_policy
        )

    def _allow_delivery(self, role: iam.IRole, bucket: s3.IBucket) -> None:
        grant_write(bucket, role, f"{self.prefix}*", f"{_ERRORS}*")
        # It looks at uploads that broke off, and goes on with them.
        objects = [bucket.arn_for_objects(f"{prefix}*") for prefix in (self.prefix, _ERRORS)]
        allow(role, ["s3:GetObject"], objects)
        allow(role, ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], [bucket.bucket_arn])


def _encryption(
    key: kms.IKey | None,
) -> firehose.CfnDeliveryStream.DeliveryStreamEncryptionConfigurationInputProperty:
    return firehose.CfnDeliveryStream.DeliveryStreamEncryptionConfigurationInputProperty(
        key_type="CUSTOMER_MANAGED_CMK" if key else "AWS_OWNED_CMK", key_arn=key.key_arn if key else None
    )


@dataclass(frozen=True, slots=True)
class BoundFirehose:
    """The delivery stream at work, and the bucket of its objects."""

    options: FirehoseSink
    delivery_stream: firehose.CfnDeliveryStream
    bucket: s3.IBucket
    service: ClassVar[str] = "kinesis-firehose"

    @property
    def settings(self) -> Mapping[str, str]:
        """What the handler is told of it."""
        return {
            "result_stream_name": "",
            "delivery_stream_name": self.delivery_stream.ref,
            "max_records_per_put": str(facts.PUT_RECORD_BATCH.maximum),
            "max_bytes_per_put": str(facts.PUT_RECORD_BATCH_BYTES.maximum),
            "max_bytes_per_result": str(facts.RECORD.maximum),
        }

    @property
    def outputs(self) -> Mapping[str, str]:
        """By which a client finds it."""
        return {OUTPUT_BUCKET_NAME: self.bucket.bucket_name, OUTPUT_PREFIX: self.options.prefix}

    def allow_put(self, role: iam.IRole) -> None:
        """Let the role of the function put results."""
        allow(role, ["firehose:PutRecordBatch"], [self.delivery_stream.attr_arn])

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` read the results."""
        return self.bucket.grant_read(grantee, f"{self.options.prefix}*")

    def metric_refused(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Results that could not be put at once, as the delivery stream was full."""
        return cloudwatch.Metric(
            namespace="AWS/Firehose",
            metric_name="ThrottledRecords",
            dimensions_map={"DeliveryStreamName": self.delivery_stream.ref},
            statistic="Sum",
            period=period or Duration.minutes(5),
        )
