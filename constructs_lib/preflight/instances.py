"""The quotas of instances: what a template starts, updates and scales to, beside what the account runs already."""

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
from constructs_lib.preflight.quotas import Applied, applied
from constructs_lib.preflight.target import Target
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.fleets import Fleet, during_update, fleets
from constructs_lib.templates.relations import config_of
from constructs_lib.templates.state_machines import CREATE_TRANSFORM_JOB, jobs_at_once, tasks
from constructs_lib.templates.template import Node

_TITLE = "instances are within the quotas of the account"
# Of which instances that run already a quota counts: of all types, or of none but the template's own.
_ALL, _NONE = "*", ""


@dataclass(slots=True)
class Need:
    """What a template takes of a quota: instances at the start, while it is updated, and the most that scaling makes.

    ``counted`` is the instance type of those that run already and count too, ``*`` for all, empty for none;
    ``is_doubled`` whether the second fleet of an update counts, ``is_update`` whether there is something to update.
    """

    quota: ServiceQuota
    node: Node
    counted: str = _NONE
    is_doubled: bool = True
    at_start: float = 0
    updating: float = 0
    at_most: float = 0
    is_update: bool = False

    def add(self, endpoint: Node, fleet: Fleet) -> None:
        """Count the fleet of one more variant."""
        initial = fleet.initial[1] if fleet.initial else 0
        self.at_start += initial
        self.updating += during_update(endpoint, initial) if self.is_doubled else initial
        self.at_most += fleet.maximum[1] if fleet.maximum else 0

    def with_update_of(self, own: float) -> float:
        """The instances while this deployment updates the ``own`` ones that run, of what type they ever are."""
        return max(self.at_start, own + self.updating - self.at_start) if self.is_update else self.at_start


def _needs(target: Target) -> Iterator[Need | Finding]:
    needs: dict[tuple[str, str], Need] = {}
    for endpoint in target.template.of(ENDPOINT):
        config = config_of(target.template, endpoint)
        if config is None:
            yield unjudged(endpoint.at("EndpointConfigName"), "its configuration is not of this template", _LOOK)
        for fleet in fleets(target.template, config):
            if fleet.initial is None or not fleet.variant.instance_types:
                yield _unknown(target, fleet)
            for need in _counting(endpoint, fleet, needs):
                need.is_update = need.is_update or endpoint.resource.logical_id in (target.resources or {})
                need.add(endpoint, fleet)
    yield from needs.values()
    yield from _jobs(target)


_LOOK = "compare its instances with the quotas yourself"


def _unknown(target: Target, fleet: Fleet) -> Finding:
    place = fleet.variant.node.at("InitialInstanceCount" if fleet.initial is None else "InstanceType")
    if place.missing:
        return unjudged(place, f"{place.path[-1]} is not given", _LOOK)
    why, fix = target.why_unknown(place)
    return unjudged(place, f"{place.path[-1]} is not known: {why}", fix)


def _counting(endpoint: Node, fleet: Fleet, needs: dict[tuple[str, str], Need]) -> Iterator[Need]:
    """The quotas that count a fleet: of its types, of its endpoint, of all endpoints."""
    start = fleet.variant.node.at("InitialInstanceCount")
    for place in fleet.variant.instance_types:
        quota = service_quotas.of_type(place.text or "")
        yield needs.setdefault((quota.name, ""), Need(quota, place, place.text or ""))
    every, each = service_quotas.INSTANCES_OF_ALL_ENDPOINTS, service_quotas.INSTANCES_OF_AN_ENDPOINT
    yield needs.setdefault((every.name, ""), Need(every, start, _ALL))
    # No document says that an update may not take one endpoint above its own quota.
    yield needs.setdefault((each.name, endpoint.resource.logical_id), Need(each, start, is_doubled=False))


def _jobs(target: Target) -> Iterator[Need | Finding]:
    for job in tasks(target.template, CREATE_TRANSFORM_JOB):
        resources = job.parameters.at("TransformResources")
        count, type_ = resources.at("InstanceCount"), resources.at("InstanceType")
        for place in (count, type_):
            if place.number is None and place.text is None:
                yield unjudged(place, f"{place.path[-1]} is known only when the job starts", _LOOK)
        if count.number is not None:
            total = count.number * jobs_at_once(job)
            yield Need(service_quotas.INSTANCES_OF_ALL_TRANSFORM_JOBS, count, at_most=total)
            if type_.text is not None:
                yield Need(service_quotas.of_type(type_.text, "transform"), count, at_most=total)


def _judge(target: Target, need: Need) -> Iterator[Finding]:
    quota = applied(target.account, need.quota)
    if quota is None:
        yield unjudged(need.node, f"Service Quotas has no quota {need.quota.name!r}", _LOOK)
        return
    running: list[Running] = []
    if need.counted:
        try:
            running = target.account.once(endpoints)
        except Denied as denied:
            yield refused(need.node, denied, "instances that the account runs already")
    beside = sum(_counted(each, need.counted) for each in running if target.is_other(each.name))
    own = sum(_counted(each, need.counted) for each in running if not target.is_other(each.name))
    yield from _over(target, need, quota, beside, own)


def _counted(running: Running, counted: str) -> float:
    return sum(count for name, count in running.instances.items() if counted in (_ALL, name))


def _over(target: Target, need: Need, quota: Applied, beside: float, own: float) -> Iterator[Finding]:
    """The first of the counts that is too high: what is certain to come before what may."""
    counts = (
        ("as it starts", need.at_start, Severity.ERROR),
        ("in this update", need.with_update_of(own), Severity.ERROR),
        ("in a later update", need.updating, Severity.WARNING),
        ("when it has scaled out", need.at_most, Severity.WARNING),
    )
    needed = beside + max(count for _, count, _ in counts)
    for when, count, severity in counts:
        if beside + count > quota.value:
            others = f" beside {beside:g} that run already" if beside else ""
            yield found(
                need.quota.limit,
                need.node,
                f"{need.quota.name} is {quota.value:g} in account {target.account.identity.account} in "
                f"{target.account.region}, this takes {count:g} {when}{others}",
                quota.remedy(needed, target.account.region, "lower the number of instances"),
                severity,
            )
            return


INSTANCE_QUOTAS = Check(_TITLE, _needs, _judge)
