"""What the examples of the rules about names and tags do not show."""

from __future__ import annotations

import pytest

from constructs_lib.facts import names
from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.example import Document, changed, get, join, resource
from tests.rules.support import found

STACK = {"Ref": "AWS::StackName"}


def with_name(name: object) -> Document:
    return changed(realtime(), {"Config.EndpointConfigName": name})


@pytest.mark.parametrize(
    "name",
    ["classifier", "spam-filter", STACK, join(STACK, "-classifier"), {"Fn::Sub": "${AWS::Region}-classifier"}],
)
def test_a_name_that_lives_as_long_as_the_stack_is_fixed(name: object) -> None:
    [finding] = found(with_name(name), "CFN-CFG-REPLACE")
    assert finding.severity == Severity.ERROR
    assert "Cannot create already existing endpoint configuration" in finding.message
    assert "leave EndpointConfigName out" in finding.fix


@pytest.mark.parametrize(
    "name",
    [
        {"Ref": "Name"},
        join(STACK, "-", {"Ref": "Version"}),
        join("config-", get("Model", "ModelName")),
        {"Fn::ImportValue": "Name"},
        "classifier-v2",
        "classifier-20261121",
        "classifier-3f2a9c1",
        "a1B2c3-classifier",
        {"Ref": "AWS::NoValue"},
    ],
)
def test_a_name_that_can_change_is_not_judged(name: object) -> None:
    assert found(with_name(name), "CFN-CFG-REPLACE") == []


def test_a_fixed_name_is_shown_as_it_is_written() -> None:
    [finding] = found(with_name(join(STACK, "-classifier")), "CFN-CFG-REPLACE")
    assert "'${AWS::StackName}-classifier'" in finding.message


def test_a_fixed_model_name_is_a_warning() -> None:
    [finding] = judge(changed(realtime(), {"Model.ModelName": "classifier"}))
    assert (finding.rule, finding.severity) == ("CFN-MODEL-REPLACE", Severity.WARNING)


def test_endpoints_may_have_fixed_names() -> None:
    assert judge(changed(realtime(), {"Endpoint.EndpointName": "classifier"})) == []


def test_the_arn_that_ref_gives_is_no_name() -> None:
    [finding] = judge(changed(realtime(), {"Config.ProductionVariants.0.ModelName": {"Ref": "Model"}}))
    assert (finding.rule, finding.severity) == ("NAME-BY-REF", Severity.WARNING)
    assert "ModelName must be a name, got Ref Model, which is an ARN" in finding.message
    assert finding.fix == "use Fn::GetAtt Model.ModelName"


def test_the_names_that_an_inference_component_wants_are_judged_too() -> None:
    component = resource(
        "AWS::SageMaker::InferenceComponent",
        EndpointName={"Ref": "Endpoint"},
        Specification={"ModelName": {"Ref": "Model"}},
    )
    document = realtime()
    document["Resources"]["Component"] = component
    assert {finding.path for finding in found(document, "NAME-BY-REF")} == {
        "Properties.EndpointName",
        "Properties.Specification.ModelName",
    }


def test_ref_of_a_parameter_may_be_a_name() -> None:
    assert judge(changed(realtime(), {"Config.ProductionVariants.0.ModelName": {"Ref": "ModelName"}})) == []


@pytest.mark.parametrize("type_", names.TAGGED)
def test_tags_are_counted_on_every_resource_of_sagemaker(type_: str) -> None:
    tags = [{"Key": f"key-{index}", "Value": "value"} for index in range(51)]
    document = {"Resources": {"Tagged": resource(type_, Tags=tags)}}
    [finding] = found(document, "TAGS")
    assert "from 0 to 50 tags, got 51" in finding.message


@pytest.mark.parametrize("key", ["Kostenstelle Süd", "部門", "aws/x:y=z+@_.-1"])
def test_tags_may_be_written_in_any_script(key: str) -> None:
    assert judge(changed(realtime(), {"Model.Tags": [{"Key": key, "Value": ""}]})) == []


def test_keys_known_only_at_deploy_time_may_be_alike() -> None:
    tag = {"Key": {"Ref": "Key"}, "Value": "value"}
    assert judge(changed(realtime(), {"Model.Tags": [tag, tag]})) == []


def test_a_key_given_twice_is_told_at_the_second() -> None:
    tags = [{"Key": "team", "Value": "a"}, {"Key": "stage", "Value": "b"}, {"Key": "team", "Value": "c"}]
    [finding] = judge(changed(realtime(), {"Model.Tags": tags}))
    assert (finding.rule, finding.path) == ("TAGS-UNIQUE", "Properties.Tags.2.Key")
