"""The metrics of a drift watch."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from constructs_lib.endpoints.graphs import graph
from constructs_lib.endpoints.monitoring import Monitored

NAMESPACE = "SageMakerInference/Drift"
# The names of predictions begin so, to tell them from inputs.
PREDICTION = "prediction:"


class DriftMetrics(Monitored):
    """Metrics of one variant. Each window puts one value of each."""

    endpoint_name: str
    variant_name: str
    function: lambda_.Function

    def metric(
        self,
        metric_name: str,
        *,
        feature: str | None = None,
        statistic: str = "Maximum",
        period: Duration | None = None,
    ) -> cloudwatch.Metric:
        """A metric of a window, or of a ``feature`` in it; predictions are ``prediction:NAME``.

        Of a window: ``Records``, ``UnreadableRecords``, ``JudgedFeatures``, ``DriftedFeatures``, ``Drifted`` and
        ``NotJudged`` (0 or 1). Of a feature: ``PopulationStabilityIndex``, ``Distance``, ``MissingShare``. What was not
        judged has no value, and a period without a window has none.
        """
        dimensions = {"EndpointName": self.endpoint_name, "VariantName": self.variant_name}
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=metric_name,
            dimensions_map={**dimensions, **({"Feature": feature} if feature else {})},
            statistic=statistic,
            period=period or Duration.hours(1),
        )

    def metric_drifted_features(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Number of features that have drifted, of those that were judged."""
        return self.metric("DriftedFeatures", period=period)

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard of CloudWatch: how many features have drifted, each feature's index, the records."""
        names = (
            f'EndpointName,Feature,VariantName}} EndpointName="{self.endpoint_name}" VariantName="{self.variant_name}"'
        )
        search = f"SEARCH('{{{NAMESPACE},{names} MetricName=\"PopulationStabilityIndex\"', 'Maximum', 3600)"
        every = cloudwatch.MathExpression(expression=search, label="", period=Duration.hours(1))
        return [
            graph("Features", self.metric("JudgedFeatures"), self.metric_drifted_features()),
            graph("Population stability index", every),
            graph("Records", self.metric("Records"), self.metric("UnreadableRecords")),
        ]
