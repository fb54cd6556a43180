"""The roles that SageMaker and its neighbours take: that they may, and that the permissions are there in time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from constructs_lib.facts import roles
from constructs_lib.facts.paths import FUNCTION, MODEL, ROLE, STATE_MACHINE
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.permissions import attached_policies
from constructs_lib.templates.relations import containers
from constructs_lib.templates.template import Node, Template
from constructs_lib.templates.values import Reference

_PLACEHOLDER = re.compile(r"\$\{([^!{}][^{}]*)\}")


def role_of(template: Template, node: Node) -> Node | None:
    """The role of this template that ``node`` names, by a reference or at the end of an ARN."""
    whole = template.follow(node, ROLE)
    last = node.parts[-1]
    if whole is None and len(node.parts) > 1 and isinstance(last, Reference):
        return template.follow(Node(node.resource, node.path, last), ROLE)
    return whole


@rule(roles.ROLE_ARN)
def role_by_its_arn(template: Template) -> Iterator[Problem]:
    """An execution role is given by its ARN."""
    for place in template.places(*roles.ROLE_ARN.paths):
        reference = place.reference
        if reference is None or reference.attribute == "Arn" or template.follow(place, ROLE) is None:
            continue
        given = reference.attribute or "name"
        message = f"execution role must be given by its ARN, got the {given} of {reference.logical_id}"
        yield Problem(place, message, f"use Fn::GetAtt {reference.logical_id}.Arn")


@rule(roles.SAGEMAKER_ASSUMES)
def sagemaker_assumes_the_role(template: Template) -> Iterator[Problem]:
    """The trust policy of an execution role lets sagemaker.amazonaws.com assume it."""
    return _untrusting(template, "sagemaker", *roles.ROLE_ARN.paths)


@rule(roles.STEP_FUNCTIONS_ASSUMES)
def step_functions_assumes_the_role(template: Template) -> Iterator[Problem]:
    """The trust policy of a state machine's role lets states.amazonaws.com assume it."""
    return _untrusting(template, "states", f"{STATE_MACHINE}/RoleArn")


@rule(roles.LAMBDA_ASSUMES)
def lambda_assumes_the_role(template: Template) -> Iterator[Problem]:
    """The trust policy of a function's role lets lambda.amazonaws.com assume it."""
    return _untrusting(template, "lambda", f"{FUNCTION}/Role")


def _untrusting(template: Template, service: str, *paths: str) -> Iterator[Problem]:
    for place in template.places(*paths):
        role = role_of(template, place)
        if role is not None and not may_assume(role, service):
            principal = f"{service}.amazonaws.com"
            yield Problem(
                place,
                f"the trust policy of {role.resource.logical_id} must let {principal} assume the role, it does not",
                f"allow sts:AssumeRole to the Service {principal} in its AssumeRolePolicyDocument",
            )


def may_assume(role: Node, service: str) -> bool:
    """Whether a service can take a role, as far as its trust policy is known: what is unknown counts as yes."""
    statements = role.at("AssumeRolePolicyDocument", "Statement")
    is_known = isinstance(statements.value, (dict, list))
    return not is_known or any(_lets(statement, service) for statement in statements.each)


def _lets(statement: Node, service: str) -> bool:
    actions, principal = statement.at("Action"), statement.at("Principal")
    host = re.compile(rf"{service}(\.[a-z0-9-]+)?\.amazonaws\.(com|com\.cn|eu)")
    return (
        statement.at("Effect").text != "Deny"
        and (actions.missing or _may_be(actions, lambda text: fnmatchcase("sts:assumerole", text.lower())))
        and _may_hold(principal, host)
    )


def _may_hold(principal: Node, host: re.Pattern[str]) -> bool:
    if not isinstance(principal.value, dict):
        return principal.text in (None, "*")
    accounts, services = principal.at("AWS"), principal.at("Service")
    return any(account.text == "*" for account in accounts.each) or _may_be(
        services, lambda text: text == "*" or host.fullmatch(text) is not None
    )


def _may_be(node: Node, fits: Callable[[str], bool]) -> bool:
    """Whether one of the texts at a place fits, or is not known."""
    return node.given and any(place.text is None or fits(place.text) for place in node.each)


@rule(roles.POLICIES_FIRST)
def policies_before_the_model(template: Template) -> Iterator[Problem]:
    """A model depends on the policies from which its role may read the artifact."""
    for model in template.of(MODEL):
        place = model.at("ExecutionRoleArn")
        role = role_of(template, place)
        if role is None or _has_permissions(role) or not any(map(_artifact, containers(model))):
            continue
        policies = attached_policies(template, role)
        readers = [policy for policy in policies if _reads_s3(policy)]
        before = _dependencies(template, model.resource.logical_id)
        if readers and before.isdisjoint(policy.resource.logical_id for policy in policies):
            name = readers[0].resource.logical_id
            message = f"model must wait for {name}, without which its role may not read the artifact yet"
            yield Problem(place, message, f"add {name} to DependsOn of the model")


def _has_permissions(role: Node) -> bool:
    return role.at("Policies").given or role.at("ManagedPolicyArns").given


def _artifact(container: Node) -> bool:
    return container.at("ModelDataUrl").given or container.at("ModelDataSource").given


def _reads_s3(policy: Node) -> bool:
    statements = policy.at("PolicyDocument", "Statement").each
    names = [action.text or "" for statement in statements for action in statement.at("Action").each]
    return any(name == "*" or name.lower().startswith("s3:") for name in names)


def _dependencies(template: Template, logical_id: str) -> set[str]:
    """The logical ids of all resources that CloudFormation makes before one."""
    direct = template.once(_direct)
    found: set[str] = set()
    waiting = [logical_id]
    while waiting:
        current = template.resource(waiting.pop())
        if current is None:
            continue
        name = current.resource.logical_id
        if name not in direct:
            direct[name] = {*current.resource.depends_on, *_mentioned(current.resource.raw)}
        new = direct[name] - found
        found |= new
        waiting += new
    return found


def _direct(_template: Template) -> dict[str, set[str]]:
    """What each resource waits for directly, filled as it is asked for."""
    return {}


def _mentioned(raw: Any) -> Iterator[str]:
    """The names to which something in a template refers."""
    if isinstance(raw, list):
        for item in raw:
            yield from _mentioned(item)
    if not isinstance(raw, Mapping):
        return
    for key, value in raw.items():
        if key == "Ref" and isinstance(value, str):
            yield value
        elif key == "Fn::GetAtt":
            yield str(value[0]) if isinstance(value, list) and value else str(value).partition(".")[0]
        elif key == "Fn::Sub":
            text = value[0] if isinstance(value, list) and value else value
            yield from (name.strip().partition(".")[0] for name in _PLACEHOLDER.findall(str(text)))
            yield from _mentioned(value)
        else:
            yield from _mentioned(value)
