"""What is called drift, what is not, and of what nothing is said."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from constructs_lib.drift.column import summarize
from drift.columns import BadBaseline, Baseline, Table
from drift.judgement import DRIFTED, NOT_JUDGED, STABLE, Thresholds, Verdict, judge, overall
from drift.metrics import lines
from drift.page import page

THRESHOLDS = Thresholds(
    population_stability_index=0.2,
    distance=0.2,
    missing_share=0.1,
    significance=0.001,
    min_records=500,
    min_drifted_features=1,
)
Draw = Callable[[random.Random], object]


def baseline_of(**columns: Sequence[str]) -> Baseline:
    rows = [summarize(name, texts) for name, texts in columns.items()]
    return Baseline.read({"version": 1, "inputs": json.loads(json.dumps(rows)), "predictions": []})


def texts(draw: Draw, count: int = 20_000, seed: int = 1) -> list[str]:
    source = random.Random(seed)
    return [str(draw(source)) for _ in range(count)]


def verdict(then: Sequence[str], now: Sequence[object]) -> Verdict:
    table = Table(baseline_of(x=then).inputs)
    for value in now:
        table.add([value])
    [found] = judge(table, THRESHOLDS)
    return found


def normal(shift: float = 0, scale: float = 1) -> Draw:
    return lambda source: source.gauss(shift, scale)


def colour(red: float) -> Draw:
    return lambda source: "red" if source.random() < red else "blue"


@pytest.mark.parametrize("count", [500, 50_000])
@pytest.mark.parametrize("draw", [normal(), colour(0.5), lambda _: 7], ids=["number", "category", "constant"])
def test_the_same_distribution_is_stable(draw: Draw, count: int) -> None:
    assert verdict(texts(draw), texts(draw, count, seed=2)).status == STABLE


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (normal(), normal(0.8)),
        (normal(), normal(0, 2.5)),
        (colour(0.5), colour(0.9)),
        (lambda _: 7, lambda _: 8),
        (lambda _: 7, lambda _: 6),
        (colour(0.5), lambda _: "green"),
    ],
    ids=["shift", "spread", "share", "constant above", "constant below", "unseen"],
)
def test_a_shift_is_noticed(then: Draw, now: Draw) -> None:
    found = verdict(texts(then), texts(now, 1000, seed=2))
    assert found.status == DRIFTED
    assert found.reasons


def test_a_difference_that_is_certain_but_small_is_no_drift() -> None:
    found = verdict(texts(normal(), 100_000), texts(normal(0.05), 100_000, seed=2))
    assert found.distance_p is not None
    assert found.distance_p < 1e-9, "a test of significance alone would call this drift"
    assert found.status == STABLE


def test_a_difference_that_is_large_by_chance_is_no_drift() -> None:
    """Of many categories each has few records in a small window: the index is large, and means nothing."""

    def draw(source: random.Random) -> int:
        return source.randrange(90)

    then = [f"c{text}" for text in texts(draw, 600)]
    found = verdict(then, [f"c{text}" for text in texts(draw, 600, seed=2)])
    assert found.population_stability_index is not None
    assert found.population_stability_index > THRESHOLDS.population_stability_index
    assert found.status == STABLE


def test_of_fifty_small_windows_of_the_same_population_none_is_called_drift() -> None:
    known = baseline_of(number=texts(normal(), 5000), name=texts(colour(0.3), 5000)).inputs
    source = random.Random(3)
    for _ in range(50):
        table = Table(known)
        for _ in range(THRESHOLDS.min_records):
            table.add([source.gauss(0, 1), "red" if source.random() < 0.3 else "blue"])
        assert [found.status for found in judge(table, THRESHOLDS)] == [STABLE, STABLE]


@pytest.mark.parametrize(("then", "now"), [(499, 5000), (5000, 499), (5000, 0)])
def test_too_few_records_are_not_judged_however_far_apart(then: int, now: int) -> None:
    found = verdict(texts(normal(), then), texts(normal(9), now))
    assert (found.status, found.population_stability_index) == (NOT_JUDGED, None)
    assert "500 are needed" in found.reasons[0]


def test_missing_values_are_drift_of_their_own() -> None:
    found = verdict(texts(normal()), [*texts(normal(), 800, seed=2), *[None] * 200])
    assert found.status == DRIFTED
    assert found.reasons == ("20.0% have no usable value, and 0.0% had none in the baseline",)


def test_gaps_that_were_there_in_training_are_not_drift() -> None:
    gaps = [*texts(normal(), 800), *[""] * 200]
    assert verdict(gaps, gaps).status == STABLE


def test_values_of_another_kind_count_as_missing_ones() -> None:
    found = verdict(texts(normal()), ["abc"] * 600)
    assert (found.status, found.invalid, found.distance) == (DRIFTED, 600, None)


def test_a_feature_with_too_few_values_is_not_judged_although_there_are_records() -> None:
    found = verdict([*texts(normal(), 400), *[""] * 4600], [*texts(normal(), 80), *[""] * 920])
    assert found.status == NOT_JUDGED
    assert found.reasons == ("80 values to compare, and 500 are needed",)


def test_categories_never_seen_are_counted() -> None:
    found = verdict(texts(colour(0.5)), [*texts(colour(0.5), 990), *["green"] * 10])
    assert (found.unseen, found.status) == (10, STABLE)


def test_texts_that_all_differ_are_watched_for_gaps_alone() -> None:
    names = [f"id-{index}" for index in range(1000)]
    assert verdict(names, names).status == NOT_JUDGED
    assert verdict(names, [None] * 600).status == DRIFTED


def test_the_whole_has_drifted_when_enough_features_have_and_is_not_judged_when_none_was() -> None:
    def status(name: str) -> Verdict:
        return Verdict(name="x", kind="number", status=name, reasons=(), records=1)

    assert overall([status(STABLE), status(DRIFTED)], THRESHOLDS) == DRIFTED
    assert overall([status(STABLE), status(NOT_JUDGED)], THRESHOLDS) == STABLE
    assert overall([status(NOT_JUDGED)], THRESHOLDS) == NOT_JUDGED
    assert overall([], THRESHOLDS) == NOT_JUDGED


@pytest.mark.parametrize("document", [{}, [], None, {"version": 2}, {"version": 1, "inputs": [{}], "predictions": []}])
def test_what_is_no_baseline_is_refused(document: Any) -> None:
    with pytest.raises(BadBaseline):
        Baseline.read(document)


def summary(status: str) -> dict[str, Any]:
    return {"subject": "endpoint", "status": status, "records": 1000, "unreadable": 2, "misshapen": 1}


def test_every_judged_feature_has_metrics_of_its_own() -> None:
    found = verdict(texts(normal()), texts(normal(1), 1000))
    whole, of_feature = lines("Drift", {"EndpointName": "e"}, summary(DRIFTED), [found], 1.5)
    assert (whole["DriftedFeatures"], whole["Drifted"], whole["NotJudged"], whole["UnreadableRecords"]) == (1, 1, 0, 3)
    [directive] = of_feature["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["EndpointName", "Feature"]]
    assert {metric["Name"] for metric in directive["Metrics"]} <= set(of_feature)
    assert of_feature["PopulationStabilityIndex"] == found.population_stability_index
    assert (of_feature["Feature"], of_feature["_aws"]["Timestamp"]) == ("x", 1500)


def test_what_was_not_judged_has_no_count_of_drifted_features() -> None:
    found = verdict(texts(normal()), [])
    [whole] = lines("Drift", {"EndpointName": "e"}, summary(NOT_JUDGED), [found], 0)
    assert whole["NotJudged"] == 1
    assert not {"DriftedFeatures", "Drifted"} & set(whole), "a zero would say that there is no drift"


@pytest.mark.parametrize(("name", "expected"), [("größe", "gr??e"), ("a\nb", "a?b"), (" ", "_")])
def test_a_name_that_cloudwatch_refuses_is_changed(name: str, expected: str) -> None:
    found = Verdict(name=name, kind="number", status=STABLE, reasons=(), records=1, missing_share=0.0)
    *_, line = lines("Drift", {}, summary(STABLE), [found], 0)
    assert line["Feature"] == expected


def test_the_report_shows_each_feature_with_a_picture_the_drifted_ones_first() -> None:
    stable = verdict(texts(normal()), texts(normal(), 1000, seed=2))
    drifted = verdict(["red", "blue"] * 500, ["red", "red", "red", "blue"] * 200)
    html = page({"subject": "endpoint", "status": DRIFTED}, [stable, drifted])
    assert html.index('class="drifted"') < html.index('class="stable"')
    assert html.count("<svg") == 2
    assert "red: 50.0% in the baseline, 75.0% now" in html


def test_names_in_the_report_are_escaped() -> None:
    evil = "<script>alert(1)</script>"
    texts_ = [evil if index % 2 else "b" for index in range(1000)]
    found = judge_named(evil, texts_)
    html = page({"subject": evil, "status": STABLE}, [found])
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def judge_named(name: str, values: Sequence[str]) -> Verdict:
    table = Table(baseline_of(**{name: values}).inputs)
    for value in values:
        table.add([value])
    [found] = judge(table, THRESHOLDS)
    return found


def test_of_many_categories_the_picture_shows_the_largest_and_the_rest_together() -> None:
    names = [f"c{index % 60}" for index in range(6000)]
    html = page({"subject": "x", "status": STABLE}, [judge_named("x", names)])
    assert html.count("<rect") == 48
    assert "38 more" in html
