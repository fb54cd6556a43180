"""What an example is, and how one is made from a sound template by changing one value."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from constructs_lib.templates.known_quotas import KnownQuotas

Document = dict[str, Any]


class Absent:
    """Stands for a property that is left out."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Example:
    """Two templates, one on each side of a rule's boundary.

    ``region`` is where they are deployed, if the rule depends on it; ``also`` names other rules that the failing one
    cannot help breaking; ``quotas`` are those of the account, if the rule needs them.
    """

    passes: Document
    fails: Document
    region: str | None = None
    also: frozenset[str] = frozenset()
    quotas: KnownQuotas | None = None


def boundary(
    base: Document,
    place: str,
    *,
    passes: object,
    fails: object,
    region: str | None = None,
    also: Iterable[str] = (),
    quotas: KnownQuotas | None = None,
) -> Example:
    """``base`` with one value just inside and just outside; ``ABSENT`` leaves it out.

    ``place`` is a logical id and the path in its properties: ``Config.ProductionVariants.0.InstanceType``.
    """
    return Example(changed(base, {place: passes}), changed(base, {place: fails}), region, frozenset(also), quotas)


def changed(base: Document, changes: dict[str, object]) -> Document:
    """A copy of ``base`` with the values at some places replaced, added or, with ``ABSENT``, left out."""
    document = copy.deepcopy(base)
    for place, value in changes.items():
        logical_id, *steps = place.split(".")
        _set(document["Resources"][logical_id]["Properties"], steps, copy.deepcopy(value))
    return document


def _set(target: Any, steps: list[str], value: object) -> None:
    *above, last = steps
    for step in above:
        target = target[int(step)] if isinstance(target, list) else target.setdefault(step, {})
    if isinstance(target, list):
        if int(last) == len(target):
            target.append(value)
        elif isinstance(value, Absent):
            del target[int(last)]
        else:
            target[int(last)] = value
    elif isinstance(value, Absent):
        target.pop(last, None)
    else:
        target[last] = value


def template(**resources: Document) -> Document:
    """A template of these resources, by their logical ids."""
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def resource(type_: str, /, **properties: object) -> Document:
    """One resource."""
    return {"Type": type_, "Properties": properties}


def get(logical_id: str, attribute: str) -> Document:
    """``Fn::GetAtt``."""
    return {"Fn::GetAtt": [logical_id, attribute]}


def join(*parts: object) -> Document:
    """``Fn::Join`` of parts with nothing between them."""
    return {"Fn::Join": ["", list(parts)]}
