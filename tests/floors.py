"""The floors of the house: which part of the repository may import what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CDK = frozenset({"aws_cdk", "constructs", "jsii"})
BOTO = frozenset({"boto3", "botocore"})
IN_LAMBDA = BOTO | {"dateutil"}  # Lambda's runtime has boto3 and what that depends on
SERVER = frozenset({"ministack", "hypercorn"})
YAML = frozenset({"yaml"})
NUMPY = frozenset({"numpy"})
PYTEST = frozenset({"pytest"})
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Part:
    """A part of the house: its floor, and the libraries that it may import besides what lies on its floor or below."""

    floor: int
    libraries: frozenset[str] = NOTHING


PARTS = {
    "constructs_lib.facts": Part(0),
    "constructs_lib.errors": Part(0),
    "constructs_lib.version": Part(0),
    "constructs_lib.outputs": Part(0),
    "constructs_lib.tokens": Part(1),
    "constructs_lib.checks": Part(1),
    "constructs_lib.templates": Part(1, YAML),
    "constructs_lib.rules": Part(1),
    "constructs_lib.preflight": Part(1, BOTO),
    "constructs_lib.troubleshooting": Part(1),
    "constructs_lib.options": Part(1),
    "constructs_lib.drift": Part(1),
    "constructs_lib.advisor": Part(1),
    "constructs_lib.advisor.price_list": Part(1, BOTO),
    "constructs_lib.client": Part(1, BOTO | NUMPY),  # numpy only for arrays of a caller who has it
    "constructs_lib.local": Part(1, BOTO | SERVER),
    "constructs_lib.updates": Part(1, BOTO),
    "constructs_lib.terminal": Part(1),
    "constructs_lib.__main__": Part(1),
    "constructs_lib.endpoints": Part(2, CDK),
    "constructs_lib.validation": Part(2, CDK),
    "constructs_lib.acknowledgements": Part(2, CDK),
    "constructs_lib.patterns": Part(3, CDK),
    "constructs_lib.testing": Part(3, CDK | BOTO),
    "constructs_lib.testing.fixtures": Part(3, PYTEST),  # for whoever has it
    "constructs_lib": Part(3),  # the face: it names what lies behind it
    "stacks": Part(4, CDK),
    "examples": Part(4, CDK),
    "examples.own_tests": Part(4, CDK | PYTEST),
    "app": Part(5, CDK),
    "demo": Part(1, BOTO),
    "benchmarks": Part(1),
    "benchmarks.batched": Part(4, CDK),
    "benchmarks.cdk_validation": Part(4, CDK),
    "benchmarks.constructed": Part(4, CDK),
    "benchmarks.peer": Part(4, CDK),
    "benchmarks.fleet": Part(4, CDK),  # an app to synthesize, in a process of its own
}
OURS = frozenset(name.partition(".")[0] for name in PARTS) | {"lambda", "containers", "scripts", "tests"}
ALONE = ("lambda", "containers")  # they run where the library is not installed


def part_of(module: str) -> str | None:
    """The name of the part a module belongs to: the longest one that it begins with."""
    names = [name for name in PARTS if module == name or module.startswith(f"{name}.")]
    return max(names, key=len, default=None)


def module_name(path: Path, root: Path) -> str:
    """The dotted name of a file; a package's `__init__.py` has the package's."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str, module: str, *, is_package: bool) -> Iterator[tuple[int, str]]:
    """Line and full name of every import: at the top, in a function, for the type checker alone, relative, by name."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=origin, names=names, level=level):
                above = package[: len(package) - level + 1] if level else []
                base = ".".join([*above, *([origin] if origin else [])])
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in names)
            case ast.Call(
                func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=str(target)), *_]
            ):
                if name in {"import_module", "__import__"}:
                    yield node.lineno, target


def fault(module: str, target: str, standard_library: frozenset[str]) -> str | None:
    """Why `module` may not import `target`, or None if it may."""
    top = target.partition(".")[0]
    if module.startswith("lambda."):
        own = module.split(".")[1]  # a handler's archive holds its own folder
        there_too = standard_library | IN_LAMBDA | {own}
        return None if top in there_too else f"runs in Lambda, where there is no {target}"
    if module.partition(".")[0] in ALONE:
        return f"runs without the library, so it cannot import {target}" if top in OURS - set(ALONE) else None
    here = part_of(module)
    if here is None or (here == "constructs_lib" and module != here):
        return "stands on no floor: give it one in tests/floors.py"
    there = part_of(target)
    if there is not None:
        is_upwards = PARTS[there].floor > PARTS[here].floor and there != here
        return f"is on floor {PARTS[here].floor}, {there} on floor {PARTS[there].floor}" if is_upwards else None
    if top in OURS:
        return f"imports {top}, which is no part of the house"
    if top in standard_library or top in PARTS[here].libraries:
        return None
    return f"may not import {top}"


def files(root: Path) -> Iterator[Path]:
    """All Python files that the floors are about."""
    for top in sorted({*(name.partition(".")[0] for name in PARTS), *ALONE}):
        folder = root / top
        yield from sorted(folder.rglob("*.py")) if folder.is_dir() else []
        if folder.with_suffix(".py").is_file():
            yield folder.with_suffix(".py")


def faults(root: Path, standard_library: frozenset[str]) -> list[str]:
    """One line for each import that goes up, sideways out of the house, or to a library that the part may not use."""
    found = []
    for path in files(root):
        module = module_name(path, root)
        for line, target in imports(path.read_text(encoding="utf-8"), module, is_package=path.name == "__init__.py"):
            reason = fault(module, target, standard_library)
            if reason:
                found.append(f"{path.relative_to(root)}:{line}: {module} {reason}")
    return found
