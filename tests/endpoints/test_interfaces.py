"""A real-time endpoint to those who use it: CDK's own interface, grants, metrics, and endpoints that exist already."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Template

from constructs_lib import InvalidConfiguration, RealtimeEndpoint, ServerlessEndpoint, Variant
from constructs_lib.endpoints.invocable import ImportedEndpoint
from constructs_lib.facts import realtime
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_account, any_model, any_name, any_role_arn, only, statements, synthesize

Metric = Callable[..., cloudwatch.Metric]


def any_endpoint(stack: cdk.Stack) -> RealtimeEndpoint:
    return RealtimeEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large")


def with_api(make: Callable[[cdk.Stack], sagemaker.IEndpoint]) -> Template:
    def build(stack: cdk.Stack) -> None:
        integration = apigateway.SagemakerIntegration(make(stack))
        apigateway.RestApi(stack, "Api").root.add_method("POST", integration)

    return synthesize(build)


def uri(template: Template) -> list[Any]:
    return list(only(template, "AWS::ApiGateway::Method")["Integration"]["Uri"]["Fn::Join"][1])


def test_an_api_calls_the_endpoint_by_its_name_and_may_do_so() -> None:
    template = with_api(any_endpoint)
    (endpoint,) = template.find_resources("AWS::SageMaker::Endpoint")
    assert {"Fn::GetAtt": [endpoint, "EndpointName"]} in uri(template)
    (statement,) = statements(template, "SagemakerRole")
    assert statement["Action"] == "sagemaker:InvokeEndpoint"
    assert statement["Resource"] == {"Fn::GetAtt": [endpoint, "EndpointArn"]}
    assert_no_limit_findings(template)


def test_an_api_calls_a_serverless_endpoint_too() -> None:
    template = with_api(lambda stack: ServerlessEndpoint(stack, "Endpoint", model=any_model(stack)))
    (endpoint,) = template.find_resources("AWS::SageMaker::Endpoint")
    assert {"Fn::GetAtt": [endpoint, "EndpointName"]} in uri(template)


def test_an_api_calls_an_endpoint_that_it_knows_by_name() -> None:
    name = any_name()
    template = with_api(lambda stack: RealtimeEndpoint.from_endpoint_name(stack, "Endpoint", name))
    assert any(str(part).endswith(f":path/endpoints/{name}/invocations") for part in uri(template))


def test_the_reference_of_an_endpoint_is_its_arn() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    endpoint = any_endpoint(stack)
    assert endpoint.endpoint_ref.endpoint_arn == endpoint.endpoint_arn


def test_an_endpoint_is_a_resource_with_an_environment() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account=any_account(), region="eu-west-1"))
    endpoint = any_endpoint(stack)
    assert (endpoint.env.region, endpoint.stack) == ("eu-west-1", stack)


def test_an_endpoint_that_is_known_by_name_is_granted_in_this_account_and_region() -> None:
    name = any_name()

    def build(stack: cdk.Stack) -> None:
        endpoint = RealtimeEndpoint.from_endpoint_name(stack, "Endpoint", name)
        endpoint.grant_invoke(iam.Role.from_role_arn(stack, "Caller", any_role_arn()))

    (statement,) = statements(synthesize(build), "Caller")
    here = [{"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}, f":endpoint/{name}"]
    assert statement["Action"] == "sagemaker:InvokeEndpoint"
    assert statement["Resource"]["Fn::Join"][1][-4:] == here


def test_an_endpoint_that_is_known_by_arn_has_its_name_account_and_region() -> None:
    account, name = any_account(), any_name()
    arn = f"arn:aws:sagemaker:eu-north-1:{account}:endpoint/{name}"
    stack = cdk.Stack(cdk.App(), "Stack")
    endpoint = RealtimeEndpoint.from_endpoint_arn(stack, "Endpoint", arn, variant_name="blue")
    assert (endpoint.endpoint_name, endpoint.endpoint_arn) == (name, arn)
    assert (endpoint.env.account, endpoint.env.region) == (account, "eu-north-1")
    assert endpoint.metric_cpu_utilization().dimensions == {"EndpointName": name, "VariantName": "blue"}


def test_an_arn_may_be_a_parameter() -> None:
    def build(stack: cdk.Stack) -> None:
        arn = cdk.CfnParameter(stack, "Arn").value_as_string
        endpoint = RealtimeEndpoint.from_endpoint_arn(stack, "Endpoint", arn)
        cdk.CfnOutput(stack, "Name", value=endpoint.endpoint_name)

    name = synthesize(build).to_json()["Outputs"]["Name"]["Value"]
    assert name == {"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::Select": [5, {"Fn::Split": [":", {"Ref": "Arn"}]}]}]}]}


@pytest.mark.parametrize("arn", ["classifier", "arn:aws:sagemaker:eu-west-1:123456789012:model/m", "arn:aws:s3:::b"])
def test_what_is_not_the_arn_of_an_endpoint_is_refused(arn: str) -> None:
    with pytest.raises(InvalidConfiguration, match="endpoint_arn must be arn:aws:sagemaker"):
        RealtimeEndpoint.from_endpoint_arn(cdk.Stack(cdk.App(), "Stack"), "Endpoint", arn)


def test_a_name_that_sagemaker_does_not_take_is_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="endpoint_name must be 1 to 63 characters"):
        RealtimeEndpoint.from_endpoint_name(cdk.Stack(cdk.App(), "Stack"), "Endpoint", "a_b")


@pytest.fixture(scope="module")
def endpoint() -> ImportedEndpoint:
    return RealtimeEndpoint.from_endpoint_name(cdk.Stack(cdk.App(), "Stack"), "Endpoint", "classifier")


INVOCATIONS = {
    "metric_invocations": ("Invocations", "Sum"),
    "metric_invocations_per_instance": ("InvocationsPerInstance", "Sum"),
    "metric_invocation_4xx_errors": ("Invocation4XXErrors", "Sum"),
    "metric_invocation_5xx_errors": ("Invocation5XXErrors", "Sum"),
    "metric_invocation_model_errors": ("InvocationModelErrors", "Sum"),
    "metric_model_latency": ("ModelLatency", "p99"),
    "metric_overhead_latency": ("OverheadLatency", "p99"),
    "metric_concurrent_requests_per_model": ("ConcurrentRequestsPerModel", "Maximum"),
}
INSTANCES = {
    "metric_cpu_utilization": "CPUUtilization",
    "metric_gpu_utilization": "GPUUtilization",
    "metric_gpu_memory_utilization": "GPUMemoryUtilization",
    "metric_memory_utilization": "MemoryUtilization",
    "metric_disk_utilization": "DiskUtilization",
}


@pytest.mark.parametrize("method", INVOCATIONS)
def test_a_metric_of_requests_is_one_that_sagemaker_publishes_by_variant(
    endpoint: ImportedEndpoint, method: str
) -> None:
    metric = getattr(endpoint, method)()
    assert (metric.metric_name, metric.statistic) == INVOCATIONS[method]
    assert realtime.VARIANT_METRICS.allows(metric.metric_name)
    assert metric.namespace == "AWS/SageMaker"
    assert metric.dimensions == {"EndpointName": "classifier", "VariantName": "AllTraffic"}


@pytest.mark.parametrize("method", INSTANCES)
def test_a_metric_of_instances_is_in_a_namespace_of_its_own(endpoint: ImportedEndpoint, method: str) -> None:
    metric = getattr(endpoint, method)()
    assert (metric.metric_name, metric.statistic) == (INSTANCES[method], "Average")
    assert metric.namespace == "/aws/sagemaker/Endpoints"
    assert metric.dimensions == {"EndpointName": "classifier", "VariantName": "AllTraffic"}


@pytest.mark.parametrize("method", [*INVOCATIONS, *INSTANCES])
def test_a_metric_may_be_of_any_variant_statistic_and_period(endpoint: ImportedEndpoint, method: str) -> None:
    percentile = f"p{random.randrange(1, 100)}"
    metric = getattr(endpoint, method)(variant_name="blue", statistic=percentile, period=cdk.Duration.seconds(10))
    assert metric.dimensions["VariantName"] == "blue"
    assert (metric.statistic, metric.period.to_seconds()) == (percentile, 10)


def test_every_metric_that_sagemaker_publishes_of_a_variant_has_a_method() -> None:
    assert {name for name, _ in INVOCATIONS.values()} == set(realtime.VARIANT_METRICS.allowed.values)  # type: ignore[union-attr]  # it is a Choice


def test_metrics_are_of_the_first_variant_unless_another_is_named() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    model = any_model(stack)
    variants = [Variant(model=model, name=name, instance_type="ml.m5.large") for name in ("first", "second")]
    endpoint = RealtimeEndpoint(stack, "Endpoint", variants=variants)
    names = [endpoint.metric_invocations(variant_name=name).dimensions["VariantName"] for name in (None, "second")]  # type: ignore[index]  # they have dimensions
    assert names == ["first", "second"]
