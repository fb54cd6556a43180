"""Buckets that hold what is sent to a model and what it answers, and the least that reads and writes them."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Annotations, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.endpoints.permissions import DECRYPT, ENCRYPT, Role, allow, allow_key
from constructs_lib.options import Expiration

# Parts of an upload that broke off are paid for until something deletes them.
INCOMPLETE_UPLOADS_STAY = Duration.days(1)


class PayloadBuckets:
    """Where a construct reads its inputs and puts its outputs, in ``scope`` as ``InputBucket`` and ``OutputBucket``.

    Both are private, encrypted, take TLS only, and delete their objects as ``expiration`` says; one that is handed in
    stays as it is.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        expiration: Expiration,
        encryption_key: kms.IKey | None,
        removal_policy: RemovalPolicy,
        input_bucket: s3.IBucket | None = None,
        output_bucket: s3.IBucket | None = None,
    ) -> None:
        def make(id: str, expire_in_days: int | None) -> s3.Bucket:
            rules = [s3.LifecycleRule(abort_incomplete_multipart_upload_after=INCOMPLETE_UPLOADS_STAY)]
            if expire_in_days is not None:
                rules.append(s3.LifecycleRule(expiration=Duration.days(expire_in_days)))
            return private_bucket(
                scope, id, lifecycle_rules=rules, encryption_key=encryption_key, removal_policy=removal_policy
            )

        self.input: s3.IBucket = input_bucket or make("InputBucket", expiration.inputs_in_days)
        self.output: s3.IBucket = output_bucket or make("OutputBucket", expiration.outputs_in_days)

    def grant_model(self, execution_role: iam.IRole, *outputs: str) -> None:
        """Let a model's role read inputs, and write the objects ``outputs``; all of them by default."""
        grant_read(self.input, execution_role)
        grant_write(self.output, execution_role, *outputs)


def private_bucket(
    scope: Construct,
    id: str,
    *,
    lifecycle_rules: Sequence[s3.LifecycleRule],
    encryption_key: kms.IKey | None,
    removal_policy: RemovalPolicy,
) -> s3.Bucket:
    """A bucket that is private, encrypted and takes TLS only."""
    return s3.Bucket(
        scope,
        id,
        encryption=s3.BucketEncryption.KMS if encryption_key else s3.BucketEncryption.S3_MANAGED,
        encryption_key=encryption_key,
        bucket_key_enabled=True if encryption_key else None,
        enforce_ssl=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        lifecycle_rules=list(lifecycle_rules),
        removal_policy=removal_policy,
    )


def grant_read(bucket: s3.IBucket, role: Role, keys: str = "*") -> None:
    """Let ``role`` read the objects ``keys``; with ``*`` also list them, so that a missing one is a 404."""
    allow(role, ["s3:GetObject"], [bucket.arn_for_objects(keys)])
    if keys == "*":
        allow(role, ["s3:ListBucket"], [bucket.bucket_arn])
    if bucket.encryption_key:
        allow_key(role, bucket.encryption_key, "s3", *DECRYPT)


def grant_write(bucket: s3.IBucket, role: Role, *keys: str) -> None:
    """Let ``role`` write the objects ``keys``, all by default, in parts if they are large."""
    objects = [bucket.arn_for_objects(key) for key in keys or ("*",)]
    allow(role, ["s3:PutObject", "s3:AbortMultipartUpload"], objects)
    if bucket.encryption_key:
        allow_key(role, bucket.encryption_key, "s3", *ENCRYPT)


def notify_event_bridge(bucket: s3.IBucket) -> None:
    """Let a bucket of this app tell EventBridge of its objects; of another one the owner has to, which is warned of.

    It stands in the bucket itself. CDK's own way is a function that changes the bucket after the deployment; where
    that function is there already, for notifications of another kind, it would take back what the bucket says.
    """
    resource = bucket.node.default_child
    if not isinstance(resource, s3.CfnBucket):
        Annotations.of(bucket).add_warning_v2(
            "sagemaker-inference:event-bridge",
            f"bucket {bucket.bucket_name} is not of this app: its owner must switch on its notifications to Amazon "
            "EventBridge, or no object is submitted",
        )
    elif isinstance(bucket, s3.Bucket) and bucket.node.try_find_child("Notifications"):
        bucket.enable_event_bridge_notification()
    else:
        resource.add_property_override("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled", True)
