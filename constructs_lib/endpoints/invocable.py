"""Endpoints as their callers see them, whether this app makes them or only knows their names."""

from __future__ import annotations

import re

import jsii
from aws_cdk import ArnFormat, Resource, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.interfaces.aws_sagemaker import EndpointReference
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.identity import EndpointIdentity
from constructs_lib.endpoints.metrics import InstanceMetrics, InvocationMetrics
from constructs_lib.facts import variants as facts
from constructs_lib.tokens import is_token

_ARN = r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:endpoint/[a-zA-Z0-9-]+"


class Invocable(EndpointIdentity):
    """What ``aws_sagemaker.IEndpoint`` asks for, besides name and ARN."""

    @property
    def endpoint_ref(self) -> EndpointReference:
        """The endpoint as L1s take it."""
        return EndpointReference(endpoint_arn=self.endpoint_arn)

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` call ``InvokeEndpoint`` on this endpoint."""
        return self._grant(grantee, ["sagemaker:InvokeEndpoint"])


@jsii.implements(sagemaker.IEndpoint)
class ImportedEndpoint(InvocationMetrics, InstanceMetrics, Invocable, Resource):
    """An endpoint that is there already; made by ``RealtimeEndpoint.from_endpoint_name`` or ``from_endpoint_arn``."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        endpoint_name: str,
        endpoint_arn: str,
        variant_name: str,
        is_of_this_environment: bool,
    ) -> None:
        super().__init__(scope, id, environment_from_arn=None if is_of_this_environment else endpoint_arn)
        self._endpoint_name = endpoint_name
        self._endpoint_arn = endpoint_arn
        self.variant_name = variant_name


def import_by_name(scope: Construct, id: str, endpoint_name: str, *, variant_name: str) -> ImportedEndpoint:
    """The endpoint of that name in the account and Region of the stack.

    :raises InvalidConfiguration: for a name that SageMaker does not take.
    """
    checks = Checks(f"from_endpoint_name {id}")
    checks.limit("endpoint_name", endpoint_name, facts.ENDPOINT_NAME)
    checks.done()
    return ImportedEndpoint(
        scope,
        id,
        endpoint_name=endpoint_name,
        endpoint_arn=Stack.of(scope).format_arn(service="sagemaker", resource="endpoint", resource_name=endpoint_name),
        variant_name=variant_name,
        is_of_this_environment=True,
    )


def import_by_arn(scope: Construct, id: str, endpoint_arn: str, *, variant_name: str) -> ImportedEndpoint:
    """The endpoint of that ARN, perhaps in another account or Region.

    :raises InvalidConfiguration: for what is not the ARN of an endpoint.
    """
    form = "arn:aws:sagemaker:REGION:ACCOUNT:endpoint/NAME"
    checks = Checks(f"from_endpoint_arn {id}")
    is_arn = is_token(endpoint_arn) or re.fullmatch(_ARN, endpoint_arn) is not None
    problem = f"endpoint_arn must be {form}, got {endpoint_arn!r}; by its name there is from_endpoint_name"
    checks.require(is_arn, problem, facts.ENDPOINT_NAME)
    checks.done()
    parts = Stack.of(scope).split_arn(endpoint_arn, ArnFormat.SLASH_RESOURCE_NAME)
    return ImportedEndpoint(
        scope,
        id,
        endpoint_name=parts.resource_name or "",
        endpoint_arn=endpoint_arn,
        variant_name=variant_name,
        is_of_this_environment=False,
    )
