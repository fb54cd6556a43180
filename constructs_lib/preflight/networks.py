"""Subnets of hosted models: that they are there, in two Availability Zones, with addresses for all instances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from constructs_lib.facts import account as facts
from constructs_lib.facts import networks
from constructs_lib.facts.paths import CONFIG, MODEL
from constructs_lib.preflight.check import Check
from constructs_lib.preflight.findings import found, unjudged
from constructs_lib.preflight.serving import new_instances, serving
from constructs_lib.preflight.target import Target
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.relations import Variant, variants_of
from constructs_lib.templates.template import Node

_TITLE = "subnets are in two Availability Zones and have free addresses"


@dataclass(frozen=True, slots=True)
class Subnets:
    """The subnets of a model or a configuration, and how many more instances stand in them at most."""

    node: Node
    ids: tuple[str, ...]
    instances: float


def _subnets(target: Target) -> Iterator[Subnets | Finding]:
    for node, variants in _places(target):
        unknown = [place for place in node.each if place.given and place.text is None]
        for place in unknown:
            why, fix = target.why_unknown(place)
            yield unjudged(place, f"the subnet is not known: {why}", fix)
        ids = tuple(place.text for place in node.items if place.text is not None)
        if ids and not unknown:
            yield Subnets(node, ids, new_instances(target.template, variants, target.resources or {}))


def _places(target: Target) -> Iterator[tuple[Node, list[Variant]]]:
    for model in target.template.of(MODEL):
        yield model.at("VpcConfig", "Subnets"), serving(target.template, model)
    for config in target.template.of(CONFIG):
        yield config.at("VpcConfig", "Subnets"), variants_of(target.template, config)


def _judge(target: Target, subnets: Subnets) -> Iterator[Finding]:
    # A filter leaves out what does not exist, where ids would fail the whole call.
    wanted = [{"Name": "subnet-id", "Values": list(subnets.ids)}]
    with target.account.permitted("ec2:DescribeSubnets"):
        pages = target.account.service("ec2").get_paginator("describe_subnets").paginate(Filters=wanted)
        rows = [row for page in pages for row in page["Subnets"]]
    missing = sorted(set(subnets.ids) - {row["SubnetId"] for row in rows})
    if missing:
        message = f"there is no {' or '.join(missing)} in {target.account.region}"
        yield found(facts.SUBNET_EXISTS, subnets.node, message, "give subnets of this account and Region")
        return
    zones = sorted({row["AvailabilityZone"] for row in rows})
    if not networks.AVAILABILITY_ZONES.allows(zones):
        yield found(
            networks.AVAILABILITY_ZONES,
            subnets.node,
            f"a hosted model needs subnets in 2 Availability Zones, got {', '.join(subnets.ids)} in {zones[0]}",
            "add a subnet in another Availability Zone",
        )
    free, needed = sum(row["AvailableIpAddressCount"] for row in rows), subnets.instances * facts.ADDRESSES.minimum
    if free < needed:
        yield found(
            facts.ADDRESSES,
            subnets.node,
            f"{subnets.instances:g} more instances need {needed:g} free addresses, {facts.ADDRESSES.minimum} each; "
            f"{', '.join(subnets.ids)} have {free}",
            "give larger subnets, more of them, or fewer instances",
        )


SUBNETS = Check(_TITLE, _subnets, _judge)
