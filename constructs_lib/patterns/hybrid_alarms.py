"""The alarms of hybrid inference: on callers without an answer, on rows that are none, on answers that have drifted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from constructs_lib.checks import Checks
from constructs_lib.facts import alarms as facts
from constructs_lib.options.hybrid import Comparison
from constructs_lib.patterns.hybrid_metrics import HybridMetrics
from constructs_lib.tokens import is_token

_PERIOD = Duration.minutes(5)
_Operator = cloudwatch.ComparisonOperator


@dataclass(frozen=True, slots=True, kw_only=True)
class HybridAlarms:
    """What is watched, over 5 minutes each but where it says otherwise; where nothing was asked, nothing is wrong.

    Besides what is set here an alarm goes off for each record of a batch that could be no row (``RowsFailed``), for
    each look-up that failed (``LookupErrors``), for stored answers that differ from fresh ones (``Disagreement``, where
    there is a ``Comparison``), and for each batch that did not succeed (unless the batch has a monitoring of its own).

    :param topic: is told when an alarm goes off and when it is over; nobody by default.
    :param default_answers_in_percent: a larger share of default answers trips ``DefaultAnswers``; 5 by default.
    :param latency_p99_in_milliseconds: a slower 99th percentile of answers from the table trips ``Latency``; by default
        there is no such alarm.
    :raises InvalidConfiguration: with every wrong value.
    """

    topic: sns.ITopic | None = None
    default_answers_in_percent: float = 5
    latency_p99_in_milliseconds: float | None = None

    def __post_init__(self) -> None:
        checks = Checks("HybridAlarms")
        share, latency = self.default_answers_in_percent, self.latency_p99_in_milliseconds
        problem = f"default_answers_in_percent must be at least 0 and below 100, got {share}; nothing is above 100 %"
        checks.require(is_token(share) or 0 <= share < 100, problem, facts.WINDOW)
        problem = f"latency_p99_in_milliseconds must be above 0, got {latency}; leave it out to watch no latency"
        checks.require(latency is None or is_token(latency) or latency > 0, problem, facts.WINDOW)
        checks.done()

    def make(
        self, scope: HybridMetrics, lookup: lambda_.IFunction, comparison: Comparison | None
    ) -> dict[str, cloudwatch.Alarm]:
        """The alarms by name, in ``scope``."""
        action = actions.SnsAction(self.topic) if self.topic else None
        made = {}
        for name, description, metric, threshold in self._all(scope, lookup, comparison):
            made[name] = alarm = cloudwatch.Alarm(
                scope,
                name,
                alarm_description=description,
                metric=metric,
                threshold=threshold,
                evaluation_periods=1,
                comparison_operator=_Operator.GREATER_THAN_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            if action:
                alarm.add_alarm_action(action)
                alarm.add_ok_action(action)
        return made

    def _all(
        self, scope: HybridMetrics, lookup: lambda_.IFunction, comparison: Comparison | None
    ) -> Iterator[tuple[str, str, cloudwatch.IMetric, float]]:
        share = scope.metric_default_share(period=_PERIOD)
        yield "DefaultAnswers", "callers get the default answer", share, self.default_answers_in_percent
        yield "RowsFailed", "records of a batch are not served", scope.metric_rows_failed(period=_PERIOD), 0
        yield "LookupErrors", "a look-up failed", lookup.metric_errors(period=_PERIOD), 0
        if self.latency_p99_in_milliseconds is not None:
            latency = scope.metric_latency("stored", period=_PERIOD)
            yield "Latency", "answers from the table are slow", latency, self.latency_p99_in_milliseconds
        if comparison is not None:
            differ = scope.metric_disagreement_share(least=comparison.min_comparisons)
            bound = comparison.max_disagreement_in_percent
            yield "Disagreement", "stored answers differ from fresh ones", differ, bound
