"""Reads templates from files and from the folders that ``cdk synth`` writes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from constructs_lib.errors import InferenceError

MANIFEST = "manifest.json"
TEMPLATE_SUFFIX = ".template.json"
ASSETS_SUFFIX = ".assets.json"
NESTED_SUFFIX = ".nested.template.json"
# CloudFormation takes 1 MB; this much more is no template, and the parser would need minutes for it.
_MOST_YAML_BYTES = 5_000_000
# Of JSON, manifests too. A file may be a link to a device, which has no end.
_MOST_BYTES = 20_000_000
_MOST_VALUES = 2_000_000
_DEEPEST = 200
# CloudFormation refuses a template without resources; a macro may add them.
_MAKERS = frozenset({"Resources", "Transform", "Fn::Transform"})
_GIVE = "give a template or a folder that cdk synth wrote"


class Unreadable(InferenceError):
    """A path that is missing, or that holds no template."""


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A template, the file that it was read from, and the account and Region of its stack where they are known."""

    path: Path
    document: Mapping[str, Any]
    region: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack of a ``cdk.out`` folder; account, Region and ``execution_role`` are ``None`` where it leaves them open.

    ``execution_role`` is the one that CloudFormation deploys the stack with, pseudo parameters in its ARN.
    """

    name: str
    id: str
    template: Path
    account: str | None
    region: str | None
    execution_role: str | None


def read(path: Path) -> Iterator[TemplateFile | Unreadable]:
    """The templates under a path: the file itself, or every stack of a ``cdk.out`` folder, nested ones and stages too.

    What cannot be read comes as the error that says why, so that the rest of a folder is not lost.
    """
    if not os.path.exists(path):  # noqa: PTH110 - Path.exists() raises for a name that is too long
        yield Unreadable(f"{path} does not exist; {_GIVE}")
    elif path.is_dir():
        yield from _read_folder(path)
    else:
        found = _read_template(path)
        is_template = isinstance(found, Unreadable) or not _MAKERS.isdisjoint(found.document)
        yield found if is_template else Unreadable(f"{path} is no template: it has no Resources; {_GIVE}")


def _read_folder(folder: Path) -> Iterator[TemplateFile | Unreadable]:
    found = False
    try:
        for stack in stacks(folder):
            found = True
            yield from read_stack(stack.template, stack.region, stack.account)
    except Unreadable as error:  # a manifest that is broken
        yield error
        return
    if not found:
        yield Unreadable(f"{folder} holds no {MANIFEST} with stacks; {_GIVE}")


def _read_template(path: Path, region: str | None = None, account: str | None = None) -> TemplateFile | Unreadable:
    try:
        return TemplateFile(path, parse(path), region, account)
    except Unreadable as error:
        return error


def read_stack(template: Path, region: str | None, account: str | None = None) -> Iterator[TemplateFile | Unreadable]:
    """The template of a stack and those of its nested stacks, at any depth."""
    yield _read_template(template, region, account)
    for nested in _nested(template):
        yield _read_template(nested, region, account)


def _nested(template: Path) -> Iterator[Path]:
    """CDK lists the nested templates among the stack's assets; the folder itself may hold those of earlier runs."""
    files = _mapping(asset_manifest(template).get("files"))
    for file in files.values():
        name = _mapping(_mapping(file).get("source")).get("path")
        if isinstance(name, str) and name.endswith(NESTED_SUFFIX):
            yield _inside(template.parent, name)


