"""Every statement of every policy in the templates: of the examples, of the app, and of each construct with a key."""

from __future__ import annotations

import runpy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from constructs_lib import CapacitySize, RealtimeEndpoint, RealtimeMonitoring, Rollout
from tests.asl import text_of
from tests.safe.everything import keyed_and_destroyed
from tests.stacks.in_process import ROOT, build
from tests.support import any_model, synthesize

Template = Mapping[str, Any]
TRUST = "AssumeRolePolicyDocument"
# Where resources of any type hold a policy.
_DOCUMENTS = ("PolicyDocument", "KeyPolicy", "ResourcePolicy", "AccessPolicy", TRUST)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; ``resource`` is the logical id of what holds it, ``kind`` its type."""

    template: str
    resource: str
    kind: str
    is_trust: bool
    body: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        return bool(self.body["Effect"] == "Allow")

    @property
    def actions(self) -> list[str]:
        return [str(action) for action in _listed(self.body["Action"])]

    @property
    def resources(self) -> list[str]:
        """With names in place of what is known at deploy time only."""
        return [text_of(resource) for resource in _listed(self.body.get("Resource", []))]

    @property
    def services(self) -> list[str]:
        """The services that it lets in."""
        principal = self.body.get("Principal", {})
        return [] if isinstance(principal, str) else [text_of(each) for each in _listed(principal.get("Service", []))]

    @property
    def conditions(self) -> Mapping[str, Any]:
        """By condition key, whatever the operator."""
        return {key: value for block in self.body.get("Condition", {}).values() for key, value in block.items()}

    def __str__(self) -> str:
        return f"{self.template}: {self.resource}: {dict(self.body)}"


@cache
def templates() -> Mapping[str, Template]:
    """By name. The constructs with a key have all that a construct can make."""
    found: dict[str, Template] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        for example in sorted(Path("examples").glob("*.py")):
            app = runpy.run_path(str(example), run_name="__main__")["app"]
            found.update((f"{example.name}: {stack.stack_name}", stack.template) for stack in app.synth().stacks)
    app = next(iter(build().values())).node.root
    found.update((f"app.py: {stack.stack_name}", stack.template) for stack in app.synth().stacks)  # type: ignore[attr-defined]
    found.update((f"with a key: {name}", template) for name, template in keyed_and_destroyed().items())
    found["rolled back by a composite alarm"] = synthesize(_rolled_back_by_a_composite_alarm).to_json()
    return found


def _rolled_back_by_a_composite_alarm(stack: cdk.Stack) -> None:
    model = any_model(stack)
    watched = RealtimeEndpoint(
        stack,
        "Watched",
        model=model,
        instance_type="ml.m5.large",
        monitoring=RealtimeMonitoring(composite=True),
    )
    assert watched.composite_alarm is not None
    RealtimeEndpoint(
        stack,
        "Endpoint",
        model=model,
        instance_type="ml.m5.large",
        rollout=Rollout.canary(CapacitySize.percent(10), alarms=[watched.composite_alarm]),
    )


@cache
def statements() -> tuple[Statement, ...]:
    """All of them."""
    return tuple(
        Statement(name, logical_id, resource["Type"], is_trust, body)
        for name, template in templates().items()
        for logical_id, resource in template["Resources"].items()
        for is_trust, document in _documents(resource.get("Properties", {}))
        for body in _listed(document["Statement"])
    )


def _documents(properties: Mapping[str, Any]) -> Iterator[tuple[bool, Mapping[str, Any]]]:
    yield from ((name == TRUST, properties[name]) for name in _DOCUMENTS if name in properties)
    inline = properties.get("Policies", [])
    yield from ((False, policy["PolicyDocument"]) for policy in inline if "PolicyDocument" in policy)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
