"""The alarms of an asynchronous endpoint: on what waits too long, what fails, and what nobody was told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.facts import alarms as facts
from constructs_lib.facts import asynchronous
from constructs_lib.tokens import is_token

_PERIOD = Duration.minutes(5)
# Longer than a consumer tries for: five receives, each hidden for five minutes.
_LONGER_THAN_ALL_TRIES = 1800


class Watched(Protocol):
    """What the alarms look at; an ``AsyncEndpoint`` has it."""

    @property
    def success_topic(self) -> sns.ITopic: ...
    @property
    def error_topic(self) -> sns.ITopic: ...
    @property
    def notification_queue(self) -> sqs.Queue: ...
    @property
    def dead_letter_queues(self) -> Mapping[str, sqs.IQueue]: ...
    def metric_age_of_oldest_request(self, *, period: Duration | None = None) -> cloudwatch.Metric: ...
    def metric_invocation_failures(self, *, period: Duration | None = None) -> cloudwatch.Metric: ...
    def metric_expired_requests(self, *, period: Duration | None = None) -> cloudwatch.Metric: ...
    def metric_notification_failures(self, *, period: Duration | None = None) -> cloudwatch.Metric: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncAlarms:
    """What is watched, over 5 minutes each; where nothing was asked, nothing is wrong.

    Besides what is set here an alarm goes off for each request that expired, each notification that SageMaker could
    not publish or a topic could not deliver, and each dead letter.

    :param topic: is told when an alarm goes off and when it is over; nobody by default.
    :param oldest_request_in_seconds: a request that waits longer than that trips ``OldestRequest``; by default half of
        the time to live: that of the endpoint's ``submission``, or the 6 hours of a request that has none of its own.
    :param failed_requests: as many failures, of whatever cause, trip ``FailedRequests``; 1 by default.
    :param oldest_notification_in_seconds: a notification that nobody has taken for longer than that trips
        ``OldestNotification``; 1800 by default, which is longer than all tries of a consumer take.
    :raises InvalidConfiguration: with every wrong value.
    """

    topic: sns.ITopic | None = None
    oldest_request_in_seconds: int | None = None
    failed_requests: int = 1
    oldest_notification_in_seconds: int = _LONGER_THAN_ALL_TRIES

    def __post_init__(self) -> None:
        checks = Checks("AsyncAlarms")
        for name in ("oldest_request_in_seconds", "failed_requests", "oldest_notification_in_seconds"):
            value = getattr(self, name)
            problem = f"{name} must be at least 1, got {value}; an alarm at 0 is always on"
            checks.require(value is None or is_token(value) or value >= 1, problem, facts.WINDOW)
        longest = asynchronous.REQUEST_TTL.maximum
        late = f"oldest_request_in_seconds must be below {longest}, when every request has expired"
        oldest = self.oldest_request_in_seconds
        checks.require(
            oldest is None or is_token(oldest) or oldest < longest, f"{late}, got {oldest}", asynchronous.REQUEST_TTL
        )
        checks.done()

    def check_within(self, checks: Checks, request_ttl_in_seconds: int | None) -> None:
        """Note a problem where a request expires before it trips ``OldestRequest``."""
        checks.at_most(
            ("alarms.oldest_request_in_seconds", self.oldest_request_in_seconds),
            ("submission.request_ttl_in_seconds", request_ttl_in_seconds),
            asynchronous.REQUEST_TTL,
            "no request gets older than that",
        )

    def make(
        self, scope: Construct, endpoint: Watched, request_ttl_in_seconds: int | None
    ) -> dict[str, cloudwatch.Alarm]:
        """The alarms by name, in ``scope``; requests live ``request_ttl_in_seconds``, or as long as AWS's default."""
        action = actions.SnsAction(self.topic) if self.topic else None
        made = {}
        for name, description, metric, threshold in self._all(endpoint, request_ttl_in_seconds):
            made[name] = alarm = cloudwatch.Alarm(
                scope,
                name,
                alarm_description=description,
                metric=metric,
                threshold=threshold,
                evaluation_periods=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            if action:
                alarm.add_alarm_action(action)
                alarm.add_ok_action(action)
        return made

    def _all(self, endpoint: Watched, time_to_live: int | None) -> Iterator[tuple[str, str, cloudwatch.Metric, int]]:
        known = time_to_live is not None and not is_token(time_to_live)
        half = ((time_to_live if known else None) or asynchronous.REQUEST_TTL.default or 0) // 2
        oldest = endpoint.metric_age_of_oldest_request(period=_PERIOD)
        yield "OldestRequest", "a request waits too long", oldest, self.oldest_request_in_seconds or half
        failures = endpoint.metric_invocation_failures(period=_PERIOD)
        yield "FailedRequests", "requests fail", failures, self.failed_requests
        yield "ExpiredRequests", "requests expire unanswered", endpoint.metric_expired_requests(period=_PERIOD), 1
        untold = endpoint.metric_notification_failures(period=_PERIOD)
        yield "NotificationFailures", "SageMaker cannot publish its notifications", untold, 1
        for name, topic in (("Success", endpoint.success_topic), ("Error", endpoint.error_topic)):
            undelivered = topic.metric_number_of_notifications_failed(statistic="Sum", period=_PERIOD)
            yield f"{name}TopicFailures", f"the {name.lower()} topic cannot deliver its messages", undelivered, 1
        age = endpoint.notification_queue.metric_approximate_age_of_oldest_message(period=_PERIOD)
        yield "OldestNotification", "nobody takes the notifications", age, self.oldest_notification_in_seconds
        for name, queue in endpoint.dead_letter_queues.items():
            letters = queue.metric_approximate_number_of_messages_visible(period=_PERIOD)
            yield name, "there are dead letters", letters, 1
