"""What CloudFormation does with the resources of a stack when a template takes the place of another. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from constructs_lib.facts.updates import CREATE_ONLY
from constructs_lib.templates.template import Node, Template
from constructs_lib.templates.values import Value, references
from constructs_lib.updates.values import differences, is_partly_unknown, same, shown_change


class Fate(StrEnum):
    """What becomes of a resource."""

    KEPT = "kept"
    UPDATED = "updated"
    REPLACED = "replaced"
    CREATED = "created"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Change:
    """A place that differs between the two templates, and how."""

    logical_id: str
    path: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.logical_id} {self.path}: {self.old} -> {self.new}"


class Comparison:
    """The old and the new template of a stack, resource by resource.

    A resource is replaced when a property changes that CloudFormation's schema calls create-only, and a property
    changes too when it refers to a resource that is replaced.
    """

    def __init__(self, old: Template, new: Template) -> None:
        self.old = old
        self.new = new
        self._fates: dict[str, Fate] = {}

    def fate(self, logical_id: str) -> Fate:
        """What becomes of a resource; what is no resource, such as a parameter, is kept."""
        if logical_id not in self._fates:
            self._fates[logical_id] = Fate.KEPT  # also the answer where a broken template refers in a circle
            self._fates[logical_id] = self._judge(logical_id)
        return self._fates[logical_id]

    def _judge(self, logical_id: str) -> Fate:
        old, new = self.old.resource(logical_id), self.new.resource(logical_id)
        if old is None or new is None:
            return Fate.KEPT if old is new else Fate.CREATED if old is None else Fate.DELETED
        if old.resource.type != new.resource.type:
            return Fate.REPLACED
        changed = frozenset(self._changed(old, new))
        if changed & CREATE_ONLY.get(new.resource.type, frozenset()):
            return Fate.REPLACED
        return Fate.UPDATED if changed else Fate.KEPT

    def _changed(self, old: Node, new: Node) -> Iterator[str]:
        for name in _names(old.value) | _names(new.value):
            if self.differs(name, old, new):
                yield name

    def differs(self, name: str, old: Node, new: Node) -> bool:
        """Whether a property changes, be it by what it refers to."""
        before, after = old.at(name).value, new.at(name).value
        if not same(before, after):
            return True
        if any(self.fate(found.logical_id) is Fate.REPLACED for found in references(after)):
            return True
        return is_partly_unknown(after) and _raw(old, name) != _raw(new, name)

    def changes(self, old: Node | None, new: Node | None) -> list[Change]:
        """The places in which two resources differ; none where one of them is missing."""
        if old is None or new is None:
            return []
        found = [
            Change(new.resource.logical_id, _dotted(path), *shown_change(before, after, path))
            for path, before, after in differences(old.value, new.value)
        ]
        told = {change.path.split(".")[0] for change in found}
        hidden = [
            Change(new.resource.logical_id, name, "(known at deploy time)", "(known at deploy time)")
            for name in sorted(_names(new.value) - told)
            if is_partly_unknown(new.at(name).value) and _raw(old, name) != _raw(new, name)
        ]
        return [*found, *hidden]


def _names(value: Value) -> frozenset[str]:
    return frozenset(value) if isinstance(value, dict) else frozenset()


def _raw(node: Node, name: str) -> object:
    properties = node.resource.raw.get("Properties")
    return properties.get(name) if isinstance(properties, dict) else properties


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path)) or "Properties"
