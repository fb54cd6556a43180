"""Roles, statements for them and ARNs for statements, with as few crossings into Node as they can be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib.tokens import is_token

# What is known of a stack does not change, and asking for it costs a crossing each time.
_stacks: WeakKeyDictionary[Construct, Stack] = WeakKeyDictionary()
_places: WeakKeyDictionary[Stack, tuple[str, str, str]] = WeakKeyDictionary()


class NewRole:
    """A role for SageMaker in ``scope``, made when it is first needed, with all that it was allowed until then.

    One document costs one crossing where each statement costs two, and permissions that stand in the role itself are
    there as soon as the role is, and take no resource of their own. What names other resources of the app stands in a
    policy apart: their own policies may name the role, and the two would wait for each other.
    """

    def __init__(self, scope: Construct) -> None:
        self._scope = scope
        self._statements: list[dict[str, Any]] = []
        self._role: iam.Role | None = None

    @property
    def made(self) -> iam.Role:
        """The role, as ``ExecutionRole``."""
        if self._role is None:
            document = iam.PolicyDocument.from_json({"Version": "2012-10-17", "Statement": self._statements})
            self._role = iam.Role(
                self._scope,
                "ExecutionRole",
                # The asterisk is what SageMaker itself names as its source for models and endpoints.
                assumed_by=deputy(self._scope, "sagemaker", "*"),
                inline_policies={"Permissions": document},
            )
        return self._role

    def allow(
        self, actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, Any] | None = None
    ) -> None:
        """Let it do ``actions`` on ``resources``, under ``conditions`` if there are any."""
        if self._role is not None or self._names_others(resources):
            allow(self.made, actions, resources, conditions)
            return
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
        self._statements.append({**statement, "Condition": conditions} if conditions else statement)

    def _names_others(self, resources: Sequence[str]) -> bool:
        text = " ".join(resources)
        for known in _place_of(self._scope):
            text = text.replace(known, "")
        return is_token(text)


Role = iam.IRole | NewRole
# What reading and writing of what a key encrypts takes; parts of a large object are read before they become one.
DECRYPT = ("kms:Decrypt",)
ENCRYPT = ("kms:Decrypt", "kms:GenerateDataKey")
# What DynamoDB does with the key of a table in the name of who uses the table:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
USE_TABLE = ("kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*")


def made(role: Role) -> iam.IRole:
    """``role`` for those who need it as CDK knows it; a new one is made."""
    return role.made if isinstance(role, NewRole) else role


def allow(
    role: Role, actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, Any] | None = None
) -> None:
    """Let ``role`` do ``actions`` on ``resources``, under ``conditions`` if there are any."""
    if isinstance(role, NewRole):
        role.allow(actions, resources, conditions)
        return
    statement = iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)
    if isinstance(role, iam.Role):
        role.add_to_policy(statement)  # does the same, and makes no object to say that it did
    else:
        role.add_to_principal_policy(statement)


def allow_key(role: Role, key: kms.IKey | str, service: str, *actions: str) -> None:
    """Let ``role`` do ``actions`` with ``key``, or that of an ARN, for what it asks of ``service``, such as ``s3``.

    The service calls KMS in the name of the role; what the key encrypts elsewhere stays closed to it.
    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    via = {"StringEquals": {"kms:ViaService": f"{service}.{Aws.REGION}.{Aws.URL_SUFFIX}"}}
    allow(role, actions, [key if isinstance(key, str) else key.key_arn], via)


def arn_of(
    scope: Construct, service: str, resource: str, *, region: str | None = None, account: str | None = None
) -> str:
    """``arn:PARTITION:service:REGION:ACCOUNT:resource`` in the stack of ``scope``; an empty text leaves a part out."""
    partition, own_region, own_account = _place_of(scope)
    in_region = own_region if region is None else region
    of_account = own_account if account is None else account
    return f"arn:{partition}:{service}:{in_region}:{of_account}:{resource}"


def share_stack(child: Construct, parent: Construct) -> None:
    """Know ``child`` to stand in the stack of ``parent``, so that it need not be asked."""
    _stacks[child] = stack_of(parent)


def stack_of(scope: Construct) -> Stack:
    """The stack that ``scope`` stands in; asked for once."""
    stack = scope if isinstance(scope, Stack) else _stacks.get(scope)
    if stack is None:
        stack = _stacks[scope] = Stack.of(scope)
    return stack


def _place_of(scope: Construct) -> tuple[str, str, str]:
    stack = stack_of(scope)
    place = _places.get(stack)
    if place is None:
        place = _places[stack] = (stack.partition, stack.region, stack.account)
    return place


def deputy(scope: Construct, service: str, resource: str) -> iam.ServicePrincipal:
    """``SERVICE.amazonaws.com`` where it acts for a ``resource`` in the account and region of ``scope``, a pattern.

    Else anybody who brings the service to name the role could act through it: the service would be a confused deputy.
    """
    return _deputy(service, arn_of(scope, service, resource))


@cache
def _deputy(service: str, source_arn: str) -> iam.ServicePrincipal:
    """The same for every role, and making it anew is a crossing into Node each time."""
    # The account is a part of the ARN, so that it needs no condition of its own.
    return iam.ServicePrincipal(f"{service}.amazonaws.com", conditions={"ArnLike": {"aws:SourceArn": source_arn}})
