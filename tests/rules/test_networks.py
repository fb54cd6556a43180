"""What the examples of the rules about networks and keys do not show."""

from __future__ import annotations

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.bases import realtime, serverless
from constructs_lib.rules.examples.example import Document, changed, get, resource
from tests.rules.support import found

VPC = {"Subnets": ["subnet-0a", "subnet-0b"], "SecurityGroupIds": ["sg-0a"]}


def inside(*subnets: object, base: Document | None = None) -> Document:
    return changed(base or realtime(), {"Model.VpcConfig": {**VPC, "Subnets": list(subnets)}})


def with_subnets(first: object, second: object) -> Document:
    document = inside({"Ref": "First"}, {"Ref": "Second"})
    document["Resources"]["First"] = resource("AWS::EC2::Subnet", VpcId="vpc-0a", AvailabilityZone=first)
    document["Resources"]["Second"] = resource("AWS::EC2::Subnet", VpcId="vpc-0a", AvailabilityZone=second)
    return document


def zone(index: int) -> Document:
    return {"Fn::Select": [index, {"Fn::GetAZs": ""}]}


@pytest.mark.parametrize("key", [get("Key", "Arn"), {"Ref": "Key"}, "{{resolve:ssm:/key}}", ""])
def test_a_key_of_unknown_or_no_name_is_not_judged(key: object) -> None:
    assert found(changed(realtime(), {"Config.KmsKeyId": key}), "KMS-FMT") == []


@pytest.mark.parametrize(
    "place",
    ["Config.KmsKeyId", "Config.DataCaptureConfig.KmsKeyId", "Config.ProductionVariants.0.CoreDumpConfig.KmsKeyId"],
)
def test_a_key_is_judged_wherever_it_stands(place: str) -> None:
    [finding] = found(changed(realtime(), {place: "alias/my key"}), "KMS-FMT")
    assert "'alias/my key'" in finding.message
    assert finding.fix == "give the id, the ARN or the alias of the key"


@pytest.mark.parametrize("subnets", [{"Ref": "Subnets"}, {"Fn::Split": [",", {"Fn::ImportValue": "Subnets"}]}])
def test_subnets_known_only_at_deploy_time_are_not_judged(subnets: object) -> None:
    assert judge(changed(realtime(), {"Model.VpcConfig": {**VPC, "Subnets": subnets}})) == []


def test_a_subnet_left_out_by_a_condition_does_not_count() -> None:
    document = inside("subnet-0a", {"Fn::If": ["IsWide", "subnet-0b", {"Ref": "AWS::NoValue"}]})
    document["Parameters"] = {"Width": {"Type": "String"}}
    document["Conditions"] = {"IsWide": {"Fn::Equals": [{"Ref": "Width"}, "wide"]}}
    [finding] = judge(document)
    assert (finding.rule, finding.severity) == ("VPC-2AZ", Severity.WARNING)
    assert "got 1 subnet" in finding.message


def test_an_empty_list_of_security_groups_is_refused() -> None:
    [finding] = judge(changed(realtime(), {"Model.VpcConfig": {**VPC, "SecurityGroupIds": []}}))
    assert finding.rule == "VPC-SG"
    assert "from 1 to 5 security groups, got 0" in finding.message


def test_subnets_of_one_zone_are_found_out() -> None:
    [finding] = judge(with_subnets("eu-west-1a", "eu-west-1a"))
    assert finding.rule == "VPC-2AZ"
    assert "2 subnets in eu-west-1a" in finding.message


@pytest.mark.parametrize(
    ("first", "second"), [("eu-west-1a", "eu-west-1b"), (zone(0), zone(1)), ("eu-west-1a", zone(1))]
)
def test_subnets_of_different_or_unknown_zones_are_sound(first: object, second: object) -> None:
    assert judge(with_subnets(first, second)) == []


def test_one_subnet_is_enough_for_a_model_that_no_endpoint_serves() -> None:
    document = inside("subnet-0a")
    del document["Resources"]["Config"], document["Resources"]["Endpoint"]
    assert judge(document) == []


def test_the_subnets_of_a_serverless_model_are_another_rules_matter() -> None:
    assert found(inside("subnet-0a", base=serverless()), "VPC-2AZ") == []


def test_the_network_of_an_endpoint_configuration_is_judged_too() -> None:
    [finding] = found(changed(realtime(), {"Config.VpcConfig": {**VPC, "Subnets": ["subnet-0a"]}}), "VPC-2AZ")
    assert (finding.logical_id, finding.path) == ("Config", "Properties.VpcConfig.Subnets")
