"""Alarms on serverless endpoints: whether there is anything to watch."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import serverless_metrics as facts
from constructs_lib.facts.limit import Limit
from constructs_lib.facts.paths import ALARM, ENDPOINT
from constructs_lib.facts.realtime import NAMESPACE
from constructs_lib.facts.scaling_policies import INSTANCE_NAMESPACE
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import config_of, dimensions, metrics, production_variants
from constructs_lib.templates.template import Node, Template

_PUBLISHED: dict[str, tuple[Limit, ...]] = {
    NAMESPACE: (facts.SERVERLESS_METRICS, facts.PROVISIONED_METRICS),
    INSTANCE_NAMESPACE: (facts.MEMORY_METRICS,),
}


@rule(facts.SERVERLESS_METRICS)
def alarm_has_something_to_watch(template: Template) -> Iterator[Problem]:
    """An alarm on a serverless endpoint watches a metric that such endpoints have."""
    for alarm in template.of(ALARM):
        for metric in metrics(alarm):
            published = _PUBLISHED.get(metric.at("Namespace").text or "")
            name = metric.at("MetricName")
            if not published or name.text is None or any(limit.allows(name.text) for limit in published):
                continue
            named = dimensions(metric).get("EndpointName")
            endpoint = template.follow(named, ENDPOINT) if named is not None else None
            if endpoint is not None and _is_serverless(template, endpoint):
                yield Problem(
                    name,
                    f"a serverless endpoint has no metric {name.text}, and {endpoint.resource.logical_id} is one: "
                    "this alarm never trips",
                    f"watch another one: {', '.join(str(limit.allowed) for limit in published)}",
                )


def _is_serverless(template: Template, endpoint: Node) -> bool:
    return any(variant.is_serverless for variant in production_variants(template, config_of(template, endpoint)))
