"""Networks of models and endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import networks
from constructs_lib.facts.paths import CONFIG, SUBNET
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import variants
from constructs_lib.templates.template import Node, Template


@rule(networks.AVAILABILITY_ZONES)
def subnets_in_two_zones(template: Template) -> Iterator[Problem]:
    """A hosted model has subnets in at least two Availability Zones."""
    for subnets in _hosted(template):
        ids = [subnet.value for subnet in subnets.items]
        zones = {_zone(template, subnet) for subnet in subnets.items}
        if len(ids) == 1:
            found = "1 subnet"
        elif len(zones) == 1 and None not in zones:
            found = f"{len(ids)} subnets in {zones.pop()}"
        else:
            continue
        message = f"a hosted model needs subnets in at least 2 Availability Zones, got {found}"
        yield Problem(subnets, message, "add a subnet in another Availability Zone")


def _hosted(template: Template) -> Iterator[Node]:
    """The subnets of the models that instances serve, and of endpoint configurations."""
    for variant in variants(template):
        if variant.model is not None and not variant.is_serverless:
            yield variant.model.at("VpcConfig", "Subnets")
    for config in template.of(CONFIG):
        yield config.at("VpcConfig", "Subnets")


def _zone(template: Template, subnet: Node) -> str | None:
    """The Availability Zone of a subnet of this template, if it is written there."""
    found = template.follow(subnet, SUBNET)
    return None if found is None else found.at("AvailabilityZone").text or found.at("AvailabilityZoneId").text
