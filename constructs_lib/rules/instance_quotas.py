"""How many instances an account may run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from constructs_lib.facts import instance_quotas as facts
from constructs_lib.facts.deployment import FLEETS_DURING_BLUE_GREEN
from constructs_lib.facts.limit import Limit
from constructs_lib.facts.paths import CONFIG, ENDPOINT
from constructs_lib.facts.scaling import INSTANCE_COUNT_DIMENSION
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.relations import Variant, config_of, variants_of
from constructs_lib.templates.scaling import scaled
from constructs_lib.templates.state_machines import CREATE_TRANSFORM_JOB, tasks
from constructs_lib.templates.template import Node, Template

# A place of the template that says how many instances there can be, and that number.
Count = tuple[Node, float]


@rule(facts.INSTANCES_OF_AN_ENDPOINT)
def endpoint_within_quota(template: Template) -> Iterator[Problem]:
    """An endpoint has no more instances than a new account gives one."""
    for config in template.of(CONFIG):
        yield from _over(facts.INSTANCES_OF_AN_ENDPOINT, _fleet(template, config))


@rule(facts.INSTANCES_OF_ALL_ENDPOINTS)
def endpoints_within_quota(template: Template) -> Iterator[Problem]:
    """The endpoints of a template have together no more instances than a new account gives."""
    configs = [config_of(template, endpoint) for endpoint in template.of(ENDPOINT)]
    fleets = [_fleet(template, config) for config in configs if config]
    if not any(list(_over(facts.INSTANCES_OF_AN_ENDPOINT, fleet)) for fleet in fleets):
        yield from _over(facts.INSTANCES_OF_ALL_ENDPOINTS, [count for fleet in fleets for count in fleet])


@rule(FLEETS_DURING_BLUE_GREEN)
def both_fleets_within_quota(template: Template) -> Iterator[Problem]:
    """The two fleets of a blue/green deployment are together within the quota of a new account."""
    quota, fleets = facts.INSTANCES_OF_ALL_ENDPOINTS, FLEETS_DURING_BLUE_GREEN.maximum
    for endpoint in template.of(ENDPOINT):
        policy = endpoint.at("DeploymentConfig", "BlueGreenUpdatePolicy")
        variants = variants_of(template, config_of(template, endpoint)) if policy.given else []
        instances = sum(variant.node.at("InitialInstanceCount").number or 0 for variant in variants)
        if instances <= quota.maximum < instances * fleets:
            yield Problem(
                policy,
                f"a blue/green deployment runs {fleets} fleets of {instances} instances at once, and {quota.what} is "
                f"{quota.maximum} in a new account",
                "ask for more in Service Quotas before you deploy, or take RollingUpdatePolicy, which needs less",
            )


@rule(facts.INSTANCES_OF_ALL_TRANSFORM_JOBS)
def transform_jobs_within_quota(template: Template) -> Iterator[Problem]:
    """The instances of transform jobs that run at once are within the quota of a new account."""
    most = facts.INSTANCES_OF_ALL_TRANSFORM_JOBS.maximum
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        place = job.parameters.at("TransformResources", "InstanceCount")
        times = 1.0
        for around in job.state.maps:
            times *= around.at("MaxConcurrency").number or 1
        if place.number is not None and place.number * times > most:
            jobs_at_once = f" in {times:g} iterations at once" if times > 1 else ""
            yield Problem(
                place,
                f"InstanceCount {place.number}{jobs_at_once} is above the quota of a new account, {most} instances "
                "across all transform jobs",
                "ask for a higher quota, or lower InstanceCount" + (" or MaxConcurrency" if times > 1 else ""),
            )


def _over(quota: Limit, counts: Iterable[Count]) -> Iterator[Problem]:
    """The place at which the instances become more than the quota, once."""
    total: float = 0
    for place, number in counts:
        total += number
        if total > quota.maximum:
            yield Problem(
                place,
                f"{quota.what} is {quota.maximum} in a new account, this takes {total}",
                "ask for more in Service Quotas before you deploy, or lower the number",
            )
            return


def _fleet(template: Template, config: Node) -> list[Count]:
    """The most instances that each variant of a configuration can have, as far as the template says."""
    return [
        max(counts, key=_number) for variant in variants_of(template, config) if (counts := _counts(template, variant))
    ]


def _counts(template: Template, variant: Variant) -> list[Count]:
    scaling = variant.node.at("ManagedInstanceScaling", "MaxInstanceCount")
    targets = template.once(_targets_by_variant).get((variant.config.resource.logical_id, variant.node.path), [])
    places = [variant.node.at("InitialInstanceCount"), scaling, *(target.at("MaxCapacity") for target in targets)]
    return [(place, place.number) for place in places if place.number is not None]


def _number(count: Count) -> float:
    return count[1]


def _targets_by_variant(template: Template) -> Mapping[object, list[Node]]:
    found: defaultdict[object, list[Node]] = defaultdict(list)
    for it in scaled(template):
        if it.variant is not None and it.dimension == INSTANCE_COUNT_DIMENSION:
            found[it.variant.config.resource.logical_id, it.variant.node.path].append(it.target)
    return found
