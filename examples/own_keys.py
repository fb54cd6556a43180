"""Everything under one key of one's own: what an endpoint captures, requests in a queue, answers in a table, a stream.

    cdk deploy --app "python3 -m examples.own_keys"

Who may use the key, and for what, stands in its policy and in the policies of the roles; both are derived.
"""

from __future__ import annotations

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_kms import Key
from constructs import Construct

from constructs_lib import (
    AsyncEndpoint,
    ContainerImage,
    DataCapture,
    HybridInference,
    InferenceLimits,
    InputSubmission,
    Model,
    ModelArtifact,
    RealtimeEndpoint,
    StreamingInference,
)

TYPE = "ml.m5.large"


class OwnKeys(Stack):
    """One key, four ways to serve a model."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        key = Key(self, "Key", enable_key_rotation=True)
        image = ContainerImage.from_ecr(Repository.from_repository_name(self, "Repository", "classifier"), tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/model.tar.gz")
        model = Model(self, "Model", image=image, artifact=artifact)
        endpoint = RealtimeEndpoint(
            self, "Endpoint", model=model, instance_type=TYPE, data_capture=DataCapture(), encryption_key=key
        )
        AsyncEndpoint(self, "Async", model=model, instance_type=TYPE, submission=InputSubmission(), encryption_key=key)
        HybridInference(self, "Hybrid", endpoint=endpoint, instance_type=TYPE, encryption_key=key)
        StreamingInference(self, "Streaming", endpoint=endpoint, encryption_key=key)


app = App()
Validations.of(app).add_plugins(InferenceLimits())
OwnKeys(app, "OwnKeys")
app.synth()
