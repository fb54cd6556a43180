"""Rows with paths are rules without code."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from constructs_lib.facts.limit import Allowed, Choice, Count, Limit, Never, Pattern, Positive, Range
from constructs_lib.rules.rows import compare, plant
from constructs_lib.rules.rule import path_of
from constructs_lib.templates.conditions import Scenario
from constructs_lib.templates.template import Template


def row(allowed: Allowed, *paths: str, fix: str = "") -> Limit:
    return Limit(
        id="ROW",
        what="Size",
        unit="MB",
        allowed=allowed,
        source="a source",
        checked_on=date(2026, 11, 21),
        paths=paths,
        fix=fix,
    )


def found(limit: Limit, properties: Any) -> list[tuple[str, str, str]]:
    template = Template({"Resources": {"R": {"Type": "X::T", "Properties": properties}}}, Scenario())
    problems = [problem for _, problem in compare(plant([limit]), template)]
    return [(path_of(problem.node), problem.message, problem.fix) for problem in problems]


@pytest.mark.parametrize(
    ("allowed", "good", "bad"),
    [
        (Range(1, 5), [1, 5, "5", 2.5], [0, 6, "6", "x", True]),
        (Range(0.25), [0.25, "0.25"], [0.2]),
        (Choice((1, 2)), [1, "2"], [3, "x"]),
        (Choice(("a", "b")), ["a"], ["c", 1]),
        (Choice(("1", "2")), ["1", 2], [3]),
        (Pattern("[a-z]+", 3), ["abc"], ["abcd", "A", ["a"]]),
        (Pattern("[0-9]+", 3), [12], [1234]),
        (Positive(), [0.1], [0, -1]),
        (Count(1, 2), [["a"], {"a": 1}], [[], ["a", "b", "c"]]),
    ],
)
def test_a_value_is_compared_with_what_the_row_allows(allowed: Allowed, good: list[Any], bad: list[Any]) -> None:
    limit = row(allowed, "X::T/Size")
    assert [value for value in good if found(limit, {"Size": value})] == []
    assert [value for value in bad if not found(limit, {"Size": value})] == []


def test_a_property_that_must_not_be_given_is_found_even_if_its_value_is_unknown() -> None:
    assert found(row(Never(), "X::T/Size"), {"Size": {"Ref": "P"}}) == [
        ("Properties.Size", "Size must be left out", "leave it out")
    ]


@pytest.mark.parametrize("value", [{"Ref": "P"}, {"Fn::ImportValue": "x"}, {"Fn::Sub": "a${B}"}])
def test_a_value_known_only_at_deploy_time_is_not_judged(value: object) -> None:
    assert found(row(Range(1, 5), "X::T/Size"), {"Size": value}) == []


def test_a_value_that_is_left_out_is_not_judged() -> None:
    assert found(row(Range(1, 5), "X::T/Size"), {}) == []


def test_a_star_stands_for_every_item_and_for_every_value_of_a_mapping() -> None:
    limit = row(Range(1, 5), "X::T/A/*/Size")
    in_list = {"A": [{"Size": 1}, {"Size": 9}]}
    in_mapping = {"A": {"x": {"Size": 9}}}
    assert [path for path, _, _ in found(limit, in_list)] == ["Properties.A.1.Size"]
    assert [path for path, _, _ in found(limit, in_mapping)] == ["Properties.A.x.Size"]


def test_the_message_names_value_and_bound_and_the_fix_goes_the_right_way() -> None:
    limit = row(Range(1, 5), "X::T/Size")
    assert found(limit, {"Size": 9}) == [
        ("Properties.Size", "Size must be from 1 to 5 MB, got 9", "lower it to 5 or less")
    ]
    assert found(limit, {"Size": 0})[0][2] == "raise it to 1 or more"


def test_the_row_may_say_itself_what_to_do() -> None:
    assert found(row(Range(1, 5), "X::T/Size", fix="buy less"), {"Size": 9})[0][2] == "buy less"


def test_a_long_value_is_cut_in_the_message() -> None:
    [(_, message, _)] = found(row(Pattern("a+", 10), "X::T/Size"), {"Size": "a" * 5000})
    assert len(message) < 200
    assert "5000 characters" in message


def test_an_empty_list_says_how_many_there_must_be() -> None:
    [(_, message, fix)] = found(row(Count(1, 2), "X::T/Size"), {"Size": []})
    assert (message, fix) == ("Size must have from 1 to 2 MB, got 0", "give at least 1")


@pytest.mark.parametrize("properties", [None, [], "x", 5, {"A": 5}, {"A": [5]}, {"A": {"x": 5}}])
def test_shapes_that_do_not_fit_the_path_are_passed_over(properties: object) -> None:
    assert found(row(Range(1, 5), "X::T/A/*/Size"), properties) == []
