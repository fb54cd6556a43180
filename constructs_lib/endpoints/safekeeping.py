"""How a construct keeps what it makes: under which key, for how long, connected to what; and who looks on."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib.endpoints.network import Network, VpcConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Safekeeping:
    """What every part of a construct is told, so that one argument of the construct reaches all of them.

    :param encryption_key: for all that is stored; AWS's own keys without one.
    :param removal_policy: what becomes of all that holds data when the stack goes.
    :param network: the subnets and groups of the functions; none, for functions outside of any VPC.
    :param tracing: whether functions and state machines tell AWS X-Ray of their calls.
    """

    encryption_key: kms.IKey | None = None
    removal_policy: RemovalPolicy = RemovalPolicy.RETAIN
    network: Network | None = None
    tracing: bool = False

    @classmethod
    def of(
        cls,
        scope: Construct,
        *,
        encryption_key: kms.IKey | None,
        removal_policy: RemovalPolicy,
        vpc_config: VpcConfig | None,
        tracing: bool,
    ) -> Safekeeping:
        """That of the construct ``scope``, whose functions share one security group, in it as ``FunctionNetwork``."""
        network = Network(Construct(scope, "FunctionNetwork"), vpc_config, https_only=True) if vpc_config else None
        return cls(encryption_key=encryption_key, removal_policy=removal_policy, network=network, tracing=tracing)

    @property
    def vpc_config(self) -> VpcConfig | None:
        """For a construct within the construct, whose functions then have the same group."""
        return self.network.shared if self.network else None
