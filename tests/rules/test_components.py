"""Inference components: what their examples do not show."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.components import adapters, component_variant, components
from constructs_lib.rules.examples.example import ABSENT, changed, get, resource
from tests.rules.support import broken

Document = dict[str, Any]
VARIANT = "Config.ProductionVariants.0"
ROLE = "arn:aws:iam::123456789012:role/Other"
VPC = {"Subnets": ["subnet-0a", "subnet-0b"], "SecurityGroupIds": ["sg-0a"]}
PARAMETER = {"Ref": "Parameter"}


def with_roles(model_role: str, config_role: str) -> Document:
    """Roles of the template on the model and on the endpoint configuration."""
    document = changed(
        components(),
        {"Model.ExecutionRoleArn": get(model_role, "Arn"), "Config.ExecutionRoleArn": get(config_role, "Arn")},
    )
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    for name in {model_role, config_role}:
        document["Resources"][name] = resource(
            "AWS::IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trust]}
        )
    return document


def test_a_variant_of_several_is_chosen_by_name() -> None:
    model_variant = component_variant("Own", ModelName=get("Model", "ModelName"), ManagedInstanceScaling=ABSENT)
    del model_variant["ManagedInstanceScaling"]
    both = changed(components(), {"Config.ProductionVariants.1": model_variant})
    assert "IC-ON-MODEL-ENDPOINT" not in broken(both)
    assert "IC-ON-MODEL-ENDPOINT" in broken(changed(both, {"Component.VariantName": "Own"}))


def test_a_component_without_variant_name_is_refused_only_if_every_variant_names_a_model() -> None:
    document = changed(components(), {"Component.VariantName": ABSENT})
    assert broken(document) == set()
    with_model = changed(document, {f"{VARIANT}.ModelName": get("Model", "ModelName")})
    assert "IC-ON-MODEL-ENDPOINT" in broken(with_model)


def test_a_component_is_matched_to_its_endpoint_by_name_too() -> None:
    document = changed(components(), {"Endpoint.EndpointName": "shared", "Component.EndpointName": "shared"})
    wrong = changed(document, {"Component.VariantName": "Other"})
    assert "IC-VARIANT-NAME" in broken(wrong)


@pytest.mark.parametrize("name", [PARAMETER, {"Fn::ImportValue": "variant"}])
def test_a_variant_name_known_at_deploy_time_is_not_judged(name: Document) -> None:
    assert broken(changed(components(), {"Component.VariantName": name})) == set()


def test_a_variant_name_is_not_judged_where_a_variant_of_the_endpoint_has_an_unknown_name() -> None:
    changes: Document = {f"{VARIANT}.VariantName": PARAMETER, "Component.VariantName": "Other"}
    assert broken(changed(components(), changes)) == set()


def test_a_component_on_an_endpoint_of_another_template_is_not_judged() -> None:
    changes: Document = {"Component.EndpointName": "elsewhere", "Component.VariantName": "Other"}
    assert broken(changed(components(), changes)) == set()


def test_no_value_for_the_role_counts_as_none() -> None:
    document = changed(components(), {"Config.ExecutionRoleArn": {"Ref": "AWS::NoValue"}})
    assert broken(document) == {"IC-VARIANT-NOMODEL"}


def test_both_branches_of_a_condition_are_judged() -> None:
    document = changed(
        components(), {"Config.ExecutionRoleArn": {"Fn::If": ["WithRole", ROLE, {"Ref": "AWS::NoValue"}]}}
    )
    document["Parameters"] = {"Stage": {"Type": "String"}}
    document["Conditions"] = {"WithRole": {"Fn::Equals": [{"Ref": "Stage"}, "production"]}}
    assert broken(document) == {"IC-VARIANT-NOMODEL", "IC-COMPAT"}


def test_pools_that_name_models_need_no_role() -> None:
    pools = [{"InstanceType": "ml.g5.12xlarge", "Priority": 1, "ModelNameOverride": get("Model", "ModelName")}]
    changes: Document = {
        f"{VARIANT}.InstancePools": pools,
        f"{VARIANT}.InstanceType": ABSENT,
        "Config.ExecutionRoleArn": ABSENT,
    }
    assert "IC-VARIANT-NOMODEL" not in broken(changed(components(), changes))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"Config.ExecutionRoleArn": ROLE}, "ExecutionRoleArn"),
        ({"Config.VpcConfig": VPC}, "VpcConfig"),
        ({"Config.VpcConfig": VPC, "Model.VpcConfig": {**VPC, "Subnets": ["subnet-0c"]}}, "VpcConfig"),
        ({"Model.EnableNetworkIsolation": True}, "EnableNetworkIsolation"),
    ],
)
def test_what_model_and_endpoint_disagree_on_is_named(changes: Document, what: str) -> None:
    [found] = [each for each in judge(changed(components(), changes)) if each.rule == "IC-COMPAT"]
    assert found.severity is Severity.WARNING
    assert found.message.startswith(what)
    assert found.path == "Properties.Specification.ModelName"


@pytest.mark.parametrize(
    "changes",
    [
        {"Config.ExecutionRoleArn": PARAMETER},
        {"Model.ExecutionRoleArn": ABSENT},
        {"Config.VpcConfig": VPC, "Model.VpcConfig": {**VPC, "Subnets": ["subnet-0b", "subnet-0a"]}},
        {"Config.VpcConfig": VPC, "Model.VpcConfig": {**VPC, "Subnets": PARAMETER}},
        {"Config.EnableNetworkIsolation": "true", "Model.EnableNetworkIsolation": True},
        {"Config.EnableNetworkIsolation": PARAMETER, "Model.EnableNetworkIsolation": True},
    ],
)
def test_what_agrees_or_is_not_known_is_no_disagreement(changes: Document) -> None:
    assert "IC-COMPAT" not in broken(changed(components(), changes))


def test_roles_of_the_template_are_told_apart_by_reference() -> None:
    assert "IC-COMPAT" not in broken(with_roles("Role", "Role"))
    assert "IC-COMPAT" in broken(with_roles("Role", "OtherRole"))


@pytest.mark.parametrize(
    ("role_name", "agree"),
    [(ABSENT, False), ("Other", False), ("Execution", True), (PARAMETER, True)],
)
def test_an_arn_and_a_role_of_the_template_are_told_apart_by_the_name(role_name: object, agree: bool) -> None:
    arn = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/service-role/Execution"}
    document = changed(with_roles("Role", "Role"), {"Model.ExecutionRoleArn": arn, "Role.RoleName": role_name})
    assert ("IC-COMPAT" not in broken(document)) is agree


def test_outputs_of_nested_stacks_may_be_the_same_role() -> None:
    document = changed(
        components(),
        {
            "Model.ExecutionRoleArn": get("Nested", "Outputs.ModelRole"),
            "Config.ExecutionRoleArn": get("Nested", "Outputs.EndpointRole"),
        },
    )
    document["Resources"]["Nested"] = resource("AWS::CloudFormation::Stack", TemplateURL="https://example.com/t.json")
    assert "IC-COMPAT" not in broken(document)


def test_isolation_of_a_configuration_for_components_is_fine() -> None:
    changes: Document = {"Config.EnableNetworkIsolation": True, "Model.EnableNetworkIsolation": True}
    assert broken(changed(components(), changes)) == set()


def test_no_region_is_judged_where_the_region_is_not_known() -> None:
    assert "IC-REGIONS" not in broken(components())


@pytest.mark.parametrize("copies", [0, "0"])
def test_no_copies_at_creation_are_refused_with_the_words_of_aws(copies: int | str) -> None:
    [found] = judge(changed(components(), {"Component.RuntimeConfig.CopyCount": copies}))
    assert found.severity is Severity.ERROR
    assert "copy count an integer larger than 0" in found.message
    assert "MinCapacity 0" in found.fix


@pytest.mark.parametrize("name", [{"Ref": "Base"}, get("Base", "InferenceComponentName")])
def test_an_adapter_that_refers_to_its_base_waits_for_it(name: Document) -> None:
    document = adapters()
    document["Resources"]["Base"] = document["Resources"].pop("Component")
    del document["Resources"]["Adapter"]["DependsOn"]
    assert broken(changed(document, {"Adapter.Specification.BaseInferenceComponentName": name})) == set()


def test_an_adapter_of_a_base_in_another_template_is_not_judged() -> None:
    document = adapters()
    del document["Resources"]["Adapter"]["DependsOn"]
    assert broken(changed(document, {"Adapter.Specification.BaseInferenceComponentName": "elsewhere"})) == set()


def test_the_warning_about_an_adapter_says_what_to_depend_on() -> None:
    document = adapters()
    del document["Resources"]["Adapter"]["DependsOn"]
    [found] = judge(document)
    assert found.fix.startswith("add DependsOn Component")
