"""Inference components: what is refused, and what is known at deploy time only passes."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from constructs_lib import InvalidConfiguration, Model, VpcConfig
from constructs_lib.endpoints.component_endpoint import ComponentEndpoint, ManagedInstanceScaling
from constructs_lib.endpoints.components import ComputeResourceRequirements, InferenceComponent
from constructs_lib.options import CopyScaling
from tests.endpoints.component_apps import (
    COMPONENT,
    SMALL,
    TARGET,
    a_component,
    an_endpoint,
    findings,
    placed,
    refused,
)
from tests.support import any_artifact, any_image, any_role_arn, only, synthesize


def test_a_model_with_a_role_or_a_network_of_its_own_is_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    endpoint = an_endpoint(stack)
    vpc = VpcConfig(vpc=ec2.Vpc(stack, "Vpc"))
    model = Model(stack, "Model", image=any_image(), artifact=any_artifact(), vpc_config=vpc)
    with pytest.raises(InvalidConfiguration) as caught:
        InferenceComponent(stack, "Component", endpoint=endpoint, model=model, compute=SMALL)
    role, network = caught.value.problems
    assert "model must have the execution role of the endpoint; give the model execution_role=endpoint" in role
    assert "give the model vpc_config=endpoint.vpc_config" in network
    assert stack.node.try_find_child("Component") is None


def test_an_imported_role_is_compared_by_its_arn() -> None:
    arn = any_role_arn()

    def build(stack: cdk.Stack) -> None:
        endpoint = an_endpoint(stack, execution_role=iam.Role.from_role_arn(stack, "One", arn))
        model = Model(
            stack,
            "Model",
            image=any_image(),
            artifact=any_artifact(),
            execution_role=iam.Role.from_role_arn(stack, "Same", arn),
        )
        InferenceComponent(stack, "Component", endpoint=endpoint, model=model, compute=SMALL)

    assert findings(synthesize(build)) == []


@pytest.mark.parametrize(
    ("compute", "problem"),
    [
        ({"number_of_accelerator_devices_required": 5}, "number_of_accelerator_devices_required must be at most"),
        ({"number_of_cpu_cores_required": 49}, "number_of_cpu_cores_required must be at most"),
        ({"min_memory_required_in_mb": 196_609}, "min_memory_required_in_mb must be at most"),
    ],
)
def test_a_copy_that_one_instance_cannot_hold_is_refused(compute: dict[str, Any], problem: str) -> None:
    requirements = ComputeResourceRequirements(**{"min_memory_required_in_mb": 1024} | compute)
    with pytest.raises(InvalidConfiguration, match=f"compute.{problem} ml.g5.12xlarge"):
        synthesize(placed(compute=requirements))


def test_a_copy_may_take_all_accelerators_of_an_instance() -> None:
    compute = ComputeResourceRequirements(min_memory_required_in_mb=1024, number_of_accelerator_devices_required=4)
    assert findings(synthesize(placed(compute=compute))) == []


def test_instances_without_accelerators_have_none_to_give() -> None:
    compute = ComputeResourceRequirements(min_memory_required_in_mb=1024, number_of_accelerator_devices_required=1)
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(InvalidConfiguration, match=r"must be at most ml\.m5\.4xlarge 0, got 1"):
        a_component(stack, an_endpoint(stack, instance_type="ml.m5.4xlarge"), compute=compute)


def test_neuron_devices_are_not_counted_as_aws_does_not_say_how() -> None:
    compute = ComputeResourceRequirements(min_memory_required_in_mb=1024, number_of_accelerator_devices_required=2)
    template = synthesize(
        lambda stack: a_component(stack, an_endpoint(stack, instance_type="ml.inf2.xlarge"), compute=compute)
    )
    assert findings(template) == []


def test_all_problems_of_a_component_are_raised_together() -> None:
    assert refused(
        copies=0,
        inference_component_name="-",
        model_data_download_timeout_in_seconds=59,
        container_startup_health_check_timeout_in_seconds=3601,
    ) == [
        "copies",
        "inference_component_name",
        "model_data_download_timeout_in_seconds",
        "container_startup_health_check_timeout_in_seconds",
    ]


def test_all_problems_of_an_endpoint_are_raised_together() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(InvalidConfiguration) as caught:
        an_endpoint(
            stack,
            instance_type="g5",
            initial_instance_count=0,
            volume_size_in_gb=0,
            routing_strategy="BEST",
            inference_ami_version="new",
            endpoint_name="a_b",
        )
    assert [problem.split(" must be ")[0] for problem in caught.value.problems] == [
        "instance_type",
        "initial_instance_count",
        "volume_size_in_gb",
        "routing_strategy",
        "inference_ami_version",
        "endpoint_name",
    ]
    assert stack.node.try_find_child("Endpoint") is None


def test_all_problems_of_managed_instance_scaling_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        ManagedInstanceScaling(
            min_instance_count=-1,
            max_instance_count=0,
            scale_in_strategy="A",
            maximum_step_size=0,
            cooldown_in_minutes=4,
        )
    assert [problem.split(" must be ")[0] for problem in caught.value.problems] == [
        "min_instance_count",
        "max_instance_count",
        "scale_in_strategy",
        "maximum_step_size",
        "cooldown_in_minutes",
    ]


def test_a_minimum_of_instances_above_the_maximum_is_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="min_instance_count must be at most max_instance_count 1, got 2"):
        ManagedInstanceScaling(min_instance_count=2, max_instance_count=1)


def test_steps_and_cooldowns_of_scaling_in_need_a_strategy() -> None:
    with pytest.raises(InvalidConfiguration, match="need a scale_in_strategy"):
        ManagedInstanceScaling(max_instance_count=1, maximum_step_size=1)


def test_all_problems_of_compute_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        ComputeResourceRequirements(
            min_memory_required_in_mb=127,
            max_memory_required_in_mb=126,
            number_of_cpu_cores_required=0.2,
            number_of_accelerator_devices_required=0,
        )
    assert [problem.split(" must be ")[0] for problem in caught.value.problems] == [
        "min_memory_required_in_mb",
        "max_memory_required_in_mb",
        "min_memory_required_in_mb",
        "number_of_cpu_cores_required",
        "number_of_accelerator_devices_required",
    ]


def test_what_is_known_at_deploy_time_only_passes() -> None:
    def build(stack: cdk.Stack) -> None:
        number: Any = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
        endpoint = an_endpoint(
            stack,
            instance_type=cdk.CfnParameter(stack, "Type").value_as_string,
            endpoint_name=cdk.CfnParameter(stack, "Name").value_as_string,
        )
        compute = ComputeResourceRequirements(
            min_memory_required_in_mb=number, number_of_accelerator_devices_required=number
        )
        scaling = CopyScaling(min_capacity=number, max_capacity=number, invocations_per_copy=number)
        a_component(stack, endpoint, compute=compute, copies=number, autoscaling=scaling)

    template = synthesize(build)
    assert only(template, COMPONENT)["RuntimeConfig"] == {"CopyCount": {"Ref": "Number"}}
    assert only(template, TARGET)["MinCapacity"] == {"Ref": "Number"}
    template.resource_count_is("AWS::CloudWatch::Alarm", 1)


def test_a_model_is_isolated_as_its_endpoint_is() -> None:
    stack = cdk.Stack()
    endpoint = ComponentEndpoint(stack, "Endpoint", instance_type="ml.m5.xlarge")
    model = Model(stack, "Model", image=any_image(), execution_role=endpoint.execution_role, network_isolation=True)
    compute = ComputeResourceRequirements(number_of_cpu_cores_required=1, min_memory_required_in_mb=1024)
    with pytest.raises(InvalidConfiguration, match="network_isolation of the endpoint, False"):
        InferenceComponent(stack, "Component", endpoint=endpoint, model=model, compute=compute)
