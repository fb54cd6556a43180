"""What every kind of endpoint has: a configuration, and the endpoint itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jsii
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.aws_sagemaker import CfnEndpointConfig as CfnConfig
from constructs import Construct, IDependable

from constructs_lib.checks import Checks
from constructs_lib.endpoints.endpoint_logs import EndpointLogs
from constructs_lib.endpoints.invocable import Invocable
from constructs_lib.endpoints.metrics import EndpointMetrics, InvocationMetrics
from constructs_lib.endpoints.model import BaseModel
from constructs_lib.endpoints.monitoring import Monitored, endpoint_log_group
from constructs_lib.endpoints.outputs import EndpointOutputs
from constructs_lib.endpoints.permissions import share_stack
from constructs_lib.endpoints.variant import DEFAULT_VARIANT, VariantProperty
from constructs_lib.facts import variants as facts


class Endpoint(EndpointMetrics, Monitored, EndpointOutputs):
    """A configuration and the endpoint that deploys it; the base of the three kinds, not for use by itself.

    ``endpoint_config_name`` is that of the configuration: another one with every change, as it is immutable.
    """

    endpoint_config_name: str

    def __init__(self, scope: Construct, id: str, *, model: BaseModel, variant_name: str = DEFAULT_VARIANT) -> None:
        super().__init__(scope, id)
        share_stack(self, scope)
        self.model = model
        self.variant_name = variant_name

    def _create(
        self,
        *,
        variants: Sequence[CfnConfig.ProductionVariantProperty],
        endpoint_name: str | None,
        retain_variant_properties: bool,
        exclude_retained: Sequence[VariantProperty] = (),
        deployment_config: sagemaker.CfnEndpoint.DeploymentConfigProperty | None = None,
        after: Sequence[IDependable] = (),
        logs: EndpointLogs | None = None,
        encryption_key: kms.IKey | None = None,
        **config: Any,
    ) -> None:
        """Make configuration and endpoint; called once, when everything they refer to is there.

        ``after`` is what has to be there before the endpoint, besides the models and what those wait for; ``logs``, for
        an endpoint with a name, comes before it too; ``config`` goes into the configuration as it is.
        """
        configuration = CfnConfig(self, "Config", production_variants=list(variants), **config)
        self.endpoint_config_name = configuration.attr_endpoint_config_name
        resource = sagemaker.CfnEndpoint(
            self,
            "Resource",
            endpoint_config_name=self.endpoint_config_name,
            endpoint_name=endpoint_name,
            deployment_config=deployment_config,
            # Without it an update sets a scaled variant back to its initial count (AS-RETAIN).
            retain_all_variant_properties=True if retain_variant_properties else None,
            exclude_retained_variant_properties=[
                sagemaker.CfnEndpoint.VariantPropertyProperty(variant_property_type=excluded)
                for excluded in exclude_retained
            ]
            or None,
        )
        before = [*after, *([logs.make(self, endpoint_name, encryption_key)] if logs and endpoint_name else [])]
        if before:
            resource.node.add_dependency(*before)
        self._endpoint_name = resource.attr_endpoint_name
        self._resource = resource

    def log_group_names(self) -> list[str]:
        """Where its containers log, and its functions where it has some."""
        return [endpoint_log_group(self.endpoint_name), *super().log_group_names()]

    @property
    def endpoint_arn(self) -> str:
        """The ARN of the endpoint."""
        # Most apps never ask for it, and to read an attribute is a crossing into Node.
        return self._resource.attr_endpoint_arn


@jsii.implements(sagemaker.IEndpoint)
class SynchronousEndpoint(InvocationMetrics, Invocable, Endpoint):
    """An endpoint whose caller waits for the answer: an ``aws_sagemaker.IEndpoint``."""


def check_endpoint_name(checks: Checks, endpoint_name: str | None) -> None:
    """Note a problem unless SageMaker takes the name."""
    checks.limit("endpoint_name", endpoint_name, facts.ENDPOINT_NAME, "leave it out to let AWS choose one")
