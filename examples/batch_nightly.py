"""Every night ten thousand records in six jobs side by side: complete by 08:00, with its cost, or somebody is told.

    cdk deploy --app "python3 -m examples.batch_nightly"

A job that finds no capacity takes the other instance type; a redrive of the execution runs what has failed again.
"""

from __future__ import annotations

from datetime import timedelta

from aws_cdk import App, Stack, TimeZone, Validations
from aws_cdk.aws_cloudwatch import Dashboard
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_scheduler import ScheduleExpression
from aws_cdk.aws_sns import Topic
from constructs import Construct

from constructs_lib import (
    BatchMonitoring,
    BatchRecovery,
    BatchResults,
    BatchTransformPipeline,
    ContainerImage,
    Deadline,
    InferenceLimits,
    Model,
    ModelArtifact,
    Sharding,
)


class Nightly(Stack):
    """One pipeline, who is told of it, and its dashboard."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        image = ContainerImage.from_ecr(Repository.from_repository_name(self, "Repository", "classifier"), tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/model.tar.gz")
        prices = {"ml.m5.large": 0.12, "ml.m5.xlarge": 0.24}  # of an hour, as on your own bill
        pipeline = BatchTransformPipeline(
            self,
            "Pipeline",
            model=Model(self, "Model", image=image, artifact=artifact),
            instance_type="ml.m5.large",
            sharding=Sharding(count=6),
            recovery=BatchRecovery(fallback_instance_types=["ml.m5.xlarge"], timeout_in_hours=5),
            results=BatchResults(counts_records=True),
            schedule=ScheduleExpression.cron(hour="1", minute="0", time_zone=TimeZone.of("Europe/Berlin")),
            deadline=Deadline(complete_by="08:00", expected_duration=timedelta(hours=3)),
            monitoring=BatchMonitoring(actions=[Topic(self, "Operators")], prices_per_hour=prices),
        )
        Dashboard(self, "Dashboard", widgets=[pipeline.dashboard_widgets()])
        pipeline.add_outputs()


app = App()
Validations.of(app).add_plugins(InferenceLimits())
Nightly(app, "BatchNightly")
app.synth()
