"""The price step of a ride, with a watch that says when requests or answers are no longer as in training.

    cdk deploy --app "python3 -m examples.drift_watch"

`python -m constructs_lib baseline TRAINING.csv --prediction price_step --category price_step` has made the baseline.
Every six hours the requests of the last day are compared with it; `scripts/drift_baseline.py` makes it anew.
"""

from __future__ import annotations

from aws_cdk import App, CfnOutput, Stack, Validations
from aws_cdk.aws_cloudwatch import Dashboard
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_sns import Topic
from constructs import Construct

from constructs_lib import (
    ContainerImage,
    DataCapture,
    DriftBaseline,
    DriftMonitoring,
    DriftThresholds,
    DriftWatch,
    InferenceLimits,
    Model,
    ModelArtifact,
    RealtimeEndpoint,
)


class Watched(Stack):
    """An endpoint whose requests and answers are captured, and what compares them."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        image = ContainerImage.from_ecr(Repository.from_repository_name(self, "Repository", "classifier"), tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/pricing.tar.gz")
        model = Model(self, "Model", image=image, artifact=artifact)
        endpoint = RealtimeEndpoint(
            self, "Endpoint", model=model, instance_type="ml.m5.large", data_capture=DataCapture(sampling_percentage=50)
        )
        watch = DriftWatch(
            self,
            "Drift",
            endpoint=endpoint,
            baseline=DriftBaseline.from_file("examples/drift_watch.json"),
            thresholds=DriftThresholds(min_records=1000),
            interval_in_hours=6,
            window_in_hours=24,
            monitoring=DriftMonitoring(actions=[Topic(self, "Operators")]),
        )
        Dashboard(self, "Dashboard", widgets=[watch.dashboard_widgets()])
        endpoint.add_outputs()
        CfnOutput(self, "DriftFunctionName", value=watch.function.function_name)


app = App()
Validations.of(app).add_plugins(InferenceLimits())
Watched(app, "DriftWatch")
app.synth()
