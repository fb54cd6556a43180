"""Provisioned concurrency that follows its use and known peaks."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from constructs_lib import InvalidConfiguration, ProvisionedConcurrencyScaling, ScheduledAction, ServerlessEndpoint
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_model, only, synthesize

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
CONFIG = "AWS::SageMaker::EndpointConfig"
PEAK = ScheduledAction.cron(name="Peak", hours="8", min_capacity=6, max_capacity=10, timezone="Europe/Berlin")


def scaled(scaling: ProvisionedConcurrencyScaling, **options: Any) -> Template:
    return synthesize(
        lambda s: ServerlessEndpoint(
            s, "Endpoint", model=any_model(s), max_concurrency=20, autoscaling=scaling, **options
        )
    )


@pytest.fixture(scope="module")
def template() -> Template:
    return scaled(
        ProvisionedConcurrencyScaling(
            min_capacity=2,
            max_capacity=10,
            utilization=0.7,
            schedules=[PEAK],
            scale_in_cooldown_in_seconds=600,
            scale_out_cooldown_in_seconds=0,
        ),
        memory_size_in_mb=3072,
    )


def test_the_target_is_the_provisioned_concurrency_of_the_variant(template: Template) -> None:
    target = only(template, TARGET)
    (endpoint,) = template.find_resources("AWS::SageMaker::Endpoint")
    name = {"Fn::GetAtt": [endpoint, "EndpointName"]}
    assert target["ScalableDimension"] == "sagemaker:variant:DesiredProvisionedConcurrency"
    assert target["ServiceNamespace"] == "sagemaker"
    assert target["ResourceId"] == {"Fn::Join": ["", ["endpoint/", name, "/variant/AllTraffic"]]}
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)
    assert "RoleARN" not in target


def test_it_tracks_the_share_that_is_in_use(template: Template) -> None:
    policy = only(template, POLICY)
    (target,) = template.find_resources(TARGET)
    assert policy["PolicyType"] == "TargetTrackingScaling"
    assert policy["ScalingTargetId"] == {"Ref": target}
    assert policy["TargetTrackingScalingPolicyConfiguration"] == {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"},
        "TargetValue": 0.7,
        "ScaleInCooldown": 600,
        "ScaleOutCooldown": 0,
    }


def test_a_known_peak_is_a_scheduled_action(template: Template) -> None:
    assert only(template, TARGET)["ScheduledActions"] == [
        {
            "ScheduledActionName": "Peak",
            "Schedule": "cron(0 8 * * ? *)",
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": 6, "MaxCapacity": 10},
        }
    ]


def test_an_endpoint_begins_with_the_least_and_so_has_something_to_scale(template: Template) -> None:
    (variant,) = only(template, CONFIG)["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 3072, "MaxConcurrency": 20, "ProvisionedConcurrency": 2}


def test_an_update_keeps_no_variant_properties_as_none_are_of_concurrency(template: Template) -> None:
    assert "RetainAllVariantProperties" not in only(template, "AWS::SageMaker::Endpoint")


def test_the_limit_check_finds_nothing(template: Template) -> None:
    assert_no_limit_findings(template, region="us-east-1")


def test_an_endpoint_may_begin_with_more_and_be_scaled_by_schedules_alone() -> None:
    scaling = ProvisionedConcurrencyScaling(max_capacity=10, utilization=None, schedules=[PEAK])
    template = scaled(scaling, provisioned_concurrency=4)
    (variant,) = only(template, CONFIG)["ProductionVariants"]
    assert variant["ServerlessConfig"]["ProvisionedConcurrency"] == 4
    assert template.find_resources(POLICY) == {}
    assert len(only(template, TARGET)["ScheduledActions"]) == 1


def test_no_capacity_goes_beyond_the_concurrency_of_the_endpoint() -> None:
    scaling = ProvisionedConcurrencyScaling(max_capacity=21, schedules=[PEAK])
    with pytest.raises(InvalidConfiguration) as caught:
        scaled(scaling)
    (problem,) = caught.value.problems
    assert "autoscaling.max_capacity must be at most max_concurrency 20, got 21; lower it or raise" in problem
    scaled(ProvisionedConcurrencyScaling(max_capacity=20, schedules=[PEAK]))


def test_a_schedule_is_held_to_the_same_bound() -> None:
    night = ScheduledAction.cron(name="Night", hours="3", min_capacity=21, max_capacity=22)
    with pytest.raises(InvalidConfiguration) as caught:
        scaled(ProvisionedConcurrencyScaling(max_capacity=5, schedules=[night]))
    assert ["min_capacity" in problem for problem in caught.value.problems] == [True, False]
    assert "autoscaling.schedules[Night].max_capacity must be at most max_concurrency 20" in caught.value.problems[1]


def test_a_parameter_passes() -> None:
    def build(stack: cdk.Stack) -> None:
        most: Any = cdk.CfnParameter(stack, "Most", type="Number").value_as_number
        scaling = ProvisionedConcurrencyScaling(min_capacity=most, max_capacity=most)
        ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), max_concurrency=20, autoscaling=scaling)

    template = synthesize(build)
    (variant,) = only(template, CONFIG)["ProductionVariants"]
    assert variant["ServerlessConfig"]["ProvisionedConcurrency"] == {"Ref": "Most"}
    assert only(template, TARGET)["MaxCapacity"] == {"Ref": "Most"}
