"""A budget for cold starts, and the alarms that tell when it is spent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import Duration

from constructs_lib.checks import Checks
from constructs_lib.endpoints.readings import Watched
from constructs_lib.endpoints.serverless_metrics import ServerlessMetrics
from constructs_lib.facts import alarms, serverless
from constructs_lib.tokens import is_token

_SECONDS_A_MINUTE = 60
_MICROSECONDS_IN_A_MILLISECOND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStartBudget:
    """How many starts of new compute are put up with, and how long they may take. Without requests nothing is wrong.

    ``ModelSetupTime`` has a value for each start: how many there are by the number of invocations is the share that is
    watched. The alarms are ``ColdStartShare`` and ``ColdStartTime``.

    :param share_in_percent: more starts than that for 100 invocations trip ``ColdStartShare``; 1 by default, ``None``
        for no such alarm.
    :param setup_time_p99_in_milliseconds: a 99th percentile above that trips ``ColdStartTime``: of fewer than 100
        starts, the longest one. By default there is no such alarm, as no bound fits all models.
    :param minimum_invocations: with fewer invocations in the window the share says nothing, and trips nothing; 100 by
        default. An endpoint that is asked less often starts for nearly every request.
    :param window_in_minutes: the time that is looked at as a whole, 1 minute to 7 days; 60 by default.
    :raises InvalidConfiguration: with every wrong value.
    """

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
            unknown = f"{name} must be known at synthesis, it is computed with; give a number"
            checks.require(not is_token(value), unknown, limit)
            problem = f"{name} must be at least 1, got {value}; the metrics come every minute"
            checks.require(is_token(value) or value >= 1, problem, limit)
        if not is_token(self.window_in_minutes):
            window = self.window_in_minutes * _SECONDS_A_MINUTE
            checks.limit("window_in_minutes x 60 s", window, alarms.LONG_WINDOW, "an alarm looks back a week at most")
        checks.done()

    def of(self, endpoint: ServerlessMetrics) -> Iterator[Watched]:
        """What is watched of ``endpoint``; without a start, or a request, there is no value."""
        period = Duration.minutes(self.window_in_minutes)
        if self.share_in_percent is not None:
            share = endpoint.metric_cold_start_share(minimum_invocations=self.minimum_invocations, period=period)
            yield Watched(
                name="ColdStartShare",
                means=f"More than {self.share_in_percent:g} of 100 requests wait for a start",
                remedy="Provision concurrency for the usual load, or raise it",
                reading=share,
                threshold=self.share_in_percent,
            )
        if self.setup_time_p99_in_milliseconds is not None:
            yield Watched(
                name="ColdStartTime",
                means=f"Starts take longer than {self.setup_time_p99_in_milliseconds:g} ms",
                remedy="Make image and artifact smaller, or load less before the first answer",
                reading=endpoint.metric_model_setup_time(period=period),
                threshold=self.setup_time_p99_in_milliseconds * _MICROSECONDS_IN_A_MILLISECOND,
            )
