"""Application Auto Scaling by boto3: its API, its refusals, and the bounds of a target."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.autoscaling.alarms import Metrics
from constructs_lib.local.autoscaling.engine import ScalingEngine
from constructs_lib.local.autoscaling.records import PolicyRecord, policy_of
from constructs_lib.local.autoscaling.signals import predefined_metric
from tests.local.conftest import Serve, client_of, refused

DIMENSION = "sagemaker:variant:DesiredInstanceCount"
OF_ECS = "ECSServiceAverageCPUUtilization"


@pytest.fixture(scope="module")
def scaling(local_aws: LocalAws) -> Any:
    return client_of(local_aws, "application-autoscaling")


class Variant:
    """The variant `all` of a new endpoint, as Application Auto Scaling names it."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.resource_id = f"endpoint/{endpoint}/variant/all"
        self.key = {"ServiceNamespace": "sagemaker", "ResourceId": self.resource_id, "ScalableDimension": DIMENSION}


@pytest.fixture
def variant(serve: Serve) -> Variant:
    return Variant(serve())


@pytest.fixture
def target(variant: Variant, scaling: Any) -> Iterator[Variant]:
    scaling.register_scalable_target(**variant.key, MinCapacity=1, MaxCapacity=3)
    yield variant
    scaling.deregister_scalable_target(**variant.key)


def tracking(**members: Any) -> dict[str, Any]:
    metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    return {
        "PolicyName": "tracking",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 5.0, "PredefinedMetricSpecification": metric}
        | members,
    }


def stepping(**members: Any) -> dict[str, Any]:
    config = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    }
    return {
        "PolicyName": "stepping",
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": config | members,
    }


def eventually(check: Callable[[], bool], within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_registered_target_is_described_as_it_was_registered(target: Variant, scaling: Any) -> None:
    (found,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[target.resource_id])[
        "ScalableTargets"
    ]
    assert (found["MinCapacity"], found["MaxCapacity"], found["ScalableDimension"]) == (1, 3, DIMENSION)
    assert scaling.list_tags_for_resource(ResourceARN=found["ScalableTargetARN"])["Tags"] == {}


def test_registering_again_changes_only_what_is_given(target: Variant, scaling: Any) -> None:
    scaling.register_scalable_target(**target.key, MaxCapacity=7)
    found = scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[target.resource_id])
    assert [(each["MinCapacity"], each["MaxCapacity"]) for each in found["ScalableTargets"]] == [(1, 7)]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"MinCapacity": 3, "MaxCapacity": 2}, "Maximum capacity cannot be less than minimum capacity"),
        ({"MinCapacity": 1}, "Both minimum and maximum capacity must be specified"),
        ({"ResourceId": "endpoint/nowhere/variant/all", "MinCapacity": 1, "MaxCapacity": 2}, "doesn't exist"),
        ({"ResourceId": "service/a/b", "MinCapacity": 1, "MaxCapacity": 2}, "Unsupported service namespace"),
        ({"ServiceNamespace": "ecs", "MinCapacity": 1, "MaxCapacity": 2}, "Unsupported service namespace"),
    ],
)
def test_a_target_that_cannot_be_is_refused(variant: Variant, scaling: Any, members: dict[str, Any], said: str) -> None:
    error = refused(scaling.register_scalable_target, **(variant.key | members)).response["Error"]
    assert error["Code"] == "ValidationException"
    assert said in error["Message"]


def test_what_is_not_registered_is_not_found(variant: Variant, scaling: Any) -> None:
    for call, members in (
        (scaling.deregister_scalable_target, {}),
        (scaling.put_scaling_policy, tracking()),
        (scaling.delete_scaling_policy, {"PolicyName": "any"}),
    ):
        error = refused(call, **variant.key, **members).response["Error"]
        assert error["Code"] == "ObjectNotFoundException"
        assert f"resource ID: {variant.resource_id}, scalable dimension: {DIMENSION}" in error["Message"]


