"""Whether the Region offers the instance types: by the library's table, and where that says no, by today's prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from constructs_lib.advisor.price_list import ENDPOINT_REGION, PricesUnavailable, fetch
from constructs_lib.facts import instances
from constructs_lib.facts.instances import Use
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.transform_instances import INSTANCE_TYPE_IN_REGION
from constructs_lib.preflight.account import Account, Denied
from constructs_lib.preflight.check import Check
from constructs_lib.preflight.findings import found, refused, unanswered
from constructs_lib.preflight.target import Target
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.relations import variants
from constructs_lib.templates.state_machines import CREATE_TRANSFORM_JOB, tasks
from constructs_lib.templates.template import Node, Template

_ROWS = {"endpoint": (instances.IN_REGION, "hosting"), "transform": (INSTANCE_TYPE_IN_REGION, "batch transform")}
_TITLE = "instance types are offered in the Region"


@dataclass(frozen=True, slots=True)
class Type:
    """An instance type that the table does not have for the Region."""

    node: Node
    name: str
    use: Use


def _types(target: Target) -> Iterator[Type]:
    for place, use in _places(target.template):
        if place.text and place.text not in (instances.offered(target.account.region, use) or ()):
            yield Type(place, place.text, use)


def _places(template: Template) -> Iterator[tuple[Node, Use]]:
    for variant in variants(template):
        yield from ((place, "endpoint") for place in variant.instance_types)
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        yield job.parameters.at("TransformResources", "InstanceType"), "transform"


def _judge(target: Target, type_: Type) -> Iterator[Finding]:
    region = target.account.region
    severity = Severity.ERROR
    try:
        if f"{type_.use}:{type_.name}" in target.account.once(_priced):
            return
    except (Denied, PricesUnavailable) as error:
        # The table alone: it may be older than the offer.
        severity = Severity.WARNING
        if isinstance(error, Denied):
            yield refused(type_.node, error, "today's prices, which say what is offered")
        else:
            yield unanswered(type_.node, error, "today's prices, which say what is offered")
    near = instances.nearest(type_.name, type_.use, region=region)
    limit, what = _ROWS[type_.use]
    yield found(
        limit,
        type_.node,
        f"InstanceType must be one with a price for {what} in {region}, {type_.name} has none",
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
