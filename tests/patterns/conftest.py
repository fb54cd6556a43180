"""Two pipelines, synthesized once for all tests of batches."""

from __future__ import annotations

from datetime import timedelta

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template
from aws_cdk.aws_scheduler import ScheduleExpression

from constructs_lib import (
    BatchMonitoring,
    BatchRecovery,
    BatchResults,
    Deadline,
    Sharding,
    TransformOptions,
)
from tests.patterns.batches import build_pipeline
from tests.support import any_role_arn, synthesize


@pytest.fixture(scope="package")
def plain() -> Template:
    """The smallest use."""
    return synthesize(
        lambda stack: build_pipeline(stack).grant_start(iam.Role.from_role_arn(stack, "Starter", any_role_arn()))
    )


@pytest.fixture(scope="package")
def full() -> Template:
    """All that a pipeline can have, its shards in a Distributed Map."""
    return synthesize(
        lambda stack: build_pipeline(
            stack,
            instance_count=2,
            options=TransformOptions(max_payload_in_mb=10, max_concurrent_transforms=4, accept="text/csv"),
            sharding=Sharding(objects_per_shard=100, max_shards=2000),
            recovery=BatchRecovery(fallback_instance_types=["ml.m5.xlarge"]),
            results=BatchResults(counts_records=True),
            schedule=ScheduleExpression.cron(hour="1", minute="30", time_zone=cdk.TimeZone.of("Europe/Berlin")),
            ready_suffix="_READY",
            deadline=Deadline(complete_by="08:00", expected_duration=timedelta(hours=3)),
            monitoring=BatchMonitoring(
                actions=[topic := sns.Topic(stack, "Topic")],
                ended_topic=topic,
                prices_per_hour={"ml.m5.large": 1.0, "ml.m5.xlarge": 2.0},
            ),
        )
    )
