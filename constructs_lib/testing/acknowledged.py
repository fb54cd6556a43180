"""Which findings of the limit check an app has acknowledged, as CDK writes it beside the templates."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from constructs_lib.templates.files import TEMPLATE_SUFFIX

_RULES = "aws:cdk:acknowledged-rules"
_LOGICAL_ID = "aws:cdk:logicalId"
_PLUGIN = "InferenceLimits::"


def of_scopes(construct: cdk.Stack | cdk.Stage) -> frozenset[str]:
    """The rules acknowledged on a construct, or on what it stands in."""
    entries = [entry for scope in construct.node.scopes for entry in scope.node.metadata]
    return frozenset(name for entry in entries if entry.type == _RULES for name in _rules(entry.data))


def of_resources(template: Path) -> Mapping[str, set[str]]:
    """The rules acknowledged in a stack, by the logical ids of the resources that they hold for."""
    path = template.with_name(template.name.removesuffix(TEMPLATE_SUFFIX) + ".metadata.json")
    metadata = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    told = {place: set(_told(entries)) for place, entries in metadata.items()}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for place, entries in metadata.items():
        for entry in (entry for entry in entries if entry["type"] == _LOGICAL_ID):
            found[entry["data"]] |= {name for above in _above(place) for name in told.get(above, ())}
    return found


def _told(entries: list[dict[str, Any]]) -> Iterator[str]:
    for entry in entries:
        if entry["type"] == _RULES:
            yield from _rules(entry["data"])


def _rules(data: Mapping[str, str]) -> Iterator[str]:
    """The rules among ids such as ``InferenceLimits::SLS-MEM``."""
    return (name.removeprefix(_PLUGIN) for name in data if name.startswith(_PLUGIN))


def _above(place: str) -> Iterator[str]:
    """A construct's path, and those of the constructs that it stands in."""
    steps = place.split("/")
    return ("/".join(steps[:count]) for count in range(2, len(steps) + 1))
