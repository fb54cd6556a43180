"""Stacks with inference components: update in place, rollback, and the way to zero and back."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from constructs_lib.local import LocalAws
from tests.local.conftest import ECHO, ROLE, client_of, refused
from tests.local.test_autoscaling import eventually, stepping
from tests.local.test_autoscaling_in_action import FAST, resource
from tests.local.test_cloudformation import Stack
from tests.local.test_components import DIMENSION, HOST, MANAGED, ask, specification


def template(colour: str, copies: int | str = 1) -> dict[str, Any]:
    """An endpoint that hosts one component, and all that lets it sleep and wake."""
    name = {"Fn::GetAtt": ["Component", "InferenceComponentName"]}
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": {"Fn::Sub": "inference-component/${Component.InferenceComponentName}"},
        "ScalableDimension": DIMENSION,
        "MinCapacity": 0,
        "MaxCapacity": 2,
    }
    tracking = {
        "TargetValue": 5,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy",
        },
    }
    return {
        "Resources": {
            "Config": resource(
                "SageMaker::EndpointConfig",
                ExecutionRoleArn=ROLE,
                ProductionVariants=[HOST | {"ManagedInstanceScaling": MANAGED}],
            ),
            "Endpoint": resource(
                "SageMaker::Endpoint", EndpointConfigName={"Fn::GetAtt": ["Config", "EndpointConfigName"]}
            ),
            "Component": resource(
                "SageMaker::InferenceComponent",
                EndpointName={"Fn::GetAtt": ["Endpoint", "EndpointName"]},
                VariantName="all",
                Specification=specification(COLOUR=colour, **({"DEAD": "1"} if colour == "none" else {})),
                RuntimeConfig={"CopyCount": copies},
            ),
            "Target": resource("ApplicationAutoScaling::ScalableTarget", **target),
            "Tracking": resource(
                "ApplicationAutoScaling::ScalingPolicy",
                PolicyName="tracking",
                PolicyType="TargetTrackingScaling",
                ScalingTargetId={"Ref": "Target"},
                TargetTrackingScalingPolicyConfiguration=tracking,
            ),
            "Wake": resource(
                "ApplicationAutoScaling::ScalingPolicy",
                ScalingTargetId={"Ref": "Target"},
                **(stepping() | {"PolicyName": "wake"}),
            ),
            "Alarm": resource(
                "CloudWatch::Alarm",
                Namespace="AWS/SageMaker",
                MetricName="NoCapacityInvocationFailures",
                Dimensions=[{"Name": "InferenceComponentName", "Value": name}],
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="GreaterThanOrEqualToThreshold",
                AlarmActions=[{"Ref": "Wake"}],
            ),
        },
        "Outputs": {
            "Endpoint": {"Value": {"Fn::GetAtt": ["Endpoint", "EndpointName"]}},
            "Component": {"Value": name},
            "ComponentRef": {"Value": {"Ref": "Component"}},
        },
    }


def test_a_stack_s_component_sleeps_wakes_by_a_request_and_goes_with_the_stack() -> None:
    with LocalAws(containers={"echo": ECHO}, time_scale=FAST) as aws:
        sagemaker, runtime, stack = client_of(aws, "sagemaker"), client_of(aws, "sagemaker-runtime"), Stack(aws)
        outputs = stack.deploy(template("blue"))
        endpoint, name = outputs["Endpoint"], outputs["Component"]
        assert outputs["ComponentRef"].endswith(f":inference-component/{name.lower()}")

        def copies() -> int:
            answer = sagemaker.describe_inference_component(InferenceComponentName=name)
            return int(answer["RuntimeConfig"]["CurrentCopyCount"])

        eventually(lambda: copies() == 0)
        refused(runtime.invoke_endpoint, EndpointName=endpoint, InferenceComponentName=name, Body=b"x")

        def activities() -> list[dict[str, Any]]:
            resource_id = f"inference-component/{name}"
            scaling = aws.client("application-autoscaling")
            found = scaling.describe_scaling_activities(ServiceNamespace="sagemaker", ResourceId=resource_id)
            return list(found["ScalingActivities"])

        # It may go back to sleep before anybody looks: the first is the way to zero, the second the way back.
        eventually(lambda: len(activities()) >= 2)
        woken = activities()[-2]
        assert woken["Description"] == "Setting desired copy count to 1."
        assert "triggered policy wake" in woken["Cause"]
        stack.delete()
        assert sagemaker.list_inference_components()["InferenceComponents"] == []


@pytest.fixture
def stack(local_aws: LocalAws) -> Iterator[Stack]:
    made = Stack(local_aws)
    yield made
    made.delete()


def still(colour: str, copies: int | str = 1) -> dict[str, Any]:
    """The template without its scaling."""
    whole = template(colour, copies)
    for logical_id in ("Target", "Tracking", "Wake", "Alarm"):
        del whole["Resources"][logical_id]
    return whole


def test_a_stack_updates_its_component_in_place(stack: Stack, runtime: Any, sagemaker: Any) -> None:
    before, after = stack.deploy(still("blue")), stack.deploy(still("green", copies="2"))
    assert after["ComponentRef"] == before["ComponentRef"]
    assert ask(runtime, after["Endpoint"], after["Component"]) == "green"
    answer = sagemaker.describe_inference_component(InferenceComponentName=after["Component"])
    assert answer["RuntimeConfig"]["CurrentCopyCount"] == 2


def test_a_stack_s_failed_component_is_rolled_back_with_the_reason(stack: Stack, runtime: Any) -> None:
    before = stack.deploy(still("blue"))
    with pytest.raises(WaiterError):
        stack.deploy(still("none"))
    assert "dead on arrival" in stack.reasons()
    assert ask(runtime, before["Endpoint"], before["Component"]) == "blue"


def test_a_stack_s_component_that_cannot_start_is_gone(stack: Stack, sagemaker: Any) -> None:
    with pytest.raises(WaiterError):
        stack.deploy(still("none"))
    assert "dead on arrival" in stack.reasons()
    with pytest.raises(ClientError, match="Could not find inference component"):
        sagemaker.describe_inference_component(InferenceComponentName=f"{stack.name}-Component")
