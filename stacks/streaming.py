"""The streaming stack."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk.aws_sns import Topic
from constructs import Construct

from constructs_lib import (
    RealtimeEndpoint,
    ResultStream,
    StreamBatching,
    StreamingInference,
    StreamMonitoring,
    StreamSource,
)
from stacks.model import build_model
from stacks.settings import Settings


class StreamingStack(Stack):
    """A stream of records, an endpoint that scores them, and a stream of results."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id, description="SageMaker inference on a stream")
        options = settings.streaming
        topic = Topic.from_topic_arn(self, "AlarmTopic", options.alarm_topic_arn) if options.alarm_topic_arn else None
        model = build_model(self, settings.model.with_artifact(options.artifact))
        inference = StreamingInference(
            self,
            "Inference",
            endpoint=RealtimeEndpoint(self, "Endpoint", model=model, instance_type=options.instance_type),
            source=StreamSource(shard_count=options.shard_count),
            sink=ResultStream(shard_count=options.shard_count),
            batching=StreamBatching(
                content_type=options.content_type,
                batch_size=options.batch_size,
                max_batching_window_in_seconds=options.max_batching_window_in_seconds,
                max_records_per_request=options.max_records_per_request,
            ),
            monitoring=StreamMonitoring(topic=topic) if topic else None,
        )
        inference.add_outputs()
