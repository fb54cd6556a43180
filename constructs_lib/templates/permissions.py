"""What the roles of a template may do, as far as all of their policies are written in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from constructs_lib.facts.paths import INLINE_POLICY, MANAGED_POLICY, ROLE, ROLE_POLICY
from constructs_lib.templates.template import Node, Template

_ATTACHED = (INLINE_POLICY, MANAGED_POLICY, ROLE_POLICY)


def allows(template: Template, role: Node, action: str) -> bool | None:
    """Whether a role may do something to some resource at all; ``None`` if not all of its policies are known."""
    patterns = template.once(_allowed).get(role.resource.logical_id)
    return None if patterns is None else any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


def attached_policies(template: Template, role: Node) -> list[Node]:
    """The policies of this template that name a role."""
    return template.once(_attached).get(role.resource.logical_id, [])


def statements(template: Template) -> Iterator[Node]:
    """Every statement of the policies in roles, and of those that can be attached to them."""
    documents = [policy.at("PolicyDocument") for role in template.of(ROLE) for policy in role.at("Policies").items]
    documents += [policy.at("PolicyDocument") for policy in template.of(*_ATTACHED)]
    for document in documents:
        yield from (place for place in document.at("Statement").each if isinstance(place.value, dict))


def actions(document: Node) -> list[Node]:
    """The places of the actions that a policy document allows, whatever the resource."""
    statements = [statement for statement in document.at("Statement").each if statement.at("Effect").text == "Allow"]
    return [action for statement in statements for action in statement.at("Action").each]


def _allowed(template: Template) -> Mapping[str, list[str]]:
    """The actions that each role is allowed; a role of which not all policies are known is left out."""
    if any(_may_be_of_any_role(template, policy) for policy in template.of(*_ATTACHED)):
        return {}
    found: dict[str, list[str]] = {}
    for role in template.of(ROLE):
        known = [_known_actions(document) for document in _documents(template, role)]
        flat = [action for names in known for action in names or ()]
        # A role that may do nothing here gets its policies elsewhere.
        if None not in known and flat:
            found[role.resource.logical_id] = flat
    return found


def _attached(template: Template) -> Mapping[str, list[Node]]:
    found: defaultdict[str, list[Node]] = defaultdict(list)
    for policy in template.of(*_ATTACHED):
        for place in _named_roles(policy):
            role = template.follow(place, ROLE)
            if role is not None:
                found[role.resource.logical_id].append(policy)
    return found


def _named_roles(policy: Node) -> list[Node]:
    return [*policy.at("Roles").items, policy.at("RoleName")]


def _may_be_of_any_role(template: Template, policy: Node) -> bool:
    """Whether a policy names a role, or a list of roles, that is known only at deploy time."""
    roles = policy.at("Roles")
    unknown = [place for place in _named_roles(policy) if place.given and place.text is None]
    return (roles.given and not isinstance(roles.value, list)) or any(
        template.follow(place, ROLE) is None for place in unknown
    )


def _documents(template: Template, role: Node) -> Iterator[Node]:
    """The policy documents of a role; what is not a document is unknown."""
    for policy in (*attached_policies(template, role), *role.at("Policies").items):
        yield policy.at("PolicyDocument")
    for arn in role.at("ManagedPolicyArns").items:
        policy_of_template = template.follow(arn, MANAGED_POLICY)
        yield arn if policy_of_template is None else policy_of_template.at("PolicyDocument")
    for place in (role.at("Policies"), role.at("ManagedPolicyArns")):
        if place.given and not isinstance(place.value, list):
            yield place


def _known_actions(document: Node) -> list[str] | None:
    """The names of the actions that a policy document allows; ``None`` if one of them is not known."""
    effects = {statement.at("Effect").text for statement in document.at("Statement").each}
    names = [action.text for action in actions(document)]
    known = [name for name in names if name is not None]
    return known if effects <= {"Allow", "Deny"} and len(known) == len(names) else None
