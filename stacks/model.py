"""The model that every stack serves, from the settings."""

from __future__ import annotations

from aws_cdk import aws_ecr as ecr
from constructs import Construct

from constructs_lib import ContainerImage, Model, ModelArtifact
from stacks.settings import ModelSettings


def build_model(scope: Construct, settings: ModelSettings) -> Model:
    """Make the model in ``scope``; an image without a registry is a repository of this account."""
    return Model(
        scope,
        "Model",
        image=_image(scope, settings.image),
        artifact=_artifact(settings.artifact),
        environment=settings.environment,
    )


def _image(scope: Construct, image: str) -> ContainerImage:
    if "/" in image:
        return ContainerImage.from_uri(image)
    name, _, tag = image.partition(":")
    repository = ecr.Repository.from_repository_name(scope, "Repository", name)
    return ContainerImage.from_ecr(repository, tag=tag or "latest")


def _artifact(artifact: str) -> ModelArtifact:
    return ModelArtifact.from_s3_uri(artifact) if "://" in artifact else ModelArtifact.from_file(artifact)
