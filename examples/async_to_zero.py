"""Requests of twenty seconds, answered within five minutes, on no instance at night and a warm one in office hours.

    cdk deploy --app "python3 -m examples.async_to_zero"

A request at night waits for an instance to start. What goes wrong is told to the operators.
"""

from __future__ import annotations

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_sns import Topic
from constructs import Construct

from constructs_lib import (
    AsyncEndpoint,
    AsyncMonitoring,
    Backlog,
    ContainerImage,
    InferenceDashboard,
    InferenceLimits,
    Model,
    ModelArtifact,
    ScheduledAction,
)


class AsyncToZero(Stack):
    """One endpoint, its alarms and its graphs."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        image = ContainerImage.from_ecr(Repository.from_repository_name(self, "Repository", "classifier"), tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/model.tar.gz")
        endpoint = AsyncEndpoint(
            self,
            "Endpoint",
            model=Model(self, "Model", image=image, artifact=artifact),
            instance_type="ml.m5.large",
            max_concurrent_invocations_per_instance=2,
            autoscaling=Backlog.drain_within(
                seconds=300,
                processing_seconds_per_request=20,
                concurrent_invocations_per_instance=2,
                max_capacity=4,
                schedules=[
                    ScheduledAction.cron(name="Morning", hours="8", min_capacity=1, timezone="Europe/Berlin"),
                    ScheduledAction.cron(name="Evening", hours="18", min_capacity=0, timezone="Europe/Berlin"),
                ],
            ),
            monitoring=AsyncMonitoring(actions=[Topic(self, "Operators")]),
        )
        InferenceDashboard(self, "Dashboard")
        endpoint.add_outputs()


app = App()
Validations.of(app).add_plugins(InferenceLimits())
AsyncToZero(app, "AsyncToZero")
app.synth()
