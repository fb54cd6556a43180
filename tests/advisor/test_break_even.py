"""Where one way of serving becomes cheaper than another, and the picture of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from constructs_lib.advisor import Strategy, Traffic, Workload, recommend
from constructs_lib.advisor.break_even import Curves, curves
from constructs_lib.advisor.chart import svg
from constructs_lib.advisor.costs import monthly_costs
from constructs_lib.facts.prices import snapshot

SVG = "{http://www.w3.org/2000/svg}"
PLAIN = Workload(processing_time=0.1, payload=10_240)
ENDPOINTS = (Strategy.SERVERLESS, Strategy.REALTIME)


def usd(strategy: Strategy, requests: float) -> float:
    found = monthly_costs(replace(PLAIN, requests_per_day=requests), snapshot())[strategy].usd
    assert found is not None
    return found


def test_serverless_stops_being_cheaper_than_the_smallest_instance_at_a_number_of_requests() -> None:
    (crossover,) = curves(PLAIN, ENDPOINTS, snapshot()).crossovers
    at = crossover.requests_per_day
    assert (crossover.below, crossover.above) == ENDPOINTS
    assert usd(Strategy.SERVERLESS, at * 0.99) < usd(Strategy.REALTIME, at * 0.99)
    assert usd(Strategy.SERVERLESS, at * 1.01) > usd(Strategy.REALTIME, at * 1.01)
    assert crossover.usd == pytest.approx(usd(Strategy.REALTIME, at), rel=1e-3)


def test_slower_requests_make_the_instance_pay_sooner() -> None:
    (fast,) = curves(PLAIN, ENDPOINTS, snapshot()).crossovers
    (slow,) = curves(replace(PLAIN, processing_time=0.4), ENDPOINTS, snapshot()).crossovers
    assert slow.requests_per_day < fast.requests_per_day / 3


def test_a_way_of_unknown_cost_has_no_curve() -> None:
    found = curves(replace(PLAIN, memory=5 * 1024**3), ENDPOINTS, snapshot())
    assert list(found.points) == [Strategy.REALTIME]
    assert found.crossovers == ()


def test_only_ways_that_remain_are_compared() -> None:
    assert Strategy.SERVERLESS not in recommend(Workload(gpu=True)).break_even().points


@pytest.mark.parametrize(
    ("given", "way"),
    [(Workload(traffic=Traffic.STREAM), Strategy.STREAMING), (Workload(precomputable=0.9), Strategy.HYBRID)],
)
def test_the_way_that_is_suggested_has_a_line_of_its_own(given: Workload, way: Strategy) -> None:
    found = recommend(given)
    assert found.strategy is way
    assert way.words in words(drawing(found.break_even()))


def drawing(found: Curves) -> ElementTree.Element:
    return ElementTree.fromstring(svg(found))


def words(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_the_picture_has_a_line_for_each_way_a_mark_for_each_crossing_and_both_axes_named() -> None:
    found = recommend(PLAIN).break_even()
    root = drawing(found)
    assert len(list(root.iter(f"{SVG}polyline"))) == len(found.points) == 4
    assert len(list(root.iter(f"{SVG}circle"))) == len(found.crossovers) > 0
    said = words(root)
    assert {"requests a day", "USD a month"} <= set(said)
    assert {strategy.words for strategy in found.points} <= set(said)
    for number, crossover in enumerate(found.crossovers, start=1):
        told = f"{number}: from {crossover.requests_per_day:,.0f} requests a day on, {crossover.words}"
        assert told in said


def test_all_that_is_drawn_is_on_the_picture() -> None:
    root = drawing(recommend(PLAIN).break_even())
    _, _, width, height = (float(part) for part in root.attrib["viewBox"].split())
    points = [
        tuple(float(part) for part in point.split(","))
        for line in root.iter(f"{SVG}polyline")
        for point in line.attrib["points"].split()
    ]
    texts = [(float(text.attrib["x"]), float(text.attrib["y"])) for text in root.iter(f"{SVG}text")]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in (*points, *texts))


def test_names_at_the_ends_of_lines_do_not_cover_each_other() -> None:
    found = recommend(PLAIN).break_even()
    names = {strategy.words for strategy in found.points}
    heights = sorted(float(text.attrib["y"]) for text in drawing(found).iter(f"{SVG}text") if text.text in names)
    assert all(below - above >= 15.9 for above, below in pairwise(heights))


def test_a_mark_lies_where_its_lines_cross() -> None:
    found = curves(PLAIN, ENDPOINTS, snapshot())
    root = drawing(found)
    (mark,) = root.iter(f"{SVG}circle")
    x, y = float(mark.attrib["cx"]), float(mark.attrib["cy"])
    for line in root.iter(f"{SVG}polyline"):
        points = [tuple(float(part) for part in point.split(",")) for point in line.attrib["points"].split()]
        (left, right) = next(pair for pair in pairwise(points) if pair[0][0] <= x <= pair[1][0])
        on_line = left[1] + (right[1] - left[1]) * (x - left[0]) / (right[0] - left[0])
        assert y == pytest.approx(on_line, abs=3)


def test_without_a_known_cost_the_picture_says_so() -> None:
    assert "no cost is known" in words(drawing(Curves({}, ())))
