"""Statements for roles and ARNs for statements, with as few crossings into Node as they can be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

# What is known of a stack does not change, and asking for it costs a crossing each time.
_stacks: WeakKeyDictionary[Construct, Stack] = WeakKeyDictionary()
_places: WeakKeyDictionary[Stack, tuple[str, str, str]] = WeakKeyDictionary()


def allow(
    role: iam.IRole, actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, Any] | None = None
) -> None:
    """Let ``role`` do ``actions`` on ``resources``, under ``conditions`` if there are any."""
    statement = iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)
    if isinstance(role, iam.Role):
        role.add_to_policy(statement)  # does the same, and makes no object to say that it did
    else:
        role.add_to_principal_policy(statement)


def arn_of(
    scope: Construct, service: str, resource: str, *, region: str | None = None, account: str | None = None
) -> str:
    """``arn:PARTITION:service:REGION:ACCOUNT:resource`` in the stack of ``scope``; an empty text leaves a part out."""
    partition, own_region, own_account = _place_of(scope)
    in_region = own_region if region is None else region
    of_account = own_account if account is None else account
    return f"arn:{partition}:{service}:{in_region}:{of_account}:{resource}"


def _place_of(scope: Construct) -> tuple[str, str, str]:
    stack = _stacks.get(scope)
    if stack is None:
        stack = _stacks[scope] = Stack.of(scope)
    place = _places.get(stack)
    if place is None:
        place = _places[stack] = (stack.partition, stack.region, stack.account)
    return place
