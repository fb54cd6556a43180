"""A real-time endpoint: one variant on instances, scaled by its invocations, whose counts survive an update."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Match, Template

from constructs_lib import Autoscaling, InvalidConfiguration, RealtimeEndpoint
from tests.support import any_model, any_role_arn, only, statements, synthesize


def model_id(template: Template) -> str:
    return next(iter(template.find_resources("AWS::SageMaker::Model")))


@pytest.fixture(scope="module")
def smallest() -> Template:
    return synthesize(lambda s: RealtimeEndpoint(s, "Endpoint", model=any_model(s), instance_type="ml.m5.large"))


@pytest.fixture(scope="module")
def scaled() -> Template:
    return synthesize(
        lambda s: RealtimeEndpoint(
            s,
            "Endpoint",
            model=any_model(s),
            instance_type="ml.c5.xlarge",
            initial_instance_count=2,
            autoscaling=Autoscaling(
                min_capacity=2,
                max_capacity=6,
                invocations_per_instance=600,
                scale_in_cooldown_in_seconds=600,
                scale_out_cooldown_in_seconds=60,
            ),
        )
    )


def test_the_smallest_use_makes_one_variant_with_one_instance(smallest: Template) -> None:
    assert only(smallest, "AWS::SageMaker::EndpointConfig") == {
        "ProductionVariants": [
            {
                "ModelName": {"Fn::GetAtt": [model_id(smallest), "ModelName"]},
                "VariantName": "AllTraffic",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
                "InitialVariantWeight": 1,
            }
        ]
    }


def test_configuration_and_endpoint_have_no_physical_name(smallest: Template) -> None:
    assert "EndpointConfigName" not in only(smallest, "AWS::SageMaker::EndpointConfig")
    assert "EndpointName" not in only(smallest, "AWS::SageMaker::Endpoint")


def test_the_endpoint_waits_for_its_configuration_by_attribute(smallest: Template) -> None:
    config = next(iter(smallest.find_resources("AWS::SageMaker::EndpointConfig")))
    assert only(smallest, "AWS::SageMaker::Endpoint")["EndpointConfigName"] == {
        "Fn::GetAtt": [config, "EndpointConfigName"]
    }


def test_an_update_keeps_the_counts_that_scaling_has_set(smallest: Template) -> None:
    assert only(smallest, "AWS::SageMaker::Endpoint")["RetainAllVariantProperties"] is True


def test_nothing_scales_unless_asked(smallest: Template) -> None:
    smallest.resource_count_is("AWS::ApplicationAutoScaling::ScalableTarget", 0)


def test_the_scalable_target_names_the_variant_by_the_endpoint_s_attribute_and_has_no_role(scaled: Template) -> None:
    endpoint = next(iter(scaled.find_resources("AWS::SageMaker::Endpoint")))
    assert only(scaled, "AWS::ApplicationAutoScaling::ScalableTarget") == {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ResourceId": {
            "Fn::Join": ["", ["endpoint/", {"Fn::GetAtt": [endpoint, "EndpointName"]}, "/variant/AllTraffic"]]
        },
        "MinCapacity": 2,
        "MaxCapacity": 6,
    }


def test_the_policy_follows_invocations_per_instance(scaled: Template) -> None:
    policy = only(scaled, "AWS::ApplicationAutoScaling::ScalingPolicy")
    assert policy["PolicyType"] == "TargetTrackingScaling"
    assert policy["TargetTrackingScalingPolicyConfiguration"] == {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        "TargetValue": 600,
        "ScaleInCooldown": 600,
        "ScaleOutCooldown": 60,
    }


def test_a_grant_reaches_an_imported_role_and_names_this_endpoint_alone() -> None:
    def build(stack: cdk.Stack) -> None:
        endpoint = RealtimeEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large")
        endpoint.grant_invoke(iam.Role.from_role_arn(stack, "Caller", any_role_arn()))

    template = synthesize(build)
    (statement,) = statements(template, "Caller")
    endpoint = next(iter(template.find_resources("AWS::SageMaker::Endpoint")))
    assert statement["Action"] == "sagemaker:InvokeEndpoint"
    assert statement["Resource"] == {"Fn::GetAtt": [endpoint, "EndpointArn"]}


def test_metrics_have_the_dimensions_of_the_variant() -> None:
    def build(stack: cdk.Stack) -> None:
        endpoint = RealtimeEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large")
        endpoint.metric_model_latency().create_alarm(stack, "Slow", threshold=1, evaluation_periods=1)

    synthesize(build).has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "MetricName": "ModelLatency",
            "ExtendedStatistic": "p99",
            "Dimensions": [
                Match.object_like({"Name": "EndpointName"}),
                {"Name": "VariantName", "Value": "AllTraffic"},
            ],
        },
    )


def test_all_problems_of_a_call_are_raised_at_once_and_nothing_is_left_behind() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    model = any_model(stack)
    with pytest.raises(InvalidConfiguration) as caught:
        RealtimeEndpoint(
            stack, "Endpoint", model=model, instance_type="m5.large", initial_instance_count=0, endpoint_name="a_b"
        )
    assert [problem.split(" must be ")[0] for problem in caught.value.problems] == [
        "instance_type",
        "initial_instance_count",
        "endpoint_name",
    ]
    assert stack.node.try_find_child("Endpoint") is None


@pytest.mark.parametrize("length", [1, 63])
def test_a_name_may_have_up_to_63_characters(length: int) -> None:
    name = "e" * length
    template = synthesize(
        lambda s: RealtimeEndpoint(s, "Endpoint", model=any_model(s), instance_type="ml.m5.large", endpoint_name=name)
    )
    assert only(template, "AWS::SageMaker::Endpoint")["EndpointName"] == name


def test_a_name_of_64_characters_is_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    model = any_model(stack)
    with pytest.raises(InvalidConfiguration, match="endpoint_name must be 1 to 63 characters"):
        RealtimeEndpoint(stack, "E", model=model, instance_type="ml.m5.large", endpoint_name="e" * 64)


def test_type_and_count_may_be_parameters() -> None:
    def build(stack: cdk.Stack) -> None:
        RealtimeEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type=cdk.CfnParameter(stack, "Type").value_as_string,
            initial_instance_count=cdk.CfnParameter(stack, "Count", type="Number").value_as_number,  # type: ignore[arg-type]  # jsii types it as a float
        )

    (variant,) = only(synthesize(build), "AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["InstanceType"] == {"Ref": "Type"}
    assert variant["InitialInstanceCount"] == {"Ref": "Count"}
