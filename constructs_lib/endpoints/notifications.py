"""Where an asynchronous endpoint says what became of a request: two topics, and a queue that hears both."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.endpoints.permissions import allow

_RETENTION = Duration.days(14)
_VISIBILITY_TIMEOUT = Duration.minutes(5)
_MAX_RECEIVES = 5


class Notifications(Construct):
    """Success and error topics, the queue subscribed to both, and its dead-letter queue; TLS only, encrypted queues.

    A message stays 14 days; one that was received 5 times without being deleted goes to the dead-letter queue.
    """

    def __init__(
        self, scope: Construct, id: str, *, encryption_key: kms.IKey | None, removal_policy: RemovalPolicy
    ) -> None:
        super().__init__(scope, id)
        self._key = encryption_key
        self.success_topic = sns.Topic(self, "SuccessTopic", master_key=encryption_key, enforce_ssl=True)
        self.error_topic = sns.Topic(self, "ErrorTopic", master_key=encryption_key, enforce_ssl=True)
        self.dead_letter_queue = self._queue("DeadLetterQueue", removal_policy)
        self.queue = self._queue(
            "Queue",
            removal_policy,
            sqs.DeadLetterQueue(queue=self.dead_letter_queue, max_receive_count=_MAX_RECEIVES),
        )
        for topic in (self.success_topic, self.error_topic):
            # Raw delivery: a consumer reads SageMaker's own message, not an envelope around it.
            topic.add_subscription(subscriptions.SqsSubscription(self.queue, raw_message_delivery=True))

    def _queue(
        self, id: str, removal_policy: RemovalPolicy, dead_letter_queue: sqs.DeadLetterQueue | None = None
    ) -> sqs.Queue:
        return sqs.Queue(
            self,
            id,
            encryption=sqs.QueueEncryption.KMS if self._key else sqs.QueueEncryption.SQS_MANAGED,
            encryption_master_key=self._key,
            enforce_ssl=True,
            retention_period=_RETENTION,
            visibility_timeout=_VISIBILITY_TIMEOUT,
            dead_letter_queue=dead_letter_queue,
            removal_policy=removal_policy,
        )

    def grant_publish(self, role: iam.IRole) -> None:
        """Let ``role`` publish to both topics."""
        topics = [self.success_topic.topic_arn, self.error_topic.topic_arn]
        allow(role, ["sns:Publish"], topics)
        if self._key:
            self._key.grant(role, "kms:Decrypt", "kms:GenerateDataKey*")
