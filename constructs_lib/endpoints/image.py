"""Container images: where they are, and what a role needs to pull them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_lambda as lambda_
from aws_cdk.region_info import FactName
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.permissions import Role, allow, arn_of, made
from constructs_lib.errors import InvalidConfiguration
from constructs_lib.facts import models
from constructs_lib.tokens import is_token

_PART = r"(?:[^./:@\s$]|\$\{Token\[[^\]]+\]\})+"
_ECR_URI = re.compile(rf"(?P<account>{_PART})\.dkr[.-]ecr(?:-fips)?\.(?P<region>{_PART})\.[^/]+/(?P<repository>[^:@]+)")
_PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


@dataclass(frozen=True, slots=True)
class PrivateRegistry:
    """A Docker registry that SageMaker reaches through the model's VPC."""

    credentials_provider: lambda_.IFunction | None


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """An image that keeps SageMaker's container contract. Make one with a ``from_`` method."""

    _bind: Callable[[Construct, Role], str]
    registry: PrivateRegistry | None = None

    @classmethod
    def from_ecr(cls, repository: ecr.IRepository, *, tag: str = "latest") -> ContainerImage:
        """The image with ``tag`` in ``repository``; a ``sha256:`` digest works in place of a tag."""

        def bind(_scope: Construct, role: Role) -> str:
            repository.grant_pull(made(role))
            return repository.repository_uri_for_tag_or_digest(tag)

        return cls(bind)

    @classmethod
    def from_asset(cls, directory: str | Path) -> ContainerImage:
        """The image of the Dockerfile in ``directory``; CDK builds and pushes it when the stack is deployed.

        :raises InvalidConfiguration: when there is no Dockerfile.
        """
        dockerfile = Path(directory) / "Dockerfile"
        if not dockerfile.is_file():
            problem = f"directory must hold a Dockerfile, got {str(directory)!r}; there is no {dockerfile}"
            raise InvalidConfiguration("ContainerImage.from_asset", [problem])

        def bind(scope: Construct, role: Role) -> str:
            # SageMaker runs amd64 on all types but Graviton's, and refuses the manifest that buildx adds by default.
            asset = ecr_assets.DockerImageAsset(
                scope, "Image", directory=str(directory), platform=ecr_assets.Platform.LINUX_AMD64
            )
            asset.repository.grant_pull(made(role))
            return asset.image_uri

        return cls(bind)

    @classmethod
    def from_deep_learning_container(cls, repository: str, *, tag: str) -> ContainerImage:
        """An AWS Deep Learning Container, such as ``pytorch-inference``, from AWS's account in the stack's Region.

        The account is looked up in CDK's table of Regions; in a stack without a Region it becomes a mapping.
        """

        def bind(scope: Construct, role: Role) -> str:
            stack = Stack.of(scope)
            account = stack.regional_fact(FactName.DLC_REPOSITORY_ACCOUNT)
            uri = f"{account}.dkr.ecr.{stack.region}.{stack.url_suffix}/{repository}:{tag}"
            _grant_pull(scope, role, uri)
            return uri

        return cls(bind)

    @classmethod
    def from_private_registry(
        cls, uri: str, *, credentials_provider: lambda_.IFunction | None = None
    ) -> ContainerImage:
        """An image in a Docker registry inside of the model's VPC; the model needs a ``vpc_config``.

        :param uri: ``REGISTRY/REPOSITORY:TAG``.
        :param credentials_provider: a function that gives user and password to SageMaker; none: no authentication.
        :raises InvalidConfiguration: for a URI that AWS refuses.
        """
        checks = Checks("ContainerImage.from_private_registry")
        checks.limit("uri", uri, models.IMAGE)
        checks.done()

        def bind(_scope: Construct, role: Role) -> str:
            if credentials_provider is not None:
                credentials_provider.grant_invoke(made(role))
            return uri

        return cls(bind, PrivateRegistry(credentials_provider))

    @classmethod
    def from_uri(cls, uri: str) -> ContainerImage:
        """The image ``ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG``, of this account or of another.

        :raises InvalidConfiguration: for a URI that AWS refuses, such as one outside ECR.
        """
        checks = Checks("ContainerImage.from_uri")
        checks.limit("uri", uri, models.IMAGE)
        checks.limit("uri", uri, models.IMAGE_IN_ECR, "push the image to Amazon ECR and give its URI there")
        checks.done()

        def bind(scope: Construct, role: Role) -> str:
            _grant_pull(scope, role, uri)
            return uri

        return cls(bind)

    def bind(self, scope: Construct, role: Role) -> str:
        """Let ``role`` pull the image, and give its URI."""
        return self._bind(scope, role)


def _grant_pull(scope: Construct, role: Role, uri: str) -> None:
    allow(role, _PULL, [_repository_arn(scope, uri)])
    # GetAuthorizationToken has no resource level.
    allow(role, ["ecr:GetAuthorizationToken"], ["*"])


def _repository_arn(scope: Construct, uri: str) -> str:
    parts = _ECR_URI.match(uri)
    if parts is None:
        # A URI that is one opaque token names no repository before it is deployed.
        assert is_token(uri)
        return arn_of(scope, "ecr", "repository/*", region="*", account="*")
    return arn_of(scope, "ecr", f"repository/{parts['repository']}", region=parts["region"], account=parts["account"])
