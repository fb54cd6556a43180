"""Whether the Region offers the instance types: by the library's table, and where that says no, by today's prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from constructs_lib.advisor.price_list import ENDPOINT_REGION, PricesUnavailable, fetch
from constructs_lib.facts import instances
from constructs_lib.facts.limit import Severity
from constructs_lib.preflight.account import Account, Denied
from constructs_lib.preflight.check import Check
from constructs_lib.preflight.findings import found, refused, unanswered
from constructs_lib.preflight.target import Target
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.relations import variants
from constructs_lib.templates.template import Node

_TITLE = "instance types are offered in the Region"


@dataclass(frozen=True, slots=True)
class Type:
    """An instance type that the table does not have for the Region."""

    node: Node
    name: str


def _types(target: Target) -> Iterator[Type]:
    offered = instances.offered(target.account.region) or frozenset()
    for variant in variants(target.template):
        for place in variant.instance_types:
            if place.text and place.text not in offered:
                yield Type(place, place.text)


def _judge(target: Target, type_: Type) -> Iterator[Finding]:
    region = target.account.region
    severity = Severity.ERROR
    try:
        if f"endpoint:{type_.name}" in target.account.once(_priced):
            return
    except (Denied, PricesUnavailable) as error:
        # The table alone: it may be older than the offer.
        severity = Severity.WARNING
        if isinstance(error, Denied):
            yield refused(type_.node, error, "today's prices, which say what is offered")
        else:
            yield unanswered(type_.node, error, "today's prices, which say what is offered")
    near = instances.nearest(type_.name, region=region)
    yield found(
        instances.IN_REGION,
        type_.node,
        f"InstanceType must be one with a price for hosting in {region}, {type_.name} has none",
        f"choose one such as {' or '.join(near or ['ml.m5.large'])}, or deploy to another Region",
        severity,
    )


def _priced(account: Account) -> frozenset[str]:
    """What has a price in the Region today; asked for only where the table does not know better."""
    with account.permitted("pricing:GetProducts"):
        try:
            prices = fetch(account.region, today=account.today, client=account.elsewhere("pricing", ENDPOINT_REGION))
        except PricesUnavailable as error:
            if isinstance(error.__cause__, ClientError):
                raise error.__cause__ from error
            raise
    return frozenset(price.name for price in prices)


OFFERED_TYPES = Check(_TITLE, _types, _judge)
