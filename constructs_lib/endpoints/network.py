"""The network of a model: subnets and security groups of a VPC, and what the execution role may do in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.permissions import Role, allow, arn_of
from constructs_lib.facts import networks

_INTERFACES = [
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
]
_DESCRIBE = [
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
]

_INTERFACES_OF_LAMBDA = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
]
_DESCRIBE_OF_LAMBDA = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VpcConfig:
    """Where a model's containers, or the functions of a construct, are connected to.

    :param vpc: the VPC.
    :param subnets: which of its subnets, in two Availability Zones or more; the private ones by default.
    :param security_groups: at most 5; one without inbound rules is made by default.
    :param reach: is told the services that functions call from there, by the names of their interface endpoints, such
        as ``sagemaker.runtime``; ``PrivateNetwork`` makes them so. Nobody by default.
    """

    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection | None = None
    security_groups: Sequence[ec2.ISecurityGroup] | None = None
    reach: Callable[..., None] | None = None

    def check(self, checks: Checks) -> None:
        """Note a problem unless AWS takes the number of security groups."""
        if self.security_groups is not None:
            checks.count("vpc_config.security_groups", self.security_groups, networks.SECURITY_GROUPS)


class Network:
    """A ``VpcConfig`` at work in a model or in functions: the groups, the connections, the permissions."""

    def __init__(self, scope: Construct, config: VpcConfig, *, https_only: bool = False) -> None:
        """``https_only`` is for a group that is made: a container may call anything, a function calls AWS."""
        groups = config.security_groups or [_make_group(scope, config.vpc, https_only)]
        self._subnets = (
            config.vpc.select_subnets()
            if config.subnets is None
            else config.vpc.select_subnets(
                subnets=config.subnets.subnets,
                subnet_type=config.subnets.subnet_type,
                subnet_group_name=config.subnets.subnet_group_name,
                availability_zones=config.subnets.availability_zones,
                one_per_az=config.subnets.one_per_az,
                subnet_filters=config.subnets.subnet_filters,
            )
        )
        self._config = config
        self.vpc = config.vpc
        self.groups = list(groups)
        self.connections = ec2.Connections(security_groups=self.groups)

    @property
    def selection(self) -> ec2.SubnetSelection:
        """The very subnets, for constructs of CDK."""
        return ec2.SubnetSelection(subnets=self._subnets.subnets)

    @property
    def shared(self) -> VpcConfig:
        """With the groups written out: who takes this gets no group of its own."""
        return replace(self._config, security_groups=self.groups)

    def render(self) -> sagemaker.CfnModel.VpcConfigProperty:
        """As CloudFormation writes it."""
        return sagemaker.CfnModel.VpcConfigProperty(
            subnets=self._subnets.subnet_ids,
            security_group_ids=[group.security_group_id for group in self.groups],
        )

    def grant_interfaces(self, scope: Construct, role: Role) -> None:
        """Let the execution role make and remove network interfaces in these subnets and groups alone."""
        subnets = [f"subnet/{name}" for name in self._subnets.subnet_ids]
        groups = [f"security-group/{group.security_group_id}" for group in self.groups]
        everything = ["network-interface/*", *subnets, *groups]
        allow(role, _INTERFACES, [arn_of(scope, "ec2", resource) for resource in everything])
        # The describing actions have no resource level.
        allow(role, _DESCRIBE, ["*"])

    def reach(self, *services: str) -> None:
        """Say which services functions call."""
        if self._config.reach:
            self._config.reach(*services)

    def allow_function(self, scope: Construct, role: iam.Role) -> None:
        """Let Lambda, and nobody else with the role of a function, make and remove the function's interfaces.

        Lambda makes them as the role. What is denied is what the code of a function does with the same role.
        https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
        """
        # AWS wants all resources of the account here, or the function may not reach its VPC.
        allow(role, _INTERFACES_OF_LAMBDA, [arn_of(scope, "ec2", "*/*")])
        # The describing actions have no resource level.
        allow(role, _DESCRIBE_OF_LAMBDA, ["*"])
        by_code = {"ArnLike": {"lambda:SourceFunctionArn": arn_of(scope, "lambda", "function:*")}}
        role.add_to_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                actions=[*_INTERFACES_OF_LAMBDA, *_DESCRIBE_OF_LAMBDA],
                resources=["*"],
                conditions=by_code,
            )
        )


def _make_group(scope: Construct, vpc: ec2.IVpc, https_only: bool) -> ec2.SecurityGroup:
    group = ec2.SecurityGroup(scope, "SecurityGroup", vpc=vpc, allow_all_outbound=not https_only)
    if https_only:
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "AWS's services")
    return group
