"""Provisioned concurrency that is scaled: by its use, by schedules, by hand, and what is refused."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.clock import Clock
from constructs_lib.local.endpoints.concurrency import measured_concurrency
from constructs_lib.local.endpoints.invocation_metrics import InvocationMetrics
from constructs_lib.local.store import VariantRecord
from constructs_lib.testing import local_aws
from tests.local.conftest import ECHO, Serve, any_name, client_of, refused, settled, without_instances
from tests.local.test_autoscaling import eventually, tracking

DIMENSION = "sagemaker:variant:DesiredProvisionedConcurrency"
UTILIZATION = {"PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"}
# Three minutes above the target, after which target tracking scales out, are a third of a second, and a quarter of an
# hour below it, after which it scales in, is a second and a half.
FAST = 600.0


fast_aws = local_aws(containers={"echo": ECHO}, time_scale=FAST, scope="module", permissions=False)


@pytest.fixture(scope="module")
def sagemaker(fast_aws: LocalAws) -> Any:
    return client_of(fast_aws, "sagemaker")


@pytest.fixture(scope="module")
def scaling(fast_aws: LocalAws) -> Any:
    return client_of(fast_aws, "application-autoscaling")


@pytest.fixture(scope="module")
def serve(fast_aws: LocalAws, sagemaker: Any) -> Iterator[Serve]:
    buffer, bucket = io.BytesIO(), any_name("models")
    tarfile.open(fileobj=buffer, mode="w:gz").close()
    fast_aws.client("s3").create_bucket(Bucket=bucket)
    fast_aws.client("s3").put_object(Bucket=bucket, Key="model.tar.gz", Body=buffer.getvalue())
    made = Serve(sagemaker, f"s3://{bucket}/model.tar.gz")
    yield made
    made.close()


def provisioned(model: str, provisioned: int | None, most: int = 8) -> dict[str, Any]:
    variant = without_instances(model, most)
    if provisioned is not None:
        variant["ServerlessConfig"]["ProvisionedConcurrency"] = provisioned
    return variant


@pytest.fixture
def endpoint(serve: Serve) -> str:
    """A serverless endpoint with 2 of 8 concurrent invocations provisioned."""
    return serve.endpoint(serve.config(provisioned(serve.model(), 2)))


def key(endpoint: str) -> dict[str, str]:
    resource = f"endpoint/{endpoint}/variant/all"
    return {"ServiceNamespace": "sagemaker", "ResourceId": resource, "ScalableDimension": DIMENSION}


def concurrency(sagemaker: Any, endpoint: str) -> int | None:
    (variant,) = sagemaker.describe_endpoint(EndpointName=endpoint)["ProductionVariants"]
    found: int | None = variant["CurrentServerlessConfig"].get("ProvisionedConcurrency")
    return found


def activities(scaling: Any, endpoint: str) -> list[dict[str, Any]]:
    resource = key(endpoint)["ResourceId"]
    found = scaling.describe_scaling_activities(ServiceNamespace="sagemaker", ResourceId=resource)
    return list(found["ScalingActivities"])


@pytest.fixture
def scaled(endpoint: str, scaling: Any) -> Iterator[str]:
    """The same, registered between 1 and 4."""
    scaling.register_scalable_target(**key(endpoint), MinCapacity=1, MaxCapacity=4)
    yield endpoint
    scaling.deregister_scalable_target(**key(endpoint))


def test_use_scales_it_out_and_idleness_in(fast_aws: LocalAws, sagemaker: Any, scaling: Any, scaled: str) -> None:
    runtime = client_of(fast_aws, "sagemaker-runtime")
    policy = tracking(TargetValue=0.5, PredefinedMetricSpecification=UTILIZATION, ScaleOutCooldown=0, ScaleInCooldown=0)
    scaling.put_scaling_policy(**key(scaled), **policy)
    stopping = threading.Event()

    def ask() -> None:
        while not stopping.is_set():
            runtime.invoke_endpoint(EndpointName=scaled, Body=b"!sleep 0.05")

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    try:
        eventually(lambda: concurrency(sagemaker, scaled) == 4)
    finally:
        stopping.set()
        for thread in asking:
            thread.join()
    eventually(lambda: concurrency(sagemaker, scaled) == 1)
    said = [activity["Description"] for activity in activities(scaling, scaled)]
    assert "Setting desired provisioned concurrency to 4." in said
    assert "Setting desired provisioned concurrency to 1." in said


def test_a_known_peak_raises_it_before_anybody_asks(sagemaker: Any, scaling: Any, scaled: str) -> None:
    peak = {"MinCapacity": 3, "MaxCapacity": 4}
    scaling.put_scheduled_action(
        **key(scaled), ScheduledActionName="peak", Schedule="rate(10 minutes)", ScalableTargetAction=peak
    )
    eventually(lambda: concurrency(sagemaker, scaled) == 3)


def test_it_never_goes_beyond_the_maximum_concurrency(sagemaker: Any, scaling: Any, endpoint: str) -> None:
    scaling.register_scalable_target(**key(endpoint), MinCapacity=9, MaxCapacity=9)

    def failed() -> bool:
        return any(activity["StatusCode"] == "Failed" for activity in activities(scaling, endpoint))

    eventually(failed)
    assert concurrency(sagemaker, endpoint) == 2
    scaling.deregister_scalable_target(**key(endpoint))


def test_what_was_not_provisioned_from_the_start_cannot_be_scaled(serve: Serve, scaling: Any) -> None:
    endpoint = serve.endpoint(serve.config(provisioned(serve.model(), None)))
    error = refused(scaling.register_scalable_target, **key(endpoint), MinCapacity=1, MaxCapacity=2).response["Error"]
    assert error["Code"] == "ValidationException"
    assert "has no ProvisionedConcurrency in its configuration" in error["Message"]


def test_only_the_metric_of_provisioned_concurrency_is_taken(scaling: Any, scaled: str) -> None:
    error = refused(scaling.put_scaling_policy, **key(scaled), **tracking(TargetValue=0.5)).response["Error"]
    assert "only supports the following predefined metric types: SageMakerVariantProvisioned" in error["Message"]


def test_it_is_changed_by_hand(sagemaker: Any, endpoint: str) -> None:
    update = {"MaxConcurrency": 10, "ProvisionedConcurrency": 10}
    wanted = [{"VariantName": "all", "ServerlessUpdateConfig": update}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=endpoint, DesiredWeightsAndCapacities=wanted)
    (variant,) = settled(sagemaker, endpoint)["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == {"MemorySizeInMB": 2048, **update}


@pytest.mark.parametrize("update", [{"ProvisionedConcurrency": 9}, {"MaxConcurrency": 1}])
def test_more_provisioned_than_maximum_concurrency_is_refused_by_hand_too(
    sagemaker: Any, endpoint: str, update: dict[str, int]
) -> None:
    wanted = [{"VariantName": "all", "DesiredWeight": 7.0, "ServerlessUpdateConfig": update}]
    change = sagemaker.update_endpoint_weights_and_capacities
    error = refused(change, EndpointName=endpoint, DesiredWeightsAndCapacities=wanted).response["Error"]
    assert "must be at most MaxConcurrency" in error["Message"]
    (variant,) = sagemaker.describe_endpoint(EndpointName=endpoint)["ProductionVariants"]
    assert (variant["CurrentWeight"], variant["CurrentServerlessConfig"]["ProvisionedConcurrency"]) == (1.0, 2)


def test_instances_have_no_concurrency(sagemaker: Any, serve: Serve) -> None:
    wanted = [{"VariantName": "all", "ServerlessUpdateConfig": {"MaxConcurrency": 3}}]
    change = sagemaker.update_endpoint_weights_and_capacities
    error = refused(change, EndpointName=serve(), DesiredWeightsAndCapacities=wanted).response["Error"]
    assert 'Variant "all" is not serverless' in error["Message"]


def test_an_update_puts_it_back_to_the_configuration_even_if_it_retains_all(
    sagemaker: Any, serve: Serve, endpoint: str
) -> None:
    wanted = [{"VariantName": "all", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 5}}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=endpoint, DesiredWeightsAndCapacities=wanted)
    assert concurrency(sagemaker, endpoint) == 5
    config = serve.config(provisioned(serve.model(), 2))
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config, RetainAllVariantProperties=True)
    settled(sagemaker, endpoint)
    assert concurrency(sagemaker, endpoint) == 2


def test_a_stack_scales_it(fast_aws: LocalAws, sagemaker: Any, scaling: Any, endpoint: str) -> None:
    stacks, stack = fast_aws.client("cloudformation"), any_name("scaling")
    peak = {"MinCapacity": "3", "MaxCapacity": "4"}
    action = {"ScheduledActionName": "peak", "Schedule": "rate(10 minutes)", "ScalableTargetAction": peak}
    configuration = {"TargetValue": 0.7, "PredefinedMetricSpecification": UTILIZATION}
    resources = {
        "Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": key(endpoint) | {"MinCapacity": 1, "MaxCapacity": 4, "ScheduledActions": [action]},
        },
        "Policy": {
            "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
            "Properties": {
                "PolicyName": "use",
                "PolicyType": "TargetTrackingScaling",
                "ScalingTargetId": {"Ref": "Target"},
                "TargetTrackingScalingPolicyConfiguration": configuration,
            },
        },
    }
    stacks.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": resources}))
    stacks.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    resource = key(endpoint)["ResourceId"]
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=resource)["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 0.7
    eventually(lambda: concurrency(sagemaker, endpoint) == 3)
    stacks.delete_stack(StackName=stack)
    eventually(
        lambda: (
            not scaling.describe_scalable_targets(ServiceNamespace="sagemaker", ResourceIds=[resource])[
                "ScalableTargets"
            ]
        )
    )


def busy(in_flight: int, **config: int) -> VariantRecord:
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 8, **config}
    return VariantRecord("all", "m", "echo", 1.0, 0, 0, definition={}, serverless=serverless, in_flight=in_flight)


def test_utilizations_are_shares_of_the_maximum_and_of_what_is_provisioned() -> None:
    assert measured_concurrency(busy(6, ProvisionedConcurrency=4)) == {
        "ServerlessConcurrentExecutionsUtilization": 0.75,
        "ServerlessProvisionedConcurrencyExecutions": 4.0,
        "ServerlessProvisionedConcurrencyUtilization": 1.5,
    }
    assert measured_concurrency(busy(2)) == {"ServerlessConcurrentExecutionsUtilization": 0.25}


def test_a_serverless_variant_does_not_publish_model_errors() -> None:
    metrics = InvocationMetrics(Clock(1.0))
    with metrics.observed("any", busy(0)) as seen:
        seen.status = 500
    names = {metric.name for metric, _, _ in metrics.take()}
    assert names == {"Invocations", "Invocation4XXErrors", "Invocation5XXErrors", "ModelLatency"}
