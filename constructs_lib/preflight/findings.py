"""How the findings of the preflight are made: what AWS would refuse, what may not be seen, what cannot be known."""

from __future__ import annotations

from constructs_lib.facts import account as facts
from constructs_lib.facts.limit import Limit, Severity
from constructs_lib.preflight.account import Denied
from constructs_lib.rules.rule import Finding, Problem, finding
from constructs_lib.templates.template import Node, Resource
from constructs_lib.templates.values import MISSING


def found(limit: Limit, node: Node, message: str, fix: str, severity: Severity | None = None) -> Finding:
    """Something that AWS will refuse, with the value and the bound, and what to do."""
    return finding(limit, Problem(node, message, fix, severity))


def unjudged(node: Node, message: str, fix: str) -> Finding:
    """Something that cannot be known before the deployment."""
    return found(facts.UNJUDGED, node, f"not judged: {message}", fix)


def refused(node: Node, denied: Denied, title: str) -> Finding:
    """What could not be looked at for want of a permission, which is named."""
    said = " ".join(str(denied).split())
    return found(
        facts.PERMISSION,
        node,
        f"{denied.permission} is not allowed, so this was not judged: {title}; AWS answers {said!r}",
        f"allow {denied.permission} to {denied.caller}",
    )


def unanswered(node: Node, error: Exception, title: str) -> Finding:
    """What could not be looked at since AWS gave no answer."""
    said = " ".join(str(error).split())
    message = f"not judged: {title}; AWS answers {said!r}"
    return found(facts.UNJUDGED, node, message, "run the preflight again", Severity.WARNING)


def section(name: str) -> Node:
    """A section of a template beside its resources, as a place for findings."""
    return Node(Resource(name, "", {}), (), MISSING)
