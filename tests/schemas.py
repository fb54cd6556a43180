"""CloudFormation's resource schemas, as cfn-lint carries them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources as packaged
from typing import Any

Part = Mapping[str, Any]

_DATA = packaged.files("cfnlint.data.schemas")
_REGION = "us-east-1"


@cache
def _catalog() -> Mapping[str, str]:
    names: Mapping[str, str] = json.loads(_DATA.joinpath("providers", f"{_REGION}.json").read_text("utf-8"))
    return names


@cache
def schema(type_: str) -> Part:
    """The schema of a resource type."""
    content = _DATA.joinpath("resources", f"{_catalog()[type_]}.json").read_text("utf-8")
    document: Part = json.loads(content)
    return document


def places(type_: str, steps: Sequence[str]) -> list[Part]:
    """Every part of a resource schema that describes the property at ``steps``; ``*`` is any item or value."""
    document = schema(type_)
    found = [_resolved(document, document)]
    for step in steps:
        found = [_resolved(below, document) for part in found for below in _below(part, step)]
    return found


def _resolved(part: Part, document: Part) -> Part:
    while "$ref" in part:
        target: Any = document
        for key in part["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        part = target
    return part


def _below(part: Part, step: str) -> Iterator[Part]:
    if step == "*":
        if "items" in part:
            yield part["items"]
        yield from part.get("patternProperties", {}).values()
        if isinstance(part.get("additionalProperties"), Mapping):
            yield part["additionalProperties"]
    elif step in part.get("properties", {}):
        yield part["properties"][step]
    for group in ("oneOf", "anyOf", "allOf"):
        for choice in part.get(group, []):
            yield from _below(choice, step)


def is_free(type_: str, steps: Sequence[str]) -> bool:
    """Whether a path leads into an object of which the schema says nothing more."""
    above = [part for length in range(1, len(steps)) for part in places(type_, steps[:length])]
    return any(_is_object(part) and not {"properties", "patternProperties"} & set(part) for part in above)


def _is_object(part: Part) -> bool:
    given = part.get("type", [])
    return "object" in ([given] if isinstance(given, str) else given)
