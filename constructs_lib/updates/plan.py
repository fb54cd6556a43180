"""What a deployment will do to each endpoint of a stack: in place, by replacement, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from constructs_lib.facts.limit import Limit, Severity
from constructs_lib.facts.paths import COMPONENT, ENDPOINT
from constructs_lib.rules.rule import Finding, Problem, finding
from constructs_lib.templates.relations import endpoint_of
from constructs_lib.templates.template import Node, Template
from constructs_lib.updates.cautions import cautions, deleted_endpoint, replaced_endpoint
from constructs_lib.updates.collisions import collisions
from constructs_lib.updates.comparison import Change, Comparison, Fate
from constructs_lib.updates.endpoint import Side, Update
from constructs_lib.updates.estimate import Estimate, estimated
from constructs_lib.updates.fleets import Capacity, capacities
from constructs_lib.updates.refusals import moved_component, refusals
from constructs_lib.updates.scenario import template_of

Found = tuple[Limit, Problem]


class Outcome(StrEnum):
    """What becomes of an endpoint."""

    UNCHANGED = "unchanged"
    IN_PLACE = "updated in place"
    REPLACED = "replaced"
    REFUSED = "refused"
    CREATED = "created"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointPlan:
    """One endpoint: what becomes of it, what changes, what stands against it, how it goes and what that takes.

    ``deploys`` says whether a new fleet is made. ``estimate`` and ``capacity`` are ``None`` where nothing is deployed
    in place, or where the template alone does not tell.
    """

    logical_id: str
    outcome: Outcome
    deploys: bool
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    estimate: Estimate | None = None
    capacity: tuple[Capacity, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The endpoints of a stack, and what is found about resources that belong to none of them."""

    endpoints: tuple[EndpointPlan, ...]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Everything that is found."""
        return (*(found for endpoint in self.endpoints for found in endpoint.findings), *self.findings)

    @property
    def is_refused(self) -> bool:
        """Whether the deployment will fail."""
        return any(found.severity is Severity.ERROR for found in self.all_findings)

    @property
    def replaces(self) -> bool:
        """Whether an endpoint that serves goes, be it for another one."""
        return any(endpoint.outcome in (Outcome.REPLACED, Outcome.DELETED) for endpoint in self.endpoints)


def plan(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    old_parameters: Mapping[str, str] | None = None,
    new_parameters: Mapping[str, str] | None = None,
    region: str | None = None,
) -> Plan:
    """What happens to a stack of the template ``old`` when ``new`` is deployed; parameters else have their defaults."""
    before = template_of(old, parameters=old_parameters, region=region)
    after = template_of(new, parameters=new_parameters, region=region)
    return _Planner(Comparison(before, after)).plan()


class _Planner:
    """Judges the endpoints of one comparison."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._found: list[Found] = [*collisions(comparison), *_moved(comparison)]

    def plan(self) -> Plan:
        """The endpoints of the new template, then those that only the old one has."""
        old, new = self._comparison.old, self._comparison.new
        sides = [Side(new, node) for node in new.of(ENDPOINT)]
        deleted = [_deleted(node) for node in old.of(ENDPOINT) if new.resource(node.resource.logical_id) is None]
        theirs = frozenset(logical_id for side in sides for logical_id in _belonging(side))
        others = [found for found in self._found if _owner(found) not in theirs]
        return Plan(endpoints=(*map(self._endpoint, sides), *deleted), findings=_findings(others))

    def _endpoint(self, new: Side) -> EndpointPlan:
        logical_id = new.endpoint.resource.logical_id
        fate = self._comparison.fate(logical_id)
        before = self._comparison.old.resource(logical_id)
        belonging = _belonging(new)
        found = [each for each in self._found if _owner(each) in belonging]
        if before is None or before.resource.type != ENDPOINT:
            return _judged(logical_id, Outcome.CREATED, found, deploys=True)
        update = Update(Side(self._comparison.old, before), new)
        changes = tuple(self._changes(update))
        if fate is Fate.REPLACED:
            found += replaced_endpoint(before, new.endpoint)
            takes = capacities(update, in_place=False)
            return _judged(logical_id, Outcome.REPLACED, found, deploys=True, changes=changes, capacity=takes)
        if not self._is_deployed(update):
            outcome = Outcome.IN_PLACE if changes or fate is Fate.UPDATED else Outcome.UNCHANGED
            return _judged(logical_id, outcome, found, deploys=False, changes=changes)
        found += [*refusals(update), *cautions(update)]
        planned = _judged(logical_id, Outcome.IN_PLACE, found, deploys=True, changes=changes)
        if planned.outcome is Outcome.REFUSED:
            return planned
        return replace(planned, estimate=estimated(update), capacity=capacities(update, in_place=True))

    def _is_deployed(self, update: Update) -> bool:
        """Whether the endpoint gets another configuration, which is what makes SageMaker deploy."""
        comparison, config = self._comparison, update.new.config
        fate = Fate.KEPT if config is None else comparison.fate(config.resource.logical_id)
        renamed = comparison.differs("EndpointConfigName", update.old.endpoint, update.new.endpoint)
        return renamed or fate in (Fate.REPLACED, Fate.CREATED)

    def _changes(self, update: Update) -> Iterator[Change]:
        comparison, old, new = self._comparison, update.old, update.new
        yield from comparison.changes(old.endpoint, new.endpoint)
        yield from comparison.changes(old.config, new.config)
        models = {variant.model.resource.logical_id: variant.model for variant in new.variants if variant.model}
        for node in [*models.values(), *new.components]:
            yield from comparison.changes(comparison.old.resource(node.resource.logical_id), node)


def _deleted(node: Node) -> EndpointPlan:
    return _judged(node.resource.logical_id, Outcome.DELETED, [*deleted_endpoint(node)], deploys=False)


def _belonging(side: Side) -> frozenset[str]:
    """The logical ids of an endpoint, its configuration, its models and its components."""
    nodes = [side.endpoint, side.config, *(variant.model for variant in side.variants), *side.components]
    return frozenset(node.resource.logical_id for node in nodes if node is not None)


def _owner(found: Found) -> str:
    return found[1].node.resource.logical_id


def _judged(logical_id: str, outcome: Outcome, found: list[Found], *, deploys: bool, **members: Any) -> EndpointPlan:
    findings = _findings(found)
    refused = any(each.severity is Severity.ERROR for each in findings)
    return EndpointPlan(
        logical_id=logical_id,
        outcome=Outcome.REFUSED if refused else outcome,
        deploys=deploys,
        findings=findings,
        **members,
    )


def _findings(found: list[Found]) -> tuple[Finding, ...]:
    return tuple(finding(limit, problem) for limit, problem in found)


def _moved(comparison: Comparison) -> Iterator[Found]:
    for component in comparison.new.of(COMPONENT):
        before = comparison.old.resource(component.resource.logical_id)
        if before is not None and before.resource.type == COMPONENT:
            replaced = _is_replaced(comparison, comparison.new, component)
            yield from moved_component(before, component, endpoint_is_replaced=replaced)


def _is_replaced(comparison: Comparison, template: Template, component: Node) -> bool:
    endpoint = endpoint_of(template, component)
    return endpoint is not None and comparison.fate(endpoint.resource.logical_id) is Fate.REPLACED
