"""Endpoints for inference components: instances on which several models share what there is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import jsii
from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct, IDependable

from constructs_lib.checks import Checks, check_kinds
from constructs_lib.endpoints.endpoint import check_endpoint_name
from constructs_lib.endpoints.endpoint_logs import EndpointLogs
from constructs_lib.endpoints.endpoint_monitoring import RealtimeMonitoring
from constructs_lib.endpoints.graphs import Fleet, of_instances
from constructs_lib.endpoints.invocable import Invocable
from constructs_lib.endpoints.metrics import InstanceMetrics, InvocationMetrics
from constructs_lib.endpoints.model import new_role
from constructs_lib.endpoints.monitoring import Monitored, endpoint_log_group
from constructs_lib.endpoints.naming import derived_name
from constructs_lib.endpoints.network import Network, VpcConfig
from constructs_lib.endpoints.outputs import EndpointOutputs
from constructs_lib.endpoints.permissions import Role, made
from constructs_lib.endpoints.variant import DEFAULT_VARIANT, CfnConfig, check_types
from constructs_lib.facts import instances, variants
from constructs_lib.facts import managed_scaling as facts
from constructs_lib.outputs import InferenceOption
from constructs_lib.tokens import is_token

if TYPE_CHECKING:
    from constructs_lib.endpoints.components import InferenceComponent

_MONITORING = RealtimeMonitoring()


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedInstanceScaling:
    """SageMaker adds instances when copies of components find no room, and removes them when they are empty.

    :param max_instance_count: instances at most.
    :param min_instance_count: instances at least; 1 by default. 0 when all components scale to zero copies: then
        nothing runs, and nothing is paid for, while nobody asks.
    :param scale_in_strategy: ``IDLE_RELEASE`` removes empty instances, ``CONSOLIDATION`` moves copies together to empty
        some; SageMaker's own choice by default.
    :param maximum_step_size: instances removed at once, 1 to 100; AWS's default is 1. With a strategy only.
    :param cooldown_in_minutes: time between two removals, 5 to 1440; AWS's default is 20. With a strategy only.
    :raises InvalidConfiguration: with every wrong value.
    """

    max_instance_count: int
    min_instance_count: int = 1
    scale_in_strategy: str | None = None
    maximum_step_size: int | None = None
    cooldown_in_minutes: int | None = None

    def __post_init__(self) -> None:
        checks = Checks("ManagedInstanceScaling")
        checks.limit("min_instance_count", self.min_instance_count, facts.MANAGED_MINIMUM)
        checks.limit("max_instance_count", self.max_instance_count, facts.MANAGED_MAXIMUM)
        checks.at_most(
            ("min_instance_count", self.min_instance_count),
            ("max_instance_count", self.max_instance_count),
            facts.MANAGED_SCALING_RANGE,
            "lower it or raise max_instance_count",
        )
        checks.limit("scale_in_strategy", self.scale_in_strategy, facts.SCALE_IN_STRATEGY)
        checks.limit("maximum_step_size", self.maximum_step_size, facts.SCALE_IN_STEP)
        checks.limit("cooldown_in_minutes", self.cooldown_in_minutes, facts.SCALE_IN_COOLDOWN)
        alone = self.maximum_step_size is not None or self.cooldown_in_minutes is not None
        problem = "maximum_step_size and cooldown_in_minutes need a scale_in_strategy; give IDLE_RELEASE"
        checks.require(self.scale_in_strategy is not None or not alone, problem, facts.SCALE_IN_STRATEGY)
        checks.done()

    def render(self) -> sagemaker.CfnEndpointConfig.ManagedInstanceScalingProperty:
        """As CloudFormation writes it."""
        policy = None
        if self.scale_in_strategy is not None:
            policy = CfnConfig.ScaleInPolicyProperty(
                strategy=self.scale_in_strategy,
                maximum_step_size=self.maximum_step_size,
                cooldown_in_minutes=self.cooldown_in_minutes,
            )
        return CfnConfig.ManagedInstanceScalingProperty(
            status="ENABLED",
            min_instance_count=self.min_instance_count,
            max_instance_count=self.max_instance_count,
            scale_in_policy=policy,
        )


@jsii.implements(sagemaker.IEndpoint)
class ComponentEndpoint(InvocationMetrics, InstanceMetrics, Invocable, Monitored, EndpointOutputs):
    """Instances for inference components; the models come with ``InferenceComponent``, as many as find room.

    SageMaker wants endpoint and models to have one execution role, one network and one network isolation. So make the
    endpoint first, and give each ``Model`` its ``execution_role`` (and ``vpc_config``, ``network_isolation``).

    :param instance_type: such as ``ml.g5.12xlarge``.
    :param initial_instance_count: instances at the first deployment, 1 or more even where they scale to zero.
    :param managed_instance_scaling: how the number of instances follows the copies; it is fixed by default.
    :param execution_role: the role of the endpoint and of all its models. By default one is made that may write
        SageMaker's own logs and metrics; models add what they need.
    :param vpc_config: the network of the endpoint and of all its models; none by default.
    :param network_isolation: let no container make network calls. False by default.
    :param volume_size_in_gb: the disk of each instance, 1 to 512 GB; not for types with NVMe disks of their own.
    :param routing_strategy: ``LEAST_OUTSTANDING_REQUESTS`` or ``RANDOM``; SageMaker's own choice by default.
    :param inference_ami_version: the machine image, such as ``al2-ami-sagemaker-inference-gpu-3-1``.
    :param encryption_key: the key of the instances' volumes; AWS's own by default.
    :param monitoring: which alarms are made on all components together, and what they do; ``None`` for none. By default
        they are on errors.
    :param logs: how long the lines of the containers are kept; for ever by default, in a log group of SageMaker's.
    :param endpoint_name: a fixed name, at most 63 letters, digits and hyphens; AWS chooses one by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    inference_option = InferenceOption.REALTIME

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        instance_type: str,
        initial_instance_count: int = 1,
        managed_instance_scaling: ManagedInstanceScaling | None = None,
        execution_role: iam.IRole | None = None,
        vpc_config: VpcConfig | None = None,
        network_isolation: bool = False,
        volume_size_in_gb: int | None = None,
        routing_strategy: str | None = None,
        inference_ami_version: str | None = None,
        encryption_key: kms.IKey | None = None,
        monitoring: RealtimeMonitoring | None = _MONITORING,
        logs: EndpointLogs | None = None,
        endpoint_name: str | None = None,
    ) -> None:
        check_kinds(f"ComponentEndpoint {id}", monitoring=(monitoring, RealtimeMonitoring))
        checks = Checks(f"ComponentEndpoint {id}")
        check_types(checks, "", instance_type)
        checks.limit("initial_instance_count", initial_instance_count, variants.INITIAL_INSTANCE_COUNT)
        checks.limit("volume_size_in_gb", volume_size_in_gb, variants.VOLUME)
        checks.limit("routing_strategy", routing_strategy, variants.ROUTING_STRATEGY)
        checks.limit("inference_ami_version", inference_ami_version, instances.AMI_VERSION)
        if vpc_config is not None:
            vpc_config.check(checks)
        check_endpoint_name(checks, endpoint_name)
        checks.done()
        super().__init__(scope, id)
        self.instance_type = instance_type
        self.variant_name = DEFAULT_VARIANT
        self.network_isolation = network_isolation
        self.vpc_config: VpcConfig | None = None
        role = new_role(self) if execution_role is None else execution_role
        joined = None if vpc_config is None else self._join(vpc_config, role)
        self.execution_role = made(role)
        self._components: list[InferenceComponent] = []
        self._callers: list[iam.IGrantable] = []
        variant = CfnConfig.ProductionVariantProperty(
            variant_name=self.variant_name,
            instance_type=instance_type,
            initial_instance_count=initial_instance_count,
            initial_variant_weight=1,
            managed_instance_scaling=None if managed_instance_scaling is None else managed_instance_scaling.render(),
            volume_size_in_gb=volume_size_in_gb,
            routing_config=None
            if routing_strategy is None
            else CfnConfig.RoutingConfigProperty(routing_strategy=routing_strategy),
            inference_ami_version=inference_ami_version,
        )
        configuration = CfnConfig(
            self,
            "Config",
            production_variants=[variant],
            execution_role_arn=self.execution_role.role_arn,
            vpc_config=joined,
            enable_network_isolation=True if network_isolation else None,
            kms_key_id=None if encryption_key is None else encryption_key.key_arn,
        )
        if logs and endpoint_name is None:
            endpoint_name = derived_name(self)
        group = logs.make(self, endpoint_name, encryption_key) if logs and endpoint_name else None
        self._deploy(configuration, endpoint_name, group)
        self._watch(monitoring, monitoring.of(self, [self.variant_name]) if monitoring else ())

    def _deploy(
        self, configuration: sagemaker.CfnEndpointConfig, endpoint_name: str | None, log_group: IDependable | None
    ) -> None:
        resource = sagemaker.CfnEndpoint(
            self,
            "Resource",
            endpoint_config_name=configuration.attr_endpoint_config_name,
            endpoint_name=endpoint_name,
            # Without it an update sets the instances, which SageMaker manages, back to their initial count.
            retain_all_variant_properties=True,
        )
        # SageMaker takes the role when it starts the instances, so it must have all its policies by then.
        resource.node.add_dependency(self.execution_role, *([log_group] if log_group else []))
        self._endpoint_name = resource.attr_endpoint_name
        self._endpoint_arn = resource.attr_endpoint_arn
        stack = Stack.of(self)
        given = "" if endpoint_name is None or is_token(endpoint_name) else endpoint_name
        # Changes when CloudFormation makes another endpoint: what stands on it has to be made anew, too.
        self.identity = (stack.node.id, stack.get_logical_id(resource), given)

    def dashboard_widgets(self) -> list[cloudwatch.IWidget]:
        """Graphs for a dashboard of CloudWatch."""
        return of_instances(self, [self.variant_name])

    def log_group_names(self) -> list[str]:
        """Where the containers of all components log."""
        return [endpoint_log_group(self.endpoint_name)]

    def fleets(self) -> list[Fleet]:
        """What is paid for by the hour."""
        samples = self.metric_cpu_utilization(statistic="SampleCount")
        name = f"endpoint:{self.instance_type}"
        return [Fleet(instance_type=self.instance_type, price_name=name, samples=samples)]

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let ``grantee`` call ``InvokeEndpoint`` on this endpoint and on all its components, later ones too."""
        grant = super().grant_invoke(grantee)
        self._callers.append(grantee)
        for component in self._components:
            component.grant_component(grantee)
        return grant

    def add_component(self, component: InferenceComponent) -> None:
        """Take a component in; it does so itself when it is made."""
        self._components.append(component)
        for caller in self._callers:
            component.grant_component(caller)

    def _join(self, config: VpcConfig, role: Role) -> sagemaker.CfnEndpointConfig.VpcConfigProperty:
        network = Network(self, config)
        network.grant_interfaces(self, role)
        # With the groups written out, models that take this configuration get no groups of their own.
        self.vpc_config = replace(config, security_groups=network.connections.security_groups)
        rendered = network.render()
        return CfnConfig.VpcConfigProperty(subnets=rendered.subnets, security_group_ids=rendered.security_group_ids)
