"""A model that can call nobody, and all around it in subnets without a way to the internet.

    cdk deploy --app "python3 -m examples.private_network"

Objects under `input/` submit themselves; every night a batch scores what is in its bucket. The functions reach AWS
through endpoints of the VPC, which are made for what they call; one more is for callers in the VPC.
"""

from __future__ import annotations

from aws_cdk import App, Stack, TimeZone, Validations
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_scheduler import ScheduleExpression
from constructs import Construct

from constructs_lib import (
    AsyncEndpoint,
    BatchTransformPipeline,
    ContainerImage,
    InferenceLimits,
    InputSubmission,
    Model,
    ModelArtifact,
    PrivateNetwork,
    ResultsConsumer,
)


class Private(Stack):
    """One network, one model, two ways to ask it."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        network = PrivateNetwork(self, "Network", services=["sagemaker.runtime"]).vpc_config
        image = ContainerImage.from_ecr(Repository.from_repository_name(self, "Repository", "classifier"), tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/model.tar.gz")
        model = Model(self, "Model", image=image, artifact=artifact, vpc_config=network, network_isolation=True)
        AsyncEndpoint(
            self,
            "Endpoint",
            model=model,
            instance_type="ml.m5.large",
            submission=InputSubmission(),
            results_consumer=ResultsConsumer(request_status=True),
            vpc_config=network,
        )
        BatchTransformPipeline(
            self,
            "Pipeline",
            model=model,
            instance_type="ml.m5.large",
            schedule=ScheduleExpression.cron(hour="1", minute="0", time_zone=TimeZone.of("Europe/Berlin")),
            vpc_config=network,
        )


app = App()
Validations.of(app).add_plugins(InferenceLimits())
Private(app, "PrivateNetwork")
app.synth()
