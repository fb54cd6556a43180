"""Autoscaling of real-time variants: each by its own policies and schedules, under ids of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk.assertions import Template

from constructs_lib import Autoscaling, InvalidConfiguration, RealtimeEndpoint, Variant
from constructs_lib.options import CustomMetric, ScheduledAction, TargetTracking
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_model, only, synthesize

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"


def endpoint(autoscaling: Autoscaling | None, instance_type: str = "ml.g5.2xlarge") -> Callable[[cdk.Stack], object]:
    return lambda stack: RealtimeEndpoint(
        stack, "Endpoint", model=any_model(stack), instance_type=instance_type, autoscaling=autoscaling
    )


def two_variants(*names: str) -> Callable[[cdk.Stack], object]:
    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        variants = [
            Variant(
                model=model,
                name=name,
                instance_type="ml.m5.large",
                autoscaling=Autoscaling(max_capacity=number, invocations_per_instance=number * 100),
            )
            for number, name in enumerate(names, start=1)
        ]
        RealtimeEndpoint(stack, "Endpoint", variants=variants)

    return build


def tracking(template: Template) -> dict[str, dict[str, Any]]:
    """The configurations of target tracking by the names of their policies."""
    found = [policy["Properties"] for policy in template.find_resources(POLICY).values()]
    return {policy["PolicyName"]: policy["TargetTrackingScalingPolicyConfiguration"] for policy in found}


def followed(*policies: TargetTracking) -> dict[str, dict[str, Any]]:
    template = synthesize(endpoint(Autoscaling(max_capacity=3, policies=policies)))
    assert_no_limit_findings(template, region="us-east-1")
    return tracking(template)


def refused(autoscaling: Autoscaling, instance_type: str) -> Sequence[str]:
    with pytest.raises(InvalidConfiguration) as caught:
        synthesize(endpoint(autoscaling, instance_type))
    return caught.value.problems


def test_the_default_variant_is_scaled_right_below_the_endpoint() -> None:
    template = synthesize(endpoint(Autoscaling(max_capacity=3, invocations_per_instance=70)))
    (target,) = template.find_resources(TARGET)
    (policy,) = template.find_resources(POLICY)
    assert target.startswith("EndpointScalableTarget")
    assert policy.startswith("EndpointInvocationsPerInstance")


def test_each_variant_has_a_target_of_its_own() -> None:
    template = synthesize(two_variants("Champion", "Challenger"))
    found = [target["Properties"] for target in template.find_resources(TARGET).values()]
    places = {target["ResourceId"]["Fn::Join"][1][2]: target["MaxCapacity"] for target in found}
    assert places == {"/variant/Champion": 1, "/variant/Challenger": 2}
    assert_no_limit_findings(template, region="us-east-1")


def test_each_policy_belongs_to_the_target_of_its_variant() -> None:
    template = synthesize(two_variants("Champion", "Challenger"))
    targets = {name: target["Properties"]["MaxCapacity"] for name, target in template.find_resources(TARGET).items()}
    values = {
        targets[policy["Properties"]["ScalingTargetId"]["Ref"]]: policy["Properties"][
            "TargetTrackingScalingPolicyConfiguration"
        ]["TargetValue"]
        for policy in template.find_resources(POLICY).values()
    }
    assert values == {1: 100, 2: 200}


def test_a_second_variant_leaves_the_ids_of_the_first_as_they_are() -> None:
    alone = synthesize(two_variants("AllTraffic"))
    together = synthesize(two_variants("AllTraffic", "Challenger"))
    assert set(alone.find_resources(TARGET)) < set(together.find_resources(TARGET))
    assert set(alone.find_resources(POLICY)) < set(together.find_resources(POLICY))


def test_concurrent_requests_are_followed_by_the_predefined_metric_of_high_resolution() -> None:
    assert followed(TargetTracking.on_concurrent_requests(5)) == {
        "ConcurrentRequestsPerModel": {
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantConcurrentRequestsPerModelHighResolution"
            },
            "TargetValue": 5,
            "ScaleInCooldown": 300,
            "ScaleOutCooldown": 300,
        }
    }


@pytest.mark.parametrize(
    ("policy", "metric"),
    [
        (TargetTracking.on_cpu_utilization(280), "CPUUtilization"),
        (TargetTracking.on_gpu_utilization(70), "GPUUtilization"),
        (TargetTracking.on_gpu_memory_utilization(70), "GPUMemoryUtilization"),
        (TargetTracking.on_memory_utilization(70), "MemoryUtilization"),
    ],
)
def test_a_utilization_is_followed_with_the_dimensions_of_the_variant(policy: TargetTracking, metric: str) -> None:
    specification = followed(policy)[metric]["CustomizedMetricSpecification"]
    names = [dimension["Name"] for dimension in specification.pop("Dimensions")]
    assert specification == {"Namespace": "/aws/sagemaker/Endpoints", "MetricName": metric, "Statistic": "Average"}
    assert names == ["EndpointName", "VariantName"]


def test_a_utilization_of_a_second_variant_is_its_own() -> None:
    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        options = Autoscaling(max_capacity=1, policies=[TargetTracking.on_cpu_utilization(50)])
        names = ("First", "Second")
        variants = [Variant(model=model, name=name, instance_type="ml.m5.large", autoscaling=options) for name in names]
        RealtimeEndpoint(stack, "Endpoint", variants=variants)

    found = synthesize(build).find_resources(POLICY).values()
    specifications = [
        policy["Properties"]["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
        for policy in found
    ]
    assert [specification["Dimensions"][1] for specification in specifications] == [
        {"Name": "VariantName", "Value": "First"},
        {"Name": "VariantName", "Value": "Second"},
    ]


def test_several_policies_are_in_force_at_once() -> None:
    options = Autoscaling(
        max_capacity=3,
        invocations_per_instance=600,
        policies=[TargetTracking.on_cpu_utilization(200), TargetTracking.on_concurrent_requests(5, name="Waiting")],
    )
    assert set(tracking(synthesize(endpoint(options)))) == {"InvocationsPerInstance", "CPUUtilization", "Waiting"}


def test_a_cooldown_of_0_stays_0_and_scaling_in_can_be_left_to_others() -> None:
    policy = TargetTracking.on_invocations(
        10, scale_in_cooldown_in_seconds=0, scale_out_cooldown_in_seconds=0, disable_scale_in=True
    )
    configuration = followed(policy)["InvocationsPerInstance"]
    assert (configuration["ScaleInCooldown"], configuration["ScaleOutCooldown"]) == (0, 0)
    assert configuration["DisableScaleIn"] is True


def test_any_metric_can_be_followed() -> None:
    metric = CustomMetric(namespace="Mine", metric_name="Queue length", dimensions={"B": "2", "A": "1"})
    assert followed(TargetTracking.on_metric(metric, 3))["Queue length"]["CustomizedMetricSpecification"] == {
        "Namespace": "Mine",
        "MetricName": "Queue length",
        "Dimensions": [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}],
        "Statistic": "Average",
    }


def test_a_percentile_is_followed_by_a_query() -> None:
    metric = CustomMetric(namespace="Mine", metric_name="Latency", statistic="p90")
    assert followed(TargetTracking.on_metric(metric, 3))["Latency"]["CustomizedMetricSpecification"] == {
        "Metrics": [
            {
                "Id": "m1",
                "ReturnData": True,
                "MetricStat": {"Metric": {"Namespace": "Mine", "MetricName": "Latency"}, "Stat": "p90"},
            }
        ]
    }


def test_a_metric_of_another_construct_keeps_its_reference() -> None:
    def build(stack: cdk.Stack) -> None:
        queue = cdk.CfnResource(stack, "Queue", type="AWS::SQS::Queue")
        metric = cloudwatch.Metric(
            namespace="AWS/SQS",
            metric_name="Waiting",
            dimensions_map={"QueueName": queue.get_att("QueueName").to_string()},
        )
        policy = TargetTracking.on_metric(metric, 10)
        endpoint(Autoscaling(max_capacity=2, policies=[policy]))(stack)

    specification = tracking(synthesize(build))["Waiting"]["CustomizedMetricSpecification"]
    assert specification["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}]


def test_office_hours_are_scheduled_actions_of_the_target() -> None:
    options = Autoscaling(
        max_capacity=4,
        invocations_per_instance=70,
        schedules=[
            ScheduledAction.cron(
                name="Morning", hours="8", day_of_week="MON-FRI", min_capacity=3, timezone="Europe/Berlin"
            ),
            ScheduledAction.cron(name="Evening", hours="18", day_of_week="MON-FRI", min_capacity=1, max_capacity=2),
        ],
    )
    template = synthesize(endpoint(options, "ml.m5.large"))
    assert only(template, TARGET)["ScheduledActions"] == [
        {
            "ScheduledActionName": "Morning",
            "Schedule": "cron(0 8 ? * MON-FRI *)",
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": 3},
        },
        {
            "ScheduledActionName": "Evening",
            "Schedule": "cron(0 18 ? * MON-FRI *)",
            "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 2},
        },
    ]
    assert_no_limit_findings(template, region="us-east-1")


def test_schedules_alone_need_no_policy() -> None:
    action = ScheduledAction.cron(name="Morning", hours="8", min_capacity=2)
    template = synthesize(endpoint(Autoscaling(max_capacity=2, schedules=[action])))
    template.resource_count_is(TARGET, 1)
    template.resource_count_is(POLICY, 0)


@pytest.mark.parametrize("instance_type", ["ml.t2.medium", "ml.t2.2xlarge"])
def test_burstable_instances_cannot_be_scaled(instance_type: str) -> None:
    (problem,) = refused(Autoscaling(max_capacity=2, invocations_per_instance=70), instance_type)
    assert f"autoscaling needs another instance type than the burstable {instance_type}" in problem
    assert "AS-BURST" in problem


def test_burstable_instances_are_fine_without_scaling() -> None:
    synthesize(endpoint(None, "ml.t2.medium")).resource_count_is(TARGET, 0)


@pytest.mark.parametrize(
    ("policy", "most"),
    [
        (TargetTracking.on_cpu_utilization(801), "CPUUtilization of ml.g5.2xlarge reaches 800 percent, got target 801"),
        (TargetTracking.on_gpu_utilization(101), "GPUUtilization of ml.g5.2xlarge reaches 100 percent, got target 101"),
    ],
)
def test_a_target_that_no_instance_reaches_is_refused(policy: TargetTracking, most: str) -> None:
    (problem,) = refused(Autoscaling(max_capacity=2, policies=[policy]), "ml.g5.2xlarge")
    assert most in problem


def test_instances_without_gpus_cannot_be_scaled_by_them() -> None:
    (problem,) = refused(Autoscaling(max_capacity=2, policies=[TargetTracking.on_gpu_utilization(1)]), "ml.m5.large")
    assert "GPUUtilization of ml.m5.large reaches 0 percent" in problem


def test_the_highest_target_is_that_of_all_cores() -> None:
    assert followed(TargetTracking.on_cpu_utilization(800))["CPUUtilization"]["TargetValue"] == 800


def test_two_policies_of_one_name_are_refused() -> None:
    policies = [
        TargetTracking.on_cpu_utilization(10, name="Same"),
        TargetTracking.on_concurrent_requests(1, name="Same"),
    ]
    (problem,) = refused(Autoscaling(max_capacity=2, policies=policies), "ml.m5.large")
    assert "policies must each have a name of their own, got Same more than once" in problem


def test_a_variant_s_problem_says_which_variant() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    scaled = Autoscaling(max_capacity=2, invocations_per_instance=70)
    variant = Variant(model=any_model(stack), instance_type="ml.t2.large", autoscaling=scaled)
    with pytest.raises(InvalidConfiguration, match=r"variants\[0\]\.autoscaling needs another instance type"):
        RealtimeEndpoint(stack, "Endpoint", variants=[variant])


def test_capacities_and_targets_may_be_parameters() -> None:
    def build(stack: cdk.Stack) -> None:
        value: Any = cdk.CfnParameter(stack, "Value", type="Number").value_as_number
        endpoint(
            Autoscaling(max_capacity=value, min_capacity=value, policies=[TargetTracking.on_cpu_utilization(value)])
        )(stack)

    template = synthesize(build)
    assert only(template, TARGET)["MaxCapacity"] == {"Ref": "Value"}
    assert tracking(template)["CPUUtilization"]["TargetValue"] == {"Ref": "Value"}
