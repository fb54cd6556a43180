"""Models: images, artifacts and environments, and the role under which SageMaker runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from constructs_lib.checks import Checks, check_kinds
from constructs_lib.endpoints.artifact import ModelArtifact
from constructs_lib.endpoints.container import Container, check_containers
from constructs_lib.endpoints.image import ContainerImage
from constructs_lib.endpoints.network import Network, VpcConfig
from constructs_lib.endpoints.permissions import NewRole, Role, arn_of, made, share_stack
from constructs_lib.facts import models

_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]


class BaseModel(Construct):
    """What every kind of model has: a role, a name, perhaps a network. Not for use by itself.

    It has no physical name: models are immutable, so a fixed name collides with itself on update. ``containers`` is
    what it runs, as far as that is known here: what a package of the registry holds is not.
    """

    model_name: str
    execution_role: iam.IRole
    is_multi_model: ClassVar[bool] = False

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        containers: Sequence[Container],
        execution_role: iam.IRole | None,
        vpc_config: VpcConfig | None,
        network_isolation: bool,
    ) -> None:
        super().__init__(scope, id)
        share_stack(self, scope)
        self._role: Role = execution_role or new_role(self)
        self._network = Network(self, vpc_config) if vpc_config else None
        self.containers = tuple(containers)
        self.network_isolation = network_isolation
        if self._network:
            self._network.grant_interfaces(self, self._role)

    @property
    def connections(self) -> ec2.Connections:
        """What the model may connect to and be reached from; for ``allow_to`` and the like.

        :raises ValueError: for a model that is not in a VPC.
        """
        if self._network is None:
            raise ValueError(f"{self.node.path} is not in a VPC; give it a vpc_config to have connections")
        return self._network.connections

    @property
    def is_in_vpc(self) -> bool:
        """Whether it has a VpcConfig."""
        return self._network is not None

    def _create(self, **properties: Any) -> None:
        """Make the resource; called once, when the role has all that it needs."""
        self.execution_role = made(self._role)
        resource = sagemaker.CfnModel(
            self,
            "Resource",
            execution_role_arn=self.execution_role.role_arn,
            vpc_config=self._network.render() if self._network else None,
            enable_network_isolation=True if self.network_isolation else None,
            **properties,
        )
        # CreateModel tries the role at once: without this it races the policies and fails (aws/aws-cdk#10064).
        resource.node.add_dependency(self.execution_role)
        self.model_name = resource.attr_model_name


class Model(BaseModel):
    """One container that every way of serving can share.

    :param image: the container image.
    :param artifact: the model; leave it out when the image holds it.
    :param environment: environment variables of the container; at most 100, values of at most 1024 characters.
    :param execution_role: the role that SageMaker takes. By default one is made that may pull this image, read this
        artifact, use this network, and write SageMaker's own logs and metrics. Whoever serves the model adds what that
        way needs.
    :param vpc_config: the subnets and security groups that the container is connected to; none by default.
    :param network_isolation: let the container make no network calls at all, not even to AWS. False by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: ContainerImage,
        artifact: ModelArtifact | None = None,
        environment: Mapping[str, str] | None = None,
        execution_role: iam.IRole | None = None,
        vpc_config: VpcConfig | None = None,
        network_isolation: bool = False,
    ) -> None:
        check_kinds(f"Model {id}", image=(image, ContainerImage), artifact=(artifact, ModelArtifact))
        container = Container(image=image, artifact=artifact, environment=environment or {})
        checks = Checks(f"Model {id}")
        check_containers(checks, [container])
        check_network(checks, [container], vpc_config)
        checks.done()
        super().__init__(
            scope,
            id,
            containers=[container],
            execution_role=execution_role,
            vpc_config=vpc_config,
            network_isolation=network_isolation,
        )
        self._create(primary_container=container.render(self, self._role))


def check_network(checks: Checks, containers: list[Container], vpc_config: VpcConfig | None) -> None:
    """Note every problem of a model's network: too many groups, a private registry that nothing leads to."""
    if vpc_config is not None:
        vpc_config.check(checks)
        return
    private = any(container.image.registry for container in containers)
    problem = "an image in a private registry is pulled through the model's VPC, and there is none; give vpc_config"
    checks.require(not private, problem, models.PRIVATE_REGISTRY)


def new_role(scope: Construct) -> NewRole:
    """A role for SageMaker alone that may write its own logs and metrics, and nothing else yet."""
    role = NewRole(scope)
    role.allow(_LOGS, [arn_of(scope, "logs", "log-group:/aws/sagemaker/*")])
    # PutMetricData has no resource level; its namespace is the only bound.
    namespaces = {"StringLike": {"cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/*"]}}
    role.allow(["cloudwatch:PutMetricData"], ["*"], namespaces)
    return role
