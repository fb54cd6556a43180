"""The serverless stack."""

from __future__ import annotations

from aws_cdk import Stack
from constructs import Construct

from constructs_lib import ServerlessEndpoint
from stacks.model import build_model
from stacks.settings import Settings


class ServerlessStack(Stack):
    """One serverless endpoint."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id, description="SageMaker serverless inference")
        options = settings.serverless
        endpoint = ServerlessEndpoint(
            self,
            "Endpoint",
            model=build_model(self, settings.model),
            memory_size_in_mb=options.memory_size_in_mb,
            max_concurrency=options.max_concurrency,
            provisioned_concurrency=options.provisioned_concurrency,
        )
        endpoint.add_outputs()
