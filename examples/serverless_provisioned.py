"""Requests that do not wait for a start: some concurrency is always provisioned, more of it for the known peak.

    cdk deploy --app "python3 -m examples.serverless_provisioned"

At lunch eight at once are expected, otherwise what is provisioned follows its use. If more than two in a hundred
requests meet a cold start all the same, or one takes over ten seconds, the topic tells.
"""

from __future__ import annotations

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_sns import Topic
from constructs import Construct

from constructs_lib import (
    CapacitySize,
    ColdStartBudget,
    ContainerImage,
    InferenceLimits,
    Model,
    ModelArtifact,
    ProvisionedConcurrencyScaling,
    Rollout,
    ScheduledAction,
    ServerlessEndpoint,
    ServerlessMonitoring,
)


class Provisioned(Stack):
    """One endpoint, its scaling, a watched rollout, and a budget for cold starts."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        image = ContainerImage.from_ecr(Repository.from_repository_name(self, "Repository", "classifier"), tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/model.tar.gz")
        noon = ScheduledAction.cron(name="Noon", hours="11", minutes="45", min_capacity=8, timezone="Europe/Berlin")
        after = ScheduledAction.cron(name="After", hours="14", min_capacity=1, timezone="Europe/Berlin")
        endpoint = ServerlessEndpoint(
            self,
            "Endpoint",
            model=Model(self, "Model", image=image, artifact=artifact),
            memory_size_in_mb=2048,
            max_concurrency=20,
            autoscaling=ProvisionedConcurrencyScaling(max_capacity=10, utilization=0.7, schedules=[noon, after]),
            rollout=Rollout.canary(CapacitySize.percent(10)),
            monitoring=ServerlessMonitoring(
                actions=[Topic(self, "Operators")],
                cold_starts=ColdStartBudget(share_in_percent=2, setup_time_p99_in_milliseconds=10_000),
            ),
        )
        endpoint.add_outputs()


app = App()
Validations.of(app).add_plugins(InferenceLimits())
Provisioned(app, "ServerlessProvisioned")
app.synth()
