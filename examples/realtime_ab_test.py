"""Two versions of a model share the traffic of one endpoint, nine to one; a caller may ask for one by its name.

    cdk deploy --app "python3 -m examples.realtime_ab_test"

Move the traffic by changing the weights and deploying again; a weight of 0 gets none.
"""

from __future__ import annotations

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_ecr import Repository
from constructs import Construct

from constructs_lib import ContainerImage, InferenceLimits, Model, ModelArtifact, RealtimeEndpoint, Variant


class AbTest(Stack):
    """The current model and the next one."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        repository = Repository.from_repository_name(self, "Repository", "classifier")
        image = ContainerImage.from_ecr(repository, tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/model.tar.gz")
        current = Model(self, "Current", image=image, artifact=artifact)
        following = Model(self, "Next", image=image, artifact=artifact, environment={"MODEL_VERSION": "next"})
        endpoint = RealtimeEndpoint(
            self,
            "Endpoint",
            variants=[
                Variant(model=current, name="Current", instance_type="ml.m5.large", weight=9),
                Variant(model=following, name="Next", instance_type="ml.m5.large", weight=1),
            ],
        )
        endpoint.add_outputs()


app = App()
Validations.of(app).add_plugins(InferenceLimits())
AbTest(app, "AbTest")
app.synth()
