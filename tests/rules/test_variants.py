"""What the examples of the rules on variants do not show."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules import judge
from constructs_lib.rules.examples.bases import config, endpoint, instance_variant, model, realtime, serverless
from constructs_lib.rules.examples.example import ABSENT, Document, changed, template
from tests.rules.support import found

VARIANT = "Config.ProductionVariants.0"
SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


def paths(document: Document, rule: str) -> list[str]:
    return [finding.path for finding in found(document, rule)]


def with_variant(**properties: object) -> Document:
    """A real-time endpoint with properties of its variant changed."""
    return changed(realtime(), {f"{VARIANT}.{name}": value for name, value in properties.items()})


def with_variants(*variants: Document, **properties: object) -> Document:
    return template(Model=model(), Config=config(*variants, **properties), Endpoint=endpoint())


def for_components(**properties: object) -> Document:
    """A variant without a model."""
    variant = instance_variant()
    del variant["ModelName"]
    return {**variant, **properties}


def conditional(document: Document) -> Document:
    equals = {"Fn::Equals": [{"Ref": "Stage"}, "production"]}
    return {**document, "Parameters": {"Stage": {"Type": "String"}}, "Conditions": {"IsProduction": equals}}


def if_production(then: object, otherwise: object) -> dict[str, Any]:
    return {"Fn::If": ["IsProduction", then, otherwise]}


@pytest.mark.parametrize("name", ["InstanceType", "InitialInstanceCount", "VolumeSizeInGB", "InitialVariantWeight"])
def test_a_parameter_is_not_judged(name: str) -> None:
    assert judge(with_variant(**{name: {"Ref": "Parameter"}}), region="eu-west-1") == []


def test_a_quoted_number_counts_as_a_number() -> None:
    assert judge(with_variant(VolumeSizeInGB="512")) == []
    assert paths(with_variant(VolumeSizeInGB="513"), "VAR-VOLUME") == ["Properties.ProductionVariants.0.VolumeSizeInGB"]


def test_a_shadow_variant_is_judged_like_a_production_variant() -> None:
    shadow = instance_variant("Shadow", InitialInstanceCount=0)
    document = with_variants(instance_variant(), ShadowProductionVariants=[shadow])
    assert paths(document, "VAR-INITCOUNT") == ["Properties.ShadowProductionVariants.0.InitialInstanceCount"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("InstanceType", "ml.m5.large"),
        ("InitialInstanceCount", 1),
        ("InstancePools", [{"InstanceType": "ml.m5.large", "Priority": 1}]),
    ],
)
def test_each_setting_of_instances_is_too_much_for_a_serverless_variant(name: str, value: object) -> None:
    [finding] = found(changed(serverless(), {f"{VARIANT}.{name}": value}), "VAR-XOR-SLS")
    assert finding.path.endswith(name)
    assert name in finding.message
    assert finding.fix == f"leave out {name}, or ServerlessConfig"


def test_a_serverless_variant_with_several_settings_of_instances_is_one_problem() -> None:
    [finding] = found(with_variant(ServerlessConfig=SERVERLESS), "VAR-XOR-SLS")
    assert "InstanceType and InitialInstanceCount" in finding.message


def test_a_setting_that_is_no_value_is_absent() -> None:
    document = changed(serverless(), {f"{VARIANT}.InstanceType": {"Ref": "AWS::NoValue"}})
    assert judge(document) == []


def test_a_variant_needs_neither_instance_type_nor_model_if_it_has_pools() -> None:
    pools = [{"InstanceType": "ml.m5.large", "Priority": 1}]
    assert judge(with_variant(InstanceType=ABSENT, InstancePools=pools)) == []


def test_a_variant_for_inference_components_needs_an_instance_type_too() -> None:
    assert paths(with_variants(for_components(InstanceType={"Ref": "AWS::NoValue"})), "VAR-XOR-SLS") == [
        "Properties.ProductionVariants.0"
    ]


def test_both_branches_of_a_condition_are_judged() -> None:
    variant = with_variant(
        InstanceType=if_production("ml.m5.large", {"Ref": "AWS::NoValue"}),
        InitialInstanceCount=if_production(2, {"Ref": "AWS::NoValue"}),
        ServerlessConfig=if_production({"Ref": "AWS::NoValue"}, SERVERLESS),
    )
    assert judge(conditional(variant)) == []
    only_in_one = with_variant(VolumeSizeInGB=if_production(512, 513))
    assert len(found(conditional(only_in_one), "VAR-VOLUME")) == 1


def test_serverless_variants_alone_are_not_mixed() -> None:
    document = serverless()
    [variant] = document["Resources"]["Config"]["Properties"]["ProductionVariants"]
    document = changed(document, {"Config.ProductionVariants.1": {**variant, "VariantName": "Other"}})
    assert found(document, "VAR-NOMIX-SLS") == []


def test_a_serverless_variant_beside_one_on_instances_is_named() -> None:
    serverless_variant = {"VariantName": "Serverless", "ServerlessConfig": SERVERLESS, "ModelName": "classifier"}
    [finding] = found(with_variants(instance_variant(), serverless_variant), "VAR-NOMIX-SLS")
    assert finding.path == "Properties.ProductionVariants.1.ServerlessConfig"
    assert "1 among 2" in finding.message


def test_the_same_variant_name_in_two_configurations_is_sound() -> None:
    document = realtime()
    document["Resources"]["Other"] = config(instance_variant())
    assert judge(document) == []


def test_a_shadow_variant_has_a_name_of_its_own() -> None:
    document = with_variants(
        instance_variant(InitialInstanceCount=1), ShadowProductionVariants=[instance_variant(InitialInstanceCount=1)]
    )
    [finding] = found(document, "VAR-NAME")
    assert finding.path == "Properties.ShadowProductionVariants.0.VariantName"
    assert "'AllTraffic'" in finding.message


def test_names_that_are_not_known_are_not_the_same() -> None:
    unknown = [instance_variant(VariantName={"Ref": "Name"}, InitialInstanceCount=1) for _ in range(2)]
    assert judge(with_variants(*unknown)) == []


def test_one_weight_above_zero_is_enough() -> None:
    variants = [instance_variant("A", InitialVariantWeight=0), instance_variant("B", InitialVariantWeight=1)]
    assert judge(with_variants(*variants)) == []


def test_weights_of_zero_are_a_warning_and_negative_ones_an_error() -> None:
    [zero] = found(with_variant(InitialVariantWeight=0), "VAR-WEIGHT")
    [negative] = found(with_variant(InitialVariantWeight=-1), "VAR-WEIGHT")
    assert (zero.severity, negative.severity) == (Severity.WARNING, Severity.ERROR)


def test_the_weight_of_a_variant_for_inference_components_says_nothing() -> None:
    assert found(with_variants(for_components(InitialVariantWeight=0)), "VAR-WEIGHT") == []


def test_a_shadow_variant_may_have_no_share_of_the_traffic() -> None:
    shadow = instance_variant("Shadow", InitialVariantWeight=0)
    assert found(with_variants(instance_variant(), ShadowProductionVariants=[shadow]), "VAR-WEIGHT") == []


def test_prefix_routing_without_its_settings_names_both_of_them() -> None:
    messages = [
        it.message for it in found(with_variant(RoutingConfig={"RoutingStrategy": "PREFIX_AWARE"}), "VAR-PREFIX")
    ]
    assert ["PrefixLength" in messages[0], "ConcurrencyThreshold" in messages[1]] == [True, True]


def test_settings_of_prefix_routing_with_an_unknown_strategy_are_not_judged() -> None:
    settings = {"PrefixLength": 2048, "ConcurrencyThreshold": 8}
    routing = {"RoutingStrategy": {"Ref": "Strategy"}, "PrefixAwareRoutingConfig": settings}
    assert judge(with_variant(RoutingConfig=routing)) == []


@pytest.mark.parametrize("owner", ["Model", "Config"])
def test_ssm_access_is_useless_with_the_isolation_of_the_model_and_of_the_configuration(owner: str) -> None:
    document = changed(with_variant(EnableSSMAccess=True), {f"{owner}.EnableNetworkIsolation": True})
    [finding] = found(document, "VAR-SSM-NETISO")
    assert finding.path == "Properties.ProductionVariants.0.EnableSSMAccess"
    assert owner in finding.message
    assert finding.severity is Severity.WARNING


def test_ssm_access_that_is_off_is_sound_with_isolation() -> None:
    document = changed(with_variant(EnableSSMAccess=False), {"Model.EnableNetworkIsolation": True})
    assert judge(document) == []


def test_pools_of_an_unknown_number_are_not_judged() -> None:
    assert judge(with_variant(InstanceType=ABSENT, InstancePools={"Ref": "Pools"})) == []


@pytest.mark.parametrize("unknown", [{"Ref": "Variant"}, {"Fn::Transform": {"Name": "Variants"}}])
def test_a_variant_that_comes_from_elsewhere_is_not_judged(unknown: Document) -> None:
    assert judge(with_variants(instance_variant(), unknown)) == []
    alone = with_variants(instance_variant(InitialInstanceCount=1), ShadowProductionVariants=[unknown])
    assert judge(alone) == []
