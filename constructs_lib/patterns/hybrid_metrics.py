"""The metrics of hybrid inference: what callers were answered, how fast, and what came into the table."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb

from constructs_lib.endpoints.graphs import graph
from constructs_lib.endpoints.monitoring import Monitored

NAMESPACE = "SageMakerInference/Hybrid"
PATHS = ("stored", "fresh", "computed", "default")
"""How an answer comes about: from the batch, from what was written back, from the endpoint, or not at all."""
REASONS = ("model", "stale", "features", "overridden")
"""Why a stored answer is not served."""


class HybridMetrics(Monitored):
    """Metrics that the functions log; each is of one table."""

    table: dynamodb.Table

    def metric(
        self,
        metric_name: str,
        *,
        statistic: str = "Sum",
        period: Duration | None = None,
        path: str | None = None,
        reason: str | None = None,
    ) -> cloudwatch.Metric:
        """A metric of the look-ups, such as ``Hits``, or of the load, such as ``RowsLoaded``.

        :param period: 5 minutes by default.
        :param path: for ``Latency``: ``stored``, ``fresh``, ``computed`` or ``default``.
        :param reason: for ``Stale``: ``model``, ``stale``, ``features`` or ``overridden``; all by default.
        """
        dimensions = {"TableName": self.table.table_name}
        if path is not None:
            dimensions["Path"] = path
        if reason is not None:
            dimensions["Reason"] = reason
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=metric_name,
            dimensions_map=dimensions,
            statistic=statistic,
            period=period or Duration.minutes(5),
        )

    def metric_hits(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of answers from the table."""
        return self.metric("Hits", statistic=statistic, period=period)

    def metric_missing(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of ids that the table does not hold."""
        return self.metric("Missing", statistic=statistic, period=period)

    def metric_stale(
        self, *, statistic: str = "Sum", period: Duration | None = None, reason: str | None = None
    ) -> cloudwatch.Metric:
        """Number of answers that the table holds and that were not served; all of them, or those of one reason."""
        return self.metric("Stale", statistic=statistic, period=period, reason=reason)

    def metric_fallbacks(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of answers for which the endpoint was to be asked."""
        return self.metric("Fallbacks", statistic=statistic, period=period)

    def metric_computed(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of answers that the endpoint gave in time."""
        return self.metric("Computed", statistic=statistic, period=period)

    def metric_defaults(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of answers that were the default one."""
        return self.metric("Defaults", statistic=statistic, period=period)

    def metric_latency(self, path: str, *, statistic: str = "p99", period: Duration | None = None) -> cloudwatch.Metric:
        """Time of a request in milliseconds, by the slowest ``path`` of its answers."""
        return self.metric("Latency", statistic=statistic, period=period, path=path)

    def metric_rows_loaded(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of rows that a batch has put into the table."""
        return self.metric("RowsLoaded", statistic=statistic, period=period)

    def metric_rows_failed(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Number of records of a batch that could be no rows, and became dead letters."""
        return self.metric("RowsFailed", statistic=statistic, period=period)

    def metric_default_share(self, *, period: Duration | None = None) -> cloudwatch.MathExpression:
        """Default answers of all answers, in percent; 0 where nothing was asked."""
        asked = {
            "hits": self.metric_hits(period=period),
            "computed": self.metric_computed(period=period),
            "defaults": self.metric_defaults(period=period),
        }
        total = "(FILL(hits, 0) + FILL(computed, 0) + FILL(defaults, 0))"
        return _share(f"FILL(defaults, 0) / {total}", total, asked, "default answers, percent", period)

    def metric_disagreement_share(self, *, least: int = 1, period: Duration | None = None) -> cloudwatch.MathExpression:
        """Compared answers that differ, in percent; 0 where fewer than ``least`` were compared. 1 hour by default."""
        period = period or Duration.hours(1)
        compared = {
            "compared": self.metric("Compared", period=period),
            "disagreed": self.metric("Disagreed", period=period),
        }
        share = "FILL(disagreed, 0) / FILL(compared, 0)"
        return _share(share, f"FILL(compared, 0) - {least - 1}", compared, "other than fresh, percent", period)

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard of CloudWatch; those of the batch are ``batch.dashboard_widgets()``."""
        return [
            graph("Answers", self.metric_hits(), self.metric_computed(), self.metric_defaults()),
            graph(
                "Not served from the table",
                self.metric_missing(),
                *(self.metric_stale(reason=reason) for reason in REASONS),
            ),
            graph("Latency p99, in milliseconds", *(self.metric_latency(path) for path in PATHS)),
            graph("Rows of batches", self.metric_rows_loaded(), self.metric_rows_failed()),
            graph("Stored answers beside fresh ones", self.metric("Compared"), self.metric("Disagreed")),
        ]


def _share(
    share: str, enough: str, metrics: Mapping[str, cloudwatch.IMetric], label: str, period: Duration | None
) -> cloudwatch.MathExpression:
    # Where a metric has no value at a time, a sum with it has none either: FILL makes it a 0.
    return cloudwatch.MathExpression(
        expression=f"IF({enough} > 0, 100 * {share}, 0)",
        using_metrics=dict(metrics),
        label=label,
        period=period or Duration.minutes(5),
    )
