"""Where the library can raise: every place in its source, found by machine, and which of them were reached."""

from __future__ import annotations

import ast
import builtins
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from constructs_lib.checks import Checks
from constructs_lib.errors import InferenceError

ROOT = Path(__file__).parents[2]
CHECKS = frozenset({"limit", "count", "require", "at_most", "product"})
# What these places say is AWS's own words, which the tests of the local AWS hold; what they make of our errors counts.
_AWS_S_WORDS = "constructs_lib/local/"


class Site(NamedTuple):
    """A call that notes a problem, makes one of our errors, or raises one of Python's."""

    file: str
    first: int
    last: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.first}: {self.text}"


def files() -> list[Path]:
    """The source of the library, and of the settings of its stacks."""
    return [*sorted((ROOT / "constructs_lib").rglob("*.py")), ROOT / "stacks" / "settings.py"]


@cache
def sites() -> tuple[Site, ...]:
    """All of them, in the order of the files."""
    ours = _ours()
    return tuple(site for path in files() for site in _sites_of(path, ours))


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    """What a file holds that matters here."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return tuple(node for node in ast.walk(tree) if isinstance(node, (ast.ClassDef, ast.Raise, ast.Call)))


def _ours() -> set[str]:
    """The names of our exceptions: those that descend from ``InferenceError``."""
    bases = {
        node.name: {_named(base) for base in node.bases}
        for path in files()
        for node in _nodes(path)
        if isinstance(node, ast.ClassDef)
    }
    ours = {InferenceError.__name__}
    while found := {name for name, of in bases.items() if of & ours} - ours:
        ours |= found
    return ours


def _sites_of(path: Path, ours: set[str]) -> Iterator[Site]:
    name = path.relative_to(ROOT).as_posix()
    raised = {id(node.exc) for node in _nodes(path) if isinstance(node, ast.Raise)}
    for node in _nodes(path):
        if isinstance(node, ast.Call) and (
            _is_check(node) or _named(node.func) in ours or (id(node) in raised and _is_python_s(node, name))
        ):
            yield Site(name, node.lineno, node.end_lineno or node.lineno, ast.unparse(node)[:90])


def _is_check(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in CHECKS and _named(node.func.value) == "checks"


def _is_python_s(node: ast.Call, file: str) -> bool:
    """Whether an error of Python's is raised, and not to say that the library itself is wrong."""
    kind = getattr(builtins, _named(node.func), None)
    if file.startswith(_AWS_S_WORDS) or kind is AssertionError:
        return False
    return isinstance(kind, type) and issubclass(kind, Exception)


def _named(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


class Reached(set[tuple[str, int]]):
    """File and line of each place that was reached."""

    def at(self, site: Site) -> bool:
        return any((site.file, line) in self for line in range(site.first, site.last + 1))

    def note(self, frame: FrameType | None) -> None:
        while frame is not None and frame.f_code.co_filename == sys.modules[Checks.__module__].__file__:
            frame = frame.f_back
        if frame is not None:
            self._add(frame.f_code.co_filename, frame.f_lineno)

    def note_raised(self, error: BaseException | None) -> None:
        """The places that an error came through, and those of the errors from which it came."""
        while error is not None:
            for frame, line in traceback.walk_tb(error.__traceback__):
                self._add(frame.f_code.co_filename, line)
            error = error.__cause__ or error.__context__

    def _add(self, file: str, line: int) -> None:
        path = Path(file)
        if path.is_relative_to(ROOT):
            self.add((path.relative_to(ROOT).as_posix(), line))


@contextmanager
def watched(reached: Reached) -> Iterator[None]:
    """Write down where a problem is noted, and where one of our errors is made."""
    note = Checks._note

    def noting(self: Checks, *arguments: Any) -> None:
        reached.note(sys._getframe(1))
        note(self, *arguments)

    def new(kind: type[InferenceError], *arguments: Any, **_: Any) -> InferenceError:
        reached.note(sys._getframe(1))
        made: InferenceError = super(InferenceError, kind).__new__(kind, *arguments)
        return made

    Checks._note = noting  # type: ignore[method-assign,assignment]
    InferenceError.__new__ = new  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Checks._note = note  # type: ignore[method-assign]
        del InferenceError.__new__
