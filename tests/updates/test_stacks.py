"""Deployed stacks as CloudFormation tells them, nested ones too, without a server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.templates.files import Unreadable
from constructs_lib.updates.pairs import of_stack
from constructs_lib.updates.stacks import DeployedStack, as_returned
from tests.updates.templates import body, served

ARN = "arn:aws-cn:cloudformation:cn-north-1:123456789012:stack/{name}/1"


class CloudFormation:
    """As much of the client as is read."""

    def __init__(self, bodies: Mapping[str, Any], resources: Mapping[str, str] | None = None) -> None:
        self._bodies = bodies
        self._resources = resources or {}

    def describe_stacks(self, **given: str) -> dict[str, Any]:
        parameters = [
            {"ParameterKey": "Image", "ParameterValue": "/images/newest", "ResolvedValue": "classifier:3"},
            {"ParameterKey": "Size", "ParameterValue": "large"},
            {"ParameterKey": "Secret", "ParameterValue": "****"},
        ]
        name = given["StackName"]
        stack_id = name if name.startswith("arn:") else ARN.format(name=name)
        stack = {
            "StackName": stack_id.split("/")[1],
            "StackId": stack_id,
            "StackStatus": "UPDATE_COMPLETE",
            "Parameters": parameters,
        }
        return {"Stacks": [stack]}

    def get_template(self, **given: str) -> dict[str, Any]:
        return {"TemplateBody": self._bodies[given["StackName"]]}

    def get_paginator(self, operation: str) -> CloudFormation:
        assert operation == "list_stack_resources"
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        rows = [
            {"LogicalResourceId": logical_id, "PhysicalResourceId": physical_id, "ResourceStatus": "CREATE_COMPLETE"}
            for logical_id, physical_id in self._resources.items()
        ]
        gone = {"LogicalResourceId": "Gone", "PhysicalResourceId": "g", "ResourceStatus": "DELETE_COMPLETE"}
        return [{"StackResourceSummaries": [*rows, gone]}]


def test_a_template_in_yaml_is_read_as_one_in_json() -> None:
    bodies = {"A": "Resources:\n  Model:\n    Type: T\n", "B": '{"Resources": {"Model": {"Type": "T"}}}'}
    found = [DeployedStack(CloudFormation(bodies), name).template for name in bodies]
    assert found[0] == found[1] == {"Resources": {"Model": {"Type": "T"}}}


@pytest.mark.parametrize("text", ["{", "- a list", "a: [b"])
def test_a_template_that_is_none_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable, match="template of stack A"):
        _ = DeployedStack(CloudFormation({"A": text}), "A").template


def test_characters_that_get_template_loses_are_no_difference() -> None:
    written = {"Resources": {"Modèle": {"Type": "T", "Properties": {"Tags": [{"Value": "Größe ☺", "Key": 1}]}}}}
    lost = {"Resources": {"Mod?le": {"Type": "T", "Properties": {"Tags": [{"Value": "Gr??e ?", "Key": 1}]}}}}
    assert as_returned(written) == as_returned(lost) == lost


def test_parameters_are_those_that_were_resolved_and_hidden_ones_are_left_out() -> None:
    assert DeployedStack(CloudFormation({}), "A").parameters == {"Image": "classifier:3", "Size": "large"}


def test_pseudo_parameters_are_those_of_the_partition() -> None:
    found = DeployedStack(CloudFormation({}), "A").pseudo_parameters
    assert found["AWS::URLSuffix"] == "amazonaws.com.cn"
    assert (found["AWS::Region"], found["AWS::AccountId"]) == ("cn-north-1", "123456789012")


def test_what_was_deleted_has_no_physical_id() -> None:
    assert dict(DeployedStack(CloudFormation({}, {"Kept": "k"}), "A").physical_ids) == {"Kept": "k"}


def test_nested_stacks_are_compared_with_the_templates_that_cdk_wrote(tmp_path: Path) -> None:
    inner = ARN.format(name="Inner")
    nested = body("AWS::CloudFormation::Stack", {"TemplateURL": "any"})
    new = {"Resources": {"Nested": nested | {"Metadata": {"aws:asset:path": "inner.nested.template.json"}}}}
    (tmp_path / "Outer.template.json").write_text(json.dumps(new), encoding="utf-8")
    (tmp_path / "inner.nested.template.json").write_text(json.dumps(served()), encoding="utf-8")
    artifact = {
        "type": "aws:cloudformation:stack",
        "properties": {"templateFile": "Outer.template.json", "stackName": "Outer"},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"Id": artifact}}), encoding="utf-8")
    client = CloudFormation({"Outer": {"Resources": {"Nested": nested}}, inner: served()}, {"Nested": inner})
    pairs = list(of_stack(DeployedStack(client, "Outer"), tmp_path))
    assert [pair.file.name for pair in pairs] == ["Outer.template.json", "inner.nested.template.json"]
    assert pairs[1].old == pairs[1].new == served()
    with pytest.raises(Unreadable, match="must hold stack Other once, it holds Outer"):
        list(of_stack(DeployedStack(client, "Other"), tmp_path))
