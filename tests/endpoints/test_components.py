"""Inference components: several models on one endpoint, each with its compute and its copies, down to zero and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template

from constructs_lib import InvalidConfiguration, Model, VpcConfig
from constructs_lib.endpoints.component_endpoint import ComponentEndpoint, ManagedInstanceScaling
from constructs_lib.endpoints.components import ComputeResourceRequirements, InferenceComponent
from constructs_lib.options import CopyScaling, ScheduledAction, TargetTracking
from constructs_lib.rules import judge
from tests.support import any_artifact, any_image, any_role_arn, only, statements, synthesize

COMPONENT = "AWS::SageMaker::InferenceComponent"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
SMALL = ComputeResourceRequirements(min_memory_required_in_mb=1024)


def an_endpoint(stack: cdk.Stack, id: str = "Endpoint", **options: Any) -> ComponentEndpoint:
    return ComponentEndpoint(stack, id, **{"instance_type": "ml.g5.12xlarge"} | options)


def a_model(stack: cdk.Stack, endpoint: ComponentEndpoint, id: str = "Model", **options: Any) -> Model:
    return Model(
        stack, id, image=any_image(), artifact=any_artifact(), execution_role=endpoint.execution_role, **options
    )


def a_component(
    stack: cdk.Stack, endpoint: ComponentEndpoint, id: str = "Component", **options: Any
) -> InferenceComponent:
    model = a_model(stack, endpoint, f"{id}Model")
    return InferenceComponent(stack, id, endpoint=endpoint, model=model, **{"compute": SMALL} | options)


def placed(**options: Any) -> Callable[[cdk.Stack], object]:
    return lambda stack: a_component(stack, an_endpoint(stack), **options)


def findings(template: Template) -> list[str]:
    return [f"{found.rule}: {found.message}" for found in judge(template.to_json(), region="us-east-1")]


def components(template: Template) -> dict[str, dict[str, Any]]:
    """The properties of all components by their logical ids."""
    return {name: found["Properties"] for name, found in template.find_resources(COMPONENT).items()}


def refused(**options: Any) -> list[str]:
    with pytest.raises(InvalidConfiguration) as caught:
        synthesize(placed(**options))
    return [problem.split(" must be ")[0] for problem in caught.value.problems]


@pytest.fixture(scope="module")
def smallest() -> Template:
    return synthesize(placed())


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
