"""The alarms of a stream, and its graphs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns

from constructs_lib.checks import Checks
from constructs_lib.facts import alarms as facts
from constructs_lib.facts import streams
from constructs_lib.options.streaming import StreamRecovery
from constructs_lib.tokens import is_token

if TYPE_CHECKING:
    from constructs_lib.patterns.streaming_inference import StreamingInference

_PERIOD = Duration.minutes(5)
# Three in a row: a dashboard is 24 units wide.
_WIDTH, _HEIGHT = 8, 6
# What heals by itself is no alarm.
_IN_A_ROW = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamMonitoring:
    """What is watched, over 5 minutes each; where nothing comes, nothing is wrong.

    Besides what is set here an alarm goes off where the function fails as a whole or the account has no concurrency
    left for it, where Lambda gives records up or cannot even keep them, and where source or sink refuse records, as
    shards are full.

    :param topic: is told when an alarm goes off and when it is over; nobody by default.
    :param oldest_record_in_seconds: a record that waits so long trips ``OldestRecord``; 300 by default.
    :param poisoned: as many records that cannot be scored trip ``Poisoned``; 1 by default.
    :param throttled: as many requests that the endpoint does not take at the time, three times in a row, trip
        ``Throttled``; 10 by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    topic: sns.ITopic | None = None
    oldest_record_in_seconds: int = 300
    poisoned: int = 1
    throttled: int = 10

    def __post_init__(self) -> None:
        checks = Checks("StreamMonitoring")
        for name in ("oldest_record_in_seconds", "poisoned", "throttled"):
            value = getattr(self, name)
            problem = f"{name} must be at least 1, got {value}; an alarm at 0 is always on"
            checks.require(is_token(value) or value >= 1, problem, facts.WINDOW)
        checks.done()

    def check(self, checks: Checks, recovery: StreamRecovery) -> None:
        """Note a problem where a record is given up before it trips ``OldestRecord``."""
        checks.at_most(
            ("monitoring.oldest_record_in_seconds", self.oldest_record_in_seconds),
            ("recovery.max_record_age_in_seconds", recovery.max_record_age_in_seconds),
            streams.RECORD_AGE,
            "no record gets older than that",
        )

    def make(self, stream: StreamingInference) -> dict[str, cloudwatch.Alarm]:
        """The alarms by name, in ``stream``."""
        action = actions.SnsAction(self.topic) if self.topic else None
        made = {}
        for name, description, metric, threshold, periods in self._all(stream):
            made[name] = alarm = cloudwatch.Alarm(
                stream,
                name,
                alarm_description=description,
                metric=metric,
                threshold=threshold,
                evaluation_periods=periods,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            if action:
                alarm.add_alarm_action(action)
                alarm.add_ok_action(action)
        return made

    def _all(self, stream: StreamingInference) -> Iterator[tuple[str, str, cloudwatch.IMetric, int, int]]:
        """Name, description, metric, threshold, and how many times in a row."""
        age, oldest = stream.metric_age_of_oldest_record(period=_PERIOD), self.oldest_record_in_seconds
        oldest *= 1 if is_token(oldest) else stream.source.age_units_a_second
        yield "OldestRecord", "records wait too long", age, oldest, 1
        poisoned = stream.metric_poisoned(period=_PERIOD)
        yield "Poisoned", "records that cannot be scored are in the failure bucket", poisoned, self.poisoned, 1
        throttled = stream.metric_throttled(period=_PERIOD)
        yield "Throttled", "the endpoint does not take the load", throttled, self.throttled, _IN_A_ROW
        yield "Errors", "the function fails", stream.metric_errors(period=_PERIOD), 1, 1
        starved = stream.metric_function_throttles(period=_PERIOD)
        yield "FunctionThrottles", "no concurrency is left for the function", starved, 1, _IN_A_ROW
        given_up = stream.metric_given_up(period=_PERIOD)
        if given_up:
            yield "GivenUp", "records were given up", given_up, 1, 1
        if stream.stream is not None:
            lost = stream.metric_destination_delivery_failures(period=_PERIOD)
            yield "Lost", "records were given up and could not be kept", lost, 1, 1
        refused = stream.source.metric_refused(period=_PERIOD)
        if refused:
            yield "SourceRefused", "producers find shards full", refused, 1, _IN_A_ROW
        refused = stream.sink.metric_refused(period=_PERIOD)
        yield "SinkRefused", "results find no room", refused, 1, _IN_A_ROW


def dashboard_widgets(stream: StreamingInference) -> list[cloudwatch.IWidget]:
    """What came and what became of it, how long it waited and took, and where it was held up."""
    given_up, refused = stream.metric_given_up(), stream.source.metric_refused()
    return [
        _graph("Records", stream.metric_records_in(), stream.metric_records_out(), stream.metric_duplicates()),
        _graph("Records that were not scored", stream.metric_poisoned(), *([given_up] if given_up else [])),
        _graph("Age of the oldest record", stream.metric_age_of_oldest_record()),
        _graph(
            "From arrival to result, in milliseconds",
            stream.metric_end_to_end_latency(statistic="p50"),
            stream.metric_end_to_end_latency(),
        ),
        _graph(
            "Endpoint: a request in milliseconds, and requests not taken",
            stream.metric_endpoint_latency(),
            right=[stream.metric_throttled()],
        ),
        _graph(
            "Functions at once, errors, and records refused",
            stream.metric_concurrent_executions(),
            right=[
                stream.metric_errors(),
                stream.metric_function_throttles(),
                stream.sink.metric_refused(),
                *([refused] if refused else []),
            ],
        ),
    ]


def _graph(title: str, *left: cloudwatch.IMetric, right: list[cloudwatch.IMetric] | None = None) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(title=title, left=list(left), right=right, width=_WIDTH, height=_HEIGHT)