def asset_manifest(template: Path) -> Mapping[str, Any]:
    """What CDK uploads with a stack: the manifest beside its template, empty for one that CDK did not write."""
    path = template.with_name(template.name.removesuffix(TEMPLATE_SUFFIX) + ASSETS_SUFFIX)
    return parse(path, what="asset manifest") if path.is_file() else {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def stacks(folder: Path) -> Iterator[Stack]:
    """The stacks that ``cdk synth`` wrote into a folder, those of stages too; raises ``Unreadable``."""
    return _stacks(folder, frozenset())


def _stacks(folder: Path, above: frozenset[Path]) -> Iterator[Stack]:
    manifest = folder / MANIFEST
    if folder.resolve() in above or not manifest.is_file():
        return
    for id, artifact in _mapping(parse(manifest, what="manifest").get("artifacts")).items():
        properties = _mapping(_mapping(artifact).get("properties"))
        kind = _mapping(artifact).get("type")
        if kind == "aws:cloudformation:stack" and isinstance(properties.get("templateFile"), str):
            yield _stack(folder, str(id), artifact, properties)
        elif kind == "cdk:cloud-assembly" and isinstance(properties.get("directoryName"), str):
            yield from _stacks(_inside(folder, properties["directoryName"]), above | {folder.resolve()})


def _inside(folder: Path, name: str) -> Path:
    """A file that a manifest names; raises ``Unreadable`` for one elsewhere, be it by a link: it is not CDK's."""
    path = folder / name
    try:
        is_inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a circle of links, a null character
        is_inside = False
    if not is_inside:
        raise Unreadable(f"{folder} names {name[:100]!r}, which is not inside of it; run cdk synth again")
    return path


def _stack(folder: Path, id: str, artifact: Mapping[str, Any], properties: Mapping[str, Any]) -> Stack:
    account, _, region = str(artifact.get("environment", "")).removeprefix("aws://").rpartition("/")
    return Stack(
        name=str(properties.get("stackName", id)),
        id=str(artifact.get("displayName", id)),
        template=_inside(folder, properties["templateFile"]),
        account=account if account and account != "unknown-account" else None,
        region=region if region and region != "unknown-region" else None,
        execution_role=properties.get("cloudFormationExecutionRoleArn"),
    )


def parse(path: Path, what: str = "template") -> Mapping[str, Any]:
    """The mapping in a JSON or YAML file. Raises ``Unreadable``, whatever the file holds."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > _MOST_BYTES:
        raise Unreadable(f"{path} is no {what}: it has more than {_MOST_BYTES:,} bytes")
    try:
        document = _parse(content)
    except RecursionError as error:
        raise Unreadable(f"{path} is nested too deeply for a {what}") from error
    except ValueError as error:
        raise Unreadable(f"{path} is no {what}: {error}") from error
    if not isinstance(document, Mapping):
        raise Unreadable(f"{path} is no {what}: it holds {_kind(document)} where a mapping belongs")
    return document


def _kind(document: object) -> str:
    return "nothing" if document is None else f"a {type(document).__name__}"


def _parse(content: bytes) -> Any:
    """JSON if it begins as JSON, else YAML. Raises ``ValueError`` or ``RecursionError``."""
    text = content.decode("utf-8-sig")
    if text.lstrip()[:1] in ("{", "["):
        try:
            document = json.loads(text)
        except json.JSONDecodeError as error:
            document = _yaml_flow(text, error)
    else:
        document = _yaml(text)
    if isinstance(document, (dict, list)):
        check_extent(document)
    return document


def _yaml_flow(text: str, error: json.JSONDecodeError) -> Any:
    """YAML may begin with a brace too; what is neither was meant as JSON, so JSON's message is the one to give."""
    try:
        return _yaml(text)
    except ValueError:
        raise error from None


def _yaml(text: str) -> Any:
    if len(text) > _MOST_YAML_BYTES:
        raise ValueError(f"{len(text):,} characters of YAML; it must be at most 1 MB, or CloudFormation refuses it")
    from constructs_lib.templates.yaml import load  # JSON is read without PyYAML

    return load(text)


def check_extent(document: Any) -> None:
    """Refuse what is nested too deeply, or holds too much once the aliases of YAML are written out."""
    level, depth, seen = [document], 0, 0
    while level:
        depth, seen = depth + 1, seen + len(level)
        if depth > _DEEPEST:
            raise RecursionError
        if seen > _MOST_VALUES:
            raise ValueError(f"more than {_MOST_VALUES:,} lists and mappings; it must have fewer aliases")
        below = (value.values() if isinstance(value, dict) else value for value in level)
        nested = (item for items in below for item in items if isinstance(item, (dict, list)))
        level = list(islice(nested, _MOST_VALUES + 1))
