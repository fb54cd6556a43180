"""Every row is held to the API models and the resource schemas that are installed: a row that has gone stale is named.

After an upgrade of botocore or cfn-lint a failure here says which row to look up again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader

from constructs_lib import facts
from constructs_lib.facts.catalog import SUBJECTS, limits
from constructs_lib.facts.limit import Choice, Count, Limit, Never, Pattern, Range
from tests.schemas import is_free, places

SHAPED = [pytest.param(limit, id=limit.id) for limit in limits() if limit.shape]
PLACED = [
    pytest.param(limit, path, id=f"{limit.id}-{path.replace('/', '.')}")
    for limit in limits()
    for path in limit.paths
    # What must be left out may be left out because CloudFormation does not know it.
    if path.startswith("AWS::") and not isinstance(limit.allowed, Never)
]


@cache
def model(service: str) -> Mapping[str, Any]:
    shapes: Mapping[str, Any] = Loader().load_service_model(service, "service-2")["shapes"]
    return shapes


def shape(limit: Limit) -> Mapping[str, Any]:
    service, name, *member = limit.shape.split(".")
    found: Mapping[str, Any] = model(service)[name]
    for step in member:
        found = model(service)[found["members"][step]["shape"]]
    return found


@pytest.mark.parametrize("limit", SHAPED)
def test_a_row_says_what_the_api_model_says(limit: Limit) -> None:
    said, allowed = shape(limit), limit.allowed
    match allowed:
        case Range(minimum=minimum, maximum=maximum) if said["type"] in ("string", "blob"):
            # The length of a text, as the client counts it.
            assert (said.get("min", 0), said.get("max")) == (minimum or 0, maximum)
        case Range(minimum=minimum, maximum=maximum) | Count(minimum=minimum, maximum=maximum):
            assert _differing((said.get("min"), minimum), (said.get("max"), maximum)) == []
        case Choice(values=values):
            if "enum" in said:
                assert set(said["enum"]) >= set(values)
            else:
                assert said["min"] <= min(values)
                assert said["max"] >= max(values)
        case Pattern():
            assert said.get("max", allowed.maximum_length) == allowed.maximum_length
            assert said.get("min", allowed.minimum_length) in (0, allowed.minimum_length)
            assert "pattern" not in said or _plain(said["pattern"]) == _plain(allowed.regex)
        case _:
            pytest.fail(f"{limit.id}: a row of this kind says nothing that a shape could confirm")


def _differing(*pairs: tuple[object, object]) -> list[tuple[object, object]]:
    """The bounds that both sides give and that differ; a model often leaves one open that the documents close."""
    return [(said, ours) for said, ours in pairs if said is not None and ours is not None and said != ours]


def _plain(pattern: str) -> str:
    return re.sub(r"^\^|\$$", "", pattern).replace("\\-", "-")


@pytest.mark.parametrize(("limit", "path"), PLACED)
def test_a_path_of_a_row_exists_in_the_resource_schema(limit: Limit, path: str) -> None:
    type_, *steps = path.split("/")
    assert is_free(type_, steps) or places(type_, steps), f"{limit.id}: {path} is not in the schema of {type_}"


def test_ids_of_rows_are_unique_over_all_files() -> None:
    names = [limit.id for limit in limits()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_every_file_of_facts_is_in_the_catalog() -> None:
    machinery = {"__init__", "catalog", "limit", "paths"}
    modules = {path.stem for path in Path(facts.__file__).parent.glob("*.py")}
    assert modules - machinery == set(SUBJECTS)


@pytest.mark.parametrize("limit", limits(), ids=lambda limit: str(limit.id))
def test_a_row_says_who_says_so(limit: Limit) -> None:
    assert limit.source.strip() == limit.source != ""
    assert limit.what
    assert limit.id == limit.id.upper()
