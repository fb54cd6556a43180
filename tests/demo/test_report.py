"""The report: a table that people read and a document that programs read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from demo.outcome import Check, Outcome
from demo.report import as_document, table, write

if TYPE_CHECKING:
    from pathlib import Path

GOOD = Outcome((Check("a", ok=True),), 21, 20, 1, accuracy=0.9622, median_ms=6.44, p99_ms=19.94)
BAD = Outcome((Check("every row answered", ok=False, found="3 of 4 requests answered"),), requests=4)
LEFT = Check("no process left", ok=False, found="expected [], got [7]")


def test_the_table_has_a_line_for_each_way_with_its_numbers() -> None:
    header, _, line = table({"async": GOOD}).splitlines()
    assert header.split("  ")[0] == "way of serving"
    assert line.split() == ["async", "21", "20", "1", "96.2%", "6.4", "ms", "19.9", "ms", "ok"]


def test_what_was_not_measured_is_a_dash() -> None:
    line = table({"batch": BAD}).splitlines()[2]
    assert line.split() == ["batch", "4", "0", "0", "-", "-", "-", "FAILED"]


def test_below_the_table_stands_what_was_not_as_expected() -> None:
    lines = table({"async": GOOD, "batch": BAD}, [LEFT]).splitlines()
    assert lines[4:] == [
        "batch: not as expected: every row answered: 3 of 4 requests answered",
        "not as expected: no process left: expected [], got [7]",
    ]


def test_the_columns_of_all_lines_are_aligned() -> None:
    header, ruler, *lines = table({"realtime": GOOD, "batch": GOOD}).splitlines()
    end = header.index("accuracy") + len("accuracy")
    assert all(line[:end].endswith("96.2%") for line in lines)
    assert ruler[:end].endswith("--")


def test_the_document_names_each_strategy_with_its_verdict() -> None:
    document = as_document({"realtime": GOOD, "batch": BAD}, (), 12.3456, {"deploy": 3.14159})
    assert document["strategies"]["realtime"]["ok"] is True
    assert document["strategies"]["realtime"]["median_ms"] == 6.44
    assert document["strategies"]["batch"]["ok"] is False
    assert (document["ok"], document["seconds"], document["steps"]) == (False, 12.346, {"deploy": 3.142})


def test_a_leftover_fails_the_document_though_every_way_is_ok() -> None:
    assert as_document({"async": GOOD}, (), 1.0, {})["ok"] is True
    assert as_document({"async": GOOD}, (LEFT,), 1.0, {})["ok"] is False


def test_the_report_is_json_and_replaces_the_one_before(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    write({"ok": False}, folder)
    path = write(as_document({"async": GOOD}, (LEFT,), 1.0, {}), folder)
    assert path == folder / "report.json"
    assert json.loads(path.read_text())["checks"][0]["found"] == "expected [], got [7]"
    assert [each.name for each in folder.iterdir()] == ["report.json"]
