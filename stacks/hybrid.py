"""The hybrid stack."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk.aws_scheduler import ScheduleExpression
from constructs import Construct

from constructs_lib import Fallback, Freshness, HybridInference, HybridMonitoring, RealtimeEndpoint, RealtimeMonitoring
from stacks.model import build_model
from stacks.operators import operators
from stacks.settings import Settings


class HybridStack(Stack):
    """Answers of a batch in a table, and an endpoint of the same model for what is not there."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id, description="SageMaker batch transform with a real-time fallback")
        options = settings.hybrid
        told = operators(self, options.alarm_topic_arn)
        model = build_model(self, settings.model.with_artifact(options.artifact))
        endpoint = RealtimeEndpoint(
            self,
            "Endpoint",
            model=model,
            instance_type=options.instance_type,
            monitoring=RealtimeMonitoring(actions=told),
        )
        inference = HybridInference(
            self,
            "Inference",
            endpoint=endpoint,
            instance_type=options.instance_type,
            schedule=ScheduleExpression.expression(options.schedule) if options.schedule else None,
            freshness=Freshness(
                max_age_in_hours=options.max_age_in_hours, write_back_in_hours=options.write_back_in_hours
            ),
            fallback=Fallback(
                timeout_in_seconds=options.timeout_in_seconds,
                max_concurrency=options.max_concurrency,
                default_answer=options.default_answer,
            ),
            monitoring=HybridMonitoring(actions=told),
        )
        inference.add_outputs()
        endpoint.add_outputs(prefix="Endpoint")
