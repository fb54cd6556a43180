"""What the roles of a template may do, as far as all of their policies are written in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from constructs_lib.templates.template import Node, Template

ROLE = "AWS::IAM::Role"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
_ATTACHED = ("AWS::IAM::Policy", MANAGED_POLICY, "AWS::IAM::RolePolicy")


def allows(template: Template, role: Node, action: str) -> bool | None:
    """Whether a role may do something to some resource at all; ``None`` if not all of its policies are known."""
    patterns = template.once(_allowed).get(role.resource.logical_id)
    return None if patterns is None else any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def _allowed(template: Template) -> Mapping[str, list[str] | None]:
    """The actions that each role is allowed, ``None`` if not all of its policies are known."""
    found: dict[str, list[str] | None] = {}
    documents = _documents(template)
    for role in template.of(ROLE):
        known = [_actions(document) for document in (*documents[role.resource.logical_id], *documents[""])]
        flat = [action for actions in known for action in actions or ()]
        # A role that may do nothing here gets its policies elsewhere.
        found[role.resource.logical_id] = None if None in known or not flat else flat
    return found


def _documents(template: Template) -> Mapping[str, list[Node]]:
    """Policy documents by the logical id of the role; under an empty id those that may belong to any role."""
    found: defaultdict[str, list[Node]] = defaultdict(list)
    for policy in template.of(*_ATTACHED):
        roles = policy.at("Roles")
        for place in (*roles.items, policy.at("RoleName")):
            role = template.follow(place, ROLE)
            if role is not None:
                found[role.resource.logical_id].append(policy.at("PolicyDocument"))
            elif place.given and place.text is None:
                found[""].append(place)  # it may name any role: as a document it is unknown
        if roles.given and not isinstance(roles.value, list):
            found[""].append(roles)
    for role in template.of(ROLE):
        found[role.resource.logical_id].extend(_own_documents(template, role))
    return found


def _own_documents(template: Template, role: Node) -> Iterator[Node]:
    """The documents in a role and of the managed policies that it names; what is not a document is unknown."""
    for policy in role.at("Policies").items:
        yield policy.at("PolicyDocument")
    for arn in role.at("ManagedPolicyArns").items:
        policy_of_template = template.follow(arn, MANAGED_POLICY)
        yield arn if policy_of_template is None else policy_of_template.at("PolicyDocument")
    for place in (role.at("Policies"), role.at("ManagedPolicyArns")):
        if place.given and not isinstance(place.value, list):
            yield place


def _actions(document: Node) -> list[str] | None:
    """The actions that a policy document allows, whatever the resource; ``None`` if that is not known."""
    statements = document.at("Statement")
    found: list[str] = []
    for statement in statements.items if isinstance(statements.value, list) else [statements]:
        effect, action = statement.at("Effect").text, statement.at("Action")
        if effect == "Deny":
            continue
        names = [name.text for name in (action.items if isinstance(action.value, list) else [action])]
        known = [name for name in names if name is not None]
        if effect != "Allow" or len(known) != len(names):
            return None
        found.extend(known)
    return found
