"""The asynchronous stack."""

from __future__ import annotations

from aws_cdk import Stack
from constructs import Construct

from constructs_lib import AsyncEndpoint, Backlog
from stacks.model import build_model
from stacks.settings import Settings


class AsyncStack(Stack):
    """One asynchronous endpoint that scales down to zero."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id, description="SageMaker asynchronous inference")
        options = settings.async_
        endpoint = AsyncEndpoint(
            self,
            "Endpoint",
            model=build_model(self, settings.model),
            instance_type=options.instance_type,
            max_concurrent_invocations_per_instance=options.max_concurrent_invocations_per_instance,
            autoscaling=Backlog(
                min_capacity=options.min_capacity,
                max_capacity=options.max_capacity,
                backlog_per_instance=options.backlog_per_instance,
            ),
        )
        endpoint.add_outputs()
