"""A local AWS, and an asynchronous endpoint with everything around it, for the client to call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from constructs_lib.client import InferenceClient
from constructs_lib.local import LocalAws
from tests.local.conftest import Serve, any_name, artifact, local_aws, on_instances, runtime, sagemaker, serve

__all__ = ["artifact", "local_aws", "runtime", "sagemaker", "serve"]


class AsyncStack:
    """An asynchronous endpoint of the echo server with a bucket, topics, and a queue that hears of every outcome."""

    def __init__(self, aws: LocalAws, serve: Serve, **environment: str) -> None:
        self.aws = aws
        self.bucket = any_name("async")
        aws.client("s3").create_bucket(Bucket=self.bucket)
        self.queue_url: str = aws.client("sqs").create_queue(QueueName=any_name("outcomes"))["QueueUrl"]
        output = {
            "S3OutputPath": f"s3://{self.bucket}/success",
            "S3FailurePath": f"s3://{self.bucket}/failure",
            "NotificationConfig": {kind: self._topic() for kind in ("SuccessTopic", "ErrorTopic")},
        }
        self.endpoint = serve.endpoint(
            serve.config(on_instances(serve.model(**environment)), AsyncInferenceConfig={"OutputConfig": output})
        )

    def client(self, **arguments: Any) -> InferenceClient:
        """A client of its own that reads the queue, unless told otherwise."""
        names = {
            "endpoint_name": self.endpoint,
            "inference_option": "async",
            "input_bucket": self.bucket,
            "notification_queue_url": self.queue_url,
        }
        return InferenceClient(**(names | arguments), session=self.aws.session())

    @property
    def outputs(self) -> dict[str, str]:
        """What the stack of such an endpoint has as outputs."""
        return {
            "InferenceOption": "async",
            "EndpointName": self.endpoint,
            "InputBucketName": self.bucket,
            "InputPrefix": "requests/",
            "OutputBucketName": self.bucket,
            "NotificationQueueUrl": self.queue_url,
        }

    def messages_left(self) -> int:
        """Messages on the queue, seen and unseen."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.aws.client("sqs").get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)
        return sum(int(found["Attributes"][name]) for name in names)

    def keys(self, prefix: str) -> list[str]:
        """The keys in the bucket below a prefix."""
        found = self.aws.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for item in found.get("Contents", [])]

    def _topic(self) -> str:
        sns, sqs = self.aws.client("sns"), self.aws.client("sqs")
        topic = str(sns.create_topic(Name=any_name("topic"))["TopicArn"])
        queue = sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
        return topic


def deploy_outputs(aws: LocalAws, name: str, outputs: Mapping[str, str]) -> None:
    """A stack of this name with these outputs, and with a queue because a stack has to have something."""
    template = {
        "Resources": {"Any": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {output: {"Value": value} for output, value in outputs.items()},
    }
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


@pytest.fixture(scope="module")
def async_stack(local_aws: LocalAws, serve: Serve) -> AsyncStack:
    return AsyncStack(local_aws, serve)
