"""Execution roles: that they are there, that SageMaker may assume them, and that who deploys may pass them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.client.retries import code_of
from constructs_lib.facts import account as facts
from constructs_lib.facts import roles
from constructs_lib.facts.limit import Severity
from constructs_lib.facts.paths import MODEL
from constructs_lib.preflight.account import Account
from constructs_lib.preflight.check import Check
from constructs_lib.preflight.findings import found, unjudged
from constructs_lib.preflight.target import Target
from constructs_lib.rules.roles import may_assume, role_of
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.template import Node, Resource

_TITLE = "execution roles can be passed"
_PASS_ROLE = "iam:PassRole"
_SERVICE = "sagemaker.amazonaws.com"
# CloudFormation makes a role's name of both names, cut to this many characters each, and a random end.
_LONGEST_PART = 24
_RANDOM_END = "0123456789AB"


@dataclass(frozen=True, slots=True)
class Role:
    """An execution role; of one that the stack makes itself, and has not made yet, the name is a guess."""

    node: Node
    arn: str
    is_of_the_stack: bool = False
    is_guess: bool = False


def _roles(target: Target) -> Iterator[Role | Finding]:
    found = [_role(target, model.at("ExecutionRoleArn")) for model in target.template.of(MODEL)]
    yield from (role for role in found if isinstance(role, Finding))
    yield from {role.arn: role for role in found if isinstance(role, Role)}.values()


def _role(target: Target, node: Node) -> Role | Finding:
    if node.text is not None:
        return Role(node, node.text)
    made = role_of(target.template, node)
    if made is None:
        why, fix = target.why_unknown(node)
        return unjudged(node, f"the execution role is not known: {why}", fix)
    identity = target.account.identity
    path = made.at("Path").text or "/"
    name = made.at("RoleName").text or (target.resources or {}).get(made.resource.logical_id)
    parts = (target.stack_name or "Stack", made.resource.logical_id)
    guess = "-".join([*(part[:_LONGEST_PART] for part in parts), _RANDOM_END])
    arn = f"arn:{identity.partition}:iam::{identity.account}:role{path}{name or guess}"
    return Role(node, arn, is_of_the_stack=True, is_guess=name is None)


def _judge(target: Target, role: Role) -> Iterator[Finding]:
    if not role.is_of_the_stack:
        answer = _described(target.account, role.arn.rpartition("/")[2])
        if answer is None or answer["Arn"] != role.arn:
            message = f"there is no role {role.arn} in account {target.account.identity.account}"
            yield found(facts.ROLE_EXISTS, role.node, message, "create it, or give another")
            return
        trust = Node(Resource("", "", {}), (), {"AssumeRolePolicyDocument": answer["AssumeRolePolicyDocument"]})
        if not may_assume(trust, "sagemaker"):
            message = f"the trust policy of {role.arn} must let {_SERVICE} assume the role, it does not"
            fix = f"allow sts:AssumeRole to the Service {_SERVICE} in its trust policy"
            yield found(roles.SAGEMAKER_ASSUMES, role.node, message, fix)
    yield from _passing(target, role)


def _passing(target: Target, role: Role) -> Iterator[Finding]:
    principal = target.execution_role or _caller(target.account)
    if principal is None:
        return  # the root user, whom no policy holds back
    decision = _simulated(target.account, principal, role.arn)
    if decision is None:
        fix = (
            "run cdk bootstrap in this account and Region" if target.execution_role else "look at its policies yourself"
        )
        yield unjudged(role.node, f"there is no {principal} to ask IAM about", fix)
    elif decision != "allowed":
        guess = ", named as CloudFormation would name it" if role.is_guess else ""
        yield found(
            facts.PASS_ROLE,
            role.node,
            f"{principal} must be allowed {_PASS_ROLE} on {role.arn}{guess}, IAM says {decision}",
            f"allow {_PASS_ROLE} on the role to {principal}, with iam:PassedToService {_SERVICE}",
            Severity.WARNING if role.is_guess else None,
        )


def _described(account: Account, name: str) -> Mapping[str, Any] | None:
    try:
        with account.permitted("iam:GetRole"):
            role: Mapping[str, Any] = account.service("iam").get_role(RoleName=name)["Role"]
            return role
    except ClientError as error:
        if code_of(error) in ("NoSuchEntity", "NoSuchEntityException"):
            return None
        raise


def _caller(account: Account) -> str | None:
    """The caller as IAM's simulation takes it: the role behind an assumed one; ``None`` for the root user."""
    arn = account.identity.arn
    if arn.endswith(":root"):
        return None
    kind, _, rest = arn.rpartition(":")[2].partition("/")
    if kind != "assumed-role":
        return arn
    described = _described(account, rest.partition("/")[0])
    return str(described["Arn"]) if described else arn


def _simulated(account: Account, principal: str, role_arn: str) -> str | None:
    """``allowed``, ``implicitDeny`` or ``explicitDeny``; ``None`` if there is no such principal."""
    context = {"ContextKeyName": "iam:PassedToService", "ContextKeyValues": [_SERVICE], "ContextKeyType": "string"}
    ask = partial(account.service("iam").simulate_principal_policy, PolicySourceArn=principal)
    try:
        with account.permitted("iam:SimulatePrincipalPolicy"):
            answer = ask(ActionNames=[_PASS_ROLE], ResourceArns=[role_arn], ContextEntries=[context])
    except ClientError as error:
        if code_of(error) in ("NoSuchEntity", "NoSuchEntityException"):
            return None
        raise
    return str(answer["EvaluationResults"][0]["EvalDecision"])


PASSED_ROLES = Check(_TITLE, _roles, _judge)
