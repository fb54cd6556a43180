"""Names of endpoints: that no other endpoint has them already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from constructs_lib.facts.account import ENDPOINT_NAME_IS_FREE
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import ENDPOINT
from constructs_lib.preflight.check import Check
from constructs_lib.preflight.deployed import describe
from constructs_lib.preflight.findings import found, unjudged
from constructs_lib.preflight.target import Target
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.template import Node


@dataclass(frozen=True, slots=True)
class Name:
    """The name that an endpoint gives itself."""

    node: Node
    name: str


def _names(target: Target) -> Iterator[Name | Finding]:
    for endpoint in target.template.of(ENDPOINT):
        node = endpoint.at("EndpointName")
        if node.text is not None:
            yield Name(node, node.text)
        elif node.given:
            why, fix = target.why_unknown(node)
            yield unjudged(node, f"the name of the endpoint is not known: {why}", fix)


def _judge(target: Target, given: Name) -> Iterator[Finding]:
    if _is_its_own(target, given) or describe(target.account, given.name) is None:
        return
    fix = "choose another name, or leave EndpointName out and let CloudFormation make one"
    if target.resources is None:
        message = f"there is an endpoint {given.name}, and whether it is of this stack is not known"
        fix = f"name the stack by --stack; or {fix}"
        yield found(ENDPOINT_NAME_IS_FREE, given.node, message, fix, Severity.WARNING)
        return
    where = f"{target.account.identity.account} in {target.account.region}"
    message = f"EndpointName must be free, there is an endpoint {given.name} in account {where}"
    yield found(ENDPOINT_NAME_IS_FREE, given.node, message, fix)


def _is_its_own(target: Target, given: Name) -> bool:
    """Whether the endpoint has the name already; another of the stack would still have it when this one is made."""
    if target.resources is None:
        return not target.is_other(given.name)
    physical_id = target.resources.get(given.node.resource.logical_id, "")
    return physical_id.rpartition("/")[2].lower() == given.name.lower()


ENDPOINT_NAMES = Check("names of endpoints are free", _names, _judge)
