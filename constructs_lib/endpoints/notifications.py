"""Where an asynchronous endpoint says what became of a request: two topics, and a queue that hears both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.endpoints.keys import let_topics
from constructs_lib.endpoints.permissions import ENCRYPT, allow, allow_key

_RETENTION = Duration.days(14)
_VISIBILITY_TIMEOUT = Duration.minutes(5)
# A consumer of its own takes each message for itself: what it could not handle five times it never will.
_RECEIVES_OF_A_CONSUMER = 5
# Clients share the queue, and one that receives another's message gives it back, which counts as a receive. Among ten
# of them a message meets its own within a hundred receives, but for 3 times in 100,000.
_RECEIVES_OF_CLIENTS = 100


class Notifications(Construct):
    """Success and error topics, the queue subscribed to both, and its dead-letter queue; TLS only, encrypted queues.

    A message stays 14 days. One that is received again and again without being deleted goes to the dead-letter queue,
    as does one that a topic cannot deliver, such as when nobody let it use the key of the queue any more.

    :param success_topic: made by default; to one that is handed in the queue is subscribed.
    :param error_topic: likewise.
    :param has_consumer: whether one consumer reads the queue, and not any number of clients.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        success_topic: sns.ITopic | None,
        error_topic: sns.ITopic | None,
        has_consumer: bool,
        encryption_key: kms.IKey | None,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        self._key = encryption_key
        self.success_topic = success_topic or self._topic("SuccessTopic")
        self.error_topic = error_topic or self._topic("ErrorTopic")
        # Which queue may send its dead letters here cannot be said: the two would wait for each other's ARN.
        self.dead_letter_queue = self._queue("DeadLetterQueue", removal_policy)
        receives = _RECEIVES_OF_A_CONSUMER if has_consumer else _RECEIVES_OF_CLIENTS
        redrive = sqs.DeadLetterQueue(queue=self.dead_letter_queue, max_receive_count=receives)
        self.queue = self._queue("Queue", removal_policy, redrive)
        self._subscribe()

    def _subscribe(self) -> None:
        """Let both topics send to the queue, and to its dead letters what they cannot deliver.

        CDK's own subscription writes the topic into the policy of the queue's key, and where the topic has the same
        key, the two would wait for each other.
        """
        topics = {"Success": self.success_topic.topic_arn, "Error": self.error_topic.topic_arn}
        for name, topic_arn in topics.items():
            sns.CfnSubscription(
                self,
                f"{name}Subscription",
                topic_arn=topic_arn,
                protocol="sqs",
                endpoint=self.queue.queue_arn,
                # A consumer reads SageMaker's own message, not an envelope around it.
                raw_message_delivery=True,
                redrive_policy={"deadLetterTargetArn": self.dead_letter_queue.queue_arn},
            )
        for queue in (self.queue, self.dead_letter_queue):
            conditions = {"ArnEquals": {"aws:SourceArn": list(topics.values())}}
            queue.add_to_resource_policy(_of_sns(["sqs:SendMessage"], queue.queue_arn, conditions))
        if self._key:
            let_topics(self._key, self)

    def _topic(self, id: str) -> sns.Topic:
        return sns.Topic(self, id, master_key=self._key, enforce_ssl=True)

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
        """Let ``role`` publish to both topics, encrypted as they are."""
        topics = (self.success_topic, self.error_topic)
        allow(role, ["sns:Publish"], [topic.topic_arn for topic in topics])
        for key in dict.fromkeys(topic.master_key for topic in topics):
            if key:
                allow_key(role, key, "sns", *ENCRYPT)


def _of_sns(actions: list[str], resource: str, conditions: Mapping[str, Mapping[str, Any]]) -> iam.PolicyStatement:
    principal = iam.ServicePrincipal("sns.amazonaws.com")
    return iam.PolicyStatement(actions=actions, resources=[resource], principals=[principal], conditions=conditions)
