"""A network without a way out, and the ways to AWS's services that what is in it needs."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from constructs_lib import InvalidConfiguration, PrivateNetwork, VpcConfig
from constructs_lib.endpoints.handlers import INTERFACE_ENDPOINTS, handlers_folder
from tests.asl import text_of
from tests.safe.everything import BUILDERS, templates
from tests.support import one

ROOT = Path(__file__).resolve().parents[2]
# By the name of a client of boto3: its endpoint of the VPC; none for those with a gateway.
ENDPOINTS: Mapping[str, str | None] = {
    "cloudwatch": "monitoring",
    "dynamodb": None,
    "firehose": "kinesis-firehose",
    "kinesis": "kinesis-streams",
    "lambda": "lambda",
    "s3": None,
    "sagemaker": "sagemaker.api",
    "sagemaker-runtime": "sagemaker.runtime",
    "sqs": "sqs",
    "stepfunctions": "states",
}
# The sink says which of the two it is.
OF_THE_SINK = {"kinesis-firehose", "kinesis-streams"}


@pytest.fixture(scope="module")
def example() -> Template:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        app = runpy.run_path(str(ROOT / "examples" / "private_network.py"), run_name="__main__")["app"]
    return Template.from_stack(app.node.find_child("PrivateNetwork"))


@pytest.fixture(scope="module")
def connected() -> dict[str, Mapping[str, Any]]:
    """Each construct in a private network of its own."""
    return templates(make_vpc_config=lambda stack: PrivateNetwork(stack, "Network").vpc_config)


def test_nothing_leads_out(example: Template) -> None:
    for type_ in ("InternetGateway", "NatGateway", "EIP", "EgressOnlyInternetGateway", "Route"):
        example.resource_count_is(f"AWS::EC2::{type_}", 0)
    subnets = example.find_resources("AWS::EC2::Subnet").values()
    assert [subnet["Properties"]["MapPublicIpOnLaunch"] for subnet in subnets] == [False, False]


def test_the_model_is_isolated_and_in_the_network(example: Template) -> None:
    [model] = example.find_resources("AWS::SageMaker::Model").values()
    assert model["Properties"]["EnableNetworkIsolation"] is True
    group = one(example, "AWS::EC2::SecurityGroup", "NetworkSecurityGroup")
    assert model["Properties"]["VpcConfig"]["SecurityGroupIds"] == [{"Fn::GetAtt": [group, "GroupId"]}]


def test_only_what_is_in_the_network_reaches_the_endpoints_and_only_by_https(example: Template) -> None:
    doors, inside = (one(example, "AWS::EC2::SecurityGroup", part) for part in ("EndpointS", "NetworkSecurityGroup"))
    [rule] = [each["Properties"] for each in example.find_resources("AWS::EC2::SecurityGroupIngress").values()]
    assert (rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) == (443, 443, "tcp")
    assert rule["GroupId"] == {"Fn::GetAtt": [doors, "GroupId"]}
    assert rule["SourceSecurityGroupId"] == {"Fn::GetAtt": [inside, "GroupId"]}
    groups = example.find_resources("AWS::EC2::SecurityGroup")
    [egress] = groups[inside]["Properties"]["SecurityGroupEgress"]
    assert (egress["FromPort"], egress["ToPort"]) == (443, 443)
    assert all("SecurityGroupIngress" not in group["Properties"] for group in groups.values())


def test_through_an_endpoint_only_principals_of_the_account_do_what_the_service_does(example: Template) -> None:
    for endpoint in example.find_resources("AWS::EC2::VPCEndpoint").values():
        [statement] = endpoint["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}
        assert re.fullmatch(r"[a-z0-9]+:\*", statement["Action"])


def test_there_are_endpoints_for_what_is_called_and_for_what_was_asked_and_no_others(example: Template) -> None:
    assert _services(example.to_json()) == {"s3", "dynamodb", "sagemaker.runtime", "states"}


@pytest.mark.parametrize("construct", BUILDERS)
def test_every_function_is_in_the_network_and_its_services_are_reached(
    construct: str, connected: dict[str, Mapping[str, Any]]
) -> None:
    template = connected[construct]
    called: set[str] = set()
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            assert "VpcConfig" in resource["Properties"], resource["Properties"]["Handler"]
            called |= set(INTERFACE_ENDPOINTS.get(resource["Properties"]["Handler"].partition(".")[0], ()))
    sinks = {
        {"AWS::Kinesis::Stream": "kinesis-streams", "AWS::KinesisFirehose::DeliveryStream": "kinesis-firehose"}.get(
            resource["Type"]
        )
        for resource in template["Resources"].values()
    } - {None}
    assert _services(template) == {"s3", "dynamodb"} | called | sinks


def test_the_endpoints_of_each_handler_are_those_of_its_clients() -> None:
    for folder in handlers_folder().iterdir():
        text = " ".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py")) if folder.is_dir() else ""
        clients = set(re.findall(r'boto3\.client\("([a-z0-9-]+)"', text))
        wanted = {ENDPOINTS[client] for client in clients} - {None} - OF_THE_SINK
        assert wanted == set(INTERFACE_ENDPOINTS.get(folder.name, ())), folder.name


def test_lambda_alone_may_use_the_permissions_for_interfaces(connected: dict[str, Mapping[str, Any]]) -> None:
    found = list(_statements_on_interfaces(connected["AsyncEndpoint"]))
    denied = [statement for statement in found if statement["Effect"] == "Deny"]
    allowed = [statement for statement in found if statement["Effect"] == "Allow"]
    assert {action for each in allowed for action in each["Action"]} == set(denied[0]["Action"])
    assert all("lambda:SourceFunctionArn" in each["Condition"]["ArnLike"] for each in denied)
    assert len(denied) == 2  # submission and results


def test_one_zone_is_too_few() -> None:
    with pytest.raises(InvalidConfiguration, match="max_azs must be at least 2, got 1"):
        PrivateNetwork(cdk.Stack(cdk.App(), "Stack"), "Network", max_azs=1)


def _services(template: Mapping[str, Any]) -> set[str]:
    endpoints = (each for each in template["Resources"].values() if each["Type"] == "AWS::EC2::VPCEndpoint")
    return {text_of(each["Properties"]["ServiceName"]).split(".", 3)[3] for each in endpoints}


def _statements_on_interfaces(template: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in template["Resources"].values():
        name = str(resource["Properties"].get("PolicyName")) if resource["Type"] == "AWS::IAM::Policy" else ""
        if "Submission" in name or "ResultsConsumer" in name:
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                if "ec2:" in str(statement["Action"]):
                    yield statement


def test_in_a_vpc_of_the_owner_all_functions_share_a_group_that_lets_https_out_and_nothing_in() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    config = VpcConfig(vpc=ec2.Vpc(stack, "Vpc"))
    BUILDERS["HybridInference"](stack, key=None, removal_policy=cdk.RemovalPolicy.RETAIN, vpc_config=config)
    template = Template.from_stack(stack)
    [(name, group)] = template.find_resources("AWS::EC2::SecurityGroup").items()
    [egress] = group["Properties"]["SecurityGroupEgress"]
    assert (egress["IpProtocol"], egress["FromPort"], egress["ToPort"]) == ("tcp", 443, 443)
    template.resource_count_is("AWS::EC2::SecurityGroupIngress", 0)
    functions = template.find_resources("AWS::Lambda::Function").values()
    groups = [each["Properties"]["VpcConfig"]["SecurityGroupIds"] for each in functions]
    assert groups == [[{"Fn::GetAtt": [name, "GroupId"]}]] * 9  # five of its own, four of its batch
