"""What is judged: a template as its deployment will meet it, with what CDK uploads beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.preflight.account import Account, Denied
from constructs_lib.preflight.assets import Assets, assets_of, filled
from constructs_lib.preflight.deployed import endpoints_of, stack_resources
from constructs_lib.preflight.findings import refused, section, unanswered
from constructs_lib.preflight.resolve import Imports, Parameters, pseudo_parameters
from constructs_lib.rules.rule import Finding
from constructs_lib.templates.files import TemplateFile
from constructs_lib.templates.template import Node, Template, deployed
from constructs_lib.templates.values import Joined, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A template in an account.

    ``resources`` are the physical ids of the stack's resources as it is deployed now, ``None`` where that is not known;
    ``own`` the names, in lower case, of its endpoints and of those in stacks around it and nested in it.
    ``stack_name`` and ``execution_role``, with which CloudFormation deploys the stack, are there where they are known;
    ``notes`` is what of the template itself could not be filled in.
    """

    template: Template
    account: Account
    assets: Assets
    resources: Mapping[str, str] | None
    own: frozenset[str] = frozenset()
    notes: tuple[Finding, ...] = ()
    stack_name: str | None = None
    execution_role: str | None = None

    def is_other(self, endpoint_name: str) -> bool:
        """Whether an endpoint is not one of the stack's own, which the deployment updates."""
        return endpoint_name.lower() not in self.own

    def why_unknown(self, node: Node) -> tuple[str, str]:
        """Why a value is not known before the deployment, and what would make it known."""
        parts = node.value.parts if isinstance(node.value, Joined) else (node.value,)
        for reference in (part for part in parts if isinstance(part, Reference)):
            name = reference.logical_id
            if self.template.resource(name) is not None:
                return f"{name} is made by this deployment", "look again once it is deployed"
            if name.startswith("AWS::"):
                return f"it depends on {name}", "name the stack by --stack"
            return f"it depends on the parameter {name}", f"give --parameter {name}=VALUE"
        return "the template does not say its value", "write the value into the template, or look at it yourself"


def target_of(
    file: TemplateFile,
    account: Account,
    given: Mapping[str, str],
    *,
    stack_name: str | None = None,
    execution_role: str | None = None,
    own: frozenset[str] = frozenset(),
) -> Target:
    """The template of a file, filled with parameters (``given`` ones before defaults) and what other stacks export.

    ``own`` are the endpoints of a stack around it, for a template that is nested in one.
    """
    pseudo = pseudo_parameters(account, stack_name)
    parameters, imports = Parameters(file.document, account, given), Imports(file.document, account)
    resources, found, notes = _deployed_now(account, stack_name)
    return Target(
        template=deployed(imports.document, lambda _: True, account.region, {**parameters.values, **pseudo}),
        account=account,
        assets=assets_of(file.path, pseudo),
        resources=resources,
        own=own | found,
        notes=(*parameters.notes, *imports.notes, *notes),
        stack_name=stack_name,
        execution_role=filled(execution_role, pseudo) if execution_role else None,
    )


def _deployed_now(
    account: Account, stack_name: str | None
) -> tuple[Mapping[str, str] | None, frozenset[str], tuple[Finding, ...]]:
    """The resources of a stack, its endpoints, and why they are not known."""
    title = "what of the stack is deployed already"
    if stack_name is None:
        return None, frozenset(), ()
    try:
        resources = stack_resources(account, stack_name)
        return resources, endpoints_of(account, resources), ()
    except Denied as denied:
        return None, frozenset(), (refused(section("Resources"), denied, title),)
    except (BotoCoreError, ClientError) as error:
        return None, frozenset(), (unanswered(section("Resources"), error, title),)
