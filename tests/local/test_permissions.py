"""What functions may do is judged by the policies of their roles, with the conditions that the constructs use."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.local import LocalAws
from constructs_lib.local.arns import ACCOUNT, REGION

HANDLER = """
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    try:
        getattr(boto3.client(event["service"]), event["call"])(**event["arguments"])
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "allowed"
"""
TABLE, BUCKET, QUEUE, NAMESPACE = "Answers", "results", "letters", "Own/Namespace"
ENDPOINT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/mine"
POLICY: list[dict[str, Any]] = [
    {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/mine/*"},
    {"Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}"},
    {"Action": ["sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"], "Resource": ENDPOINT},
    {
        "Action": ["dynamodb:PutItem", "dynamodb:BatchGetItem"],
        "Resource": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}",
        "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["mine/*"]}},
    },
    {
        "Action": "cloudwatch:PutMetricData",
        "Resource": "*",
        "Condition": {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
    },
]
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
Ask = Callable[..., str]


def document(*statements: dict[str, Any]) -> str:
    allowed = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed})


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calls") / "calls.jsonl"


@pytest.fixture(scope="module")
def aws(calls: Path) -> Iterator[LocalAws]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCAL_AWS_CALLS", str(calls))
        with LocalAws(permissions=True) as local:
            yield local


@pytest.fixture(scope="module")
def ask(aws: LocalAws) -> Ask:
    """Lets a function make a call: ``allowed``, or the code of the error."""
    iam, s3, function = aws.client("iam"), aws.client("s3"), aws.client("lambda")
    trust = {"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="asker", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="asker", PolicyName="own", PolicyDocument=document(*POLICY))
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(TLS_ONLY))
    for key in ("mine/a", "theirs/a"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    aws.client("sqs").create_queue(QueueName=QUEUE)
    aws.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", HANDLER)
    function.create_function(
        FunctionName="asker",
        Runtime="python3.13",
        Handler="index.handler",
        Role=role,
        Timeout=30,
        Code={"ZipFile": packed.getvalue()},
    )

    def asked(service: str, call: str, **arguments: Any) -> str:
        event = {"service": service, "call": call, "arguments": arguments}
        answer = function.invoke(FunctionName="asker", Payload=json.dumps(event))
        return str(json.loads(answer["Payload"].read()))

    return asked


def test_an_object_that_the_policy_names_is_read_and_no_other(ask: Ask) -> None:
    assert ask("s3", "get_object", Bucket=BUCKET, Key="mine/a") == "allowed"
    assert ask("s3", "get_object", Bucket=BUCKET, Key="theirs/a") == "AccessDenied"


def test_items_are_written_under_the_keys_of_the_condition_and_no_others(ask: Ask) -> None:
    assert ask("dynamodb", "put_item", TableName=TABLE, Item={"id": {"S": "mine/1"}}) == "allowed"
    assert ask("dynamodb", "put_item", TableName=TABLE, Item={"id": {"S": "theirs/1"}}) == "AccessDeniedException"


def test_each_key_of_a_request_has_to_be_allowed(ask: Ask) -> None:
    keys = [{"id": {"S": "mine/1"}}, {"id": {"S": "theirs/1"}}]
    assert ask("dynamodb", "batch_get_item", RequestItems={TABLE: {"Keys": keys[:1]}}) == "allowed"
    assert ask("dynamodb", "batch_get_item", RequestItems={TABLE: {"Keys": keys}}) == "AccessDeniedException"


def test_metrics_are_put_into_the_namespace_of_the_condition_and_no_other(ask: Ask) -> None:
    data = [{"MetricName": "Late", "Value": 1.0}]
    assert ask("cloudwatch", "put_metric_data", Namespace=NAMESPACE, MetricData=data) == "allowed"
    refused = ask("cloudwatch", "put_metric_data", Namespace="Another", MetricData=data)
    assert refused in ("AccessDenied", "AccessDeniedException")


@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [("sagemaker", "describe_endpoint", {}), ("sagemaker-runtime", "invoke_endpoint", {"Body": "a"})],
)
def test_an_endpoint_that_the_policy_names_is_reached_and_no_other(
    ask: Ask, service: str, call: str, arguments: dict[str, str]
) -> None:
    # There is none of either name: who is let through hears that.
    assert ask(service, call, EndpointName="Mine", **arguments) in ("ValidationError", "ValidationException")
    assert ask(service, call, EndpointName="theirs", **arguments) == "AccessDeniedException"


def test_messages_are_sent_in_batches_by_who_may_send_one(aws: LocalAws, ask: Ask) -> None:
    url = aws.client("sqs").get_queue_url(QueueName=QUEUE)["QueueUrl"]
    entries = [{"Id": "a", "MessageBody": "a"}]
    assert ask("sqs", "send_message_batch", QueueUrl=url, Entries=entries) == "allowed"
    assert ask("sqs", "receive_message", QueueUrl=url) in ("AccessDenied", "AccessDeniedException")


def test_who_tests_says_how_many_instances_there_are_without_a_role(aws: LocalAws) -> None:
    aws.limit_instances("ml.m5.large", available=0)


def test_each_call_is_written_down_with_its_judgement(ask: Ask, calls: Path) -> None:
    ask("s3", "get_object", Bucket=BUCKET, Key="mine/a")
    ask("s3", "delete_object", Bucket=BUCKET, Key="mine/a")
    found = [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()][-2:]
    resource = f"arn:aws:s3:::{BUCKET}/mine/a"
    assert found == [
        {"handler": "index.handler", "action": "s3:GetObject", "resource": resource, "allowed": True},
        {"handler": "index.handler", "action": "s3:DeleteObject", "resource": resource, "allowed": False},
    ]
