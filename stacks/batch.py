"""The batch stack."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk.aws_scheduler import ScheduleExpression
from constructs import Construct

from constructs_lib import BatchTransformPipeline
from stacks.model import build_model
from stacks.settings import Settings


class BatchStack(Stack):
    """One batch transform pipeline."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id, description="SageMaker batch transform")
        options = settings.batch
        pipeline = BatchTransformPipeline(
            self,
            "Pipeline",
            model=build_model(self, settings.model),
            instance_type=options.instance_type,
            instance_count=options.instance_count,
            input_prefix=options.input_prefix,
            schedule=ScheduleExpression.expression(options.schedule) if options.schedule else None,
        )
        pipeline.add_outputs()
