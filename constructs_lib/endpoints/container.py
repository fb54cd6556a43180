"""The containers of a model: what runs in each, and how CloudFormation writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.artifact import ModelArtifact
from constructs_lib.endpoints.image import ContainerImage
from constructs_lib.endpoints.permissions import Role
from constructs_lib.facts import containers as facts
from constructs_lib.facts import models
from constructs_lib.tokens import is_token

_CfnModel = sagemaker.CfnModel
_LONG = "put long values into the artifact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of a model.

    :param image: the container image.
    :param artifact: the model; leave it out when the image holds it.
    :param environment: environment variables; names and values of at most 1024 characters, at most 100 of them.
    :param hostname: its name among the containers of a model: letters, digits and hyphens, at most 63.
    """

    image: ContainerImage
    artifact: ModelArtifact | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    hostname: str | None = None

    def render(self, scope: Construct, role: Role) -> sagemaker.CfnModel.ContainerDefinitionProperty:
        """Let ``role`` pull and read what it needs, and give the container's definition."""
        location = self.artifact.bind(scope, role) if self.artifact else None
        packed = self.artifact is None or self.artifact.is_packed
        return _CfnModel.ContainerDefinitionProperty(
            image=self.image.bind(scope, role),
            image_config=_image_config(self.image),
            model_data_url=location if packed else None,
            model_data_source=None if packed or location is None else _data_source(location),
            environment=dict(self.environment) or None,
            container_hostname=self.hostname,
        )


def _image_config(image: ContainerImage) -> sagemaker.CfnModel.ImageConfigProperty | None:
    if image.registry is None:
        return None
    provider = image.registry.credentials_provider
    if provider is None:
        return _CfnModel.ImageConfigProperty(repository_access_mode="Vpc")
    auth = _CfnModel.RepositoryAuthConfigProperty(repository_credentials_provider_arn=provider.function_arn)
    return _CfnModel.ImageConfigProperty(repository_access_mode="Vpc", repository_auth_config=auth)


def _data_source(prefix_uri: str) -> sagemaker.CfnModel.ModelDataSourceProperty:
    return _CfnModel.ModelDataSourceProperty(
        s3_data_source=_CfnModel.S3DataSourceProperty(
            s3_uri=prefix_uri, s3_data_type="S3Prefix", compression_type="None"
        )
    )


def check_containers(checks: Checks, containers: Sequence[Container]) -> None:
    """Note every problem of the containers of one model: environment variables, their sizes together, host names."""
    size = 0
    for container in containers:
        variables = dict(container.environment)
        checks.limit("number of environment variables", len(variables), models.ENVIRONMENT_ENTRIES)
        for name, value in variables.items():
            _check_variable(checks, name, value)
        literal = [str(text) for pair in variables.items() for text in pair if not is_token(text)]
        size += sum(len(text.encode()) for text in literal)
        checks.limit("hostname", container.hostname, facts.HOSTNAME)
    checks.limit("size of the environment", size, models.ENVIRONMENT_TOTAL_BYTES, _LONG)


def _check_variable(checks: Checks, name: str, value: object) -> None:
    checks.limit(f"name of environment variable {name!r}", name, models.ENVIRONMENT_KEY)
    if is_token(value):
        return
    is_text = isinstance(value, str)
    problem = f"environment variable {name!r} must be text, got {value!r}; give str(...)"
    checks.require(is_text, problem, models.ENVIRONMENT_KEY)
    length = len(value) if isinstance(value, str) else None
    checks.limit(f"length of environment variable {name!r}", length, models.ENVIRONMENT_VALUE_LENGTH, _LONG)
