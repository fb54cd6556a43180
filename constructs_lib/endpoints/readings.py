"""What alarms read, as plain data: each metric of CDK's is a crossing into Node, these are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

# CloudWatch has a member of its own for all other statistics.
SIMPLE_STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A statistic of a metric over ``period`` seconds."""

    namespace: str
    metric_name: str
    dimensions: Mapping[str, str]
    statistic: str
    period: int = 60

    def metric(self) -> cloudwatch.Metric:
        """The same for CDK."""
        return cloudwatch.Metric(
            namespace=self.namespace,
            metric_name=self.metric_name,
            dimensions_map=self.dimensions,
            statistic=self.statistic,
            period=Duration.seconds(self.period),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An alarm before it is made. Where there is no data, nothing has happened, and nothing is wrong.

    :param name: its id, and its key in ``alarms``.
    :param means: what has happened.
    :param remedy: what to do first.
    :param reading: what it looks at; a metric of CDK's where it computes with several.
    :param threshold: the largest value that is right, or with ``at`` the smallest that is not.
    :param at: whether the threshold itself is too much.
    :param evaluation_periods: how many periods it looks at.
    :param datapoints_to_alarm: how many of them must be too much; all by default.
    :param ends: whether its end says something: a batch that failed has failed for good.
    :param treat_missing_data: what a period without data is, in CloudWatch's words.
    """

    name: str
    means: str
    remedy: str
    reading: Reading | cloudwatch.IMetric
    threshold: float
    at: bool = False
    evaluation_periods: int = 1
    datapoints_to_alarm: int | None = None
    ends: bool = True
    treat_missing_data: str = "notBreaching"

    @property
    def comparison_operator(self) -> str:
        """As CloudWatch names it."""
        return "GreaterThanOrEqualToThreshold" if self.at else "GreaterThanThreshold"
