"""The guide names every finding of diff and verify, and no row that does not exist."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType

from constructs_lib.facts import catalog, updates
from constructs_lib.facts.limit import Limit
from constructs_lib.updates import cautions, collisions, refusals

GUIDE = (Path(__file__).parents[2] / "docs" / "updates.md").read_text(encoding="utf-8")


def rows_of(module: ModuleType) -> set[str]:
    """The ids of the rows of the facts that a module names, such as ``serverless.CONVERSION``."""
    named = re.findall(r"\b([a-z]+)\.([A-Z][A-Z_]+)\b", inspect.getsource(module))
    found = (getattr(vars(module).get(file), name, None) for file, name in named)
    return {each.id for each in found if isinstance(each, Limit)}


def test_every_finding_is_in_the_guide() -> None:
    told = set(re.findall(r"`([A-Z][A-Z0-9-]+)`", GUIDE))
    live = {limit.id for limit in vars(updates).values() if isinstance(limit, Limit)}
    found = live.union(*map(rows_of, (refusals, cautions, collisions)))
    assert len(found) > 20
    assert found - told == set()


def test_the_guide_names_known_rows_alone() -> None:
    known = {limit.id for limit in catalog.limits()}
    told = set(re.findall(r"`([A-Z]+(?:-[A-Z]+)+)`", GUIDE))
    assert told - known == set()
