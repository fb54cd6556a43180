"""The quotas of serverless endpoints: the concurrency and the number of all that an account has in a Region."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from constructs_lib.facts import service_quotas
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import ENDPOINT
from constructs_lib.facts.service_quotas import ServiceQuota
from constructs_lib.preflight.account import Denied
from constructs_lib.preflight.check import Check
from constructs_lib.preflight.deployed import Running, endpoints
from constructs_lib.preflight.findings import found, refused, unjudged
from constructs_lib.preflight.quotas import applied
from constructs_lib.preflight.target import Target
from constructs_lib.rules.rule import Finding
from constructs_lib.rules.serverless_quotas import concurrency
from constructs_lib.templates.relations import config_of, variants_of
from constructs_lib.templates.template import Node

_TITLE = "serverless endpoints are within the quotas of the account"


@dataclass(frozen=True, slots=True)
class Need:
    """What the serverless endpoints of a template take of a quota."""

    quota: ServiceQuota
    node: Node
    amount: float


def _needs(target: Target) -> Iterator[Need | Finding]:
    places = list(concurrency(target.template))
    for place in (place for place in places if place.number is None):
        why, fix = target.why_unknown(place)
        yield unjudged(place, f"MaxConcurrency is not known: {why}", fix)
    known = [place for place in places if place.number is not None]
    if known:
        yield Need(service_quotas.SERVERLESS_CONCURRENCY, known[-1], sum(place.number or 0 for place in known))
    serverless = [endpoint for endpoint in target.template.of(ENDPOINT) if _is_serverless(target, endpoint)]
    if serverless:
        yield Need(service_quotas.SERVERLESS_ENDPOINTS, serverless[-1], len(serverless))


def _is_serverless(target: Target, endpoint: Node) -> bool:
    return any(each.is_serverless for each in variants_of(target.template, config_of(target.template, endpoint)))


def _judge(target: Target, need: Need) -> Iterator[Finding]:
    quota = applied(target.account, need.quota)
    if quota is None:
        yield unjudged(need.node, f"Service Quotas has no quota {need.quota.name!r}", "ask AWS for its value")
        return
    others: list[Running] = []
    try:
        others = [running for running in target.account.once(endpoints) if target.is_other(running.name)]
    except Denied as denied:
        yield refused(need.node, denied, "serverless endpoints that the account runs already")
    is_concurrency = need.quota is service_quotas.SERVERLESS_CONCURRENCY
    beside = sum(each.concurrency if is_concurrency else each.is_serverless for each in others)
    if beside + need.amount > quota.value:
        yield found(
            need.quota.limit,
            need.node,
            f"{need.quota.name} is {quota.value:g} in account {target.account.identity.account} in "
            f"{target.account.region}, this takes {need.amount:g} beside {beside:g} of other endpoints",
            quota.remedy(
                beside + need.amount,
                target.account.region,
                "lower MaxConcurrency" if is_concurrency else "delete an endpoint that is not needed",
            ),
            Severity.ERROR,
        )


SERVERLESS_QUOTAS = Check(_TITLE, _needs, _judge)
