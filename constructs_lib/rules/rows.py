"""Rules without code: each row of the facts that has paths is compared with what stands at those paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from constructs_lib.facts.limit import Choice, Count, Limit, Never, Pattern, Positive, Range, Told
from constructs_lib.rules.rule import Problem
from constructs_lib.templates.state_machines import places
from constructs_lib.templates.template import EVERY, Node, Template, parse_number


@dataclass(slots=True)
class Branch:
    """A step of the paths: the rows that end here, and the steps that go on."""

    rows: list[Limit] = field(default_factory=list)
    steps: dict[str, Branch] = field(default_factory=dict)


def plant(limits: Iterable[Limit]) -> dict[str, Branch]:
    """All paths as one tree for each resource type, so that a resource is walked once for all rows."""
    roots: dict[str, Branch] = {}
    for limit in limits:
        for path in limit.paths:
            type_, *steps = path.split("/")
            branch = roots.setdefault(type_, Branch())
            for step in steps:
                branch = branch.steps.setdefault(step, Branch())
            branch.rows.append(limit)
    return roots


def compare(tree: dict[str, Branch], template: Template) -> Iterator[tuple[Limit, Problem]]:
    """Every value of the template that a row does not allow."""
    for type_, branch in tree.items():
        for root in template.of(type_) if "::" in type_ else places(template, type_):
            yield from _walk(branch, root)


def _walk(branch: Branch, node: Node) -> Iterator[tuple[Limit, Problem]]:
    for limit in branch.rows:
        problem = judge_value(limit, node)
        if problem is not None:
            yield limit, problem
    for step, below in branch.steps.items():
        if step == EVERY:
            for child in [*node.items, *(entry for _, entry in node.entries)]:
                yield from _walk(below, child)
        elif isinstance(node.value, dict) and step in node.value:
            yield from _walk(below, node.at(step))


def judged(limit: Limit, node: Node) -> Iterator[Problem]:
    """The problem with the value at ``node``, if there is one."""
    problem = judge_value(limit, node)
    if problem is not None:
        yield problem


def ordered(lower: Node, upper: Node) -> Iterator[Problem]:
    """The problem with two numbers of which the first is greater than the second."""
    if lower.number is not None and upper.number is not None and lower.number > upper.number:
        low, high = lower.path[-1], upper.path[-1]
        yield Problem(
            lower,
            f"{low} must be at most {high} {upper.number}, got {lower.number}",
            f"raise {high} to {lower.number} or lower {low} to {upper.number}",
        )


def judge_value(limit: Limit, node: Node) -> Problem | None:
    """What is wrong with the value at ``node``, if anything is. What is missing or unknown is never judged."""
    allowed = limit.allowed
    if isinstance(allowed, Never):
        return Problem(node, f"{limit.what} must be left out", limit.fix or "leave it out") if node.given else None
    if not node.known or isinstance(allowed, Told):
        return None
    if isinstance(allowed, Count):
        return _judge_count(limit, allowed, node)
    value = _comparable(limit, node)
    if limit.allows(value):
        return None
    return Problem(node, f"{limit.what} must be {limit}, got {_shown(node.value)}", limit.fix or _remedy(limit, value))


def _judge_count(limit: Limit, allowed: Count, node: Node) -> Problem | None:
    if not isinstance(node.value, (list, dict)) or limit.allows(node.value):
        return None
    few = allowed.minimum is not None and len(node.value) < allowed.minimum
    remedy = limit.fix or f"give {'at least' if few else 'at most'} {allowed.minimum if few else allowed.maximum}"
    return Problem(node, f"{limit.what} must have {limit}, got {len(node.value)}", remedy)


def _comparable(limit: Limit, node: Node) -> object:
    """The value as the row's kind wants it: CloudFormation turns quoted numbers into numbers and the reverse."""
    value = node.value
    wants_text = isinstance(limit.allowed, Pattern) or (
        isinstance(limit.allowed, Choice) and isinstance(limit.allowed.values[0], str)
    )
    if wants_text:
        return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
    if isinstance(value, str):
        number = parse_number(value)
        return value if number is None else number
    return value


def _remedy(limit: Limit, value: object) -> str:
    allowed = limit.allowed
    if isinstance(allowed, Range):
        if not isinstance(value, (int, float)):
            return f"give a number {allowed}"
        if allowed.minimum is not None and value < allowed.minimum:
            return f"raise it to {allowed.minimum} or more"
        return f"lower it to {allowed.maximum} or less"
    if isinstance(allowed, Positive):
        return "give a number above 0"
    return f"give {limit.allowed}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}... ({len(str(value))} characters)"
