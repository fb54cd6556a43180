"""A network without a way to the internet, and the ways to AWS's services that the constructs in it need."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.checks import Checks
from constructs_lib.endpoints.keys import let_logs
from constructs_lib.endpoints.network import VpcConfig
from constructs_lib.endpoints.permissions import arn_of
from constructs_lib.facts import networks
from constructs_lib.tokens import is_token

# Services whose actions are called otherwise than their endpoints.
_ACTIONS = {"kinesis-firehose": "firehose", "kinesis-streams": "kinesis", "monitoring": "cloudwatch"}


class PrivateNetwork(Construct):
    """A VPC of isolated subnets alone: no internet gateway, no NAT, endpoints for S3, DynamoDB and what is needed.

    Give its ``vpc_config`` to models and constructs; the interface endpoints of the services that their functions call
    are made as the functions are. Each costs by the hour and zone. Through an endpoint only principals of the account
    reach the service, and only those in ``vpc_config`` reach the endpoint. Requests are in the flow log.

    :param services: further interface endpoints by the names of AWS, such as ``sagemaker.runtime`` for callers of one's
        own in the VPC; none by default.
    :param max_azs: Availability Zones, 2 or more; 2 by default.
    :param log_retention: how long the flow log is kept; a month by default.
    :param encryption_key: key for the flow log; AWS's own by default.
    :param removal_policy: what becomes of the flow log when the stack goes; it is retained by default.
    :raises InvalidConfiguration: with every wrong value of the call.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        services: Sequence[str] = (),
        max_azs: int = 2,
        log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH,
        encryption_key: kms.IKey | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        checks = Checks(f"PrivateNetwork {id}")
        zones = f"max_azs must be at least 2, got {max_azs}; one zone may fail"
        checks.require(is_token(max_azs) or max_azs >= 2, zones, networks.AVAILABILITY_ZONES)
        checks.done()
        super().__init__(scope, id)
        isolated = ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=max_azs,
            nat_gateways=0,
            create_internet_gateway=False,
            subnet_configuration=[isolated],
            # It takes a function of CDK's own to close the default group, which nothing here is in.
            restrict_default_security_group=False,
        )
        self.security_group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=self.vpc,
            description="what is in the private network: HTTPS to the endpoints, nothing from outside",
            allow_all_outbound=False,
        )
        # S3 and DynamoDB have public addresses, which the subnets have a route to through the gateway endpoints alone.
        self.security_group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "AWS's services through the endpoints")
        self._doors = ec2.SecurityGroup(
            self,
            "EndpointSecurityGroup",
            vpc=self.vpc,
            description="the interface endpoints: HTTPS from the private network alone",
            allow_all_outbound=False,
        )
        self._doors.add_ingress_rule(self.security_group, ec2.Port.HTTPS, "from the private network")
        self._endpoints: dict[str, ec2.InterfaceVpcEndpoint] = {}
        self._add_gateways()
        self._log(log_retention, encryption_key, removal_policy)
        self.reach(*services)

    @property
    def vpc_config(self) -> VpcConfig:
        """The network for models, and for the functions of constructs."""
        return VpcConfig(vpc=self.vpc, security_groups=[self.security_group], reach=self.reach)

    def reach(self, *services: str) -> None:
        """Make the interface endpoints of ``services`` that are not there yet."""
        for service in services:
            if service not in self._endpoints:
                self._endpoints[service] = self._make(service)

    def _make(self, service: str) -> ec2.InterfaceVpcEndpoint:
        words = service.replace("-", ".").split(".")
        endpoint = self.vpc.add_interface_endpoint(
            "".join(word.capitalize() for word in words),
            service=ec2.InterfaceVpcEndpointAwsService(service),
            security_groups=[self._doors],
            open=False,
        )
        actions = _ACTIONS.get(service, service.partition(".")[0])
        endpoint.add_to_policy(_of_account(f"{actions}:*"))
        return endpoint

    def _add_gateways(self) -> None:
        table = self.vpc.add_gateway_endpoint("DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
        table.add_to_policy(_of_account("dynamodb:*"))
        bucket = self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        bucket.add_to_policy(_of_account("s3:*"))

    def _log(self, retention: logs.RetentionDays, key: kms.IKey | None, removal_policy: RemovalPolicy) -> None:
        if key:
            let_logs(key, self)
        group = logs.LogGroup(
            self, "FlowLogGroup", retention=retention, encryption_key=key, removal_policy=removal_policy
        )
        # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
        own = {"ArnLike": {"aws:SourceArn": arn_of(self, "ec2", "vpc-flow-log/*")}}
        service = iam.ServicePrincipal("vpc-flow-logs.amazonaws.com", conditions=own)
        role = iam.Role(self, "FlowLogRole", assumed_by=service)
        self.vpc.add_flow_log("FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(group, role))


def _of_account(actions: str) -> iam.PolicyStatement:
    """Whoever calls, if it is a principal of the account; what it may do is said by its own policies."""
    return iam.PolicyStatement(
        actions=[actions],
        resources=["*"],
        principals=[iam.AnyPrincipal()],
        conditions={"StringEquals": {"aws:PrincipalAccount": Aws.ACCOUNT_ID}},
    )
