"""Which stored answer is served: of this version, of the batch that is served, young enough, as the caller wants it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from hybrid_lookup import logic
from hybrid_lookup.logic import Answer, stored
from hybrid_lookup.measures import log_lines
from hybrid_lookup.request import Ask
from hybrid_lookup.settings import Settings
from tests.handlers.tables import LOOKUP_ENVIRONMENT, Item

SETTINGS = Settings.from_environment(LOOKUP_ENVIRONMENT)
NOW = 10_000.0
ASK = Ask(id="u", payload="1,2", feature_version=None, fresh=False)
ROW, FRESH, OVERRIDE = "row/b1/u", "fresh/model-1/u", "override/u"


def item(
    answer: str, computed_at: float, *, model: str = "model-1", features: str | None = "today", **more: Any
) -> Item:
    found = {
        "answer": {"S": answer},
        "model_version": {"S": model},
        "computed_at": {"N": str(computed_at)},
        "expires_at": {"N": str(more.get("expires_at", NOW + 1))},
    }
    return found if features is None else {**found, "feature_version": {"S": features}}


def override(since: float, expires_at: float = NOW + 1) -> Item:
    return {"since": {"N": str(since)}, "expires_at": {"N": str(expires_at)}}


def served(items: dict[str, Item], ask: Ask = ASK, batch: str | None = "b1") -> tuple[str, str] | str:
    """The path and the answer that is served, or why none is."""
    names = {"row": ROW, "fresh": FRESH, "override": OVERRIDE}
    found = {key: items.get(name) for name, key in names.items()}
    judged = stored(ask, batch, found, NOW, SETTINGS)
    return (judged.path, str(judged.answer)) if isinstance(judged, Answer) else judged


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ({}, "missing"),
        ({"row": item("old", 9500)}, ("stored", "old")),
        ({"row": item("old", 9000)}, ("stored", "old")),
        ({"row": item("old", 8999.9)}, "stale"),
        ({"row": item("old", 9500, expires_at=NOW)}, "missing"),
        ({"row": item("old", 9500, model="model-2")}, "model"),
        ({"fresh": item("new", 9500)}, ("fresh", "new")),
        ({"fresh": item("new", 9500, features=None)}, ("fresh", "new")),
        ({"row": item("old", 9500), "fresh": item("new", 9600)}, ("fresh", "new")),
        ({"row": item("old", 9500), "fresh": item("new", 9400)}, ("stored", "old")),
        ({"row": item("old", 9500, model="model-2"), "fresh": item("new", 9400)}, ("fresh", "new")),
        ({"row": item("old", 9500), "override": override(9500.001)}, "overridden"),
        ({"row": item("old", 9500), "override": override(9500)}, ("stored", "old")),
        ({"row": item("old", 9500), "override": override(9700, NOW)}, ("stored", "old")),
        ({"row": item("old", 9500), "fresh": item("new", 9600), "override": override(9550)}, ("fresh", "new")),
        ({"row": item("old", 9500), "fresh": item("new", 9600), "override": override(9700)}, "overridden"),
        ({"row": item("old", 9500, model="model-2"), "override": override(9700)}, "model"),
        ({"fresh": item("new", 8000)}, "stale"),
    ],
)
def test_the_newest_answer_that_may_be_served_is(items: dict[str, Item], expected: tuple[str, str] | str) -> None:
    assert served(items) == expected


@pytest.mark.parametrize(("wanted", "expected"), [("today", ("stored", "old")), ("tomorrow", "features")])
def test_a_caller_may_name_the_features_that_it_wants(wanted: str, expected: tuple[str, str] | str) -> None:
    assert served({"row": item("old", 9500)}, replace(ASK, feature_version=wanted)) == expected


def test_answers_without_features_are_not_those_of_the_features_that_are_wanted() -> None:
    fresh = item("new", 9600, features=None)
    asked = replace(ASK, feature_version="today")
    assert served({"row": item("old", 9500), "fresh": fresh}, asked) == ("stored", "old")
    assert served({"fresh": fresh}, asked) == "features"


def test_without_a_batch_only_fresh_answers_are_read() -> None:
    assert logic.keys_of(ASK, None, SETTINGS) == [FRESH, OVERRIDE]
    assert served({}, batch=None) == "missing"
    assert served({"fresh": item("new", 9600)}, batch=None) == ("fresh", "new")


def test_who_asks_for_a_fresh_answer_gets_no_stored_one() -> None:
    assert logic.keys_of(replace(ASK, fresh=True), "b1", SETTINGS) == []
    assert served({"row": item("old", 9500)}, replace(ASK, fresh=True)) == "asked"


@pytest.mark.parametrize("unread", [ROW, FRESH, OVERRIDE])
def test_what_could_not_be_read_whole_is_not_served(unread: str) -> None:
    """Without its override a row may be out of date, and nobody would know."""
    found = {
        key: value for key, value in {ROW: item("old", 9500), FRESH: None, OVERRIDE: None}.items() if key != unread
    }
    assert stored(ASK, "b1", found, NOW, SETTINGS) == "unread"


def test_the_default_is_served_where_the_endpoint_gave_nothing() -> None:
    assert logic.computed(ASK, "missing", None, SETTINGS).as_json() == {
        "id": "u",
        "answer": "popular",
        "path": "default",
        "reason": "missing",
        "model_version": None,
        "feature_version": None,
        "computed_at": None,
        "why": "failed",
    }
    assert logic.computed(ASK, "stale", {"why": "refused"}, SETTINGS).why == "refused"


def test_what_the_endpoint_gave_is_served_with_its_version() -> None:
    told = {"answer": "0.7", "computed_at": 9999.5}
    assert logic.computed(replace(ASK, feature_version="now"), "stale", told, SETTINGS).as_json() == {
        "id": "u",
        "answer": "0.7",
        "path": "computed",
        "reason": "stale",
        "model_version": "model-1",
        "feature_version": "now",
        "computed_at": 9999.5,
    }


def test_each_answer_is_counted_once_and_the_latency_is_that_of_the_slowest_path() -> None:
    answers = [
        Answer(id="a", answer="x", path="stored"),
        Answer(id="b", answer="x", path="fresh"),
        Answer(id="c", answer="x", path="computed", reason="stale"),
        Answer(id="d", answer="x", path="computed", reason="missing"),
        Answer(id="e", answer="x", path="default", reason="stale", why="refused"),
        Answer(id="f", answer="x", path="default", reason="model", why="no payload"),
        Answer(id="g", answer="x", path="computed", reason="asked"),
    ]
    counts, latency, *stale = log_lines(answers, 12, SETTINGS, NOW)
    assert {name: counts[name] for name in ("Hits", "Missing", "Stale", "Fallbacks", "Computed", "Defaults")} == {
        "Hits": 2,
        "Missing": 1,
        "Stale": 3,
        "Fallbacks": 5,
        "Computed": 3,
        "Defaults": 2,
    }
    assert counts["Whys"] == {"refused": 1, "no payload": 1}
    assert (latency["Latency"], latency["Path"]) == (12, "default")
    assert Counter({line["Reason"]: line["Stale"] for line in stale}) == {"stale": 2, "model": 1}
    for line in (counts, latency, *stale):
        [directive] = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Hybrid"
        assert all(name in line for name in directive["Dimensions"][0])
        assert all(metric["Name"] in line for metric in directive["Metrics"])
