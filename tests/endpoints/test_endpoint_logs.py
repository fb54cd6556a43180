"""The log group of an endpoint's containers: there before the endpoint, with an end and a key."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from aws_cdk.aws_logs import RetentionDays

from constructs_lib import AsyncEndpoint, ComponentEndpoint, EndpointLogs, RealtimeEndpoint, ServerlessEndpoint
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_model, only, references, synthesize

GROUP, ENDPOINT = "AWS::Logs::LogGroup", "AWS::SageMaker::Endpoint"
KINDS: dict[str, Any] = {
    "realtime": lambda stack, **options: RealtimeEndpoint(
        stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large", **options
    ),
    "serverless": lambda stack, **options: ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), **options),
    "async": lambda stack, **options: AsyncEndpoint(
        stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large", **options
    ),
    "components": lambda stack, **options: ComponentEndpoint(stack, "Endpoint", instance_type="ml.m5.large", **options),
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_there_before_the_endpoint_under_the_name_that_sagemaker_writes_to(kind: str) -> None:
    template = synthesize(lambda stack: KINDS[kind](stack, logs=EndpointLogs()))
    (name,), (endpoint,) = template.find_resources(GROUP), template.find_resources(ENDPOINT)
    assert name in references(template)[endpoint]
    group = only(template, GROUP)
    assert group["LogGroupName"] == f"/aws/sagemaker/Endpoints/{only(template, ENDPOINT)['EndpointName']}"
    assert group["RetentionInDays"] == 180
    assert template.find_resources(GROUP)[name]["DeletionPolicy"] == "Retain"
    assert_no_limit_findings(template, region="us-east-1")


def test_the_key_of_the_endpoint_encrypts_it_and_lets_cloudwatch_do_so() -> None:
    def build(stack: cdk.Stack) -> None:
        kept = EndpointLogs(retention=RetentionDays.ONE_WEEK, removal_policy=cdk.RemovalPolicy.DESTROY)
        KINDS["realtime"](stack, logs=kept, encryption_key=kms.Key(stack, "Key"), endpoint_name="prices")

    template = synthesize(build)
    group = only(template, GROUP)
    (key,) = template.find_resources("AWS::KMS::Key")
    assert group["KmsKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    assert (group["LogGroupName"], group["RetentionInDays"]) == ("/aws/sagemaker/Endpoints/prices", 7)
    said = [statement["Principal"] for statement in only(template, "AWS::KMS::Key")["KeyPolicy"]["Statement"]]
    assert "logs." in str(said)


def test_a_name_may_be_a_parameter() -> None:
    def build(stack: cdk.Stack) -> None:
        name = cdk.CfnParameter(stack, "Name").value_as_string
        KINDS["serverless"](stack, logs=EndpointLogs(), endpoint_name=name)

    parts = only(synthesize(build), GROUP)["LogGroupName"]["Fn::Join"][1]
    assert parts == ["/aws/sagemaker/Endpoints/", {"Ref": "Name"}]


def test_by_default_sagemaker_makes_it_and_aws_names_the_endpoint() -> None:
    template: Template = synthesize(lambda stack: KINDS["realtime"](stack))
    template.resource_count_is(GROUP, 0)
    assert "EndpointName" not in only(template, ENDPOINT)
