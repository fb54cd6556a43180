"""What every kind of endpoint has: a configuration, the endpoint itself, its name and ARN, grants and metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.aws_sagemaker import CfnEndpointConfig as CfnConfig
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.model import Model
from constructs_lib.facts import variants

DEFAULT_VARIANT = "AllTraffic"


class Endpoint(Construct):
    """An endpoint with one production variant; the base of the three kinds, not for use by itself."""

    endpoint_name: str
    endpoint_arn: str

    def __init__(self, scope: Construct, id: str, *, model: Model) -> None:
        super().__init__(scope, id)
        self.model = model
        self.variant_name = DEFAULT_VARIANT

    def _create(
        self,
        *,
        variant: Mapping[str, Any],
        endpoint_name: str | None,
        retain_variant_properties: bool,
        async_inference: CfnConfig.AsyncInferenceConfigProperty | None = None,
    ) -> None:
        """Make configuration and endpoint; called once, when everything they refer to is there."""
        config = CfnConfig(
            self,
            "Config",
            production_variants=[
                CfnConfig.ProductionVariantProperty(
                    model_name=self.model.model_name,
                    variant_name=self.variant_name,
                    initial_variant_weight=1,
                    **variant,
                )
            ],
            async_inference_config=async_inference,
        )
        resource = sagemaker.CfnEndpoint(
            self,
            "Resource",
            endpoint_config_name=config.attr_endpoint_config_name,
            endpoint_name=endpoint_name,
            # Without it an update sets a scaled variant back to its initial count (AS-RETAIN).
            retain_all_variant_properties=True if retain_variant_properties else None,
        )
        # SageMaker takes the role when it starts the containers, so it must have all its policies by then.
        resource.node.add_dependency(self.model.execution_role)
        self.endpoint_name = resource.attr_endpoint_name
        self.endpoint_arn = resource.attr_endpoint_arn

    def metric(
        self,
        metric_name: str,
        *,
        statistic: str = "Average",
        period: Duration | None = None,
        per_variant: bool = True,
        namespace: str = "AWS/SageMaker",
    ) -> cloudwatch.Metric:
        """A metric of this endpoint; ``per_variant=False`` for those that have the dimension EndpointName alone."""
        dimensions = {"EndpointName": self.endpoint_name}
        if per_variant:
            dimensions["VariantName"] = self.variant_name
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=metric_name,
            dimensions_map=dimensions,
            statistic=statistic,
            period=period or Duration.minutes(1),
        )

    def metric_model_latency(self, *, statistic: str = "p99", period: Duration | None = None) -> cloudwatch.Metric:
        """Time that the container took, in microseconds."""
        return self.metric("ModelLatency", statistic=statistic, period=period)

    def _grant(self, grantee: iam.IGrantable, actions: Sequence[str]) -> iam.Grant:
        return iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=[self.endpoint_arn])


class SynchronousEndpoint(Endpoint):
    """An endpoint whose caller waits for the answer."""

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` call ``InvokeEndpoint`` on this endpoint."""
        return self._grant(grantee, ["sagemaker:InvokeEndpoint"])

    def metric_invocations(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of ``InvokeEndpoint`` requests."""
        return self.metric("Invocations", statistic=statistic, period=period)

    def metric_invocation_5xx_errors(
        self, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Number of requests that the model answered with a 5xx status."""
        return self.metric("Invocation5XXErrors", statistic=statistic, period=period)


def check_endpoint_name(checks: Checks, endpoint_name: str | None) -> None:
    """Note a problem unless SageMaker takes the name."""
    checks.limit("endpoint_name", endpoint_name, variants.ENDPOINT_NAME, "leave it out to let AWS choose one")


def check_instances(checks: Checks, instance_type: str, initial_instance_count: int) -> None:
    """Note a problem unless SageMaker takes type and count of a variant's instances."""
    checks.limit("instance_type", instance_type, variants.INSTANCE_TYPE, "choose one such as ml.m5.large")
    checks.limit("initial_instance_count", initial_instance_count, variants.INITIAL_INSTANCE_COUNT)
