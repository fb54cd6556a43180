"""Places in a template, and who names whom."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.templates.conditions import Scenario
from constructs_lib.templates.template import Node, Template, parse_number
from constructs_lib.templates.values import MISSING, UNKNOWN, Reference

MODEL = "AWS::SageMaker::Model"


def template(**resources: dict[str, Any]) -> Template:
    return Template({"Resources": resources}, Scenario())


def properties(value: Any) -> Node:
    [node] = template(R={"Type": "T", "Properties": value}).of("T")
    return node


def test_a_place_that_does_not_exist_is_missing() -> None:
    place = properties({"A": {}}).at("A", "B", 0, "C")
    assert place.missing
    assert not place.given
    assert place.path == ("Properties", "A", "B", 0, "C")


def test_a_place_below_what_is_unknown_is_unknown_too() -> None:
    place = properties({"A": {"Fn::ImportValue": "x"}}).at("A", "B")
    assert place.value is UNKNOWN
    assert place.given
    assert not place.known


@pytest.mark.parametrize(("value", "number"), [(5, 5), ("5", 5), ("0.25", 0.25), (True, None), ("x", None), ([], None)])
def test_a_number_may_stand_in_quotes(value: object, number: float | None) -> None:
    assert properties({"A": value}).at("A").number == number


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "", "1e999"])
def test_what_is_no_finite_number_spells_none(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(("value", "flag"), [(True, True), ("true", True), ("False", False), ("x", None), (1, None)])
def test_a_truth_value_may_stand_in_quotes(value: object, flag: bool | None) -> None:
    assert properties({"A": value}).at("A").flag is flag


def test_items_and_entries_carry_their_path() -> None:
    node = properties({"A": [{"B": 1}], "C": {"D": 2}})
    assert [item.path for item in node.at("A").items] == [("Properties", "A", 0)]
    assert [(key, entry.value) for key, entry in node.at("C").entries] == [("D", 2)]
    assert node.at("C").items == []
    assert node.at("A").entries == []


def test_a_resource_is_followed_by_reference_and_by_name() -> None:
    found = template(
        M={"Type": MODEL, "Properties": {"ModelName": "mine"}},
        ByRef={"Type": "T", "Properties": {"Model": {"Ref": "M"}}},
        ByAttribute={"Type": "T", "Properties": {"Model": {"Fn::GetAtt": ["M", "ModelName"]}}},
        ByName={"Type": "T", "Properties": {"Model": "mine"}},
        ByOther={"Type": "T", "Properties": {"Model": "other"}},
    )
    followed = [found.follow(node.at("Model"), MODEL) for node in found.of("T")]
    assert [node and node.resource.logical_id for node in followed] == ["M", "M", "M", None]


def test_a_resource_is_followed_by_a_name_that_both_take_from_one_parameter() -> None:
    name = {"Ref": "NameParameter"}
    found = template(
        M={"Type": MODEL, "Properties": {"ModelName": name}}, T={"Type": "T", "Properties": {"Model": name}}
    )
    followed = found.follow(found.of("T")[0].at("Model"), MODEL)
    assert followed is not None
    assert followed.resource.logical_id == "M"


def test_a_reference_to_another_type_is_not_followed() -> None:
    found = template(R={"Type": "Other", "Properties": {}}, T={"Type": "T", "Properties": {"Model": {"Ref": "R"}}})
    assert found.follow(found.of("T")[0].at("Model"), MODEL) is None


def test_a_resource_whose_condition_does_not_hold_is_not_there() -> None:
    document = {"Resources": {"R": {"Type": "T", "Condition": "C", "Properties": {}}}}
    assert Template(document, Scenario({"C": False})).of("T") == []
    assert len(Template(document, Scenario({"C": True})).of("T")) == 1


def test_what_is_no_resource_is_passed_over() -> None:
    document = {"Resources": {"A": None, "B": [], "C": {"Type": 5}, "D": {"Type": "T"}, "Fn::ForEach::E": ["x"]}}
    assert [node.resource.logical_id for node in Template(document, Scenario()).of("T")] == ["D"]


def test_properties_that_are_left_out_are_empty() -> None:
    [node] = template(R={"Type": "T"}).of("T")
    assert node.at("A").value is MISSING


def test_what_a_resource_depends_on_is_a_list_of_names() -> None:
    found = template(A={"Type": "T", "DependsOn": "B"}, B={"Type": "T", "DependsOn": ["A", 5]}, C={"Type": "T"})
    assert [node.resource.depends_on for node in found.of("T")] == [("B",), ("A",), ()]


def test_a_fact_is_worked_out_once_for_a_template() -> None:
    found, calls = template(), []

    def find(given: Template) -> int:
        calls.append(given)
        return 7

    assert [found.once(find), found.once(find)] == [7, 7]
    assert calls == [found]


def test_a_reference_is_told_from_a_literal() -> None:
    node = properties({"A": {"Ref": "B"}, "C": "text"})
    assert node.at("A").reference == Reference("B")
    assert node.at("C").reference is None
    assert node.at("A").text is None
