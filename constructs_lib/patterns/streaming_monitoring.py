"""The alarms of a stream, and its graphs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from constructs_lib.checks import Checks
from constructs_lib.endpoints.graphs import graph
from constructs_lib.endpoints.monitoring import Monitoring, check_at_least_one
from constructs_lib.endpoints.readings import Watched
from constructs_lib.facts import streams
from constructs_lib.options.streaming import StreamRecovery
from constructs_lib.tokens import is_token

if TYPE_CHECKING:
    from constructs_lib.patterns.streaming_inference import StreamingInference

_PERIOD = Duration.minutes(5)
# What heals by itself is no alarm.
_IN_A_ROW = 3
_FAILURES = "Read them in the failure bucket; put them to the source again when the cause is mended"
_SHARDS = "Add shards, or let the stream scale on demand"


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamMonitoring(Monitoring):
    """What is watched, over 5 minutes each; where nothing comes, nothing is wrong.

    Besides what is set here an alarm goes off where the function fails as a whole or the account has no concurrency
    left for it, where Lambda gives records up or cannot even keep them, and where source or sink refuse records, as
    shards are full.

    :param oldest_record_in_seconds: a record that waits so long trips ``OldestRecord``; 300 by default.
    :param poisoned: as many records that cannot be scored trip ``Poisoned``; 1 by default.
    :param throttled: as many requests that the endpoint does not take at the time, three times in a row, trip
        ``Throttled``; 10 by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    oldest_record_in_seconds: int = 300
    poisoned: int = 1
    throttled: int = 10

    def __post_init__(self) -> None:
        checks = Checks("StreamMonitoring")
        for name in ("oldest_record_in_seconds", "poisoned", "throttled"):
            check_at_least_one(checks, name, getattr(self, name))
        checks.done()

    def check(self, checks: Checks, recovery: StreamRecovery) -> None:
        """Note a problem where a record is given up before it trips ``OldestRecord``."""
        checks.at_most(
            ("monitoring.oldest_record_in_seconds", self.oldest_record_in_seconds),
            ("recovery.max_record_age_in_seconds", recovery.max_record_age_in_seconds),
            streams.RECORD_AGE,
            "no record gets older than that",
        )

    def of(self, stream: StreamingInference) -> Iterator[Watched]:
        """What is watched of ``stream``."""
        yield from self._records(stream)
        yield from _function(stream)
        yield from _room(stream)

    def _records(self, stream: StreamingInference) -> Iterator[Watched]:
        age, oldest = stream.metric_age_of_oldest_record(period=_PERIOD), self.oldest_record_in_seconds
        oldest *= 1 if is_token(oldest) else stream.source.age_units_a_second
        remedy = "Look at throttled requests, shards and functions at once: scale what is full"
        yield _too_many("OldestRecord", "Records wait too long", remedy, age, oldest)
        poisoned = stream.metric_poisoned(period=_PERIOD)
        means = "Records that cannot be scored are in the failure bucket"
        yield _too_many("Poisoned", means, "Read them there, mend their producer", poisoned, self.poisoned)
        throttled = stream.metric_throttled(period=_PERIOD)
        remedy = "Add instances or concurrency to it"
        means = "The endpoint does not take the load"
        yield _too_many("Throttled", means, remedy, throttled, self.throttled, _IN_A_ROW)
        given_up = stream.metric_given_up(period=_PERIOD)
        if given_up:
            yield _too_many("GivenUp", "Records were given up", _FAILURES, given_up, 1)
        if stream.stream is not None:
            lost = stream.metric_destination_delivery_failures(period=_PERIOD)
            means = "Records were given up and could not be kept"
            remedy = "See whether the function may write to the failure bucket; score the hours again from the source"
            yield _too_many("Lost", means, remedy, lost, 1)


def _function(stream: StreamingInference) -> Iterator[Watched]:
    errors = stream.metric_errors(period=_PERIOD)
    yield _too_many("Errors", "The function fails", "Read its log", errors, 1)
    starved = stream.metric_function_throttles(period=_PERIOD)
    remedy = "Raise the concurrency of the account, or reserve some"
    yield _too_many("FunctionThrottles", "No concurrency is left for the function", remedy, starved, 1, _IN_A_ROW)


def _room(stream: StreamingInference) -> Iterator[Watched]:
    refused = stream.source.metric_refused(period=_PERIOD)
    if refused:
        yield _too_many("SourceRefused", "Producers find shards full", _SHARDS, refused, 1, _IN_A_ROW)
    full = stream.sink.metric_refused(period=_PERIOD)
    yield _too_many("SinkRefused", "Results find no room", _SHARDS, full, 1, _IN_A_ROW)


def _too_many(
    name: str, means: str, remedy: str, reading: cloudwatch.IMetric, threshold: float, in_a_row: int = 1
) -> Watched:
    return Watched(
        name=name,
        means=means,
        remedy=remedy,
        reading=reading,
        threshold=threshold,
        at=True,
        evaluation_periods=in_a_row,
    )


def dashboard_widgets(stream: StreamingInference) -> list[cloudwatch.IWidget]:
    """What came and what became of it, how long it waited and took, and where it was held up."""
    given_up, refused = stream.metric_given_up(), stream.source.metric_refused()
    return [
        graph("Records", stream.metric_records_in(), stream.metric_records_out(), stream.metric_duplicates()),
        graph("Records that were not scored", stream.metric_poisoned(), *([given_up] if given_up else [])),
        graph("Age of the oldest record", stream.metric_age_of_oldest_record()),
        graph(
            "From arrival to result, in milliseconds",
            stream.metric_end_to_end_latency(statistic="p50"),
            stream.metric_end_to_end_latency(),
        ),
        graph(
            "Endpoint: a request in milliseconds, and requests not taken",
            stream.metric_endpoint_latency(),
            right=[stream.metric_throttled()],
        ),
        graph(
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
