"""Copies of inference components: scaled each on its own, down to zero and back."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from constructs_lib.endpoints.component_endpoint import ManagedInstanceScaling
from constructs_lib.options import CopyScaling, ScheduledAction, TargetTracking
from constructs_lib.rules import judge
from tests.endpoints.component_apps import (
    POLICY,
    TARGET,
    a_component,
    an_endpoint,
    components,
    findings,
    placed,
)
from tests.support import only, synthesize


@pytest.fixture(scope="module")
def to_zero() -> Template:
    """Two models that scale to zero with their instances."""

    def build(stack: cdk.Stack) -> None:
        managed = ManagedInstanceScaling(min_instance_count=0, max_instance_count=2)
        endpoint = an_endpoint(stack, managed_instance_scaling=managed)
        for id, target in (("First", 60), ("Second", 120)):
            scaling = CopyScaling(min_capacity=0, max_capacity=4, invocations_per_copy=target)
            a_component(stack, endpoint, id, autoscaling=scaling)

    return synthesize(build)


def test_several_models_share_an_endpoint_and_its_role(to_zero: Template) -> None:
    (role,) = to_zero.find_resources("AWS::IAM::Role")
    models = to_zero.find_resources("AWS::SageMaker::Model")
    assert [model["Properties"]["ExecutionRoleArn"] for model in models.values()] == [
        {"Fn::GetAtt": [role, "Arn"]},
        {"Fn::GetAtt": [role, "Arn"]},
    ]
    assert {found["Specification"]["ModelName"]["Fn::GetAtt"][0] for found in components(to_zero).values()} == set(
        models
    )


def test_scaling_to_zero_is_free_of_findings(to_zero: Template) -> None:
    assert findings(to_zero) == []


def test_each_component_is_a_scalable_target_by_its_name_and_waits_for_it(to_zero: Template) -> None:
    targets = to_zero.find_resources(TARGET).values()
    assert {(target["Properties"]["ResourceId"], *target["DependsOn"]) for target in targets} == {
        (f"inference-component/{found['InferenceComponentName']}", logical_id)
        for logical_id, found in components(to_zero).items()
    }
    for target in targets:
        assert target["Properties"]["ScalableDimension"] == "sagemaker:inference-component:DesiredCopyCount"
        assert (target["Properties"]["MinCapacity"], target["Properties"]["MaxCapacity"]) == (0, 4)


def test_invocations_per_copy_are_followed(to_zero: Template) -> None:
    found = [policy["Properties"] for policy in to_zero.find_resources(POLICY).values()]
    tracking = [
        policy["TargetTrackingScalingPolicyConfiguration"] for policy in found if "Target" in policy["PolicyType"]
    ]
    assert sorted(configuration["TargetValue"] for configuration in tracking) == [60, 120]
    assert {configuration["PredefinedMetricSpecification"]["PredefinedMetricType"] for configuration in tracking} == {
        "SageMakerInferenceComponentInvocationsPerCopy"
    }


def test_an_alarm_on_requests_that_met_no_copy_wakes_each_component(to_zero: Template) -> None:
    alarms = [alarm["Properties"] for alarm in to_zero.find_resources("AWS::CloudWatch::Alarm").values()]
    names = {found["InferenceComponentName"] for found in components(to_zero).values()}
    assert {alarm["Dimensions"][0]["Value"] for alarm in alarms} == names
    steps = to_zero.find_resources(POLICY, {"Properties": {"PolicyType": "StepScaling"}})
    assert {action["Ref"] for alarm in alarms for action in alarm["AlarmActions"]} == set(steps)
    for alarm in alarms:
        assert [dimension["Name"] for dimension in alarm["Dimensions"]] == ["InferenceComponentName"]
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SageMaker", "NoCapacityInvocationFailures")
        assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Sum", 60, 1)


def test_a_single_request_is_enough_to_wake(to_zero: Template) -> None:
    for alarm in to_zero.find_resources("AWS::CloudWatch::Alarm").values():
        properties = alarm["Properties"]
        assert (properties["ComparisonOperator"], properties["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)


def test_waking_adds_one_copy_and_may_again_after_a_minute(to_zero: Template) -> None:
    for policy in to_zero.find_resources(POLICY, {"Properties": {"PolicyType": "StepScaling"}}).values():
        assert policy["Properties"]["StepScalingPolicyConfiguration"] == {
            "AdjustmentType": "ChangeInCapacity",
            "MetricAggregationType": "Maximum",
            "Cooldown": 60,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        }


def test_the_limit_check_would_miss_the_waking(to_zero: Template) -> None:
    """It sees that target, component and alarm belong together: without the step policies it complains."""
    document = to_zero.to_json()
    for logical_id in to_zero.find_resources(POLICY, {"Properties": {"PolicyType": "StepScaling"}}):
        del document["Resources"][logical_id]
    for logical_id in to_zero.find_resources("AWS::CloudWatch::Alarm"):
        del document["Resources"][logical_id]
    assert [found.rule for found in judge(document, region="us-east-1")] == ["AS-IC-ZERO", "AS-IC-ZERO"]


def test_the_limit_check_misses_instances_that_follow_the_copies() -> None:
    scaling = CopyScaling(min_capacity=0, max_capacity=4, invocations_per_copy=1)
    (found,) = findings(synthesize(placed(autoscaling=scaling)))
    assert "all components scale in to 0 copies but their instances stay" in found


def test_copies_that_never_reach_zero_need_no_waking() -> None:
    template = synthesize(placed(autoscaling=CopyScaling(max_capacity=4, invocations_per_copy=1)))
    template.resource_count_is(POLICY, 1)
    template.resource_count_is("AWS::CloudWatch::Alarm", 0)
    assert findings(template) == []


def test_copies_that_stop_at_night_are_woken_as_well() -> None:
    night = ScheduledAction.cron(name="Night", hours="20", min_capacity=0, max_capacity=4)
    template = synthesize(placed(autoscaling=CopyScaling(max_capacity=4, invocations_per_copy=1, schedules=[night])))
    (action,) = only(template, TARGET)["ScheduledActions"]
    assert action["ScalableTargetAction"] == {"MinCapacity": 0, "MaxCapacity": 4}
    template.resource_count_is("AWS::CloudWatch::Alarm", 1)


@pytest.mark.parametrize(
    ("policy", "name", "specification"),
    [
        (
            TargetTracking.on_concurrent_requests(5),
            "ConcurrentRequestsPerCopy",
            {
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
                }
            },
        ),
        (
            TargetTracking.on_gpu_utilization(5),
            "GPUUtilization",
            {
                "CustomizedMetricSpecification": {
                    "Namespace": "/aws/sagemaker/InferenceComponents",
                    "MetricName": "GPUUtilizationNormalized",
                    "Dimensions": [{"Name": "InferenceComponentName", "Value": "mine"}],
                    "Statistic": "Average",
                }
            },
        ),
    ],
)
def test_other_metrics_of_copies_can_be_followed(
    policy: TargetTracking, name: str, specification: dict[str, Any]
) -> None:
    scaling = CopyScaling(max_capacity=4, policies=[policy])
    template = synthesize(placed(inference_component_name="mine", autoscaling=scaling))
    found = only(template, POLICY)
    assert found["PolicyName"] == name
    assert found["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 5,
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 300,
        **specification,
    }
    assert findings(template) == []
