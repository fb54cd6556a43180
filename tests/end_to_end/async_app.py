"""Asynchronous endpoints for the fault tests, each deployed together with witnesses that only watch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

from constructs_lib import AsyncEndpoint, ContainerImage, Model

IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/echo:1"
INPUT_PREFIX = "input/"


class WitnessedStack(cdk.Stack):
    """One asynchronous endpoint of the test server, and what the witnesses need to know of it as outputs.

    A queue of its own hears of every notification that SageMaker sends, another one of every object that is put under
    the input prefix. ``environment`` is the server's, ``options`` are the endpoint's.
    """

    def __init__(
        self, scope: cdk.App, id: str, *, environment: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        super().__init__(scope, id)
        endpoint = AsyncEndpoint(
            self,
            "Endpoint",
            model=Model(self, "Model", image=ContainerImage.from_uri(IMAGE), environment=dict(environment or {})),
            instance_type="ml.m5.large",
            **options,
        )
        endpoint.add_outputs()
        outputs = {
            "QueueUrl": endpoint.notification_queue.queue_url,
            "DeadLettersUrl": endpoint.dead_letter_queue.queue_url,
            "NoticesUrl": self._hear_of_results(endpoint),
        }
        if endpoint.results_consumer:
            function = endpoint.results_consumer.function
            outputs |= {"ConsumerName": function.function_name, "ConsumerLog": function.log_group.log_group_name}
        if endpoint.submission:
            outputs |= {
                "ArrivalsUrl": self._hear_of_inputs(endpoint),
                "SubmitterName": endpoint.submission.function.function_name,
                "SubmitterLog": endpoint.submission.function.log_group.log_group_name,
                "UnsubmittedUrl": endpoint.submission.dead_letter_queue.queue_url,
            }
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)

    def _hear_of_results(self, endpoint: AsyncEndpoint) -> str:
        queue = sqs.Queue(self, "Notices")
        for topic in (endpoint.success_topic, endpoint.error_topic):
            topic.add_subscription(subscriptions.SqsSubscription(queue, raw_message_delivery=True))
        return queue.queue_url

    def _hear_of_inputs(self, endpoint: AsyncEndpoint) -> str:
        bucket = endpoint.input_bucket.bucket_name
        detail = {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": INPUT_PREFIX}]}}
        pattern = events.EventPattern(source=["aws.s3"], detail_type=["Object Created"], detail=detail)
        queue = sqs.Queue(self, "Arrivals")
        events.Rule(self, "Witness", event_pattern=pattern, targets=[targets.SqsQueue(queue)])
        return queue.queue_url
