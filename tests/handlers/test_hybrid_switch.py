"""A batch is served as a whole, when all of it is there, and never after a newer one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from types import ModuleType
from typing import Any

import pytest

from hybrid_switch.logic import LoadIncomplete, TooManyFailed
from hybrid_switch.settings import Settings
from tests.handlers.conftest import _load
from tests.handlers.tables import SWITCH_ENVIRONMENT, MemoryTable, text

SETTINGS = Settings.from_environment(SWITCH_ENVIRONMENT)
EVENT = {
    "batch": "b1",
    "objects": 3,
    "model_version": "model-1",
    "feature_version": "today",
    "computed_at": 5000,
    "rows": None,
}


@pytest.fixture(scope="module")
def handler() -> Iterator[ModuleType]:
    yield from _load("hybrid_switch.handler", SWITCH_ENVIRONMENT)


@pytest.fixture
def table() -> MemoryTable:
    found = MemoryTable()
    for batch in ("b1", "b2", "b3"):
        for index in range(3):
            put(found, batch, index)
    return found


def put(table: MemoryTable, batch: str, index: int, *, loaded: int = 10, failed: int = 1, done: bool = True) -> None:
    numbers = {"loaded": {"N": str(loaded)}, "failed": {"N": str(failed)}}
    table.items[f"load/{batch}/{index}"] = {"pk": {"S": f"load/{batch}/{index}"}, "done": {"BOOL": done}, **numbers}


def switched(handler: ModuleType, table: MemoryTable, share: float = 0.5, **event: Any) -> dict[str, Any]:
    switch = handler.Switch(replace(SETTINGS, max_failed_share=share), dynamodb=table)
    answer: dict[str, Any] = switch.switch({**EVENT, **event})
    return answer


def test_the_pointer_says_what_is_served(handler: ModuleType, table: MemoryTable) -> None:
    assert switched(handler, table) == {"served": True, "batch": "b1", "rows": 30, "failed": 3}
    pointer = {name: text(table.items["pointer"], name) for name in table.items["pointer"]}
    assert float(pointer.pop("switched_at")) > 1_700_000_000
    assert pointer == {
        "pk": "pointer",
        "batch": "b1",
        "model_version": "model-1",
        "feature_version": "today",
        "computed_at": "5000",
        "rows": "30",
    }


@pytest.mark.parametrize("order", list(permutations([("b1", 5000), ("b2", 6000), ("b3", 7000)])))
def test_in_whichever_order_loads_end_the_newest_batch_is_served_and_none_goes_back(
    handler: ModuleType, table: MemoryTable, order: tuple[tuple[str, int], ...]
) -> None:
    newest = 0
    for batch, computed_at in order:
        answer = switched(handler, table, batch=batch, computed_at=computed_at)
        assert answer["served"] is (computed_at > newest)
        newest = max(newest, computed_at)
        assert text(table.items["pointer"], "computed_at") == str(newest)
        if not answer["served"]:
            served = text(table.items["pointer"], "batch")
            assert answer["note"] == f"batch {served} is served, which is not older than {batch}"


def test_the_same_batch_may_be_switched_to_again(handler: ModuleType, table: MemoryTable) -> None:
    assert switched(handler, table) == switched(handler, table)


def test_another_batch_of_the_same_time_does_not_take_its_place(handler: ModuleType, table: MemoryTable) -> None:
    switched(handler, table)
    assert switched(handler, table, batch="b2")["served"] is False


@pytest.mark.parametrize("missing", [0, 1, 2])
@pytest.mark.parametrize("is_begun", [True, False])
def test_a_batch_that_is_not_loaded_is_not_served(
    handler: ModuleType, table: MemoryTable, missing: int, is_begun: bool
) -> None:
    put(table, "b1", missing, done=False)
    if not is_begun:
        del table.items[f"load/b1/{missing}"]
    with pytest.raises(LoadIncomplete, match=f"1 of 3 objects of b1 are not loaded: {missing}"):
        switched(handler, table)
    assert "pointer" not in table.items


@pytest.mark.parametrize(("rows", "is_served"), [(32, False), (33, True), (34, False), ("33", True)])
def test_as_many_records_must_have_been_read_as_there_are(
    handler: ModuleType, table: MemoryTable, rows: int | str, is_served: bool
) -> None:
    if is_served:
        assert switched(handler, table, rows=rows)["served"]
        return
    with pytest.raises(LoadIncomplete, match=f"b1 has {rows} records, of which 33 were read"):
        switched(handler, table, rows=rows)
    assert "pointer" not in table.items


def test_a_share_of_failed_records_is_allowed_up_to_the_bound(handler: ModuleType, table: MemoryTable) -> None:
    for index, (loaded, failed) in enumerate([(97, 3), (0, 0), (0, 0)]):
        put(table, "b1", index, loaded=loaded, failed=failed)
    with pytest.raises(TooManyFailed, match=r"3 of 100 records of b1 cannot be rows, allowed is a share of 0\.029"):
        switched(handler, table, share=0.029)
    assert "pointer" not in table.items
    assert switched(handler, table, share=0.03)["served"]


def test_checkpoints_that_the_table_leaves_out_are_asked_for_again(handler: ModuleType, table: MemoryTable) -> None:
    table.unprocessed = [1, 1, 1, 0, 1]
    assert switched(handler, table)["served"]
    assert table.unprocessed == []


def test_a_batch_without_objects_is_served_as_empty(handler: ModuleType, table: MemoryTable) -> None:
    assert switched(handler, table, objects=0) == {"served": True, "batch": "b1", "rows": 0, "failed": 0}


@pytest.mark.parametrize("batch", ["", "b1/0", "../pointer"])
def test_a_batch_that_could_be_taken_for_another_key_is_refused(
    handler: ModuleType, table: MemoryTable, batch: str
) -> None:
    with pytest.raises(ValueError, match="without a slash"):
        switched(handler, table, batch=batch)


def test_a_batch_that_is_served_is_logged_under_its_run(
    handler: ModuleType, table: MemoryTable, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    switched(handler, table)
    assert logged() == [{"correlation_id": "b1", "Outcome": "Served", "Rows": 30}]
