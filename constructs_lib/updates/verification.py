"""Whether what is live after a deployment is what was meant: a rollback leaves everything in service, as it was."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.client.connections import Connections
from constructs_lib.facts import updates
from constructs_lib.facts.limit import Limit, Severity
from constructs_lib.facts.paths import COMPONENT, ENDPOINT
from constructs_lib.rules.rule import Finding, Problem, finding
from constructs_lib.templates.template import Node, Template, resources
from constructs_lib.updates.capacity import capacity, scaling
from constructs_lib.updates.endpoint import Side
from constructs_lib.updates.live import Answer, Live
from constructs_lib.updates.pairs import Pair
from constructs_lib.updates.refusals import Found
from constructs_lib.updates.scenario import template_of
from constructs_lib.updates.served import configuration, models
from constructs_lib.updates.stacks import DeployedStack, as_returned

# What AWS's description of EndpointStatus says of those that do not end by themselves.
_REMEDIES = {
    "Failed": "read FailureReason; all that a failed endpoint takes is DeleteEndpoint, so deploy another one",
    "OutOfService": "read FailureReason, then deploy again",
    "UpdateRollbackFailed": "the old and the new configuration serve side by side; AWS's guide on rolling deployments "
    "says how to restore the endpoint",
}
_FOLLOWED = ("AWS::SageMaker::", "AWS::ApplicationAutoScaling::")


def verified(pair: Pair, clients: Connections) -> Iterator[Finding]:
    """What differs between a template and the stack that was deployed from it, read with the user's credentials."""
    stack = pair.stack
    if stack is None:
        return
    yield from _stack(stack, pair)
    side_of = _intended(pair, stack)
    live = Live(clients)
    for endpoint in side_of.of(ENDPOINT):
        for limit, problem in _endpoint(Side(side_of, endpoint), stack, live):
            yield finding(limit, problem)
    for component in side_of.of(COMPONENT):
        for limit, problem in _component(component, stack, live):
            yield finding(limit, problem)


def _intended(pair: Pair, stack: DeployedStack) -> Template:
    """The template with everything in it that the stack tells, but for what relates its own resources."""
    types = {logical_id: raw["Type"] for logical_id, raw in resources(pair.new)}
    others = {
        logical_id: physical_id
        for logical_id, physical_id in stack.physical_ids.items()
        if not types.get(logical_id, "").startswith(_FOLLOWED)
    }
    known = {**others, **stack.pseudo_parameters}
    return template_of(pair.new, parameters=pair.parameters, references=known, region=stack.region)


def _stack(stack: DeployedStack, pair: Pair) -> Iterator[Finding]:
    if not updates.LIVE_STACK.allows(stack.status):
        under_way = stack.status.endswith("_IN_PROGRESS")
        reason = f": {stack.reason}" if stack.reason else ""
        fix = (
            "wait until it is over, and verify again"
            if under_way
            else "look at the stack's events for the first failure"
        )
        yield _of_stack(updates.LIVE_STACK, f"stack {stack.name} is {stack.status}{reason}", fix)
    differ = sorted(_different(pair))
    if differ:
        shown = ", ".join(differ[:5]) + ", ..." * (len(differ) > 5)
        yield _of_stack(
            updates.LIVE_TEMPLATE,
            f"the template of stack {stack.name} is not {pair.file.name}: {shown}",
            f"deploy it; python -m constructs_lib diff --stack {stack.name} says what that will do",
        )


def _different(pair: Pair) -> Iterator[str]:
    old, new = (dict(resources(as_returned(document))) for document in (pair.old, pair.new))
    yield from (name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _of_stack(limit: Limit, message: str, fix: str) -> Finding:
    return Finding(
        rule=limit.id,
        severity=Severity.ERROR,
        logical_id="",
        path="",
        message=message,
        fix=fix,
        source=limit.source,
    )


def _endpoint(side: Side, stack: DeployedStack, live: Live) -> Found:
    logical_id = side.endpoint.resource.logical_id
    arn = stack.physical_ids.get(logical_id)
    described = None if arn is None else live.endpoint(arn)
    if described is None:
        what = "was deleted, though the stack has it" if arn else "is not part of the deployed stack"
        yield updates.LIVE_STATUS, Problem(side.endpoint, f"endpoint {logical_id} {what}", "deploy again")
        return
    yield from status_of(side.endpoint, described)
    yield from configuration(side, described, stack.physical_ids, live)
    yield from models(side, described, live)
    yield from capacity(side, described)
    yield from scaling(side, described, live)


def status_of(endpoint: Node, described: Answer) -> Found:
    """EndpointStatus is InService."""
    status, name = described["EndpointStatus"], described["EndpointName"]
    pending = described.get("PendingDeploymentSummary", {}).get("EndpointConfigName")
    if not updates.LIVE_STATUS.allows(status):
        to = f" to configuration {pending}" if pending else ""
        reason = f": {described['FailureReason']}" if described.get("FailureReason") else ""
        yield (
            updates.LIVE_STATUS,
            Problem(
                endpoint,
                f"endpoint {name} is {status}{to}{reason}",
                _REMEDIES.get(status, "wait until it is over, and verify again"),
            ),
        )


def _component(component: Node, stack: DeployedStack, live: Live) -> Found:
    logical_id = component.resource.logical_id
    arn = stack.physical_ids.get(logical_id)
    described = None if arn is None else live.component(arn)
    if described is None:
        yield (
            updates.LIVE_COMPONENT,
            Problem(component, f"inference component {logical_id} is not there", "deploy again"),
        )
        return
    status, copies = described["InferenceComponentStatus"], described.get("RuntimeConfig", {})
    reason = described.get("FailureReason")
    if status != "InService" or reason:
        message = f"inference component {logical_id} is {status}{f': {reason}' if reason else ''}"
        yield updates.LIVE_COMPONENT, Problem(component, message, "look at its reason, then deploy again")
    if copies.get("CurrentCopyCount") != copies.get("DesiredCopyCount"):
        yield (
            updates.LIVE_COMPONENT,
            Problem(
                component.at("RuntimeConfig"),
                f"inference component {logical_id} has {copies.get('CurrentCopyCount')} copies, desired are "
                f"{copies.get('DesiredCopyCount')}",
                "wait until scaling has ended; if it does not, the instances have no room for more",
                Severity.WARNING,
            ),
        )
