"""Where serverless variants are offered, and how much concurrency an account has."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import serverless_quotas as facts
from constructs_lib.facts import service_quotas
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import ENDPOINT
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.known_quotas import KnownQuotas
from constructs_lib.templates.relations import (
    config_of,
    variants,
    variants_of,
)
from constructs_lib.templates.template import Node, Template


@rule(facts.REGIONS)
def region_has_serverless(template: Template) -> Iterator[Problem]:
    """Serverless inference is offered in the Region."""
    if template.region is None or facts.REGIONS.allows(template.region):
        return
    for variant in variants(template):
        if variant.is_serverless:
            yield Problem(
                variant.node.at("ServerlessConfig"),
                f"AWS does not list {template.region} among the Regions of serverless inference",
                "check that the Region has it by now, deploy to another Region, or serve from instances (InstanceType)",
            )


@rule(facts.ACCOUNT_CONCURRENCY)
def concurrency_within_account(template: Template) -> Iterator[Problem]:
    """All serverless endpoints of a template stay within the concurrency that an account has in its Region."""
    if template.quotas is not None and service_quotas.SERVERLESS_CONCURRENCY.name in template.quotas.values:
        yield from _above_known(template, template.quotas)
        return
    if template.region is None:
        return
    large = facts.LARGE_REGIONS.allows(template.region)
    limit = facts.ACCOUNT_CONCURRENCY if large else facts.ACCOUNT_CONCURRENCY_ELSEWHERE
    places = list(concurrency(template))
    total = sum(place.number or 0 for place in places)
    if total > limit.maximum:
        yield Problem(
            places[-1],
            f"the MaxConcurrency of all serverless endpoints of an account in {template.region} must be {limit}, "
            f"those of this template have {total}",
            "lower MaxConcurrency, or have the quota raised",
        )


def _above_known(template: Template, known: KnownQuotas) -> Iterator[Problem]:
    quota = service_quotas.SERVERLESS_CONCURRENCY
    places = list(concurrency(template))
    total = sum(place.number or 0 for place in places)
    if total > known.values[quota.name].value:
        command = service_quotas.request_command(quota.code, total, known.region)
        yield Problem(
            places[-1],
            f"{quota.name} ({quota.code}) is {known.described(quota.name)}, the MaxConcurrency of this template is "
            f"{total:g}",
            f"lower MaxConcurrency, or ask for more: {command}",
            Severity.WARNING if known.is_stale(quota.name) else Severity.ERROR,
        )


def concurrency(template: Template) -> Iterator[Node]:
    """MaxConcurrency of each serverless variant that is deployed, once for each endpoint that deploys it."""
    for endpoint in template.of(ENDPOINT):
        for variant in variants_of(template, config_of(template, endpoint)):
            if variant.is_serverless:
                yield variant.node.at("ServerlessConfig", "MaxConcurrency")
