"""Which conditions can hold at once."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.templates.conditions import Scenario, default_scenario, scenarios

PARAMETERS = {"Env": {"Type": "String"}, "Size": {"Type": "String", "AllowedValues": ["small", "large"]}}


def equals(parameter: str, value: str) -> dict[str, Any]:
    return {"Fn::Equals": [{"Ref": parameter}, value]}


def found(conditions: dict[str, Any], *used: str, region: str | None = None) -> set[tuple[bool, ...]]:
    document = {"Parameters": PARAMETERS, "Conditions": conditions}
    resource = {"Type": "T", "Properties": [{"Fn::If": [name, 1, 2]} for name in used]}
    return {tuple(scenario.truth[name] for name in used) for scenario in scenarios(document, [resource], region)}


def test_a_template_without_conditions_has_one_scenario() -> None:
    assert scenarios({"Resources": {}}, [{"Type": "T", "Properties": {}}], None) == [Scenario()]


def test_a_condition_on_a_parameter_is_tried_both_ways() -> None:
    assert found({"IsProd": equals("Env", "prod")}, "IsProd") == {(True,), (False,)}


def test_a_condition_and_its_negation_never_hold_together() -> None:
    conditions = {"IsProd": equals("Env", "prod"), "IsNot": {"Fn::Not": [{"Condition": "IsProd"}]}}
    assert found(conditions, "IsProd", "IsNot") == {(True, False), (False, True)}


def test_one_parameter_never_equals_two_values() -> None:
    conditions = {"IsProd": equals("Env", "prod"), "IsTest": equals("Env", "test")}
    assert found(conditions, "IsProd", "IsTest") == {(True, False), (False, True), (False, False)}


def test_a_parameter_has_no_value_but_its_allowed_ones() -> None:
    conditions = {"IsSmall": equals("Size", "small"), "IsLarge": equals("Size", "large")}
    assert found(conditions, "IsSmall", "IsLarge") == {(True, False), (False, True)}


def test_a_condition_that_no_allowed_value_meets_never_holds() -> None:
    assert found({"IsHuge": equals("Size", "huge")}, "IsHuge") == {(False,)}


def test_and_and_or_follow_their_parts() -> None:
    parts = [equals("Env", "prod"), equals("Size", "large")]
    conditions = {"Both": {"Fn::And": parts}, "Any": {"Fn::Or": parts}}
    assert found(conditions, "Both", "Any") == {(True, True), (False, True), (False, False)}


def test_a_comparison_of_literals_has_one_outcome() -> None:
    assert found({"Never": {"Fn::Equals": ["a", "b"]}}, "Never") == {(False,)}


def test_a_comparison_with_a_known_region_has_one_outcome() -> None:
    conditions = {"InIreland": equals("AWS::Region", "eu-west-1")}
    assert found(conditions, "InIreland", region="eu-west-1") == {(True,)}
    assert found(conditions, "InIreland") == {(True,), (False,)}


def test_two_parameters_compared_with_each_other_are_tried_both_ways() -> None:
    conditions = {"Same": {"Fn::Equals": [{"Ref": "Env"}, {"Ref": "Size"}]}}
    assert found(conditions, "Same") == {(True,), (False,)}


def test_a_condition_that_is_not_defined_is_tried_both_ways() -> None:
    assert found({}, "Nowhere") == {(True,), (False,)}


def test_conditions_that_name_each_other_in_a_circle_are_tried_both_ways() -> None:
    assert found({"A": {"Condition": "B"}, "B": {"Condition": "A"}}, "A") == {(True,), (False,)}


def test_the_condition_of_a_resource_counts_as_the_conditions_of_its_branches_do() -> None:
    document = {"Parameters": PARAMETERS, "Conditions": {"IsProd": equals("Env", "prod")}}
    assert len(scenarios(document, [{"Type": "T", "Condition": "IsProd"}], None)) == 2


def test_conditions_that_no_judged_resource_uses_make_no_scenarios() -> None:
    document = {"Parameters": PARAMETERS, "Conditions": {"IsProd": equals("Env", "prod")}}
    assert scenarios(document, [{"Type": "T"}], None) == [Scenario()]


def test_a_parameter_that_is_the_key_of_a_mapping_is_each_of_its_keys() -> None:
    document = {"Parameters": PARAMETERS, "Mappings": {"M": {"dev": {"Size": 1}, "prod": {"Size": 2}}}}
    lookup = {"Type": "T", "Properties": {"Fn::FindInMap": ["M", {"Ref": "Env"}, "Size"]}}
    found = {scenario.keys["Env"] for scenario in scenarios(document, [lookup], None)}
    assert {"dev", "prod"} <= found


def test_the_key_of_a_mapping_and_a_condition_on_the_same_parameter_go_together() -> None:
    document = {
        "Parameters": {"Env": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
        "Mappings": {"M": {"dev": {"Size": 1}, "prod": {"Size": 2}}},
        "Conditions": {"IsProd": equals("Env", "prod")},
    }
    lookup = {"Fn::If": ["IsProd", {"Fn::FindInMap": ["M", {"Ref": "Env"}, "Size"]}, 0]}
    found = {(scenario.truth["IsProd"], scenario.keys["Env"]) for scenario in scenarios(document, [lookup], None)}
    assert found == {(True, "prod"), (False, "dev")}


def by_default(parameters: dict[str, Any], conditions: dict[str, Any] | None = None) -> Scenario | None:
    document = {"Parameters": parameters, "Conditions": conditions or {}}
    used = {"Type": "T", "Properties": [{"Fn::If": [name, 1, 2]} for name in conditions or {}]}
    return default_scenario(document, [used], None)


def test_the_defaults_of_parameters_are_a_scenario_of_their_own() -> None:
    parameters = {"Env": {"Type": "String", "Default": "prod"}, "Size": {"Type": "Number", "Default": 5}}
    conditions = {"IsProd": equals("Env", "prod"), "IsTest": equals("Env", "test")}
    found = by_default(parameters, conditions)
    assert found is not None
    assert found.defaults == {"Env": "prod", "Size": 5}
    assert found.truth == {"IsProd": True, "IsTest": False}


def test_a_list_has_its_default_in_parts() -> None:
    found = by_default({"Subnets": {"Type": "CommaDelimitedList", "Default": "a, b"}})
    assert found is not None
    assert found.defaults == {"Subnets": ["a", "b"]}


@pytest.mark.parametrize(
    "parameter",
    [
        {"Type": "String"},
        {"Type": "String", "Default": ""},
        {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/size"},
        {"Type": "String", "Default": ["a"]},
        {"Default": "a"},
        "String",
    ],
)
def test_a_parameter_without_a_default_that_says_something_makes_no_scenario(parameter: Any) -> None:
    assert by_default({"P": parameter}) is None


def test_each_value_of_many_parameters_is_tried_though_not_all_with_all() -> None:
    names = [f"C{index}" for index in range(20)]
    document = {"Conditions": {name: equals(f"P{name}", "on") for name in names}}
    resource = {"Type": "T", "Properties": [{"Fn::If": [name, 1, 2]} for name in names]}
    tried = scenarios(document, [resource], None)
    assert len(tried) <= 64
    assert all({scenario.truth[name] for scenario in tried} == {True, False} for name in names)
