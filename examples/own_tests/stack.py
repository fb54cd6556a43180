"""A stack of your own, for the tests beside it: texts are moderated, and at night there is no instance."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk.aws_ecr import Repository
from constructs import Construct

from constructs_lib import AsyncEndpoint, Backlog, ContainerImage, Model


class Moderation(Stack):
    """One asynchronous endpoint."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        repository = Repository.from_repository_name(self, "Repository", "moderation")
        endpoint = AsyncEndpoint(
            self,
            "Endpoint",
            model=Model(self, "Model", image=ContainerImage.from_ecr(repository, tag="1")),
            instance_type="ml.m5.large",
            autoscaling=Backlog(backlog_per_instance=20, max_capacity=2),
        )
        endpoint.add_outputs()
