"""Records that come in a queue instead of a stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.permissions import DECRYPT, allow, allow_key
from constructs_lib.facts import lambdas
from constructs_lib.options.streaming import StreamBatching, StreamRecovery
from constructs_lib.options.throughput import Throughput
from constructs_lib.outputs import QUEUE_URL
from constructs_lib.tokens import is_token

_READ = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSource:
    """An Amazon SQS queue whose messages are scored, each a record: for records that stand alone.

    A message that could not be scored for lack of the endpoint comes back alone when its invisibility is over, while
    the others go on, and after ``max_receive_count`` times goes to the dead letters. Results are in no order, but for
    those of a message group of a FIFO queue. Of ``StreamRecovery`` a queue takes only ``failures_expire_in_days``, of
    ``StreamBatching`` no ``parallelization_factor``.

    :param queue: the queue; by default one is made, encrypted, TLS only, with dead letters. One that is handed in must
        hide messages for six times the function's time-out.
    :param fifo: whether the queue keeps the order of each message group; a batch then has 10 messages at most and no
        window, whatever ``StreamBatching`` says. False by default.
    :param max_concurrency: functions that read it at once, 2 to 1000; no bound by default.
    :param max_receive_count: tries of a message before it is a dead letter, in a queue that is made; 12 by default,
        6 hours of an endpoint that throttles.
    :raises InvalidConfiguration: with every wrong value.
    """

    queue: sqs.IQueue | None = None
    fifo: bool = False
    max_concurrency: int | None = None
    max_receive_count: int = 12

    def __post_init__(self) -> None:
        checks = Checks("QueueSource")
        checks.limit("max_concurrency", self.max_concurrency, lambdas.MAXIMUM_CONCURRENCY)
        count = self.max_receive_count
        problem = f"max_receive_count must be at least 1, got {count}; raise it"
        checks.require(is_token(count) or count >= 1, problem, lambdas.QUEUE_RETENTION)
        checks.done()

    def fitted(self, batching: StreamBatching) -> StreamBatching:
        """Batches as a queue of this kind gives them."""
        if not self.fifo or is_token(batching.batch_size):
            return batching
        size = min(batching.batch_size, lambdas.FIFO_BATCH_SIZE.maximum)
        return replace(batching, batch_size=size, max_batching_window_in_seconds=0)

    def check(
        self,
        checks: Checks,
        batching: StreamBatching,
        _recovery: StreamRecovery,
        throughput: Throughput | None,
        max_bytes: int,
    ) -> None:
        """Note every problem of the queue with the other options."""
        if batching.max_batching_window_in_seconds == 0:
            remedy = "give max_batching_window_in_seconds too"
            checks.limit("batching.batch_size", batching.batch_size, lambdas.BATCH_WITHOUT_WINDOW, remedy)
        if throughput:
            throughput.check_readers(checks, batching, self.max_concurrency, max_bytes)

    def bind(
        self,
        scope: Construct,
        batching: StreamBatching,
        encryption_key: kms.IKey | None,
        removal_policy: RemovalPolicy,
    ) -> BoundQueue:
        """Make the queue and its dead letters, if it was not handed in."""
        if self.queue:
            return BoundQueue(self, batching, self.queue, None)
        hidden = Duration.seconds(lambdas.VISIBILITY_FACTOR.minimum * batching.timeout_in_seconds)
        letters = self._make(scope, "DeadLetterQueue", encryption_key, removal_policy)
        dead = sqs.DeadLetterQueue(queue=letters, max_receive_count=self.max_receive_count)
        queue = self._make(scope, "Source", encryption_key, removal_policy, hidden, dead)
        return BoundQueue(self, batching, queue, letters)

    def _make(
        self,
        scope: Construct,
        id: str,
        key: kms.IKey | None,
        removal_policy: RemovalPolicy,
        hidden: Duration | None = None,
        dead: sqs.DeadLetterQueue | None = None,
    ) -> sqs.Queue:
        return sqs.Queue(
            scope,
            id,
            fifo=True if self.fifo else None,
            encryption=sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=Duration.seconds(lambdas.QUEUE_RETENTION.maximum),
            visibility_timeout=hidden,
            dead_letter_queue=dead,
            removal_policy=removal_policy,
        )


@dataclass(frozen=True, slots=True)
class BoundQueue:
    """The queue at work, and its dead letters if they are ours."""

    options: QueueSource
    batching: StreamBatching
    queue: sqs.IQueue
    dead_letter_queue: sqs.Queue | None
    age_units_a_second: ClassVar[int] = 1

    @property
    def remembers_for(self) -> int:
        """Seconds for which a message can come again."""
        return lambdas.QUEUE_RETENTION.maximum

    @property
    def outputs(self) -> Mapping[str, str]:
        """By which a client finds it."""
        return {QUEUE_URL: self.queue.queue_url}

    def mapping(self, _recovery: StreamRecovery, _failures_arn: str) -> Mapping[str, Any]:
        """What an event source mapping has for it."""
        window, concurrency = self.batching.max_batching_window_in_seconds, self.options.max_concurrency
        return {
            "event_source_arn": self.queue.queue_arn,
            "batch_size": self.batching.batch_size,
            "maximum_batching_window_in_seconds": window or None,
            "scaling_config": {"maximumConcurrency": concurrency} if concurrency is not None else None,
        }

    def allow_read(self, role: iam.IRole) -> None:
        """Let the role of a function read it."""
        allow(role, _READ, [self.queue.queue_arn])
        if self.queue.encryption_master_key:
            allow_key(role, self.queue.encryption_master_key, "sqs", *DECRYPT)

    def grant_put(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` send messages."""
        return self.queue.grant_send_messages(grantee)

    def metric_refused(self, *, period: Duration | None = None) -> None:
        """A queue refuses nothing."""

    def metric_age(self, _function_name: str, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Age of the message that has waited longest, in s."""
        return self.queue.metric_approximate_age_of_oldest_message(period=period)

    def metric_given_up(self, _mapping_id: str, *, period: Duration | None = None) -> cloudwatch.Metric | None:
        """Dead letters, where the queue is ours."""
        letters = self.dead_letter_queue
        return letters.metric_approximate_number_of_messages_visible(period=period) if letters else None
