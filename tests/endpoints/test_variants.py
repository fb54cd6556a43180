"""Variants of a real-time endpoint: traffic, instances, shadows."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms

from constructs_lib import (
    Autoscaling,
    InstancePool,
    InvalidConfiguration,
    Model,
    RealtimeEndpoint,
    Shadow,
    Variant,
    VariantProperty,
)
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_image, any_model, awaited, only, synthesize

CONFIG = "AWS::SageMaker::EndpointConfig"


def variants_of(build: Any) -> list[dict[str, Any]]:
    return list(only(synthesize(build), CONFIG)["ProductionVariants"])


def test_variants_share_the_traffic_by_their_weights_and_zero_stays_zero() -> None:
    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        variants = [
            Variant(model=model, name="Current", instance_type="ml.m5.large", weight=9),
            Variant(model=model, name="Next", instance_type="ml.c5.large", weight=0, initial_instance_count=2),
        ]
        RealtimeEndpoint(stack, "Endpoint", variants=variants)

    current, following = variants_of(build)
    assert (current["VariantName"], current["InitialVariantWeight"]) == ("Current", 9)
    assert (following["VariantName"], following["InitialVariantWeight"]) == ("Next", 0)
    assert following["InitialInstanceCount"] == 2


def test_a_variant_has_its_own_disk_times_routing_and_machine_image() -> None:
    def build(stack: cdk.Stack) -> None:
        variant = Variant(
            model=any_model(stack),
            instance_type="ml.m5.large",
            volume_size_in_gb=64,
            model_data_download_timeout_in_seconds=1200,
            container_startup_health_check_timeout_in_seconds=900,
            routing_strategy="LEAST_OUTSTANDING_REQUESTS",
            inference_ami_version="al2-ami-sagemaker-inference-gpu-3-1",
        )
        RealtimeEndpoint(stack, "Endpoint", variants=[variant])

    [variant] = variants_of(build)
    assert variant["VolumeSizeInGB"] == 64
    assert variant["ModelDataDownloadTimeoutInSeconds"] == 1200
    assert variant["ContainerStartupHealthCheckTimeoutInSeconds"] == 900
    assert variant["RoutingConfig"] == {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}
    assert variant["InferenceAmiVersion"] == "al2-ami-sagemaker-inference-gpu-3-1"


def test_a_variant_falls_back_on_the_next_instance_pool() -> None:
    def build(stack: cdk.Stack) -> None:
        pools = [InstancePool(instance_type=f"ml.g{n}.xlarge", priority=p) for n, p in ((6, 1), (5, 2))]
        RealtimeEndpoint(stack, "Endpoint", variants=[Variant(model=any_model(stack), instance_pools=pools)])

    [variant] = variants_of(build)
    assert "InstanceType" not in variant
    assert variant["InstancePools"] == [
        {"InstanceType": "ml.g6.xlarge", "Priority": 1},
        {"InstanceType": "ml.g5.xlarge", "Priority": 2},
    ]


def test_a_shadow_variant_gets_its_share_of_the_requests() -> None:
    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        shadow = Shadow(variant=Variant(model=model, name="Candidate", instance_type="ml.c5.large"), share=0.25)
        RealtimeEndpoint(stack, "Endpoint", model=model, instance_type="ml.m5.large", shadow=shadow)

    [shadow] = only(synthesize(build), CONFIG)["ShadowProductionVariants"]
    assert (shadow["VariantName"], shadow["InitialVariantWeight"]) == ("Candidate", 0.25)


def test_the_volumes_may_be_encrypted_with_a_key() -> None:
    def build(stack: cdk.Stack) -> None:
        key = kms.Key(stack, "Key")
        RealtimeEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large", encryption_key=key)

    assert only(synthesize(build), CONFIG)["KmsKeyId"]["Fn::GetAtt"][1] == "Arn"


def test_the_endpoint_waits_for_the_roles_of_all_models() -> None:
    def build(stack: cdk.Stack) -> None:
        models = [Model(stack, name, image=any_image()) for name in ("A", "B")]
        variants = [
            Variant(model=model, name=name, instance_type="ml.m5.large")
            for name, model in zip(("A", "B"), models, strict=True)
        ]
        RealtimeEndpoint(stack, "Endpoint", variants=variants)

    before = {name[: len("AExecutionRole")] for name in awaited(synthesize(build), "AWS::SageMaker::Endpoint")}
    assert {"AExecutionRole", "BExecutionRole"} <= before


def refusal(**arguments: Any) -> InvalidConfiguration:
    stack = cdk.Stack()
    model = any_model(stack)
    given = {name: value(model) if callable(value) else value for name, value in arguments.items()}
    with pytest.raises(InvalidConfiguration) as raised:
        RealtimeEndpoint(stack, "Endpoint", **given)
    assert stack.node.try_find_child("Endpoint") is None
    return raised.value


def test_all_problems_of_all_variants_are_told_at_once() -> None:
    def variants(model: Model) -> list[Variant]:
        return [
            Variant(model=model, name="same", instance_type="m5.large", volume_size_in_gb=513, weight=0),
            Variant(model=model, name="same", initial_instance_count=0, routing_strategy="NEAREST", weight=0),
        ]

    problems = refusal(variants=variants).problems
    assert len(problems) == 7
    assert any("variants[0].instance_type" in problem and "'m5.large'" in problem for problem in problems)
    assert any("variants[1].instance_type must be given" in problem for problem in problems)
    assert any("names of variants must be unique, got same" in problem for problem in problems)
    assert any("one weight at least must be above 0" in problem for problem in problems)


def test_a_model_and_variants_exclude_each_other() -> None:
    def variants(model: Model) -> list[Variant]:
        return [Variant(model=model, instance_type="ml.m5.large")]

    error = refusal(model=lambda model: model, instance_type="ml.m5.large", variants=variants)
    assert "variants must be given, or model and instance_type" in str(error)
    assert "variants must be given, or model and instance_type" in str(refusal())


def test_eleven_variants_are_one_too_many() -> None:
    def variants(model: Model) -> list[Variant]:
        return [Variant(model=model, name=f"V{index}", instance_type="ml.m5.large") for index in range(11)]

    assert "variants must be from 1 to 10" in str(refusal(variants=variants))


def test_an_update_sets_no_scaled_count_back() -> None:
    def build(stack: cdk.Stack) -> None:
        RealtimeEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type="ml.m5.large",
            autoscaling=Autoscaling(max_capacity=2, invocations_per_instance=100),
            exclude_retained_variant_properties=[VariantProperty.DESIRED_INSTANCE_COUNT],
        )

    with pytest.raises(InvalidConfiguration, match="beside autoscaling of AllTraffic: an update would set the count"):
        synthesize(build)


def test_type_and_pools_exclude_each_other() -> None:
    def variants(model: Model) -> list[Variant]:
        pool = InstancePool(instance_type="ml.m5.large", priority=6)
        return [Variant(model=model, instance_type="ml.m5.large", instance_pools=[pool])]

    problems = refusal(variants=variants).problems
    assert any("exclude each other" in problem for problem in problems)
    assert any("priority must be from 1 to 5, got 6" in problem for problem in problems)


@pytest.mark.parametrize("share", [0, 1.01, -1])
def test_the_share_of_a_shadow_is_above_0_and_at_most_1(share: float) -> None:
    def shadow(model: Model) -> Shadow:
        return Shadow(variant=Variant(model=model, name="Next", instance_type="ml.m5.large"), share=share)

    error = refusal(model=lambda model: model, instance_type="ml.m5.large", shadow=shadow)
    assert f"shadow.share must be above 0 and at most 1, got {share}" in str(error)


def test_a_shadow_goes_with_one_variant_of_another_name() -> None:
    def shadow(model: Model) -> Shadow:
        return Shadow(variant=Variant(model=model, instance_type="ml.m5.large"))

    same = refusal(model=lambda model: model, instance_type="ml.m5.large", shadow=shadow)
    assert "shadow.variant.name must differ" in str(same)

    def two(model: Model) -> list[Variant]:
        return [Variant(model=model, name=name, instance_type="ml.m5.large") for name in ("A", "B")]

    assert "shadow goes with one production variant, got 2" in str(refusal(variants=two, shadow=shadow))


def test_no_form_of_variants_breaks_a_rule() -> None:
    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        large = Variant(model=model, name="Large", instance_type="ml.c5.xlarge", weight=0.5, volume_size_in_gb=100)
        small = Variant(model=model, name="Small", instance_type="ml.m5.large")
        RealtimeEndpoint(stack, "Two", variants=[large, small])
        RealtimeEndpoint(stack, "Shadowed", variants=[large], shadow=Shadow(variant=small))

    assert_no_limit_findings(synthesize(build))
