"""Half of the requests are copied to a candidate model; callers get the answers of the production model alone.

    cdk deploy --app "python3 -m examples.realtime_shadow_test"

Compare the metrics of the two variants, such as ModelLatency and Invocation5XXErrors, before the candidate takes over.
"""

from __future__ import annotations

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_ecr import Repository
from constructs import Construct

from constructs_lib import ContainerImage, InferenceLimits, Model, ModelArtifact, RealtimeEndpoint, Shadow, Variant


class ShadowTest(Stack):
    """A production variant and its shadow."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        repository = Repository.from_repository_name(self, "Repository", "classifier")
        image = ContainerImage.from_ecr(repository, tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/model.tar.gz")
        production = Model(self, "Production", image=image, artifact=artifact)
        candidate = Model(self, "Candidate", image=image, artifact=artifact, environment={"MODEL_VERSION": "candidate"})
        shadow = Variant(model=candidate, name="Candidate", instance_type="ml.c5.large")
        endpoint = RealtimeEndpoint(
            self,
            "Endpoint",
            model=production,
            instance_type="ml.m5.large",
            shadow=Shadow(variant=shadow, share=0.5),
        )
        endpoint.add_outputs()


app = App()
Validations.of(app).add_plugins(InferenceLimits())
ShadowTest(app, "ShadowTest")
app.synth()
