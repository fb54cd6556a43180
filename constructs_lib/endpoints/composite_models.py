"""Models of more than one model or container: multi-model, multi-container, pipelines, and packages of a registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.artifact import ModelArtifact
from constructs_lib.endpoints.container import Container, check_containers
from constructs_lib.endpoints.image import ContainerImage
from constructs_lib.endpoints.model import BaseModel, check_network
from constructs_lib.endpoints.network import VpcConfig
from constructs_lib.endpoints.permissions import allow
from constructs_lib.facts import containers as facts
from constructs_lib.facts.limit import Limit

_CfnModel = sagemaker.CfnModel


class MultiModel(BaseModel):
    """Any number of models in one container that loads them from a prefix as they are asked for.

    A request names its model with ``TargetModel``, the key below the prefix. A new model is served as soon as its
    archive is put there; nothing is deployed.

    :param image: an image with the label ``com.amazonaws.sagemaker.capabilities.multi-models=true``.
    :param bucket: where the archives are.
    :param prefix: below which prefix; it ends in a slash.
    :param cache_models: keep models in memory once they are loaded; turn it off for many that are rarely asked for.
        True by default.
    :param environment: environment variables of the container.
    :param execution_role: as of ``Model``.
    :param vpc_config: as of ``Model``.
    :param network_isolation: as of ``Model``.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    is_multi_model = True

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        image: ContainerImage,
        bucket: s3.IBucket,
        prefix: str,
        cache_models: bool = True,
        environment: Mapping[str, str] | None = None,
        execution_role: iam.IRole | None = None,
        vpc_config: VpcConfig | None = None,
        network_isolation: bool = False,
    ) -> None:
        artifact = ModelArtifact.from_prefix(bucket, prefix)
        container = Container(image=image, environment=environment or {})
        checks = Checks(f"MultiModel {id}")
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
        self._create(primary_container=self._definition(container, artifact, cache_models))

    def _definition(
        self, container: Container, artifact: ModelArtifact, cache_models: bool
    ) -> sagemaker.CfnModel.ContainerDefinitionProperty:
        return _CfnModel.ContainerDefinitionProperty(
            image=container.image.bind(self, self._role),
            mode="MultiModel",
            model_data_url=artifact.bind(self, self._role),
            environment=dict(container.environment) or None,
            # Caching is AWS's default; saying so would change nothing but the template.
            multi_model_config=None
            if cache_models
            else _CfnModel.MultiModelConfigProperty(model_cache_setting="Disabled"),
        )


class _ContainersModel(BaseModel):
    """Several containers behind one endpoint."""

    _MODE: ClassVar[str]
    _COUNT: ClassVar[Limit]

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        containers: Sequence[Container],
        execution_role: iam.IRole | None = None,
        vpc_config: VpcConfig | None = None,
        network_isolation: bool = False,
    ) -> None:
        checks = Checks(f"{type(self).__name__} {id}")
        checks.count("containers", containers, self._COUNT)
        check_containers(checks, containers)
        check_network(checks, list(containers), vpc_config)
        _HOSTNAMES_OF[self._MODE](checks, [container.hostname for container in containers])
        checks.done()
        super().__init__(
            scope,
            id,
            containers=containers,
            execution_role=execution_role,
            vpc_config=vpc_config,
            network_isolation=network_isolation,
        )
        rendered = [
            container.render(Construct(self, f"Container{number}"), self._role)
            for number, container in enumerate(containers, start=1)
        ]
        self._create(
            containers=rendered,
            inference_execution_config=_CfnModel.InferenceExecutionConfigProperty(mode=self._MODE),
        )


def _on_all_or_none(checks: Checks, hostnames: list[str | None]) -> None:
    named = [name for name in hostnames if name is not None]
    problem = f"hostname must be on every container or on none, got {len(named)} of {len(hostnames)}; name all, or none"
    checks.require(len(named) in (0, len(hostnames)), problem, facts.PIPELINE_HOSTNAMES)


def _each_its_own(checks: Checks, hostnames: list[str | None]) -> None:
    named = [name for name in hostnames if name is not None]
    problem = f"every container must have a hostname, {len(hostnames) - len(named)} have none; give hostname"
    checks.require(len(named) == len(hostnames), problem, facts.DIRECT_HOSTNAMES)
    twice = sorted({name for name in named if named.count(name) > 1})
    problem = f"hostname must be unique, got {', '.join(twice)} twice; name each"
    checks.require(not twice, problem, facts.DIRECT_HOSTNAMES)


_HOSTNAMES_OF = {"Serial": _on_all_or_none, "Direct": _each_its_own}


class PipelineModel(_ContainersModel):
    """2 to 15 containers in a row: the answer of each is the request of the next.

    :param containers: in their order; host names on all of them or on none.
    :param execution_role: as of ``Model``.
    :param vpc_config: as of ``Model``.
    :param network_isolation: as of ``Model``.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    _MODE = "Serial"
    _COUNT = facts.PIPELINE_CONTAINERS


class MultiContainerModel(_ContainersModel):
    """2 to 15 containers side by side: a request names its container with ``TargetContainerHostname``.

    :param containers: each with a host name of its own.
    :param execution_role: as of ``Model``.
    :param vpc_config: as of ``Model``.
    :param network_isolation: as of ``Model``.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    _MODE = "Direct"
    _COUNT = facts.DIRECT_CONTAINERS


class RegisteredModel(BaseModel):
    """A version of the model registry: its package says which image and artifact it has.

    The role made by default may describe the package; what the package holds is not known here, so grant it the
    reading of artifact and image, or hand in a role that has it.

    :param model_package_arn: ``arn:aws:sagemaker:REGION:ACCOUNT:model-package/GROUP/VERSION``.
    :param execution_role: as of ``Model``.
    :param vpc_config: as of ``Model``.
    :param network_isolation: as of ``Model``.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        model_package_arn: str,
        execution_role: iam.IRole | None = None,
        vpc_config: VpcConfig | None = None,
        network_isolation: bool = False,
    ) -> None:
        checks = Checks(f"RegisteredModel {id}")
        check_network(checks, [], vpc_config)
        checks.done()
        super().__init__(
            scope,
            id,
            containers=[],
            execution_role=execution_role,
            vpc_config=vpc_config,
            network_isolation=network_isolation,
        )
        allow(self._role, ["sagemaker:DescribeModelPackage"], [model_package_arn])
        self._create(primary_container=_CfnModel.ContainerDefinitionProperty(model_package_name=model_package_arn))
