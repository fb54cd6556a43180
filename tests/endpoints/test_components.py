"""Inference components: several models on one endpoint, each with its compute, its callers and its metrics."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from constructs_lib import VpcConfig
from constructs_lib.endpoints.component_endpoint import ManagedInstanceScaling
from constructs_lib.endpoints.components import ComputeResourceRequirements, InferenceComponent
from tests.endpoints.component_apps import (
    COMPONENT,
    SMALL,
    a_component,
    a_model,
    an_endpoint,
    components,
    findings,
    placed,
)
from tests.support import any_role_arn, only, statements, synthesize


@pytest.fixture(scope="module")
def smallest() -> Template:
    return synthesize(placed())


def test_the_smallest_use_is_free_of_findings(smallest: Template) -> None:
    assert findings(smallest) == []


def test_the_variant_names_no_model_and_the_configuration_has_the_role(smallest: Template) -> None:
    config = only(smallest, "AWS::SageMaker::EndpointConfig")
    (role,) = smallest.find_resources("AWS::IAM::Role")
    assert config == {
        "ExecutionRoleArn": {"Fn::GetAtt": [role, "Arn"]},
        "ProductionVariants": [
            {
                "VariantName": "AllTraffic",
                "InstanceType": "ml.g5.12xlarge",
                "InitialInstanceCount": 1,
                "InitialVariantWeight": 1,
            }
        ],
    }


def test_the_component_places_one_copy_of_the_model_on_the_variant(smallest: Template) -> None:
    (endpoint,) = smallest.find_resources("AWS::SageMaker::Endpoint")
    (model,) = smallest.find_resources("AWS::SageMaker::Model")
    component = only(smallest, COMPONENT)
    del component["InferenceComponentName"]
    assert component == {
        "EndpointName": {"Fn::GetAtt": [endpoint, "EndpointName"]},
        "VariantName": "AllTraffic",
        "Specification": {
            "ModelName": {"Fn::GetAtt": [model, "ModelName"]},
            "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024},
        },
        "RuntimeConfig": {"CopyCount": 1},
    }


def test_the_endpoint_keeps_its_count_over_updates_and_waits_for_the_policies_of_its_role(smallest: Template) -> None:
    smallest.has_resource(
        "AWS::SageMaker::Endpoint",
        {
            "Properties": {"RetainAllVariantProperties": True},
            "DependsOn": Match.array_with([Match.string_like_regexp("EndpointExecutionRoleDefaultPolicy.*")]),
        },
    )


def test_compute_copies_and_time_outs_are_written() -> None:
    template = synthesize(
        placed(
            compute=ComputeResourceRequirements(
                min_memory_required_in_mb=1024,
                max_memory_required_in_mb=4096,
                number_of_cpu_cores_required=0.5,
                number_of_accelerator_devices_required=2,
            ),
            copies=2,
            model_data_download_timeout_in_seconds=3600,
            container_startup_health_check_timeout_in_seconds=600,
        )
    )
    specification = only(template, COMPONENT)["Specification"]
    assert specification["ComputeResourceRequirements"] == {
        "MinMemoryRequiredInMb": 1024,
        "MaxMemoryRequiredInMb": 4096,
        "NumberOfCpuCoresRequired": 0.5,
        "NumberOfAcceleratorDevicesRequired": 2,
    }
    assert specification["StartupParameters"] == {
        "ModelDataDownloadTimeoutInSeconds": 3600,
        "ContainerStartupHealthCheckTimeoutInSeconds": 600,
    }
    assert only(template, COMPONENT)["RuntimeConfig"] == {"CopyCount": 2}
    assert findings(template) == []


def test_every_option_of_the_endpoint_is_written() -> None:
    def build(stack: cdk.Stack) -> None:
        managed = ManagedInstanceScaling(
            min_instance_count=1,
            max_instance_count=3,
            scale_in_strategy="CONSOLIDATION",
            maximum_step_size=2,
            cooldown_in_minutes=5,
        )
        endpoint = an_endpoint(
            stack,
            initial_instance_count=2,
            managed_instance_scaling=managed,
            volume_size_in_gb=64,
            routing_strategy="LEAST_OUTSTANDING_REQUESTS",
            inference_ami_version="al2-ami-sagemaker-inference-gpu-3-1",
            encryption_key=kms.Key(stack, "Key"),
            instance_type="ml.m5.4xlarge",
            endpoint_name="mine",
        )
        a_component(stack, endpoint)

    template = synthesize(build)
    config = only(template, "AWS::SageMaker::EndpointConfig")
    (variant,) = config["ProductionVariants"]
    (key,) = template.find_resources("AWS::KMS::Key")
    assert config["KmsKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    assert variant["ManagedInstanceScaling"] == {
        "Status": "ENABLED",
        "MinInstanceCount": 1,
        "MaxInstanceCount": 3,
        "ScaleInPolicy": {"Strategy": "CONSOLIDATION", "MaximumStepSize": 2, "CooldownInMinutes": 5},
    }
    assert (variant["InitialInstanceCount"], variant["VolumeSizeInGB"]) == (2, 64)
    assert variant["RoutingConfig"] == {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}
    assert variant["InferenceAmiVersion"] == "al2-ami-sagemaker-inference-gpu-3-1"
    assert only(template, "AWS::SageMaker::Endpoint")["EndpointName"] == "mine"


def test_names_are_made_of_the_path_and_fit_however_long_it_is() -> None:
    def build(stack: cdk.Stack) -> None:
        endpoint = an_endpoint(stack)
        for id in ("A" * 100, "A" * 99 + "B"):
            a_component(stack, endpoint, id)

    template = synthesize(build)
    names = {found["InferenceComponentName"] for found in components(template).values()}
    assert len(names) == 2
    assert all(len(name) <= 63 for name in names)
    assert findings(template) == []


def component_of(**options: Any) -> tuple[str, str]:
    """Logical id and name of the component of an endpoint with these options."""
    template = synthesize(lambda stack: a_component(stack, an_endpoint(stack, **options)))
    ((logical_id, found),) = components(template).items()
    return logical_id, found["InferenceComponentName"]


def test_a_component_stays_the_same_when_its_endpoint_is_updated() -> None:
    assert component_of(instance_type="ml.g5.24xlarge", initial_instance_count=2) == component_of()


def test_a_component_is_made_anew_under_another_name_when_its_endpoint_is() -> None:
    before, after = component_of(endpoint_name="before"), component_of(endpoint_name="after")
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_a_component_that_goes_to_another_endpoint_is_made_anew() -> None:
    def at(place: str) -> tuple[str, str]:
        def build(stack: cdk.Stack) -> None:
            endpoints = {id: an_endpoint(stack, id) for id in ("One", "Other")}
            a_component(stack, endpoints[place])

        ((logical_id, found),) = components(synthesize(build)).items()
        return logical_id, found["InferenceComponentName"]

    one, other = at("One"), at("Other")
    assert one[0] != other[0]
    assert one[1] != other[1]


def test_a_caller_of_a_component_may_call_its_endpoint_for_it_alone() -> None:
    def build(stack: cdk.Stack) -> None:
        endpoint = an_endpoint(stack)
        a_component(stack, endpoint, "Other")
        a_component(stack, endpoint).grant_invoke(iam.Role.from_role_arn(stack, "Caller", any_role_arn()))

    template = synthesize(build)
    (statement,) = statements(template, "Caller")
    (endpoint,) = template.find_resources("AWS::SageMaker::Endpoint")
    (component,) = [name for name in components(template) if name.startswith("Component")]
    assert statement["Action"] == "sagemaker:InvokeEndpoint"
    assert sorted(arn["Fn::GetAtt"] for arn in statement["Resource"]) == [
        [component, "InferenceComponentArn"],
        [endpoint, "EndpointArn"],
    ]


def test_a_caller_of_an_endpoint_may_call_all_its_components_later_ones_too() -> None:
    def build(stack: cdk.Stack) -> None:
        endpoint = an_endpoint(stack)
        a_component(stack, endpoint, "Earlier")
        endpoint.grant_invoke(iam.Role.from_role_arn(stack, "Caller", any_role_arn()))
        a_component(stack, endpoint, "Later")

    template = synthesize(build)
    found = [statement["Resource"] for statement in statements(template, "Caller")]
    flat = [arn for resource in found for arn in (resource if isinstance(resource, list) else [resource])]
    (endpoint,) = template.find_resources("AWS::SageMaker::Endpoint")
    assert {arn["Fn::GetAtt"][0] for arn in flat} == {endpoint, *components(template)}


@pytest.mark.parametrize(
    ("metric", "namespace", "name", "statistic"),
    [
        ("metric_invocations", "AWS/SageMaker", "Invocations", "Sum"),
        ("metric_invocations_per_copy", "AWS/SageMaker", "InvocationsPerCopy", "Sum"),
        ("metric_model_latency", "AWS/SageMaker", "ModelLatency", "p99"),
        ("metric_no_capacity_invocation_failures", "AWS/SageMaker", "NoCapacityInvocationFailures", "Sum"),
        ("metric_cpu_utilization", "/aws/sagemaker/InferenceComponents", "CPUUtilizationNormalized", "Average"),
        ("metric_gpu_utilization", "/aws/sagemaker/InferenceComponents", "GPUUtilizationNormalized", "Average"),
        (
            "metric_gpu_memory_utilization",
            "/aws/sagemaker/InferenceComponents",
            "GPUMemoryUtilizationNormalized",
            "Average",
        ),
        ("metric_memory_utilization", "/aws/sagemaker/InferenceComponents", "MemoryUtilizationNormalized", "Average"),
    ],
)
def test_a_component_has_metrics_of_its_own(metric: str, namespace: str, name: str, statistic: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    component = a_component(stack, an_endpoint(stack), inference_component_name="mine")
    found = getattr(component, metric)()
    assert (found.namespace, found.metric_name, found.statistic) == (namespace, name, statistic)
    assert found.dimensions == {"InferenceComponentName": "mine"}


def test_metrics_take_a_statistic_and_a_period() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    metric = a_component(stack, an_endpoint(stack)).metric_model_latency(
        statistic="p50", period=cdk.Duration.minutes(5)
    )
    assert (metric.statistic, metric.period.to_minutes()) == ("p50", 5)


def test_models_share_the_network_of_the_endpoint() -> None:
    def build(stack: cdk.Stack) -> None:
        endpoint = an_endpoint(stack, vpc_config=VpcConfig(vpc=ec2.Vpc(stack, "Vpc")), network_isolation=True)
        InferenceComponent(
            stack,
            "Component",
            endpoint=endpoint,
            model=a_model(stack, endpoint, vpc_config=endpoint.vpc_config, network_isolation=True),
            compute=SMALL,
        )

    template = synthesize(build)
    config = only(template, "AWS::SageMaker::EndpointConfig")
    model = only(template, "AWS::SageMaker::Model")
    assert config["VpcConfig"] == model["VpcConfig"]
    assert len(config["VpcConfig"]["Subnets"]) == 2
    assert config["EnableNetworkIsolation"] is True
    template.resource_count_is("AWS::EC2::SecurityGroup", 1)
    assert findings(template) == []
