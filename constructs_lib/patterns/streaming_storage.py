"""What a stream leaves behind: records that were not scored, and the journal of what was put."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.endpoints.permissions import USE_TABLE, allow, allow_key
from constructs_lib.endpoints.storage import (
    INCOMPLETE_UPLOADS_STAY,
    grant_write,
    notify_event_bridge,
    private_bucket,
)

FAILURE_PREFIX = "failures/"
"""Of the failure bucket: each record that could not be scored, an object of its own."""
GIVEN_UP_PREFIX = "aws/lambda/"
"""Of the failure bucket: whole batches that Lambda gave up. The prefix is Lambda's."""


def make_failure_bucket(
    scope: Construct, expire_in_days: int | None, encryption_key: kms.IKey | None, removal_policy: RemovalPolicy
) -> s3.Bucket:
    """Where records lie that were not scored; EventBridge is told of each object."""
    rules = [s3.LifecycleRule(abort_incomplete_multipart_upload_after=INCOMPLETE_UPLOADS_STAY)]
    if expire_in_days is not None:
        rules.append(s3.LifecycleRule(expiration=Duration.days(expire_in_days)))
    bucket = private_bucket(
        scope, "Failures", lifecycle_rules=rules, encryption_key=encryption_key, removal_policy=removal_policy
    )
    notify_event_bridge(bucket)
    return bucket


def allow_failures(bucket: s3.Bucket, role: iam.IRole) -> None:
    """Let a function put records, and Lambda the batches that it gives up, which it does in the function's role."""
    grant_write(bucket, role, f"{FAILURE_PREFIX}*", f"{GIVEN_UP_PREFIX}*")
    allow(role, ["s3:ListBucket"], [bucket.bucket_arn])


def make_journal(scope: Construct, encryption_key: kms.IKey | None, removal_policy: RemovalPolicy) -> dynamodb.Table:
    """The table that tells what was put. It has no backups: nobody could use the progress of yesterday."""
    return dynamodb.Table(
        scope,
        "State",
        partition_key=dynamodb.Attribute(name="span", type=dynamodb.AttributeType.STRING),
        sort_key=dynamodb.Attribute(name="entry", type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if encryption_key else None,
        encryption_key=encryption_key,
        time_to_live_attribute="expires_at",
        removal_policy=removal_policy,
    )


def allow_journal(table: dynamodb.Table, role: iam.IRole) -> None:
    """Let a function write to the journal and look into it."""
    allow(role, ["dynamodb:PutItem", "dynamodb:Query"], [table.table_arn])
    if table.encryption_key:
        allow_key(role, table.encryption_key, "dynamodb", *USE_TABLE)
