"""Variants: models on instances that share the traffic of one endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import aws_sagemaker as sagemaker

from constructs_lib.checks import Checks
from constructs_lib.endpoints.model import BaseModel
from constructs_lib.facts import instances, variants
from constructs_lib.facts.scaling import RETAINED_COUNT
from constructs_lib.options import Autoscaling

CfnConfig = sagemaker.CfnEndpointConfig
DEFAULT_VARIANT = "AllTraffic"


class VariantProperty(StrEnum):
    """What an update keeps of a variant as scaling or a person has set it, whatever the code says by then."""

    DESIRED_INSTANCE_COUNT = RETAINED_COUNT
    DESIRED_WEIGHT = "DesiredWeight"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstancePool:
    """One instance type of several that a variant may run on; the next in priority where capacity is missing.

    :param instance_type: such as ``ml.g5.xlarge``.
    :param priority: 1 (tried first) to 5.
    """

    instance_type: str
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A model on instances.

    :param model: the model to serve.
    :param name: letters, digits and hyphens, at most 63; ``AllTraffic`` by default. Keep it over updates: guarded
        rollouts and scaling know a variant by its name.
    :param instance_type: such as ``ml.m5.large``; or give ``instance_pools``.
    :param instance_pools: 1 to 5 instance types to fall back on where capacity is missing.
    :param initial_instance_count: instances at the first deployment; 1 by default. Updates keep the count that scaling
        or a person has set.
    :param weight: its share of the traffic is its weight by the sum of all; 1 by default, 0 gets none.
    :param autoscaling: how the number of its instances follows the traffic; by default it does not.
    :param volume_size_in_gb: the disk of each instance, 1 to 512 GB; not for types with NVMe disks of their own.
    :param model_data_download_timeout_in_seconds: 60 to 3600; raise it for models over 40 GB.
    :param container_startup_health_check_timeout_in_seconds: 60 to 3600; how long the model may warm up before the
        first ``/ping`` has to succeed.
    :param routing_strategy: ``LEAST_OUTSTANDING_REQUESTS`` or ``RANDOM``; SageMaker's own choice by default.
    :param inference_ami_version: the machine image, such as ``al2-ami-sagemaker-inference-gpu-3-1``.
    """

    model: BaseModel
    name: str = DEFAULT_VARIANT
    instance_type: str | None = None
    instance_pools: Sequence[InstancePool] = ()
    initial_instance_count: int = 1
    weight: float = 1
    autoscaling: Autoscaling | None = None
    volume_size_in_gb: int | None = None
    model_data_download_timeout_in_seconds: int | None = None
    container_startup_health_check_timeout_in_seconds: int | None = None
    routing_strategy: str | None = None
    inference_ami_version: str | None = None

    @property
    def instance_types(self) -> list[str]:
        """Its type, or those of its pools."""
        own = [self.instance_type] if self.instance_type else []
        return [*own, *(pool.instance_type for pool in self.instance_pools)]

    def render(self) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
        """As CloudFormation writes it."""
        pools = [
            CfnConfig.InstancePoolProperty(instance_type=pool.instance_type, priority=pool.priority)
            for pool in self.instance_pools
        ]
        routing = self.routing_strategy and CfnConfig.RoutingConfigProperty(routing_strategy=self.routing_strategy)
        return CfnConfig.ProductionVariantProperty(
            model_name=self.model.model_name,
            variant_name=self.name,
            instance_type=self.instance_type,
            instance_pools=pools or None,
            initial_instance_count=self.initial_instance_count,
            initial_variant_weight=self.weight,
            volume_size_in_gb=self.volume_size_in_gb,
            model_data_download_timeout_in_seconds=self.model_data_download_timeout_in_seconds,
            container_startup_health_check_timeout_in_seconds=self.container_startup_health_check_timeout_in_seconds,
            routing_config=routing or None,
            inference_ami_version=self.inference_ami_version,
        )

    def check(self, checks: Checks, subject: str = "") -> None:
        """Note every problem of this variant; ``subject`` goes before the names of its arguments."""
        checks.limit(f"{subject}name", self.name, variants.VARIANT_NAME)
        check_types(checks, subject, self.instance_type, self.instance_pools)
        checks.limit(f"{subject}initial_instance_count", self.initial_instance_count, variants.INITIAL_INSTANCE_COUNT)
        checks.limit(f"{subject}weight", self.weight, variants.WEIGHT)
        checks.limit(f"{subject}volume_size_in_gb", self.volume_size_in_gb, variants.VOLUME)
        download, health = (
            self.model_data_download_timeout_in_seconds,
            self.container_startup_health_check_timeout_in_seconds,
        )
        checks.limit(f"{subject}model_data_download_timeout_in_seconds", download, variants.DOWNLOAD_TIMEOUT)
        checks.limit(
            f"{subject}container_startup_health_check_timeout_in_seconds", health, variants.HEALTH_CHECK_TIMEOUT
        )
        checks.limit(f"{subject}routing_strategy", self.routing_strategy, variants.ROUTING_STRATEGY)
        checks.limit(f"{subject}inference_ami_version", self.inference_ami_version, instances.AMI_VERSION)


def check_types(checks: Checks, subject: str, instance_type: str | None, pools: Sequence[InstancePool] = ()) -> None:
    """Note a problem unless there is one instance type, or a sound list of pools in its place."""
    both = f"{subject}instance_type and {subject}instance_pools exclude each other; give one of them"
    checks.require(not (instance_type and pools), both, variants.POOLS_REPLACE_TYPE)
    neither = f"{subject}instance_type must be given, or {subject}instance_pools"
    checks.require(bool(instance_type or pools), neither, variants.SERVERLESS_OR_INSTANCES)
    remedy = "choose one such as ml.m5.large"
    for name in [instance_type, *(pool.instance_type for pool in pools)]:
        checks.limit(f"{subject}instance_type", name, variants.INSTANCE_TYPE, remedy)
    if pools:
        checks.count(f"{subject}instance_pools", pools, variants.POOLS)
    for pool in pools:
        checks.limit(f"{subject}instance_pools.priority", pool.priority, variants.POOL_PRIORITY)
