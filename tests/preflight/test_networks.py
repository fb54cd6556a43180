"""Subnets: there, in two Availability Zones, with two free addresses for each instance at once."""

from __future__ import annotations

from typing import Any

from constructs_lib.facts.limit import Severity
from constructs_lib.preflight.networks import SUBNETS
from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.example import Document, changed
from tests.preflight.conftest import Aws, Preflight, refusal
from tests.preflight.test_instances import is_own

COUNT = "Config.ProductionVariants.0.InitialInstanceCount"


def inside(*subnets: object) -> Document:
    """Two instances, four during an update, in these subnets."""
    return changed(realtime(), {"Model.VpcConfig": {"Subnets": list(subnets), "SecurityGroupIds": ["sg-1"]}})


def holds(aws: Aws, *rows: tuple[str, str, int]) -> None:
    """The subnets of the account: id, zone, free addresses."""

    def described(params: Any) -> dict[str, Any]:
        wanted = params["Filters"][0]["Values"]
        return {
            "Subnets": [
                {"SubnetId": id, "AvailabilityZone": zone, "AvailableIpAddressCount": free}
                for id, zone, free in rows
                if id in wanted
            ]
        }

    aws.on("DescribeSubnets", described)


def test_two_zones_with_enough_addresses_are_clean(aws: Aws, preflight: Preflight) -> None:
    holds(aws, ("subnet-a", "eu-west-1a", 4), ("subnet-b", "eu-west-1b", 4))
    assert preflight(SUBNETS, inside("subnet-a", "subnet-b")) == []


def test_a_model_outside_of_a_vpc_asks_nothing(aws: Aws, preflight: Preflight) -> None:
    assert preflight(SUBNETS, realtime()) == []
    assert aws.asked("DescribeSubnets") == []


def test_too_few_addresses_for_the_fleets_of_an_update_are_a_warning(aws: Aws, preflight: Preflight) -> None:
    holds(aws, ("subnet-a", "eu-west-1a", 4), ("subnet-b", "eu-west-1b", 3))
    (finding,) = preflight(SUBNETS, inside("subnet-a", "subnet-b"))
    assert (finding.rule, finding.severity) == ("VPC-IP", Severity.WARNING)
    assert "4 more instances need 8 free addresses, 2 each; subnet-a, subnet-b have 7" in finding.message


def test_instances_that_run_already_have_their_addresses(aws: Aws, preflight: Preflight) -> None:
    is_own(aws, "Mine")
    holds(aws, ("subnet-a", "eu-west-1a", 2), ("subnet-b", "eu-west-1b", 2))
    assert preflight(SUBNETS, inside("subnet-a", "subnet-b")) == []


def test_subnets_in_one_zone_are_a_warning(aws: Aws, preflight: Preflight) -> None:
    holds(aws, ("subnet-a", "eu-west-1a", 100), ("subnet-b", "eu-west-1a", 100))
    (finding,) = preflight(SUBNETS, inside("subnet-a", "subnet-b"))
    assert (finding.rule, "eu-west-1a" in finding.message) == ("VPC-2AZ", True)


def test_a_subnet_that_is_not_there_is_an_error(aws: Aws, preflight: Preflight) -> None:
    holds(aws, ("subnet-a", "eu-west-1a", 100))
    (finding,) = preflight(SUBNETS, inside("subnet-a", "subnet-b"))
    assert (finding.rule, finding.severity) == ("VPC-SUBNET-EXISTS", Severity.ERROR)
    assert "there is no subnet-b in eu-west-1" in finding.message


def test_subnets_of_this_deployment_are_said_to_be_unjudged(preflight: Preflight) -> None:
    document = inside("subnet-a", {"Ref": "Subnet"})
    document["Resources"]["Subnet"] = {"Type": "AWS::EC2::Subnet"}
    (finding,) = preflight(SUBNETS, document)
    assert (finding.rule, "Subnet is made by this deployment" in finding.message) == ("PREFLIGHT-UNJUDGED", True)


def test_a_call_that_is_denied_is_named(aws: Aws, preflight: Preflight) -> None:
    aws.on("DescribeSubnets", refusal("UnauthorizedOperation", status=403))
    (finding,) = preflight(SUBNETS, inside("subnet-a", "subnet-b"))
    assert (finding.rule, "ec2:DescribeSubnets is not allowed" in finding.message) == ("PREFLIGHT-DENIED", True)
