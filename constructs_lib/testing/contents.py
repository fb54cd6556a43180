"""What stands in a template, for assertions of your own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aws_cdk.assertions import Template

from constructs_lib.facts.paths import INLINE_POLICY, ROLE


def only(template: Template, type_name: str) -> dict[str, Any]:
    """The properties of the single resource of a type. Raises AssertionError if there is none, or more than one."""
    __tracebackhide__ = True
    _, resource = _single(template, type_name)
    return dict(resource.get("Properties", {}))


def one(template: Template, type_name: str, part: str = "") -> str:
    """The logical id of the single resource of a type whose logical id holds ``part``.

    Raises AssertionError, with the logical ids of the type, if there is none or more than one.
    """
    __tracebackhide__ = True
    logical_id, _ = _single(template, type_name, part)
    return logical_id


def _single(template: Template, type_name: str, part: str = "") -> tuple[str, Mapping[str, Any]]:
    __tracebackhide__ = True
    known = template.find_resources(type_name)
    found = [(logical_id, resource) for logical_id, resource in known.items() if part in logical_id]
    if len(found) != 1:
        holding = f" with {part!r} in its logical id" if part else ""
        listed = ", ".join(sorted(known)) or f"none; the template has {', '.join(_types(template)) or 'no resources'}"
        raise AssertionError(f"expected one {type_name}{holding}, found {len(found)} of: {listed}")
    return found[0]


def _types(template: Template) -> list[str]:
    return sorted({resource["Type"] for resource in template.to_json().get("Resources", {}).values()})


def statements(template: Template, role_part: str) -> list[dict[str, Any]]:
    """Every statement of the roles, and of the policies of their own, whose logical id holds ``role_part``."""
    attached = template.find_resources(INLINE_POLICY).items()
    roles = template.find_resources(ROLE).items()
    documents = [
        *(policy["Properties"]["PolicyDocument"] for name, policy in attached if role_part in name),
        *(
            inline["PolicyDocument"]
            for name, role in roles
            if role_part in name
            for inline in role["Properties"].get("Policies", [])
        ),
    ]
    return [statement for document in documents for statement in document["Statement"]]


def actions(found: Iterable[Mapping[str, Any]]) -> set[str]:
    """The actions that statements allow."""
    listed = [statement["Action"] for statement in found if statement["Effect"] == "Allow"]
    return {action for item in listed for action in ([item] if isinstance(item, str) else item)}
