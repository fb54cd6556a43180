"""Features and prediction in a row behind one endpoint: what the first container answers, the second is asked.

    cdk deploy --app "python3 -m examples.inference_pipeline"

Both run on the same instance, so the step between them costs no network. The images need the label
``com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true`` and listen on ``$SAGEMAKER_BIND_TO_PORT``.
"""

from __future__ import annotations

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_ecr import Repository
from constructs import Construct

from constructs_lib import Container, ContainerImage, InferenceLimits, ModelArtifact, PipelineModel, RealtimeEndpoint


class Pipeline(Stack):
    """Two steps, one request."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        features, classifier = (
            ContainerImage.from_ecr(Repository.from_repository_name(self, f"Of{name}", name), tag="1")
            for name in ("features", "classifier")
        )
        artifact = ModelArtifact.from_file("containers/classifier/model.tar.gz")
        steps = [Container(image=features), Container(image=classifier, artifact=artifact)]
        model = PipelineModel(self, "Model", containers=steps)
        endpoint = RealtimeEndpoint(self, "Endpoint", model=model, instance_type="ml.m5.large")
        endpoint.add_outputs()


app = App()
Validations.of(app).add_plugins(InferenceLimits())
Pipeline(app, "InferencePipeline")
app.synth()
