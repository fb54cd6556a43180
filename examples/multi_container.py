"""Two containers side by side on the same instances, each called by its name.

    cdk deploy --app "python3 -m examples.multi_container"

Invoke with ``TargetContainerHostname="species"`` or ``"breed"``. It saves instances where neither container fills one.
"""

from __future__ import annotations

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_ecr import Repository
from constructs import Construct

from constructs_lib import (
    Container,
    ContainerImage,
    InferenceLimits,
    ModelArtifact,
    MultiContainerModel,
    RealtimeEndpoint,
)


class SideBySide(Stack):
    """One model of two containers."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        repository = Repository.from_repository_name(self, "Repository", "classifier")
        image = ContainerImage.from_ecr(repository, tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/model.tar.gz")
        containers = [Container(image=image, artifact=artifact, hostname=name) for name in ("species", "breed")]
        model = MultiContainerModel(self, "Model", containers=containers)
        endpoint = RealtimeEndpoint(self, "Endpoint", model=model, instance_type="ml.m5.large")
        endpoint.add_outputs()


app = App()
Validations.of(app).add_plugins(InferenceLimits())
SideBySide(app, "MultiContainer")
app.synth()
