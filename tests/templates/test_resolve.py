"""Intrinsic functions, as far as the template alone decides them."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.templates.conditions import Scenario
from constructs_lib.templates.resolve import Resolver
from constructs_lib.templates.values import MISSING, UNKNOWN, Joined, Reference

MAPPINGS = {"Sizes": {"small": {"Memory": 1024}, "eu-west-1": {"Memory": 2048}}}


def resolved(raw: Any, *, region: str | None = None, **truth: bool) -> Any:
    return Resolver({"Mappings": MAPPINGS}, Scenario(truth), region).value(raw)


@pytest.mark.parametrize("literal", ["text", 1, 1.5, True, [1, "a"], {"A": {"B": 1}}])
def test_a_literal_stays_what_it_is(literal: object) -> None:
    assert resolved(literal) == literal


def test_a_reference_names_what_it_points_to() -> None:
    assert resolved({"Ref": "Model"}) == Reference("Model")
    assert resolved({"Fn::GetAtt": ["Model", "ModelName"]}) == Reference("Model", "ModelName")
    assert resolved({"Fn::GetAtt": "Model.ModelName"}) == Reference("Model", "ModelName")


def test_no_value_is_absent_from_mappings_and_lists() -> None:
    nothing = {"Ref": "AWS::NoValue"}
    assert resolved(nothing) is MISSING
    assert resolved({"A": nothing, "B": 1}) == {"B": 1}
    assert resolved([nothing, 1]) == [1]


def test_a_branch_is_chosen_by_its_condition() -> None:
    branches = {"Fn::If": ["IsProd", "large", {"Ref": "AWS::NoValue"}]}
    assert resolved({"Size": branches}, IsProd=True) == {"Size": "large"}
    assert resolved({"Size": branches}, IsProd=False) == {}


def test_text_is_joined_where_all_of_it_is_known() -> None:
    assert resolved({"Fn::Join": ["/", ["endpoint", "a", 1]]}) == "endpoint/a/1"


def test_text_with_unknown_parts_keeps_the_known_ones() -> None:
    join = {"Fn::Join": ["", ["endpoint/", {"Ref": "Name"}, "/variant/", "A"]]}
    assert resolved(join) == Joined(("endpoint/", Reference("Name"), "/variant/A"))


def test_placeholders_of_a_substitution_are_references_or_the_given_values() -> None:
    sub = {"Fn::Sub": ["endpoint/${Ep.EndpointName}/variant/${V}", {"V": "A"}]}
    assert resolved(sub) == Joined(("endpoint/", Reference("Ep", "EndpointName"), "/variant/A"))
    assert resolved({"Fn::Sub": "${!Literal}"}) == "${Literal}"


def test_a_join_of_one_reference_is_that_reference() -> None:
    assert resolved({"Fn::Join": ["", [{"Ref": "Name"}]]}) == Reference("Name")


def test_select_and_split_work_on_what_is_known() -> None:
    split = {"Fn::Split": [",", "a,b"]}
    assert resolved({"Fn::Select": ["1", split]}) == "b"
    assert resolved({"Fn::Select": [5, split]}) is UNKNOWN
    assert resolved({"Fn::Split": [",", {"Ref": "List"}]}) is UNKNOWN


def test_a_mapping_is_looked_up_by_literal_keys_and_by_a_known_region() -> None:
    assert resolved({"Fn::FindInMap": ["Sizes", "small", "Memory"]}) == 1024
    by_region = {"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "Memory"]}
    assert resolved(by_region) is UNKNOWN
    assert resolved(by_region, region="eu-west-1") == 2048
    assert resolved({"Fn::FindInMap": ["Sizes", "huge", "Memory"]}) is UNKNOWN


def test_a_mapping_is_looked_up_by_the_key_that_a_parameter_has_in_the_scenario() -> None:
    lookup = {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "Memory"]}
    found = Resolver({"Mappings": MAPPINGS}, Scenario(keys={"Size": "small"}), None).value(lookup)
    assert found == 1024


def test_what_follows_the_slash_in_an_arn_is_the_name() -> None:
    parts = {"Fn::Split": ["/", {"Fn::GetAtt": ["Component", "InferenceComponentArn"]}]}
    assert resolved({"Fn::Select": [1, parts]}) == Reference("Component", "InferenceComponentName")


@pytest.mark.parametrize(
    "raw",
    [
        {"Fn::ImportValue": "x"},
        {"Fn::Base64": "x"},
        {"Fn::Transform": {"Name": "AWS::Include"}, "Other": 1},
        {"Fn::ForEach::Loop": ["A", ["x"], {"${A}": 1}]},
        "{{resolve:ssm:/size}}",
        {"Fn::Sub": "a{{resolve:ssm:/size}}"},
        {"Ref": ["Model"]},
        {"Fn::GetAtt": ["Model"]},
        {"Fn::If": ["OnlyTwo", 1]},
        {"Fn::Join": "x"},
        {"Fn::Select": []},
        {"Fn::FindInMap": ["Sizes"]},
    ],
)
def test_what_the_template_does_not_tell_is_unknown(raw: object) -> None:
    assert resolved(raw) is UNKNOWN


def test_the_text_of_an_object_is_the_object() -> None:
    assert resolved({"Fn::ToJsonString": {"A": {"Ref": "B"}}}) == {"A": Reference("B")}
