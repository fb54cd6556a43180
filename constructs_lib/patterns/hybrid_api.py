"""What callers ask over HTTP, signed with their credentials: the URL of a function, or an HTTP API."""

from __future__ import annotations

from abc import ABC, abstractmethod

from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.endpoints.handlers import make_log_group
from constructs_lib.endpoints.permissions import arn_of
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.facts import gateways
from constructs_lib.options.hybrid import LookupApi

_ACCESS = '{"requestId":"$context.requestId","caller":"$context.identity.caller","status":"$context.status"}'


class Api(ABC):
    """A way to ask over HTTP. ``url`` takes look-ups, ``override_url`` overrides where there is one."""

    url: str
    override_url: str | None = None

    @abstractmethod
    def grant_lookup(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` ask."""

    @abstractmethod
    def grant_override(self, grantee: iam.IGrantable) -> iam.Grant | None:
        """Let ``grantee`` override; None where that does not go over HTTP."""


class FunctionUrl(Api):
    """The URL of the function; CDK grants both permissions that it takes (LAMBDA-URL-PERMISSIONS)."""

    def __init__(self, lookup: lambda_.Function) -> None:
        self._url = lookup.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)
        self.url = self._url.url

    def grant_lookup(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` ask."""
        return self._url.grant_invoke_url(grantee)

    def grant_override(self, grantee: iam.IGrantable) -> None:
        """Who may ask may not override: that takes the other function."""


class HttpApi(Api):
    """``POST /lookup`` and ``POST /override`` of an HTTP API, in ``scope`` as ``Api``."""

    def __init__(
        self,
        scope: Construct,
        *,
        lookup: lambda_.Function,
        override: lambda_.Function,
        safekeeping: Safekeeping,
    ) -> None:
        self._scope = Construct(scope, "Api")
        api = gateway.CfnApi(self._scope, "Resource", name=scope.node.id, protocol_type="HTTP")
        self._api_id = api.attr_api_id
        self._route("lookup", lookup)
        self._route("override", override)
        log_group = make_log_group(self._scope, logs.RetentionDays.ONE_MONTH, safekeeping)
        access = gateway.CfnStage.AccessLogSettingsProperty(destination_arn=log_group.log_group_arn, format=_ACCESS)
        gateway.CfnStage(
            self._scope,
            "Stage",
            api_id=self._api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=access,
        )
        self.url = f"{api.attr_api_endpoint}/lookup"
        self.override_url = f"{api.attr_api_endpoint}/override"

    def grant_lookup(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` ask."""
        return self._grant(grantee, "lookup")

    def grant_override(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` override."""
        return self._grant(grantee, "override")

    def _route(self, name: str, function: lambda_.Function) -> None:
        scope = Construct(self._scope, name.capitalize())
        integration = gateway.CfnIntegration(
            scope,
            "Integration",
            api_id=self._api_id,
            integration_type="AWS_PROXY",
            integration_uri=function.function_arn,
            payload_format_version="2.0",
            timeout_in_millis=gateways.HTTP_TIMEOUT.maximum,
        )
        gateway.CfnRoute(
            scope,
            "Route",
            api_id=self._api_id,
            route_key=f"POST /{name}",
            authorization_type="AWS_IAM",
            target=f"integrations/{integration.ref}",
        )
        lambda_.CfnPermission(
            scope,
            "Permission",
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="apigateway.amazonaws.com",
            source_arn=self._arn(name),
        )

    def _grant(self, grantee: iam.IGrantable, name: str) -> iam.Grant:
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["execute-api:Invoke"], resource_arns=[self._arn(name)]
        )

    def _arn(self, name: str) -> str:
        return arn_of(self._scope, "execute-api", f"{self._api_id}/$default/POST/{name}")


def make_api(
    scope: Construct,
    api: LookupApi,
    *,
    lookup: lambda_.Function,
    override: lambda_.Function,
    safekeeping: Safekeeping,
) -> Api:
    """The API that was asked for."""
    if api is LookupApi.HTTP_API:
        return HttpApi(scope, lookup=lookup, override=override, safekeeping=safekeeping)
    return FunctionUrl(lookup)
