"""Batch pipelines for the tests of their paths, a stack each, and what a test does with one of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.aws_scheduler import ScheduleExpression

from constructs_lib import (
    BatchHooks,
    BatchMonitoring,
    BatchRecovery,
    BatchResults,
    BatchTransformPipeline,
    ContainerImage,
    Deadline,
    InputSelection,
    Model,
    Sharding,
)
from constructs_lib.local import LocalAws

IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/echo:1"
PRICES = {"ml.m5.large": 3600.0, "ml.m5.xlarge": 7200.0}
LONGEST = 30


class BatchStack(cdk.Stack):
    """One pipeline, whose options ``build`` makes in it."""

    def __init__(self, scope: cdk.App, id: str, build: Callable[[cdk.Stack], dict[str, Any]]) -> None:
        super().__init__(scope, id)
        model = Model(self, "Model", image=ContainerImage.from_uri(IMAGE))
        BatchTransformPipeline(self, "Pipeline", model=model, instance_type="ml.m5.large", **build(self)).add_outputs()


def wide(stack: cdk.Stack) -> dict[str, Any]:
    """Three shards, two instance types, records and costs, somebody who is told, and a marker that starts it."""
    topic, queue = sns.Topic(stack, "Ends"), sqs.Queue(stack, "EndsQueue")
    topic.add_subscription(subscriptions.SqsSubscription(queue, raw_message_delivery=True))
    cdk.CfnOutput(stack, "EndsUrl", value=queue.queue_url)
    return {
        "selection": InputSelection(suffixes=[".csv"]),
        "sharding": Sharding(count=3),
        "recovery": BatchRecovery(fallback_instance_types=["ml.m5.xlarge"], max_attempts=3),
        "results": BatchResults(counts_records=True),
        "monitoring": BatchMonitoring(actions=[topic], ended_topic=topic, prices_per_hour=PRICES),
        "ready_suffix": "_READY",
    }


def hooked(stack: cdk.Stack) -> dict[str, Any]:
    """A check of the data before, for which more than two objects are too many; a step after; and a deadline."""
    few = sfn.Condition.jsonata("{% $states.input.objects <= 2 %}")
    refused = sfn.Fail.jsonata(stack, "Refused", error="TooManyObjects", cause="the data are not as they should be")
    gate = sfn.Choice.jsonata(stack, "Few?").when(few, sfn.Pass.jsonata(stack, "Accepted")).otherwise(refused)
    return {
        "hooks": BatchHooks(before=gate, after=sfn.Pass(stack, "Load")),
        "schedule": ScheduleExpression.cron(hour="1", minute="0", time_zone=cdk.TimeZone.of("Europe/Berlin")),
        "deadline": Deadline(complete_by="08:00", expected_duration=timedelta(hours=1)),
    }


BUILDERS: Mapping[str, Callable[[cdk.Stack], dict[str, Any]]] = {
    "Small": lambda _: {},
    "Wide": wide,
    "Spread": lambda _: {
        "sharding": Sharding(objects_per_shard=1, max_shards=5000),
        "recovery": BatchRecovery(is_idempotent=True),
    },
    "Short": lambda _: {"recovery": BatchRecovery(timeout_in_hours=0.001)},
    "Hooked": hooked,
}


class Pipeline:
    """One of them, deployed."""

    def __init__(self, aws: LocalAws, outputs: Mapping[str, str]) -> None:
        self._states, self._s3, self._sagemaker = (aws.client(s) for s in ("stepfunctions", "s3", "sagemaker"))
        self._lambda = aws.client("lambda")
        self.outputs = outputs
        self.arn = outputs["StateMachineArn"]
        self.input_bucket = outputs["InputBucketName"]
        self.output_bucket = outputs["OutputBucketName"]

    def put(self, prefix: str, objects: dict[str, bytes]) -> None:
        """Put inputs below a prefix."""
        for name, body in objects.items():
            self._s3.put_object(Bucket=self.input_bucket, Key=f"{prefix}{name}", Body=body)

    def start(self, given: dict[str, Any]) -> str:
        """The ARN of a new execution."""
        return str(self._states.start_execution(stateMachineArn=self.arn, input=json.dumps(given))["executionArn"])

    def run(self, given: dict[str, Any]) -> dict[str, Any]:
        """The output of an execution that must succeed."""
        ended = self.end(self.start(given))
        assert ended["status"] == "SUCCEEDED", (ended.get("error"), ended.get("cause"))
        return self.output(ended)

    @staticmethod
    def output(ended: Mapping[str, Any]) -> dict[str, Any]:
        """What an execution gave at its end."""
        found: dict[str, Any] = json.loads(ended["output"])
        return found

    def end(self, arn: str) -> dict[str, Any]:
        """DescribeExecution's answer at the end."""
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            found: dict[str, Any] = self._states.describe_execution(executionArn=arn)
            if found["status"] != "RUNNING":
                return found
            time.sleep(0.05)
        raise AssertionError(f"{arn} still runs")

    def redriven(self, arn: str) -> dict[str, Any]:
        """The end of an execution that goes on where it failed."""
        self._states.redrive_execution(executionArn=arn)
        return self.end(arn)

    def stop(self, arn: str) -> dict[str, Any]:
        """Abort an execution."""
        self._states.stop_execution(executionArn=arn)
        return self.end(arn)

    def entered(self, arn: str) -> list[str]:
        """The names of the states that an execution entered."""
        pages = self._states.get_paginator("get_execution_history").paginate(executionArn=arn)
        events = [event for page in pages for event in page["events"]]
        return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]

    def jobs(self, arn: str) -> list[dict[str, Any]]:
        """The transform jobs of an execution, in the order in which they were made."""
        found = self._states.describe_execution(executionArn=arn)
        millis = int(found["startDate"].timestamp() * 1000)
        jobs = self._sagemaker.list_transform_jobs(MaxResults=100)["TransformJobSummaries"]
        mine = [job["TransformJobName"] for job in jobs if str(millis) in job["TransformJobName"]]
        described = [self._sagemaker.describe_transform_job(TransformJobName=name) for name in mine]
        return sorted(described, key=lambda job: job["CreationTime"])

    def look_at_deadline(self, time: str) -> Any:
        """What the function behind the deadline answers at a time."""
        names = [each["FunctionName"] for each in self._lambda.list_functions(MaxItems=500)["Functions"]]
        [name] = [name for name in names if "Deadline" in name]
        answer = self._lambda.invoke(FunctionName=name, Payload=json.dumps({"time": time}))
        return json.loads(answer["Payload"].read())

    def answers(self, output: dict[str, Any]) -> dict[str, bytes]:
        """What was published, by name."""
        return self.below(str(output["output"]).removeprefix(f"s3://{self.output_bucket}/"))

    def below(self, prefix: str) -> dict[str, bytes]:
        """Everything below a prefix of the output bucket, by what follows the prefix."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.output_bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return {
            key.removeprefix(prefix): self._s3.get_object(Bucket=self.output_bucket, Key=key)["Body"].read()
            for key in keys
        }

    def awaited_job(self, arn: str) -> dict[str, Any]:
        """The first job of an execution, as soon as it is there."""
        deadline = time.monotonic() + 10
        while not (jobs := self.jobs(arn)):
            assert time.monotonic() < deadline, "no job was started"
            time.sleep(0.05)
        return jobs[0]

    def ended_job(self, arn: str) -> str:
        """How the only job of an execution ended."""
        deadline = time.monotonic() + 10
        while True:
            [job] = self.jobs(arn)
            if job["TransformJobStatus"] not in ("InProgress", "Stopping"):
                return str(job["TransformJobStatus"])
            assert time.monotonic() < deadline, "the job still runs"
            time.sleep(0.05)


Find = Callable[[str], Pipeline]
"""A pipeline by its name."""
