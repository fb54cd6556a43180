"""The serverless stack."""

from __future__ import annotations

from aws_cdk import Stack
from constructs import Construct

from constructs_lib import ColdStartBudget, ProvisionedConcurrencyScaling, ServerlessEndpoint, ServerlessMonitoring
from stacks.model import build_model
from stacks.operators import operators
from stacks.settings import Settings


class ServerlessStack(Stack):
    """One serverless endpoint."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id, description="SageMaker serverless inference")
        options = settings.serverless
        least, most = options.provisioned_concurrency, options.max_provisioned_concurrency
        told = operators(self, options.alarm_topic_arn)
        endpoint = ServerlessEndpoint(
            self,
            "Endpoint",
            model=build_model(self, settings.model),
            memory_size_in_mb=options.memory_size_in_mb,
            max_concurrency=options.max_concurrency,
            provisioned_concurrency=least,
            autoscaling=ProvisionedConcurrencyScaling(min_capacity=least or 1, max_capacity=most) if most else None,
            monitoring=ServerlessMonitoring(actions=told, cold_starts=ColdStartBudget()),
        )
        endpoint.add_outputs()
