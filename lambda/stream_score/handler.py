"""Scores the records of a stream at an endpoint: one result or one failure for each, in the order of their keys."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.config import Config

from stream_score.correlation import Log
from stream_score.deadline import Deadline
from stream_score.delivery import Delivery
from stream_score.endpoint import Endpoint
from stream_score.failures import Failures
from stream_score.figures import Figures
from stream_score.journal import Journal
from stream_score.records import records_of
from stream_score.scoring import Scoring
from stream_score.settings import Settings
from stream_score.sinks import DeliveryStream, ResultStream, Sink

_CONNECT_TIMEOUT = 5
_AT_ONCE = 16


class Scorer:
    """Takes events of Kinesis streams and SQS queues. The clients are handed in."""

    def __init__(
        self,
        settings: Settings,
        *,
        runtime: Any,
        dynamodb: Any,
        s3: Any,
        sink: Sink,
        function_name: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._runtime = runtime
        self._dynamodb = dynamodb
        self._failures = Failures(s3, settings)
        self._sink = sink
        self._function_name = function_name
        self._clock = clock

    def score(self, event: Mapping[str, Any], deadline: Deadline) -> Mapping[str, Any]:
        """The partial batch response. Raises ``HandBack`` where Lambda is to cut the batch in two."""
        settings, figures, records = self._settings, Figures(), records_of(event)
        # Of the whole as of its first request.
        log = Log.of(records[0].correlation_id if records else None, None)
        endpoint = Endpoint(settings, runtime=self._runtime, deadline=deadline, figures=figures)
        delivery = Delivery(
            records,
            settings,
            scoring=Scoring(settings, endpoint),
            journal=Journal(
                self._dynamodb,
                table_name=settings.state_table_name,
                expires_in=settings.state_expires_in_seconds,
                clock=self._clock,
            ),
            sink=self._sink,
            failures=self._failures,
            deadline=deadline,
            figures=figures,
            log=log,
            clock=self._clock,
        )
        try:
            return delivery.run()
        finally:
            log.write(figures.line(settings.metric_namespace, self._function_name, self._clock()))


def _wired(settings: Settings) -> Scorer:
    once = {"total_max_attempts": 1}
    waits = Config(connect_timeout=_CONNECT_TIMEOUT, read_timeout=settings.request_timeout_seconds, retries=once)
    many = Config(max_pool_connections=_AT_ONCE)
    return Scorer(
        settings,
        runtime=boto3.client("sagemaker-runtime", config=waits),
        dynamodb=boto3.client("dynamodb", config=many),
        s3=boto3.client("s3", config=many),
        sink=_sink(settings, Config(connect_timeout=_CONNECT_TIMEOUT, retries=once)),
        function_name=os.environ["AWS_LAMBDA_FUNCTION_NAME"],
    )


def _sink(settings: Settings, once: Config) -> Sink:
    if settings.delivery_stream_name:
        return DeliveryStream(boto3.client("firehose", config=once), settings.delivery_stream_name)
    return ResultStream(boto3.client("kinesis", config=once), boto3.client("kinesis"), settings.result_stream_name)


_settings = Settings.from_environment(os.environ)
_scorer = _wired(_settings)


def handle(event: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
    """Lambda's entry point."""
    reserve = _settings.reserve_seconds
    deadline = Deadline(lambda: context.get_remaining_time_in_millis() / 1000 - reserve, reserve=reserve)
    return _scorer.score(event, deadline)
