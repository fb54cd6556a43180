"""The log group of an endpoint's containers, made before SageMaker makes it: then it has an end and a key."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.endpoints.keys import let_logs
from constructs_lib.endpoints.monitoring import endpoint_log_group


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointLogs:
    """How long the lines of an endpoint's containers are kept, under the endpoint's ``encryption_key`` if it has one.

    SageMaker makes the log group where there is none, without an end and with CloudWatch's own encryption. To be there
    first, its name must be known, so the endpoint gets one that is made of the names of stack and constructs; the first
    ``logs`` of an endpoint that AWS has named replaces it, which ``cdk diff`` shows. A log group that is there already,
    of an earlier stack or made by SageMaker, must be deleted or imported first: CloudFormation makes no second one.

    :param retention: how long lines are kept; six months by default.
    :param removal_policy: what becomes of the log group when the stack goes; it is retained by default, and a new stack
        of the same name then finds it in its way.
    """

    retention: logs.RetentionDays = logs.RetentionDays.SIX_MONTHS
    removal_policy: RemovalPolicy = RemovalPolicy.RETAIN

    def make(self, scope: Construct, endpoint_name: str, encryption_key: kms.IKey | None) -> logs.LogGroup:
        """The log group, which the endpoint must wait for."""
        if encryption_key:
            let_logs(encryption_key, scope)
        return logs.LogGroup(
            scope,
            "ContainerLogs",
            log_group_name=endpoint_log_group(endpoint_name),
            retention=self.retention,
            removal_policy=self.removal_policy,
            encryption_key=encryption_key,
        )
