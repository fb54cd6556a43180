"""The name and the ARN of an endpoint, and permissions on it alone."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_iam as iam


class EndpointIdentity:
    """What an endpoint is known by. Name and ARN may be known only when it is deployed."""

    _endpoint_name: str
    _endpoint_arn: str

    @property
    def endpoint_name(self) -> str:
        """The name of the endpoint."""
        return self._endpoint_name

    @property
    def endpoint_arn(self) -> str:
        """The ARN of the endpoint."""
        return self._endpoint_arn

    def _grant(self, grantee: iam.IGrantable, actions: Sequence[str]) -> iam.Grant:
        return iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=[self.endpoint_arn])
