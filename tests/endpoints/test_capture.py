"""Data capture: what is kept, where, for how long, and who may write it."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from constructs_lib import InvalidConfiguration, RealtimeEndpoint
from constructs_lib.endpoints.capture import DataCapture
from constructs_lib.testing import assert_no_limit_findings
from tests.support import actions, any_model, any_name, only, statements, synthesize


def built(capture: DataCapture) -> Template:
    return synthesize(
        lambda s: RealtimeEndpoint(s, "E", model=any_model(s), instance_type="ml.m5.large", data_capture=capture)
    )


def config(template: Template) -> dict[str, Any]:
    return dict(only(template, "AWS::SageMaker::EndpointConfig")["DataCaptureConfig"])


@pytest.fixture(scope="module")
def template() -> Template:
    return built(DataCapture())


def bucket_id(template: Template) -> str:
    (found,) = template.find_resources("AWS::S3::Bucket")
    return found


def test_by_default_all_requests_and_answers_are_kept_as_text(template: Template) -> None:
    assert config(template) == {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
        "DestinationS3Uri": {"Fn::Join": ["", ["s3://", {"Ref": bucket_id(template)}, "/captured"]]},
    }


def test_the_bucket_is_encrypted_private_and_empties_itself(template: Template) -> None:
    bucket = only(template, "AWS::S3::Bucket")
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 30
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"] == [
        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    ]
    assert all(bucket["PublicAccessBlockConfiguration"].values())


def test_the_bucket_takes_tls_only(template: Template) -> None:
    (statement,) = only(template, "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_bucket_stays_when_the_stack_goes(template: Template) -> None:
    assert template.find_resources("AWS::S3::Bucket")[bucket_id(template)]["DeletionPolicy"] == "Retain"


def test_the_execution_role_may_write_below_the_prefix_alone(template: Template) -> None:
    (statement,) = [found for found in statements(template, "ExecutionRole") if "s3:PutObject" in found["Action"]]
    assert statement["Resource"] == {"Fn::Join": ["", [{"Fn::GetAtt": [bucket_id(template), "Arn"]}, "/captured/*"]]}


def test_the_limit_check_finds_nothing(template: Template) -> None:
    assert_no_limit_findings(template)


def test_a_part_of_the_requests_may_be_kept_without_the_answers() -> None:
    found = config(built(DataCapture(sampling_percentage=0, capture_mode="Input")))
    assert found["InitialSamplingPercentage"] == 0
    assert found["CaptureOptions"] == [{"CaptureMode": "Input"}]


def test_without_content_types_everything_is_kept_in_base64() -> None:
    assert "CaptureContentTypeHeader" not in config(built(DataCapture(csv_content_types=(), json_content_types=())))


def test_a_bucket_that_is_handed_in_stays_as_it_is() -> None:
    name = any_name()

    def build(stack: cdk.Stack) -> None:
        bucket = s3.Bucket.from_bucket_name(stack, "Bucket", name)
        endpoint = RealtimeEndpoint(
            stack,
            "E",
            model=any_model(stack),
            instance_type="ml.m5.large",
            data_capture=DataCapture(bucket=bucket, prefix="seen"),
        )
        assert endpoint.capture_bucket is bucket

    template = synthesize(build)
    template.resource_count_is("AWS::S3::Bucket", 0)
    assert config(template)["DestinationS3Uri"] == f"s3://{name}/seen"


@pytest.mark.parametrize("is_handed_in", [False, True])
def test_a_key_encrypts_what_is_kept_and_the_role_may_use_it(is_handed_in: bool) -> None:
    def build(stack: cdk.Stack) -> None:
        key = kms.Key(stack, "Key")
        bucket = s3.Bucket.from_bucket_name(stack, "Bucket", any_name()) if is_handed_in else None
        RealtimeEndpoint(
            stack,
            "E",
            model=any_model(stack),
            instance_type="ml.m5.large",
            data_capture=DataCapture(bucket=bucket, encryption_key=key),
        )

    template = synthesize(build)
    (key,) = template.find_resources("AWS::KMS::Key")
    assert config(template)["KmsKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    assert {"kms:GenerateDataKey", "kms:Decrypt"} <= actions(statements(template, "ExecutionRole"))
    assert_no_limit_findings(template)


def test_what_is_kept_may_be_kept_for_ever_or_go_with_the_stack() -> None:
    template = built(DataCapture(expire_in_days=None, removal_policy=cdk.RemovalPolicy.DESTROY))
    (rule,) = only(template, "AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
    assert "ExpirationInDays" not in rule
    assert template.find_resources("AWS::S3::Bucket")[bucket_id(template)]["DeletionPolicy"] == "Delete"


def test_nothing_is_kept_unless_asked() -> None:
    template = synthesize(lambda s: RealtimeEndpoint(s, "E", model=any_model(s), instance_type="ml.m5.large"))
    assert "DataCaptureConfig" not in only(template, "AWS::SageMaker::EndpointConfig")


def test_all_problems_of_a_data_capture_are_raised_at_once() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        DataCapture(
            sampling_percentage=101,
            capture_mode="Both",
            csv_content_types=["text/csv"] * 11,
            json_content_types=["application/json; charset=utf-8"],
        )
    assert [problem.split(" must be ")[0] for problem in caught.value.problems] == [
        "sampling_percentage",
        "capture_mode",
        "csv_content_types",
        "json_content_types",
    ]
