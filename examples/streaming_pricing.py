"""The price step of every zone of a city, seconds after its demand was counted.

    cdk deploy --app "python3 -m examples.streaming_pricing"

A record is `52,31,4.5,0`: requests, free drivers, minutes to the pick-up, millimetres of rain; its partition key is the
zone, and so the prices of a zone come in order. 3000 records a second need three shards: with two this is refused.
"""

from __future__ import annotations

from aws_cdk import App, Stack, Validations
from aws_cdk.aws_cloudwatch import Dashboard
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_sns import Topic
from constructs import Construct

from constructs_lib import (
    ContainerImage,
    InferenceLimits,
    Model,
    ModelArtifact,
    RealtimeEndpoint,
    ResultStream,
    StreamBatching,
    StreamingInference,
    StreamMonitoring,
    StreamSource,
    Throughput,
)


class Pricing(Stack):
    """A stream of demand, an endpoint, a stream of price steps, and a bucket for what could not be priced."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        image = ContainerImage.from_ecr(Repository.from_repository_name(self, "Repository", "classifier"), tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/pricing.tar.gz")
        model = Model(self, "Model", image=image, artifact=artifact)
        inference = StreamingInference(
            self,
            "Pricing",
            endpoint=RealtimeEndpoint(self, "Endpoint", model=model, instance_type="ml.m5.large"),
            source=StreamSource(shard_count=3),
            sink=ResultStream(shard_count=3),
            batching=StreamBatching(content_type="text/csv", max_batching_window_in_seconds=1),
            throughput=Throughput(records_per_second=3000, bytes_per_record=40, seconds_per_request=0.03),
            monitoring=StreamMonitoring(actions=[Topic(self, "Operators")]),
        )
        Dashboard(self, "Dashboard", widgets=[inference.dashboard_widgets()])
        inference.add_outputs()


app = App()
Validations.of(app).add_plugins(InferenceLimits())
Pricing(app, "StreamingPricing")
app.synth()
