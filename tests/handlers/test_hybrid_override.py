"""Overrides: from now on, for a while, and never back; and the keys that all functions of the table share."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hybrid_load import keys
from hybrid_override.settings import Settings
from tests.handlers.conftest import _load
from tests.handlers.fakes import client_error
from tests.handlers.tables import OVERRIDE_ENVIRONMENT, MemoryTable, text

SETTINGS = Settings.from_environment(OVERRIDE_ENVIRONMENT)
FOLDERS = Path(__file__).parents[2] / "lambda"


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("hybrid_override.handler", OVERRIDE_ENVIRONMENT)


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


def overridden(handler: ModuleType, table: MemoryTable, event: Any) -> dict[str, Any]:
    answer: dict[str, Any] = handler.Override(SETTINGS, dynamodb=table).answer(event)
    return answer


def test_records_are_overridden_from_now_on_and_for_a_while(handler: ModuleType, table: MemoryTable) -> None:
    before = time.time()
    answer = overridden(handler, table, {"override": ["u", "tenant/v", "u"]})
    assert answer["overridden"] == 2
    assert before - 0.001 <= answer["since"] <= time.time()
    assert sorted(table.items) == ["override/tenant/v", "override/u"]
    item = table.items["override/u"]
    assert text(item, "since") == f"{answer['since']:.3f}"
    assert text(item, "expires_at") == str(int(answer["since"]) + 1000)


@pytest.mark.parametrize(("since", "stays"), [("99999999999", True), ("1000", False)])
def test_the_later_override_stays(handler: ModuleType, table: MemoryTable, since: str, stays: bool) -> None:
    there = {"pk": {"S": "override/u"}, "since": {"N": since}}
    table.items["override/u"] = dict(there)
    assert overridden(handler, table, {"override": ["u"]})["overridden"] == 1
    assert (table.items["override/u"] == there) is stays


@pytest.mark.parametrize(
    "event",
    [None, [], {}, {"override": "u"}, {"override": []}, {"override": list("abcdef")}, {"override": [""]},
     {"override": [1]}, {"override": ["a\nb"]}, {"override": ["x" * 65]}, {"override": ["u"], "since": 0}],
)  # fmt: skip
def test_what_is_wrong_overrides_nothing(handler: ModuleType, table: MemoryTable, event: object) -> None:
    assert set(overridden(handler, table, event)) == {"error", "correlation_id"}
    assert table.items == {}


def test_it_comes_over_http_as_well(handler: ModuleType, table: MemoryTable) -> None:
    def over_http(body: str) -> dict[str, Any]:
        return overridden(handler, table, {"requestContext": {"http": {"method": "POST"}}, "body": body})

    answer = over_http('{"override": ["u"]}')
    assert (answer["statusCode"], json.loads(answer["body"])["overridden"]) == (200, 1)
    assert [over_http(body)["statusCode"] for body in ("", "[" * 100_000, '{"id": "u"}')] == [400, 400, 400]


def test_a_table_that_takes_nothing_is_heard_of(handler: ModuleType, table: MemoryTable) -> None:
    def refuse(_: str) -> None:
        raise client_error("ThrottlingException", "PutItem")

    table.before = refuse
    with pytest.raises(Exception, match="ThrottlingException"):
        overridden(handler, table, {"override": ["u"]})


def test_all_functions_of_the_table_have_the_same_keys() -> None:
    files = sorted(FOLDERS.glob("hybrid_*/keys.py"))
    assert len(files) == 5
    assert len({file.read_text(encoding="utf-8") for file in files}) == 1


def test_no_two_things_have_the_same_key_whatever_ids_hold() -> None:
    names = ["b", "b1", "row", "fresh", "pointer", "0"]
    ids = ["u", "b/u", "b1/u", "/", "//", "pointer", "row/b/u", "../pointer", "0", "b1/0"]
    made: dict[tuple[str, ...], str] = {("pointer",): keys.POINTER}
    for name in names:
        made[("load", name)] = keys.load(name, 0)
        for record in ids:
            made[("row", name, record)] = keys.row(name, record)
            made[("fresh", name, record)] = keys.fresh(name, record)
    for record in ids:
        made[("override", record)] = keys.override(record)
    assert [pair for pair in combinations(made, 2) if made[pair[0]] == made[pair[1]]] == []
