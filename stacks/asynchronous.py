"""The asynchronous stack."""

from __future__ import annotations

from aws_cdk import Stack
from constructs import Construct

from constructs_lib import AsyncEndpoint, AsyncMonitoring, Backlog, InputSubmission
from stacks.model import build_model
from stacks.operators import operators
from stacks.settings import Settings


class AsyncStack(Stack):
    """One asynchronous endpoint that scales down to zero."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id, description="SageMaker asynchronous inference")
        options = settings.async_
        prefix = options.submission_prefix
        endpoint = AsyncEndpoint(
            self,
            "Endpoint",
            model=build_model(self, settings.model),
            instance_type=options.instance_type,
            max_concurrent_invocations_per_instance=options.max_concurrent_invocations_per_instance,
            autoscaling=Backlog.drain_within(
                seconds=options.drain_within_seconds,
                processing_seconds_per_request=options.processing_seconds_per_request,
                concurrent_invocations_per_instance=options.max_concurrent_invocations_per_instance,
                min_capacity=options.min_capacity,
                max_capacity=options.max_capacity,
            ),
            submission=InputSubmission(input_prefix=prefix) if prefix else None,
            monitoring=AsyncMonitoring(actions=operators(self, options.alarm_topic_arn)),
        )
        endpoint.add_outputs()
