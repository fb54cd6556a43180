"""How many instances an account may run: a new one, or the one whose quotas the preflight has learned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from constructs_lib.facts import instance_quotas as facts
from constructs_lib.facts import service_quotas
from constructs_lib.facts.deployment import FLEETS_DURING_BLUE_GREEN
from constructs_lib.facts.limit import Range, Severity
from constructs_lib.facts.paths import CONFIG, ENDPOINT
from constructs_lib.facts.service_quotas import ServiceQuota
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.fleets import Count, Fleet, during_update, fleets
from constructs_lib.templates.relations import config_of
from constructs_lib.templates.state_machines import CREATE_TRANSFORM_JOB, Task, jobs_at_once, tasks
from constructs_lib.templates.template import Template

_ASK = "ask for more in Service Quotas before you deploy, or lower the number"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a quota is, in words; where it is the account's own, ``region`` says where it holds.

    ``severity`` is that of a count which AWS refuses at once.
    """

    value: float
    described: str
    severity: Severity | None = None
    region: str | None = None

    def remedy(self, quota: ServiceQuota, needed: float) -> str:
        """How to get more: the command, where the account's own quota is known."""
        if self.region is None:
            return _ASK
        return f"ask for more: {service_quotas.request_command(quota.code, needed, self.region)}; or lower the number"


def bound(template: Template, quota: ServiceQuota) -> Bound | None:
    """The account's own quota where it is known, else that of a new account where it is one number."""
    known = template.quotas
    if known is not None and quota.name in known.values:
        severity = Severity.WARNING if known.is_stale(quota.name) else Severity.ERROR
        return Bound(known.values[quota.name].value, known.described(quota.name), severity, known.region)
    allowed = quota.limit.allowed
    if not isinstance(allowed, Range) or allowed.maximum is None:
        return None
    return Bound(allowed.maximum, f"{allowed.maximum:g} in a new account")


@rule(facts.INSTANCES_OF_AN_ENDPOINT)
def endpoint_within_quota(template: Template) -> Iterator[Problem]:
    """An endpoint has no more instances than its account gives one."""
    for config in template.of(CONFIG):
        yield from _over(template, service_quotas.INSTANCES_OF_AN_ENDPOINT, fleets(template, config))


@rule(facts.INSTANCES_OF_ALL_ENDPOINTS)
def endpoints_within_quota(template: Template) -> Iterator[Problem]:
    """The endpoints of a template have together no more instances than the account gives."""
    found = [fleets(template, config_of(template, endpoint)) for endpoint in template.of(ENDPOINT)]
    if not any(list(_over(template, service_quotas.INSTANCES_OF_AN_ENDPOINT, fleet)) for fleet in found):
        every = [fleet for endpoint in found for fleet in endpoint]
        yield from _over(template, service_quotas.INSTANCES_OF_ALL_ENDPOINTS, every)


@rule(facts.INSTANCES_OF_A_TYPE)
def type_within_quota(template: Template) -> Iterator[Problem]:
    """The endpoints of a template have no more instances of a type than the account is known to give."""
    if template.quotas is None:
        return
    of_type: defaultdict[str, list[Fleet]] = defaultdict(list)
    updating: defaultdict[str, list[Count]] = defaultdict(list)
    for endpoint in template.of(ENDPOINT):
        for fleet in fleets(template, config_of(template, endpoint)):
            for name in (place.text for place in fleet.variant.instance_types if place.text):
                of_type[name].append(fleet)
                if fleet.initial:
                    updating[name].append((fleet.initial[0], during_update(endpoint, fleet.initial[1])))
    for name, found in of_type.items():
        quota = service_quotas.of_type(name)
        problems = [*_over(template, quota, found)] or [*_crossing(template, quota, updating[name], "an update of it")]
        yield from problems


@rule(FLEETS_DURING_BLUE_GREEN)
def both_fleets_within_quota(template: Template) -> Iterator[Problem]:
    """The two fleets of a blue/green deployment are together within the quota of the account."""
    most, count = bound(template, service_quotas.INSTANCES_OF_ALL_ENDPOINTS), FLEETS_DURING_BLUE_GREEN.maximum
    for endpoint in template.of(ENDPOINT):
        policy = endpoint.at("DeploymentConfig", "BlueGreenUpdatePolicy")
        found = fleets(template, config_of(template, endpoint)) if policy.given else []
        instances = sum(fleet.initial[1] for fleet in found if fleet.initial)
        if most is not None and instances <= most.value < instances * count:
            yield Problem(
                policy,
                f"a blue/green deployment runs {count} fleets of {instances:g} instances at once, and "
                f"{facts.INSTANCES_OF_ALL_ENDPOINTS.what} is {most.described}",
                "ask for more in Service Quotas before you deploy, or take RollingUpdatePolicy, which needs less",
            )


@rule(facts.INSTANCES_OF_ALL_TRANSFORM_JOBS)
def transform_jobs_within_quota(template: Template) -> Iterator[Problem]:
    """The instances of transform jobs that run at once are within the quota of the account."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        yield from _job_over(template, service_quotas.INSTANCES_OF_ALL_TRANSFORM_JOBS, job)


@rule(facts.TRANSFORM_INSTANCES_OF_A_TYPE)
def transform_type_within_quota(template: Template) -> Iterator[Problem]:
    """The instances of a type of transform jobs that run at once are within the known quota of the account."""
    for job in tasks(template, CREATE_TRANSFORM_JOB):
        name = job.parameters.at("TransformResources", "InstanceType").text
        if name is not None:
            yield from _job_over(template, service_quotas.of_type(name, "transform"), job)


def _job_over(template: Template, quota: ServiceQuota, job: Task) -> Iterator[Problem]:
    most, place = bound(template, quota), job.parameters.at("TransformResources", "InstanceCount")
    times = jobs_at_once(job)
    if most is None or place.number is None or place.number * times <= most.value:
        return
    iterations = f" in {times:g} iterations at once" if times > 1 else ""
    yield Problem(
        place,
        f"InstanceCount {place.number:g}{iterations} is above the quota {quota.name!r}, which is {most.described}",
        most.remedy(quota, place.number * times) + (" or MaxConcurrency" if times > 1 else ""),
    )


def _over(template: Template, quota: ServiceQuota, found: Sequence[Fleet]) -> Iterator[Problem]:
    """The place at which the instances become more than the quota, once: as they start, else as they scale."""
    most = bound(template, quota)
    if most is not None and most.severity is not None:
        refused = list(_crossing(template, quota, [fleet.initial for fleet in found], "this", most.severity))
        yield from refused
        if refused:
            return
    yield from _crossing(template, quota, [fleet.maximum for fleet in found], "this")


def _crossing(
    template: Template,
    quota: ServiceQuota,
    counts: Iterable[Count | None],
    what: str,
    severity: Severity | None = None,
) -> Iterator[Problem]:
    most, total = bound(template, quota), 0.0
    for place, number in (count for count in counts if count is not None):
        total += number
        if most is not None and total > most.value:
            message = f"{quota.name} ({quota.code or 'quota'}) is {most.described}, {what} takes {total:g}"
            yield Problem(place, message, most.remedy(quota, total), severity)
            return