def test_a_policy_is_described_put_again_under_the_same_arn_and_deleted(target: Variant, scaling: Any) -> None:
    first = scaling.put_scaling_policy(**target.key, **tracking())
    assert [alarm["AlarmName"].split("-")[-2] for alarm in first["Alarms"]] == ["AlarmHigh", "AlarmLow"]
    again = scaling.put_scaling_policy(**target.key, **tracking(TargetValue=9.0))
    assert again["PolicyARN"] == first["PolicyARN"]
    (found,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=target.resource_id)[
        "ScalingPolicies"
    ]
    assert found["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 9.0
    scaling.delete_scaling_policy(**target.key, PolicyName="tracking")
    left = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=target.resource_id)
    assert left["ScalingPolicies"] == []


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (stepping(StepAdjustments=[]), "There must be at least one step adjustment"),
        (stepping(StepAdjustments=[{"ScalingAdjustment": 1}]), "Both lower and upper bounds"),
        (stepping(MinAdjustmentMagnitude=2), "only allowed for adjustment type PercentChangeInCapacity"),
        (tracking(PredefinedMetricSpecification={"PredefinedMetricType": OF_ECS}), "only supports"),
        (tracking(TargetValue=0.0), "target value must be greater than 0"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_in_aws_s_words(
    target: Variant, scaling: Any, policy: dict[str, Any], said: str
) -> None:
    error = refused(scaling.put_scaling_policy, **target.key, **policy).response["Error"]
    assert error["Code"] == "ValidationException"
    assert said in error["Message"]


CPU = {
    "MetricName": "CPUUtilization",
    "Namespace": "/aws/sagemaker/Endpoints",
    "Dimensions": [{"Name": "VariantName", "Value": "all"}],
    "Statistic": "Average",
}
MATH = {"Metrics": [{"Id": "m1", "Expression": "TIME_SERIES(0)", "ReturnData": True}]}


@pytest.mark.parametrize("metric", [CPU, MATH])
def test_a_policy_on_a_metric_that_nobody_publishes_is_taken_and_stays_silent(
    target: Variant, scaling: Any, sagemaker: Any, metric: dict[str, Any]
) -> None:
    config = {"TargetValue": 50.0, "CustomizedMetricSpecification": metric}
    scaling.put_scaling_policy(**target.key, **(tracking() | {"TargetTrackingScalingPolicyConfiguration": config}))
    (found,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=target.resource_id)[
        "ScalingPolicies"
    ]
    assert found["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"] == metric
    time.sleep(0.5)
    activities = scaling.describe_scaling_activities(ServiceNamespace="sagemaker", ResourceId=target.resource_id)
    assert (count(sagemaker, target.endpoint), activities["ScalingActivities"]) == (1, [])


def test_a_silent_policy_does_not_keep_another_one_from_scaling_in() -> None:
    config = {"TargetValue": 50.0, "CustomizedMetricSpecification": CPU}
    key = ("endpoint/e/variant/all", DIMENSION)
    silent = {"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": config}
    engine, metrics = ScalingEngine(1, 3), Metrics()
    for name, definition in (("silent", silent), ("tracking", tracking())):
        engine.policies[name] = policy_of(PolicyRecord(name, key, definition))
    quiet = predefined_metric("SageMakerVariantInvocationsPerInstance", "e", "all")
    for minute in range(20):
        metrics.record(quiet, minute * 60.0, 0.0)
    decision = engine.decide(3, metrics, 20 * 60.0)
    assert decision is not None
    assert (decision.capacity, decision.policy) == (1, "tracking")


def test_deregistering_takes_the_policies_along(variant: Variant, scaling: Any) -> None:
    scaling.register_scalable_target(**variant.key, MinCapacity=1, MaxCapacity=3)
    scaling.put_scaling_policy(**variant.key, **tracking())
    scaling.deregister_scalable_target(**variant.key)
    left = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=variant.resource_id)
    assert left["ScalingPolicies"] == []


def test_targets_come_in_pages(serve: Serve, scaling: Any) -> None:
    variants = [Variant(serve()) for _ in range(3)]
    for each in variants:
        scaling.register_scalable_target(**each.key, MinCapacity=1, MaxCapacity=1)
    ids = [each.resource_id for each in variants]
    pages = scaling.get_paginator("describe_scalable_targets").paginate(
        ServiceNamespace="sagemaker", ResourceIds=ids, PaginationConfig={"PageSize": 2}
    )
    sizes = [[found["ResourceId"] for found in page["ScalableTargets"]] for page in pages]
    assert [len(size) for size in sizes] == [2, 1]
    assert sorted(each for size in sizes for each in size) == sorted(ids)
    for each in variants:
        scaling.deregister_scalable_target(**each.key)


def test_a_minimum_above_the_instances_is_reached_with_its_cause(
    variant: Variant, scaling: Any, sagemaker: Any
) -> None:
    scaling.register_scalable_target(**variant.key, MinCapacity=2, MaxCapacity=3)
    eventually(lambda: count(sagemaker, variant.endpoint) == 2)
    (activity,) = scaling.describe_scaling_activities(ServiceNamespace="sagemaker", ResourceId=variant.resource_id)[
        "ScalingActivities"
    ]
    scaling.deregister_scalable_target(**variant.key)
    assert activity["Cause"] == "minimum capacity was set to 2"
    assert activity["Description"] == "Setting desired instance count to 2."
    assert activity["StatusCode"] == "Successful"


def test_an_unregistered_variant_is_left_alone(variant: Variant, sagemaker: Any) -> None:
    time.sleep(0.5)
    assert count(sagemaker, variant.endpoint) == 1


def count(sagemaker: Any, endpoint: str) -> int:
    variants = sagemaker.describe_endpoint(EndpointName=endpoint)["ProductionVariants"]
    return int(variants[0]["CurrentInstanceCount"])
