"""Instances that follow the load, sized from a load test, with a floor for office hours.

    cdk deploy --app "python3 -m examples.realtime_autoscaled"

In the test one instance took 40 requests a second before its latency rose; at most 75 are expected.
"""

from __future__ import annotations

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_ecr import Repository
from constructs import Construct

from constructs_lib import (
    Autoscaling,
    ContainerImage,
    InferenceLimits,
    Model,
    ModelArtifact,
    RealtimeEndpoint,
    ScheduledAction,
    TargetTracking,
)


class Autoscaled(Stack):
    """One endpoint, two metrics, two schedules."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        repository = Repository.from_repository_name(self, "Repository", "classifier")
        image = ContainerImage.from_ecr(repository, tag="1")
        model = Model(
            self, "Model", image=image, artifact=ModelArtifact.from_file("containers/classifier/model.tar.gz")
        )
        scaling = Autoscaling.from_load(
            requests_per_second_per_instance=40,
            peak_requests_per_second=75,
            policies=[TargetTracking.on_cpu_utilization(140)],  # of 200 on two cores
            schedules=[
                ScheduledAction.cron(name="Morning", hours="8", min_capacity=2, timezone="Europe/Berlin"),
                ScheduledAction.cron(name="Evening", hours="19", min_capacity=1, timezone="Europe/Berlin"),
            ],
        )
        endpoint = RealtimeEndpoint(self, "Endpoint", model=model, instance_type="ml.m5.large", autoscaling=scaling)
        endpoint.add_outputs()


app = App()
Validations.of(app).add_plugins(InferenceLimits())
Autoscaled(app, "Autoscaled")
app.synth()
