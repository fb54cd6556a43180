"""That roles may do what they need and no more, as an assertion."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from constructs_lib.facts.paths import ROLE
from constructs_lib.facts.permissions import INTERFACES_OF_LAMBDA, NO_RESOURCE_LEVEL, RESOURCES
from constructs_lib.rules.rule import path_of
from constructs_lib.templates.permissions import statements
from constructs_lib.templates.template import Node, Template, templates
from constructs_lib.testing.synthesis import Subject, sources_of

# `s3:GetObject*`, as CDK's own grants write it, names one kind of action; `s3:*` and `*` name all.
_ONE_KIND = re.compile(r"[\w-]+:\w+\*?")
_EVERYTHING = re.compile(r"\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:\*.*", re.DOTALL)
_BROAD = re.compile(r".*:aws:policy/.*(FullAccess|AdministratorAccess|PowerUserAccess)", re.DOTALL)


def assert_least_privilege(subject: Subject, *, without_resource_level: Collection[str] = ()) -> None:
    """Fail for each permission of a role that is wider than its actions need.

    Wider is: ``*`` or ``s3:*`` for actions; ``*``, or an ARN of all that a service holds, for the resources of actions
    that have a resource level; ``NotAction`` and ``NotResource``; AWS's managed policies of full access; a trust policy
    that lets anybody in. The policies of buckets, queues and keys are not looked at: their ``*`` is the resource
    itself. What is known only at deployment passes, and so do the network interfaces of functions in a VPC, for which
    AWS asks for all resources.

    :param subject: a stack, an app with all of its stacks, or a template.
    :param without_resource_level: further actions, such as ``"iot:DescribeEndpoint"``, that AWS's Service Authorization
        Reference lists without a resource type. Default: those of the services around inference are known.

    Raises AssertionError with each such statement and what to do, also if there is no role at all.
    """
    __tracebackhide__ = True
    unbound = {name.lower() for name in {*NO_RESOURCE_LEVEL, *INTERFACES_OF_LAMBDA, *without_resource_level}}
    found: dict[str, None] = {}
    roles = 0
    for source in sources_of(subject):
        for template in templates(source.file.document, lambda _: True, source.file.region):
            roles += len(template.of(ROLE))
            found.update(dict.fromkeys(f"{source.name}: {problem}" for problem in _problems(template, unbound)))
    if found:
        lines = "".join(f"\n  - {problem}" for problem in found)
        raise AssertionError(f"roles may do more than they need ({RESOURCES.id}: {RESOURCES.source}):{lines}")
    if not roles:
        raise AssertionError(f"expected an {ROLE}, found none")


def _problems(template: Template, unbound: Collection[str]) -> Iterator[str]:
    for statement in statements(template):
        if statement.at("Effect").text != "Deny":
            yield from _of_statement(statement, unbound)
    for role in template.of(ROLE):
        for arn in role.at("ManagedPolicyArns").items:
            if _BROAD.fullmatch(arn.outline):
                yield f"{_place(arn)}: {arn.outline.rpartition('/')[2]}; allow the actions that it needs instead"
        for statement in role.at("AssumeRolePolicyDocument", "Statement").each:
            principal = statement.at("Principal")
            anybody = [place for place in (principal, *principal.at("AWS").each) if place.text == "*"]
            if anybody and statement.at("Effect").text != "Deny" and statement.at("Condition").missing:
                yield f"{_place(anybody[0])}: anybody may assume the role; name the service or the account"


def _of_statement(statement: Node, unbound: Collection[str]) -> Iterator[str]:
    for name in ("NotAction", "NotResource"):
        if statement.at(name).given:
            yield f"{_place(statement.at(name))}: allows all that it does not name; name what is needed"
    actions = statement.at("Action").each
    for action in actions:
        if action.text is not None and not _ONE_KIND.fullmatch(action.text):
            yield f"{_place(action)}: {action.text}; name the actions"
    bound = [action.text for action in actions if action.text is not None and action.text.lower() not in unbound]
    for resource in statement.at("Resource").each if bound else ():
        if _EVERYTHING.fullmatch(resource.outline):
            yield f"{_place(resource)}: * for {', '.join(bound)}; give the ARNs that it needs"


def _place(node: Node) -> str:
    return f"{node.resource.logical_id} {path_of(node)}"
