"""All rows of the facts, gathered from the files of this folder."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from constructs_lib.facts.limit import Limit


def modules(init: str, *others: str) -> tuple[str, ...]:
    """The modules beside ``init`` by name, but for those that are about no subject."""
    names = (path.stem for path in Path(init).parent.glob("*.py"))
    return tuple(sorted(name for name in names if name not in ("__init__", *others)))


SUBJECTS = modules(__file__, "catalog", "limit", "paths")


@cache
def limits() -> tuple[Limit, ...]:
    """Every row, by subject and in the order of its file."""
    return tuple(limit for subject in SUBJECTS for limit in limits_of(subject))


@cache
def limits_of(subject: str) -> tuple[Limit, ...]:
    """The rows of one file, in its order."""
    found: dict[str, Limit] = {}
    for value in vars(import_module(f"constructs_lib.facts.{subject}")).values():
        for limit in value if isinstance(value, tuple) else (value,):
            if isinstance(limit, Limit):
                found.setdefault(limit.id, limit)
    return tuple(found.values())
