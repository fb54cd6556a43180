"""The real-time stack."""

from __future__ import annotations

from aws_cdk import Stack
from constructs import Construct

from constructs_lib import Autoscaling, RealtimeEndpoint, RealtimeMonitoring
from stacks.model import build_model
from stacks.operators import operators
from stacks.settings import Settings


class RealtimeStack(Stack):
    """One real-time endpoint that follows its traffic."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id, description="SageMaker real-time inference")
        options = settings.realtime
        endpoint = RealtimeEndpoint(
            self,
            "Endpoint",
            model=build_model(self, settings.model),
            instance_type=options.instance_type,
            initial_instance_count=options.initial_instance_count,
            autoscaling=Autoscaling(
                min_capacity=options.min_capacity,
                max_capacity=options.max_capacity,
                invocations_per_instance=options.invocations_per_instance,
            ),
            monitoring=RealtimeMonitoring(actions=operators(self, options.alarm_topic_arn)),
        )
        endpoint.add_outputs()
