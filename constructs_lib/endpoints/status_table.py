"""The table that says what became of a request, which AWS's own API does not."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib.endpoints.permissions import USE_TABLE, allow, allow_key

_PARTITION_KEY = "InferenceId"
_TIME_TO_LIVE = "ExpiresAt"


class StatusTable(dynamodb.Table):
    """One item a request, by ``InferenceId``: on demand, encrypted, restorable to any second of the last 35 days.

    :param expires_in_days: so many days after its submission or its outcome DynamoDB deletes an item.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        expires_in_days: int,
        encryption_key: kms.IKey | None,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(
            scope,
            id,
            partition_key=dynamodb.Attribute(name=_PARTITION_KEY, type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if encryption_key else None,
            encryption_key=encryption_key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute=_TIME_TO_LIVE,
            removal_policy=removal_policy,
        )
        self.expires_in_days = expires_in_days

    def allow_write(self, role: iam.IRole, action: str) -> None:
        """Let the role of a handler do one ``action``, such as ``dynamodb:PutItem``."""
        allow(role, [action], [self.table_arn])
        if self.encryption_key:
            allow_key(role, self.encryption_key, "dynamodb", *USE_TABLE)


def settings_of(table: StatusTable | None) -> dict[str, str]:
    """What handlers are told of it; an empty name where there is none."""
    return {
        "status_table_name": table.table_name if table else "",
        "status_expires_in_days": str(table.expires_in_days if table else 0),
    }
