"""What to watch next for millions of users, computed every night, and anew for whoever has watched something since.

    cdk deploy --app "python3 -m examples.hybrid_recommendations"

A row of the input is `user-1,3,0,...`: the user, then how much was watched of each genre. Who is asked for with the
counts of this minute needs no row of last night. What takes longer than a second is answered with the default, drama.
"""

from __future__ import annotations

from aws_cdk import App, Stack, TimeZone, Validations
from aws_cdk.aws_cloudwatch import Dashboard
from aws_cdk.aws_ecr import Repository
from aws_cdk.aws_scheduler import ScheduleExpression
from aws_cdk.aws_sns import Topic
from constructs import Construct

from constructs_lib import (
    Comparison,
    ContainerImage,
    Fallback,
    Freshness,
    HybridInference,
    HybridMonitoring,
    InferenceLimits,
    Model,
    ModelArtifact,
    RealtimeEndpoint,
)


class Recommendations(Stack):
    """One model behind an endpoint and in a nightly batch, and a table of the batch's answers."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        image = ContainerImage.from_ecr(Repository.from_repository_name(self, "Repository", "classifier"), tag="1")
        artifact = ModelArtifact.from_file("containers/classifier/recommender.tar.gz")
        model = Model(self, "Model", image=image, artifact=artifact)
        inference = HybridInference(
            self,
            "Recommendations",
            endpoint=RealtimeEndpoint(self, "Endpoint", model=model, instance_type="ml.m5.large"),
            instance_type="ml.m5.large",
            schedule=ScheduleExpression.cron(hour="2", minute="0", time_zone=TimeZone.of("Europe/Berlin")),
            freshness=Freshness(max_age_in_hours=30, write_back_in_hours=6),
            fallback=Fallback(timeout_in_seconds=1, default_answer="2"),
            comparison=Comparison(share=0.02),
            monitoring=HybridMonitoring(actions=[Topic(self, "Operators")]),
        )
        Dashboard(self, "Dashboard", widgets=[inference.dashboard_widgets()])
        inference.add_outputs()


app = App()
Validations.of(app).add_plugins(InferenceLimits())
Recommendations(app, "HybridRecommendations")
app.synth()
