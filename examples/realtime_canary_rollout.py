"""Half of the instances get a new model first; if an alarm goes off while they are watched, the old one comes back.

    cdk deploy --app "python3 -m examples.realtime_canary_rollout"

Change the model and deploy again: 50 % for ten minutes, then the rest, and the old instances stay five minutes more.
"""

from __future__ import annotations

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_ecr import Repository
from constructs import Construct

from constructs_lib import (
    CapacitySize,
    ContainerImage,
    DefaultAlarms,
    InferenceLimits,
    Model,
    ModelArtifact,
    RealtimeEndpoint,
    Rollout,
)


class Canary(Stack):
    """One endpoint whose updates are watched."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        repository = Repository.from_repository_name(self, "Repository", "classifier")
        image = ContainerImage.from_ecr(repository, tag="1")
        model = Model(
            self, "Model", image=image, artifact=ModelArtifact.from_file("containers/classifier/model.tar.gz")
        )
        rollout = Rollout.canary(
            CapacitySize.percent(50),
            wait_interval_in_seconds=600,
            termination_wait_in_seconds=300,
            maximum_execution_timeout_in_seconds=3600,
            default_alarms=DefaultAlarms(model_latency_p99_in_milliseconds=500),
        )
        endpoint = RealtimeEndpoint(
            self,
            "Endpoint",
            model=model,
            instance_type="ml.m5.large",
            initial_instance_count=2,
            rollout=rollout,
        )
        endpoint.add_outputs()


app = App()
Validations.of(app).add_plugins(InferenceLimits())
Canary(app, "CanaryRollout")
app.synth()
