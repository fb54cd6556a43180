"""The table of answers: where they are kept, and who may do what with which of them."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib.endpoints.permissions import USE_TABLE, allow, allow_key
from constructs_lib.options.hybrid import PredictionTable

_PARTITION_KEY = "pk"
_TIME_TO_LIVE = "expires_at"


def make_table(
    scope: Construct, options: PredictionTable, *, encryption_key: kms.IKey | None, removal_policy: RemovalPolicy
) -> dynamodb.Table:
    """The table in ``scope``, as ``Table``; DynamoDB deletes its items when they have expired."""
    is_provisioned = options.read_capacity is not None
    return dynamodb.Table(
        scope,
        "Table",
        partition_key=dynamodb.Attribute(name=_PARTITION_KEY, type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PROVISIONED if is_provisioned else dynamodb.BillingMode.PAY_PER_REQUEST,
        read_capacity=options.read_capacity,
        write_capacity=options.write_capacity,
        encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if encryption_key else None,
        encryption_key=encryption_key,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=options.point_in_time_recovery
        ),
        time_to_live_attribute=_TIME_TO_LIVE,
        removal_policy=removal_policy,
    )


def allow_items(table: dynamodb.Table, role: iam.IRole, actions: Sequence[str], *keys: str) -> None:
    """Let ``role`` do ``actions``, such as ``PutItem``, with the items whose keys are like ``keys`` and no others."""
    only = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}}
    allow(role, [f"dynamodb:{action}" for action in actions], [table.table_arn], only)
    if table.encryption_key:
        allow_key(role, table.encryption_key, "dynamodb", *USE_TABLE)
