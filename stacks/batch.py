"""The batch stack."""

from __future__ import annotations

from datetime import timedelta

from aws_cdk import Stack, TimeZone
from aws_cdk.aws_scheduler import ScheduleExpression
from constructs import Construct

from constructs_lib import BatchMonitoring, BatchTransformPipeline, Deadline, Sharding
from constructs_lib.facts.instance_quotas import INSTANCES_OF_ALL_TRANSFORM_JOBS
from stacks.model import build_model
from stacks.operators import operators
from stacks.settings import BatchSettings, Settings


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
            sharding=_sharding(options),
            schedule=_schedule(options),
            deadline=_deadline(options),
            monitoring=BatchMonitoring(actions=operators(self, options.alarm_topic_arn)),
        )
        pipeline.add_outputs()


def _sharding(options: BatchSettings) -> Sharding:
    """Whoever asks for more instances than a new account has, has them."""
    quota = int(INSTANCES_OF_ALL_TRANSFORM_JOBS.maximum)
    return Sharding(count=options.shards, instance_quota=max(quota, options.instance_count))


def _schedule(options: BatchSettings) -> ScheduleExpression | None:
    if options.schedule is None:
        return None
    return ScheduleExpression.expression(options.schedule, TimeZone.of(options.time_zone))


def _deadline(options: BatchSettings) -> Deadline | None:
    if options.complete_by is None:
        return None
    return Deadline(complete_by=options.complete_by, expected_duration=timedelta(minutes=options.expected_minutes))
