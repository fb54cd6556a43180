"""What a rule is, what it finds, and how a rule written as a function is registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from constructs_lib.facts.limit import Count, Limit, Severity
from constructs_lib.templates.template import Node, Template


@dataclass(frozen=True, slots=True)
class Problem:
    """What a check found: where, what is wrong (with the value and the bound), and what to do about it.

    ``severity`` is the row's own unless the case is a lesser one.
    """

    node: Node
    message: str
    fix: str
    severity: Severity | None = None


Check = Callable[[Template], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the facts that a template can break, with the checks that look for it."""

    limit: Limit
    title: str
    checks: list[Check] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The id of the row."""
        return self.limit.id


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that AWS refuses or that will not do what it should; ``path`` starts at the resource."""

    logical_id: str
    path: str
    rule: str
    severity: Severity
    message: str
    fix: str
    source: str


REGISTRY: dict[str, Rule] = {}


def rule(limit: Limit) -> Callable[[Check], Check]:
    """Register a function as a check of ``limit``; the first line of its docstring says what holds, as a sentence."""

    def register(check: Check) -> Check:
        title = (check.__doc__ or "").strip().partition("\n")[0]
        entry = REGISTRY.setdefault(limit.id, Rule(limit, title))
        entry.checks.append(check)
        return check

    return register


def stated(limit: Limit) -> str:
    """What a row holds, as a sentence."""
    verb = "has" if isinstance(limit.allowed, Count) else "is"
    return f"{limit.what[0].upper()}{limit.what[1:]} {verb} {limit}."


def path_of(node: Node) -> str:
    """``Properties.ProductionVariants.0.InstanceType``: the form in which CDK's own validation gives paths."""
    return ".".join(map(str, node.path))


def finding(limit: Limit, problem: Problem) -> Finding:
    """What a problem is called outside of the rules."""
    # A check that only warns has found something else than what AWS refused.
    refused = problem.severity in (None, limit.severity, Severity.ERROR)
    said = f'; AWS answers "{limit.aws_says}"' if limit.aws_says and refused else ""
    return Finding(
        rule=limit.id,
        severity=problem.severity or limit.severity,
        logical_id=problem.node.resource.logical_id,
        path=path_of(problem.node),
        message=problem.message + said,
        fix=problem.fix,
        source=limit.source,
    )
