"""The formats of a recommendation."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

from constructs_lib.advisor import Traffic, Workload, recommend
from constructs_lib.advisor.formats import FORMATS

PHOTO = Workload(payload=8 * 1024 * 1024, latency=10, traffic=Traffic.SPIKY)


def document(workload: Workload) -> Any:
    return json.loads(FORMATS["json"](recommend(workload)))


def test_json_has_the_documented_keys() -> None:
    found = document(PHOTO)
    assert found["strategy"] == "async"
    assert found["form"] == "single"
    assert found["ruled_out"]["serverless"][0].startswith("payload 8 MB exceeds 4 MB (")
    assert all(isinstance(reason, str) for reason in found["reasons"])
    assert found["alternatives"][0]["strategy"] == "realtime"
    assert isinstance(found["monthly_cost_usd"]["realtime"], float)
    compile(found["construct"], "suggestion", "exec")


def test_json_shows_the_parts_of_each_sum_with_their_sources() -> None:
    found = document(PHOTO)
    for way, parts in found["cost_parts"].items():
        assert abs(sum(part["usd"] for part in parts) - found["monthly_cost_usd"][way]) < 0.01 * len(parts)
        assert all(part["source"] for part in parts)


def test_json_says_null_for_what_is_not_known() -> None:
    found = document(Workload(memory=5 * 1024**3, traffic=Traffic.INTERMITTENT))
    assert found["monthly_cost_usd"]["serverless"] is None
    (unknown,) = [part for part in found["cost_parts"]["serverless"] if part["usd"] is None]
    assert unknown["source"] is None


def test_json_lists_the_break_even_points() -> None:
    found = document(Workload(processing_time=0.1))
    points = {(each["cheaper_below"], each["cheaper_above"]) for each in found["break_even"]}
    assert ("serverless", "realtime") in points


def test_text_says_all_that_there_is_to_say() -> None:
    said = FORMATS["text"](recommend(PHOTO))
    assert said.startswith("Asynchronous inference (async)\n")
    for title in (
        "Why",
        "Mind",
        "Ruled out",
        "Less fitting",
        "Assumed",
        "Cost of a month in USD",
        "Break-even",
        "Code",
    ):
        assert f"\n{title}\n" in said
    assert "prices: the library's snapshot of 2026-11-21" in said


def test_text_names_a_form_a_tie_and_an_unknown_sum() -> None:
    assert FORMATS["text"](recommend(Workload(models=3))).startswith(
        "Real-time inference (realtime, form multi-container)\n"
    )
    assert "\nNear tie\n" in FORMATS["text"](recommend(Workload(notify=True)))
    memory = Workload(memory=5 * 1024**3)
    assert "serverless unknown; " in FORMATS["text"](recommend(memory))


def test_markdown_has_a_table_of_costs_and_the_code_in_a_fence() -> None:
    said = FORMATS["markdown"](recommend(PHOTO))
    assert said.startswith("## Asynchronous inference (async)\n")
    assert "| Way | USD a month | Parts |\n|---|---:|---|\n| async | " in said
    assert said.rstrip().endswith("app.synth()\n```")


def test_the_picture_is_a_document_of_its_own() -> None:
    root = ElementTree.fromstring(FORMATS["svg"](recommend(PHOTO)))
    assert root.findtext("{http://www.w3.org/2000/svg}title") == (
        "Cost of a month by requests a day: asynchronous inference suggested"
    )
