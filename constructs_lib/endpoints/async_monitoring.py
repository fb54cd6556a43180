"""The alarms of an asynchronous endpoint: on what waits too long, what fails, and what nobody was told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from constructs_lib.checks import Checks
from constructs_lib.endpoints.monitoring import Monitoring, check_above_zero, check_at_least_one
from constructs_lib.endpoints.readings import Reading, Watched
from constructs_lib.facts import asynchronous
from constructs_lib.facts import asynchronous_metrics as metrics
from constructs_lib.tokens import is_token

_PERIOD = 300
_MICROSECONDS_A_SECOND = 1_000_000
# Longer than a consumer tries for: five receives, each hidden for five minutes.
_LONGER_THAN_ALL_TRIES = 1800
_ERRORS = "Read the error objects below failure/ in the output bucket"
_CONSUMER = "See whether the consumer runs, and is not throttled"
_LETTERS = "Read the dead letters; when the cause is mended, move them back to their queue"


class Queued(Protocol):
    """What the alarms look at; an ``AsyncEndpoint`` has it."""

    @property
    def success_topic(self) -> sns.ITopic: ...
    @property
    def error_topic(self) -> sns.ITopic: ...
    @property
    def notification_queue(self) -> sqs.Queue: ...
    @property
    def dead_letter_queues(self) -> Mapping[str, sqs.IQueue]: ...
    def reading(self, metric_name: str, *, statistic: str, period: int = 60, per_variant: bool = True) -> Reading: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncMonitoring(Monitoring):
    """What is watched, over 5 minutes each; where nothing was asked, nothing is wrong.

    Besides what is set here an alarm goes off for each request that expired (``ExpiredRequests``), each notification
    that SageMaker could not publish (``NotificationFailures``) or a topic could not deliver (``SuccessTopicFailures``,
    ``ErrorTopicFailures``), and each dead letter (``DeadLetters``, ``SubmissionDeadLetters``).

    :param oldest_request_in_seconds: a request that waits longer than that trips ``OldestRequest``; by default half of
        the time to live: that of the endpoint's ``submission``, or the 6 hours of a request that has none of its own.
    :param failed_requests: as many failures, of whatever cause, trip ``FailedRequests``; 1 by default, as each is of
        somebody who waits for an answer. ``None`` for no such alarm.
    :param time_in_backlog_p99_in_seconds: the objective: more than 1 % of the requests that waited longer trip
        ``TimeInBacklog``; none by default.
    :param oldest_notification_in_seconds: a notification that nobody has taken for longer than that trips
        ``OldestNotification``; by default 1800 where there is a ``results_consumer``, which is longer than all of its
        tries take, and no such alarm where clients read the queue, or nobody.
    """

    oldest_request_in_seconds: int | None = None
    failed_requests: int | None = 1
    time_in_backlog_p99_in_seconds: float | None = None
    oldest_notification_in_seconds: int | None = None

    def __post_init__(self) -> None:
        checks = Checks("AsyncMonitoring")
        for name in ("oldest_request_in_seconds", "failed_requests", "oldest_notification_in_seconds"):
            check_at_least_one(checks, name, getattr(self, name))
        check_above_zero(checks, "time_in_backlog_p99_in_seconds", self.time_in_backlog_p99_in_seconds)
        longest = asynchronous.REQUEST_TTL.maximum
        late = f"oldest_request_in_seconds must be below {longest}, when every request has expired"
        oldest = self.oldest_request_in_seconds
        checks.require(
            oldest is None or is_token(oldest) or oldest < longest,
            f"{late}, got {oldest}; lower it",
            asynchronous.REQUEST_TTL,
        )
        checks.done()

    def check_within(self, checks: Checks, request_ttl_in_seconds: int | None) -> None:
        """Note a problem where a request expires before it trips ``OldestRequest``."""
        checks.at_most(
            ("monitoring.oldest_request_in_seconds", self.oldest_request_in_seconds),
            ("submission.request_ttl_in_seconds", request_ttl_in_seconds),
            asynchronous.REQUEST_TTL,
            "no request gets older than that",
        )

    def of(
        self, endpoint: Queued, request_ttl_in_seconds: int | None, *, has_consumer: bool = False
    ) -> Iterator[Watched]:
        """What is watched of ``endpoint``; requests live ``request_ttl_in_seconds``, or as long as AWS's default."""
        yield from self._requests(endpoint, request_ttl_in_seconds)
        yield from self._notifications(endpoint, has_consumer)

    def _requests(self, endpoint: Queued, time_to_live: int | None) -> Iterator[Watched]:
        known = time_to_live is not None and not is_token(time_to_live)
        half = ((time_to_live if known else None) or asynchronous.REQUEST_TTL.default or 0) // 2
        age = endpoint.reading(
            asynchronous.AGE_OF_OLDEST_REQUEST, statistic="Maximum", period=_PERIOD, per_variant=False
        )
        means, remedy = "A request waits too long", "Look at backlog and instances: raise max_capacity, or the quota"
        yield _too_many("OldestRequest", means, remedy, age, self.oldest_request_in_seconds or half)
        if self.failed_requests is not None:
            failures = endpoint.reading(metrics.INVOCATION_FAILURES, statistic="Sum", period=_PERIOD)
            yield _too_many("FailedRequests", "Requests fail", _ERRORS, failures, self.failed_requests)
        expired = endpoint.reading(metrics.EXPIRED_REQUESTS, statistic="Sum", period=_PERIOD)
        yield _too_many("ExpiredRequests", "Requests expire unanswered", f"{remedy}. Submit them again", expired, 1)
        objective = self.time_in_backlog_p99_in_seconds
        if objective is not None:
            waited = endpoint.reading(metrics.TIME_IN_BACKLOG, statistic="p99", period=_PERIOD)
            yield _too_many("TimeInBacklog", means, remedy, waited, objective * _MICROSECONDS_A_SECOND)

    def _notifications(self, endpoint: Queued, has_consumer: bool) -> Iterator[Watched]:
        untold = endpoint.reading(metrics.NOTIFICATION_FAILURES, statistic="Sum", period=_PERIOD)
        remedy = "See whether the execution role may publish on the topics and use their key"
        yield _too_many("NotificationFailures", "SageMaker cannot publish its notifications", remedy, untold, 1)
        for name, topic in (("Success", endpoint.success_topic), ("Error", endpoint.error_topic)):
            undelivered = _reading("SNS", "NumberOfNotificationsFailed", {"TopicName": topic.topic_name}, "Sum")
            means = f"The {name.lower()} topic cannot deliver its messages"
            yield _too_many(f"{name}TopicFailures", means, "Look at its subscriptions", undelivered, 1)
        oldest = self.oldest_notification_in_seconds or (_LONGER_THAN_ALL_TRIES if has_consumer else None)
        if oldest is not None:
            queue = {"QueueName": endpoint.notification_queue.queue_name}
            age = _reading("SQS", "ApproximateAgeOfOldestMessage", queue, "Maximum")
            yield _too_many("OldestNotification", "Nobody takes the notifications", _CONSUMER, age, oldest)
        for name, letters in endpoint.dead_letter_queues.items():
            dead = {"QueueName": letters.queue_name}
            visible = _reading("SQS", "ApproximateNumberOfMessagesVisible", dead, "Maximum")
            yield _too_many(name, "There are dead letters", _LETTERS, visible, 1)


def _too_many(name: str, means: str, remedy: str, reading: Reading, threshold: float) -> Watched:
    return Watched(name=name, means=means, remedy=remedy, reading=reading, threshold=threshold, at=True)


def _reading(service: str, metric_name: str, dimensions: Mapping[str, str], statistic: str) -> Reading:
    return Reading(
        namespace=f"AWS/{service}", metric_name=metric_name, dimensions=dimensions, statistic=statistic, period=_PERIOD
    )
