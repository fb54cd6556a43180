"""The alarms of hybrid inference: on callers without an answer, on rows that are none, on answers that have drifted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from constructs_lib.checks import Checks
from constructs_lib.endpoints.monitoring import Monitoring, check_above_zero, check_rate
from constructs_lib.endpoints.readings import Reading, Watched
from constructs_lib.options.hybrid import Comparison
from constructs_lib.patterns.hybrid_metrics import HybridMetrics

_PERIOD = Duration.minutes(5)
_TABLE = "See whether the last batch was loaded, and how old the answers in the table are"


@dataclass(frozen=True, slots=True, kw_only=True)
class HybridMonitoring(Monitoring):
    """What is watched, over 5 minutes each but where it says otherwise; where nothing was asked, nothing is wrong.

    Besides what is set here an alarm goes off for each record of a batch that could be no row (``RowsFailed``), for
    each look-up that failed (``LookupErrors``), for stored answers that differ from fresh ones (``Disagreement``, where
    there is a ``Comparison``), and for each batch that did not succeed, as ``BatchMonitoring`` says; where the batch
    has no monitoring of its own, its alarms do what these do.

    :param default_answers_in_percent: a larger share of default answers trips ``DefaultAnswers``; 5 by default,
        ``None`` for no such alarm.
    :param latency_p99_in_milliseconds: the objective: a slower 99th percentile of answers from the table trips
        ``Latency``; none by default.
    """

    default_answers_in_percent: float | None = 5
    latency_p99_in_milliseconds: float | None = None

    def __post_init__(self) -> None:
        checks = Checks("HybridMonitoring")
        check_rate(checks, "default_answers_in_percent", self.default_answers_in_percent)
        check_above_zero(checks, "latency_p99_in_milliseconds", self.latency_p99_in_milliseconds)
        checks.done()

    def of(self, hybrid: HybridMetrics, lookup: lambda_.IFunction, comparison: Comparison | None) -> Iterator[Watched]:
        """What is watched of look-ups and of the load."""
        if self.default_answers_in_percent is not None:
            share = hybrid.metric_default_share(period=_PERIOD)
            means = f"More than {self.default_answers_in_percent:g} % of the callers get the default answer"
            remedy = f"{_TABLE}, and whether the endpoint answers in time"
            yield _too_much("DefaultAnswers", means, remedy, share, self.default_answers_in_percent)
        failed = hybrid.metric_rows_failed(period=_PERIOD)
        yield _too_much("RowsFailed", "Records of a batch are not served", "Read the dead letters", failed, 0)
        errors = Reading(
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions={"FunctionName": lookup.function_name},
            statistic="Sum",
            period=300,
        )
        yield _too_much("LookupErrors", "A look-up failed", "Read the log of the look-up function", errors, 0)
        if self.latency_p99_in_milliseconds is not None:
            latency = hybrid.metric_latency("stored", period=_PERIOD)
            remedy = "Look at throttles of table and function, and at cold starts"
            bound = self.latency_p99_in_milliseconds
            yield _too_much("Latency", "Answers from the table are slow", remedy, latency, bound)
        if comparison is not None:
            differ = hybrid.metric_disagreement_share(least=comparison.min_comparisons)
            bound = comparison.max_disagreement_in_percent
            yield _too_much("Disagreement", "Stored answers differ from fresh ones", _TABLE, differ, bound)


def _too_much(name: str, means: str, remedy: str, reading: Reading | cloudwatch.IMetric, threshold: float) -> Watched:
    return Watched(name=name, means=means, remedy=remedy, reading=reading, threshold=threshold)
