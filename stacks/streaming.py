"""The streaming stack."""

from __future__ import annotations

from aws_cdk import Stack
from constructs import Construct

from constructs_lib import (
    RealtimeEndpoint,
    RealtimeMonitoring,
    ResultStream,
    StreamBatching,
    StreamingInference,
    StreamMonitoring,
    StreamSource,
)
from stacks.model import build_model
from stacks.operators import operators
from stacks.settings import Settings


class StreamingStack(Stack):
    """A stream of records, an endpoint that scores them, and a stream of results."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id, description="SageMaker inference on a stream")
        options = settings.streaming
        told = operators(self, options.alarm_topic_arn)
        model = build_model(self, settings.model.with_artifact(options.artifact))
        endpoint = RealtimeEndpoint(
            self,
            "Endpoint",
            model=model,
            instance_type=options.instance_type,
            monitoring=RealtimeMonitoring(actions=told),
        )
        inference = StreamingInference(
            self,
            "Inference",
            endpoint=endpoint,
            source=StreamSource(shard_count=options.shard_count),
            sink=ResultStream(shard_count=options.shard_count),
            batching=StreamBatching(
                content_type=options.content_type,
                batch_size=options.batch_size,
                max_batching_window_in_seconds=options.max_batching_window_in_seconds,
                max_records_per_request=options.max_records_per_request,
            ),
            monitoring=StreamMonitoring(actions=told),
        )
        inference.add_outputs()
