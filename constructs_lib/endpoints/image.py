"""Container images: where they are, and what a role needs to pull them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.facts import models
from constructs_lib.tokens import is_token

_PART = r"(?:[^./:@\s$]|\$\{Token\[[^\]]+\]\})+"
_ECR_URI = re.compile(rf"(?P<account>{_PART})\.dkr[.-]ecr(?:-fips)?\.(?P<region>{_PART})\.[^/]+/(?P<repository>[^:@]+)")
_PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """An image in Amazon ECR that keeps SageMaker's container contract. Make one with a ``from_`` method."""

    uri: str
    _grant: Callable[[Construct, iam.IRole], object]

    @classmethod
    def from_ecr(cls, repository: ecr.IRepository, *, tag: str = "latest") -> ContainerImage:
        """The image with ``tag`` in ``repository``; a ``sha256:`` digest works in place of a tag."""
        return cls(repository.repository_uri_for_tag_or_digest(tag), lambda _, role: repository.grant_pull(role))

    @classmethod
    def from_uri(cls, uri: str) -> ContainerImage:
        """The image ``ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG``, of this account or of another.

        :raises InvalidConfiguration: for a URI that AWS refuses, such as one outside ECR.
        """
        checks = Checks("ContainerImage.from_uri")
        checks.limit("uri", uri, models.IMAGE)
        checks.limit("uri", uri, models.IMAGE_IN_ECR, "push the image to Amazon ECR and give its URI there")
        checks.done()
        return cls(uri, lambda scope, role: _grant_pull(scope, role, uri))

    def bind(self, scope: Construct, role: iam.IRole) -> str:
        """Let ``role`` pull the image, and give its URI."""
        self._grant(scope, role)
        return self.uri


def _grant_pull(scope: Construct, role: iam.IRole, uri: str) -> None:
    role.add_to_principal_policy(iam.PolicyStatement(actions=_PULL, resources=[_repository_arn(scope, uri)]))
    # GetAuthorizationToken has no resource level.
    role.add_to_principal_policy(iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]))


def _repository_arn(scope: Construct, uri: str) -> str:
    stack = Stack.of(scope)
    parts = _ECR_URI.match(uri)
    if parts is None:
        # A URI that is one opaque token names no repository before it is deployed.
        assert is_token(uri)
        return stack.format_arn(service="ecr", region="*", account="*", resource="repository", resource_name="*")
    return stack.format_arn(
        service="ecr",
        region=parts["region"],
        account=parts["account"],
        resource="repository",
        resource_name=parts["repository"],
    )
