"""Fixed names that an update would have to give a second time, before what bears them is gone."""

from __future__ import annotations

from collections.abc import Iterator

from constructs_lib.facts import account, names
from constructs_lib.facts.limit import Limit, Severity
from constructs_lib.facts.paths import CONFIG, ENDPOINT, MODEL
from constructs_lib.rules.rule import Problem
from constructs_lib.templates.template import NAME_PROPERTIES, Node
from constructs_lib.templates.values import Reference
from constructs_lib.updates.comparison import Comparison, Fate
from constructs_lib.updates.values import same, shown

_ROWS = {MODEL: names.FIXED_MODEL_NAME, CONFIG: names.FIXED_CONFIG_NAME, ENDPOINT: account.ENDPOINT_NAME_IS_FREE}


def collisions(comparison: Comparison) -> Iterator[tuple[Limit, Problem]]:
    """What CloudFormation creates, itself or as a replacement, under a name that the stack holds already.

    It creates before it deletes, and SageMaker's models, configurations and endpoints have their names to themselves.
    """
    for type_, limit in _ROWS.items():
        for node in comparison.new.of(type_):
            if comparison.fate(node.resource.logical_id) not in (Fate.CREATED, Fate.REPLACED):
                continue
            name = node.at(NAME_PROPERTIES[type_])
            holder = _holder(comparison, type_, name)
            if holder is None:
                continue
            whose = "it bears itself" if holder.resource.logical_id == node.resource.logical_id else _whose(holder)
            yield (
                limit,
                Problem(
                    name,
                    f"{name.path[-1]} {shown(name.value)} is taken: it is the name that {whose} until the update ends",
                    f"leave {name.path[-1]} out, or give another name",
                    Severity.ERROR,
                ),
            )


def _whose(holder: Node) -> str:
    return f"{holder.resource.logical_id} bears"


def _holder(comparison: Comparison, type_: str, name: Node) -> Node | None:
    if not name.given or not all(_is_known(part) for part in name.parts):
        return None
    old = comparison.old.of(type_)
    return next((node for node in old if same(node.at(NAME_PROPERTIES[type_]).value, name.value)), None)


def _is_known(part: object) -> bool:
    return isinstance(part, str) or (isinstance(part, Reference) and part.logical_id.startswith("AWS::"))
