"""Which old template belongs to which new one: files, folders that ``cdk synth`` wrote, and deployed stacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from constructs_lib.facts.paths import STACK
from constructs_lib.templates.files import TemplateFile, Unreadable, parse, read, stacks
from constructs_lib.templates.template import resources
from constructs_lib.updates.stacks import DeployedStack

_ASSET = "aws:asset:path"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two templates of one stack, the file of the new one, and what the deployed stack says of itself."""

    file: Path
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    region: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    stack: DeployedStack | None = None


def of_files(old: Path, new: Path) -> Iterator[Pair]:
    """The templates of two files, or those of the same names in two folders; a new stack is compared with nothing.

    Raises ``Unreadable`` for what cannot be read, and for a file beside a folder.
    """
    before, after = _readable(old), _readable(new)
    if old.is_dir() != new.is_dir():
        raise Unreadable(f"give two templates or two folders, got {old} and {new}")
    if not new.is_dir():
        ((_, was),), ((_, will),) = before.items(), after.items()
        yield Pair(file=will.path, old=was.document, new=will.document, region=will.region or was.region)
        return
    for name, will in after.items():
        was_there = before.get(name)
        document = {} if was_there is None else was_there.document
        yield Pair(file=will.path, old=document, new=will.document, region=will.region)


def no_longer_in(old: Path, new: Path) -> list[str]:
    """The templates of a folder that another one lacks: CDK leaves the stacks alone."""
    return sorted(_readable(old).keys() - _readable(new).keys()) if old.is_dir() and new.is_dir() else []


def _readable(path: Path) -> Mapping[str, TemplateFile]:
    found: dict[str, TemplateFile] = {}
    for item in read(path):
        if isinstance(item, Unreadable):
            raise item
        found[str(item.path.relative_to(path)) if path.is_dir() else item.path.name] = item
    return found


def of_stack(stack: DeployedStack, path: Path) -> Iterator[Pair]:
    """A deployed stack and its nested stacks beside the templates that are to take their place.

    ``path`` is a template, or a folder that ``cdk synth`` wrote. Raises ``Unreadable`` where it has no such stack.
    """
    yield from _paired(stack, _template(path, stack.name))


def _template(path: Path, name: str) -> Path:
    if not path.exists():
        raise Unreadable(f"{path} does not exist; run cdk synth, or give the template")
    if not path.is_dir():
        return path
    known = list(stacks(path))
    found = [each.template for each in known if each.name == name]
    if len(found) != 1:
        names = ", ".join(sorted(each.name for each in known)) or "none"
        raise Unreadable(f"{path} must hold stack {name} once, it holds {names}; run cdk synth, or give the template")
    return found[0]


def _paired(stack: DeployedStack, template: Path) -> Iterator[Pair]:
    document = parse(template)
    region, parameters = stack.region, stack.parameters  # first, for this says whether there is such a stack
    yield Pair(
        file=template,
        old=stack.template,
        new=document,
        region=region,
        parameters=parameters,
        stack=stack,
    )
    for logical_id, raw in resources(document):
        metadata = raw.get("Metadata")
        asset = metadata.get(_ASSET) if isinstance(metadata, Mapping) else None
        inner = stack.nested(logical_id) if raw["Type"] == STACK and isinstance(asset, str) else None
        if inner is not None:
            yield from _paired(inner, template.parent / str(asset))
