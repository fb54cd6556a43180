"""A budget for cold starts, and the alarms that tell when it is spent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.serverless_metrics import ServerlessMetrics
from constructs_lib.facts import alarms, serverless
from constructs_lib.tokens import is_token

_SECONDS_A_MINUTE = 60
_MICROSECONDS_IN_A_MILLISECOND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStartBudget:
    """How many starts of new compute are put up with, and how long they may take. Without requests nothing is wrong.

    ``ModelSetupTime`` has a value for each start: how many there are by the number of invocations is the share that is
    watched. The alarms are in ``endpoint.alarms`` by name.

    :param topic: is told when an alarm goes off and when it is over; nobody by default.
    :param share_in_percent: more starts than that for 100 invocations trip ``ColdStartShare``; 1 by default, ``None``
        for no such alarm.
    :param setup_time_p99_in_milliseconds: a 99th percentile above that trips ``ColdStartTime``: of fewer than 100
        starts, the longest one. By default there is no such alarm, as no bound fits all models.
    :param minimum_invocations: with fewer invocations in the window the share says nothing, and trips nothing; 100 by
        default. An endpoint that is asked less often starts for nearly every request.
    :param window_in_minutes: the time that is looked at as a whole, 1 minute to 7 days; 60 by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    topic: sns.ITopic | None = None
    share_in_percent: float | None = 1
    setup_time_p99_in_milliseconds: float | None = None
    minimum_invocations: int = 100
    window_in_minutes: int = 60

    def __post_init__(self) -> None:
        checks = Checks("ColdStartBudget")
        limit = serverless.COLD_START_METRICS
        share, time = self.share_in_percent, self.setup_time_p99_in_milliseconds
        nothing = "share_in_percent or setup_time_p99_in_milliseconds must be given, or nothing is watched"
        checks.require(share is not None or time is not None, nothing, limit)
        problem = f"share_in_percent must be at least 0 and below 100, got {share}; at 100 every request waits"
        checks.require(share is None or is_token(share) or 0 <= share < 100, problem, limit)
        problem = f"setup_time_p99_in_milliseconds must be above 0, got {time}; leave it out to watch no time"
        checks.require(time is None or is_token(time) or time > 0, problem, limit)
        for name, value in (
            ("minimum_invocations", self.minimum_invocations),
            ("window_in_minutes", self.window_in_minutes),
        ):
            checks.require(not is_token(value), f"{name} must be known at synthesis, it is computed with", limit)
            problem = f"{name} must be at least 1, got {value}; the metrics come every minute"
            checks.require(is_token(value) or value >= 1, problem, limit)
        if not is_token(self.window_in_minutes):
            window = self.window_in_minutes * _SECONDS_A_MINUTE
            checks.limit("window_in_minutes x 60 s", window, alarms.LONG_WINDOW, "an alarm looks back a week at most")
        checks.done()

    def make(self, scope: Construct, metrics: ServerlessMetrics) -> dict[str, cloudwatch.Alarm]:
        """The alarms by name, in ``scope``, on the endpoint of these metrics."""
        action = actions.SnsAction(self.topic) if self.topic else None
        made = {}
        for name, description, metric, threshold in self._all(metrics):
            made[name] = alarm = cloudwatch.Alarm(
                scope,
                name,
                alarm_description=description,
                metric=metric,
                threshold=threshold,
                evaluation_periods=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                # No start, or no request: there is no value, and nothing wrong.
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            if action:
                alarm.add_alarm_action(action)
                alarm.add_ok_action(action)
        return made

    def _all(self, metrics: ServerlessMetrics) -> Iterator[tuple[str, str, cloudwatch.IMetric, float]]:
        period = Duration.minutes(self.window_in_minutes)
        if self.share_in_percent is not None:
            share = metrics.metric_cold_start_share(minimum_invocations=self.minimum_invocations, period=period)
            yield "ColdStartShare", "too many requests wait for a start", share, self.share_in_percent
        if self.setup_time_p99_in_milliseconds is not None:
            bound = self.setup_time_p99_in_milliseconds * _MICROSECONDS_IN_A_MILLISECOND
            yield "ColdStartTime", "starts take too long", metrics.metric_model_setup_time(period=period), bound
