"""Stacks come into the local AWS without the command line: assets, dependencies, updates, and what goes wrong."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sqs as sqs

from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws

ECHO = [sys.executable, str(Path(__file__).parents[1] / "local" / "echo_server.py")]

aws = local_aws(containers={"echo": ECHO}, scope="module")


def producer(app: cdk.App, delay: int = 0) -> sqs.CfnQueue:
    return sqs.CfnQueue(cdk.Stack(app, "Producer"), "Queue", delay_seconds=delay)


def test_a_stack_brings_its_files_and_the_stacks_that_it_depends_on(aws: LocalAws, tmp_path: Path) -> None:
    (tmp_path / "weights.txt").write_text("these are the weights")
    app = cdk.App()
    stack = cdk.Stack(app, "Consumer")
    asset = assets.Asset(stack, "Weights", path=str(tmp_path / "weights.txt"))
    cdk.CfnOutput(stack, "Bucket", value=asset.s3_bucket_name)
    cdk.CfnOutput(stack, "Key", value=asset.s3_object_key)
    cdk.CfnOutput(stack, "Queue", value=producer(app).attr_queue_name)
    sqs.CfnQueue(stack, "Any")
    outputs = deploy(aws, stack)
    body = aws.client("s3").get_object(Bucket=outputs["Bucket"], Key=outputs["Key"])["Body"].read()
    assert body == b"these are the weights"
    assert outputs["Queue"] in aws.client("sqs").get_queue_url(QueueName=outputs["Queue"])["QueueUrl"]


def test_a_second_deployment_updates_and_one_without_a_change_does_nothing(aws: LocalAws) -> None:
    def delay_of(app: cdk.App) -> str:
        deploy(aws, app)
        resources = aws.client("cloudformation").describe_stack_resources(StackName="Updated")["StackResources"]
        url = resources[0]["PhysicalResourceId"]
        found = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
        return str(found["Attributes"]["DelaySeconds"])

    def app_of(delay: int) -> cdk.App:
        app = cdk.App()
        sqs.CfnQueue(cdk.Stack(app, "Updated"), "Queue", delay_seconds=delay)
        return app

    assert [delay_of(app_of(delay)) for delay in (5, 7, 7)] == ["5", "7", "7"]


def test_a_failure_is_told_with_the_resource_and_the_reason(aws: LocalAws) -> None:
    app = cdk.App()
    sagemaker.CfnEndpoint(cdk.Stack(app, "Failing"), "Endpoint", endpoint_config_name="missing")
    with pytest.raises(AssertionError) as raised:
        deploy(aws, app)
    told = r"stack Failing ended as ROLLBACK_COMPLETE:\n  - Endpoint \(AWS::SageMaker::Endpoint\): .*missing"
    assert re.match(told, str(raised.value))


def test_a_template_that_is_refused_is_told_with_the_reason(aws: LocalAws) -> None:
    app = cdk.App()
    cdk.CfnResource(cdk.Stack(app, "Refused"), "Nothing", type="AWS::Nowhere::Nothing")
    with pytest.raises(AssertionError, match=r"stack Refused is refused: .*AWS::Nowhere::Nothing"):
        deploy(aws, app)


def test_an_app_with_several_stacks_asks_for_one_of_them(aws: LocalAws) -> None:
    app = cdk.App()
    for name in ("First", "Second"):
        sqs.CfnQueue(cdk.Stack(app, name), "Queue")
    with pytest.raises(AssertionError, match="found 2: First, Second; give one of them"):
        deploy(aws, app)
