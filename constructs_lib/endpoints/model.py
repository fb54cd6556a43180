"""The model: an image, an artifact, an environment, and the role under which SageMaker runs them."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.artifact import ModelArtifact
from constructs_lib.endpoints.image import ContainerImage
from constructs_lib.facts import models
from constructs_lib.tokens import is_token

_LONG = "put long values into the artifact"


class Model(Construct):
    """One container that every way of serving can share.

    It has no physical name: models are immutable, so a fixed name collides with itself on update.

    :param image: the container image in Amazon ECR.
    :param artifact: the ``model.tar.gz``; leave it out when the image holds the model.
    :param environment: environment variables of the container; at most 100, values of at most 1024 characters.
    :param execution_role: the role that SageMaker takes. By default one is made that may pull this image, read this
        artifact, and write SageMaker's own logs and metrics. Whoever serves the model adds what that way needs.
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
    ) -> None:
        variables = dict(environment or {})
        _check_environment(f"Model {id}", variables)
        super().__init__(scope, id)
        self.execution_role: iam.IRole = execution_role or self._make_role()
        container = sagemaker.CfnModel.ContainerDefinitionProperty(
            image=image.bind(self, self.execution_role),
            model_data_url=artifact.bind(self, self.execution_role) if artifact else None,
            environment=variables or None,
        )
        resource = sagemaker.CfnModel(
            self,
            "Resource",
            execution_role_arn=self.execution_role.role_arn,
            primary_container=container,
        )
        # CreateModel tries the role at once: without this it races the policies and fails (aws/aws-cdk#10064).
        resource.node.add_dependency(self.execution_role)
        self.model_name: str = resource.attr_model_name

    def _make_role(self) -> iam.Role:
        role = iam.Role(self, "ExecutionRole", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
        logs = Stack.of(self).format_arn(service="logs", resource="log-group:/aws/sagemaker/*")
        role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
                resources=[logs],
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                # PutMetricData has no resource level; its namespace is the only bound.
                resources=["*"],
                conditions={"StringLike": {"cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/*"]}},
            )
        )
        return role


def _check_environment(subject: str, variables: dict[str, str]) -> None:
    checks = Checks(subject)
    checks.limit("number of environment variables", len(variables), models.ENVIRONMENT_ENTRIES)
    for name, value in variables.items():
        checks.limit(f"name of environment variable {name!r}", name, models.ENVIRONMENT_KEY)
        if is_token(value):
            continue
        is_text = isinstance(value, str)
        checks.require(is_text, f"environment variable {name!r} must be text, got {value!r}", models.ENVIRONMENT_KEY)
        length = len(value) if is_text else None
        checks.limit(f"length of environment variable {name!r}", length, models.ENVIRONMENT_VALUE_LENGTH, _LONG)
    literal = [str(text) for pair in variables.items() for text in pair if not is_token(text)]
    size = sum(len(text.encode()) for text in literal)
    checks.limit("size of the environment", size, models.ENVIRONMENT_TOTAL_BYTES, _LONG)
    checks.done()
