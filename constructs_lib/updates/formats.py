"""How plans are printed: for people, for programs, for code scanning, and as annotations of a pull request."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from constructs_lib.facts import catalog
from constructs_lib.facts.limit import Severity
from constructs_lib.rules import formats
from constructs_lib.rules.formats import Located
from constructs_lib.rules.rule import Finding, Rule, stated
from constructs_lib.updates.estimate import Estimate
from constructs_lib.updates.fleets import Capacity
from constructs_lib.updates.plan import EndpointPlan, Plan

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and the file of the template that is to be deployed."""

    file: Path
    plan: Plan


Format = Callable[[Sequence[Planned]], str]


def text(planned: Sequence[Planned]) -> str:
    """A block an endpoint, and a line that counts outcomes and findings."""
    lines = [line for each in planned for line in _plan(each)]
    outcomes = Counter(endpoint.outcome for each in planned for endpoint in each.plan.endpoints)
    counted = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()) or "no endpoints"
    return "\n".join([*lines, f"{counted}; {counts([f for each in planned for f in each.plan.all_findings])}"])


def _plan(planned: Planned) -> Iterator[str]:
    for endpoint in planned.plan.endpoints:
        yield f"{planned.file}: {endpoint.logical_id}: {endpoint.outcome}"
        yield from (f"  {line}" for line in _endpoint(endpoint))
    for finding in planned.plan.findings:
        yield f"{planned.file}: {finding.logical_id}"
        yield from (f"  {line}" for line in lines_of(finding))


def _endpoint(endpoint: EndpointPlan) -> Iterator[str]:
    yield from (f"change: {change}" for change in endpoint.changes)
    for finding in endpoint.findings:
        yield from lines_of(finding)
    if endpoint.estimate is not None:
        yield from _estimate(endpoint.estimate)
    elif endpoint.changes and not endpoint.deploys:
        yield "how: the endpoint keeps its configuration, so that there is nothing new to deploy"
    yield from (f"capacity: {_capacity(row)}" for row in endpoint.capacity or ())


def lines_of(finding: Finding) -> Iterator[str]:
    """A finding for people."""
    yield f"{finding.severity} {finding.rule} {finding.logical_id} {finding.path}".rstrip()
    yield f"  {finding.message}"
    yield f"  fix: {finding.fix}"
    yield f"  source: {finding.source}"


def _estimate(estimate: Estimate) -> Iterator[str]:
    yield f"how: {estimate.method}"
    yield from (f"  {step}" for step in estimate.steps)
    fleet = "a new fleet starts first" if estimate.starts == 1 else f"{estimate.starts} fleets start one after another"
    yield f"time, estimated: {_minutes(estimate.waiting_in_seconds)} of waiting; {fleet}"
    yield f"  each container has {_minutes(estimate.start_limit_in_seconds)} to answer once it is started"
    if estimate.timeout_in_seconds is not None:
        yield f"  rolled back after {_minutes(estimate.timeout_in_seconds)} (MaximumExecutionTimeoutInSeconds)"
    yield f"  source: {estimate.source}"


def _minutes(seconds: int) -> str:
    return f"{seconds / _MINUTE:.3g} min"


def _capacity(row: Capacity) -> str:
    scaled = ", scaled out" if row.scaled_out else ""
    back = f", a rollback up to {row.rollback} more" if row.rollback else ""
    return f"{row.instance_type}{scaled}: {row.before} before, up to {row.peak} during, {row.after} after{back}"


def counts(findings: Sequence[Finding]) -> str:
    """How many errors and warnings there are."""
    found = Counter(finding.severity for finding in findings)
    told = {Severity.ERROR: "error", Severity.WARNING: "warning"}
    return ", ".join(f"{found[severity]} {noun}{'s' * (found[severity] != 1)}" for severity, noun in told.items())


def as_json(planned: Sequence[Planned]) -> str:
    """A list of ``{file, endpoints, findings}``, the members those of the dataclasses."""
    return json.dumps([{"file": str(each.file), **asdict(each.plan)} for each in planned], indent=2)


def sarif(planned: Sequence[Planned]) -> str:
    """SARIF 2.1.0, which code scanning takes."""
    return formats.sarif(_located(planned), known())


def github(planned: Sequence[Planned]) -> str:
    """Workflow commands, which GitHub shows as annotations of the file."""
    return formats.github(_located(planned), known())


def _located(planned: Sequence[Planned]) -> list[Located]:
    return [Located(each.file, finding) for each in planned for finding in each.plan.all_findings]


def known() -> Mapping[str, Rule]:
    """Every row of the facts, as what a finding may name."""
    return {limit.id: Rule(limit, stated(limit)) for limit in catalog.limits()}


FORMATS: Mapping[str, Format] = {"text": text, "json": as_json, "sarif": sarif, "github": github}
