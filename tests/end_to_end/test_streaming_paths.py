"""Streaming inference from a FIFO queue to objects in S3: another way in and another way out, one stack."""

from __future__ import annotations

import base64
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from constructs_lib import (
    ContainerImage,
    FirehoseSink,
    Model,
    QueueSource,
    RealtimeEndpoint,
    StreamBatching,
    StreamingInference,
)
from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws
from tests.end_to_end.async_witness import until

LINES = [sys.executable, str(Path(__file__).with_name("line_model.py"))]
GROUPS = 3


aws = local_aws(containers={"lines": LINES}, time_scale=60.0, scope="module")


@pytest.fixture(scope="module")
def outputs(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    app = cdk.App()
    stack = cdk.Stack(app, "Streaming")
    image = ContainerImage.from_uri("000000000000.dkr.ecr.us-east-1.amazonaws.com/lines:1")
    model = Model(stack, "Model", image=image, environment={"CONTROL": str(tmp_path_factory.mktemp("control"))})
    StreamingInference(
        stack,
        "Scoring",
        endpoint=RealtimeEndpoint(stack, "Endpoint", model=model, instance_type="ml.m5.large"),
        source=QueueSource(fifo=True),
        sink=FirehoseSink(buffering_in_seconds=1, compressed=False),
        batching=StreamBatching(content_type="text/csv"),
    ).add_outputs()
    return deploy(aws, app)


def objects(aws: LocalAws, bucket: str) -> list[Any]:
    """Every JSON line of every object of a bucket, those of a put together and in its order."""
    s3 = aws.client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    texts = [s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def test_each_message_of_a_queue_becomes_a_line_in_s3_or_a_failure(aws: LocalAws, outputs: Mapping[str, str]) -> None:
    texts = [f"ride-{number}" for number in range(30)]
    texts[7] = "poison"
    sent = [
        aws.client("sqs").send_message(
            QueueUrl=outputs["QueueUrl"],
            MessageBody=text,
            MessageGroupId=f"zone-{number % GROUPS}",
            MessageDeduplicationId=text,
        )["MessageId"]
        for number, text in enumerate(texts)
    ]
    until(lambda: len(objects(aws, outputs["OutputBucketName"])) >= len(texts) - 1, 30)
    results, [failure] = objects(aws, outputs["OutputBucketName"]), objects(aws, outputs["FailureBucketName"])
    assert Counter(each["id"] for each in results) == Counter(sent[:7] + sent[8:])
    assert (failure["id"], base64.b64decode(failure["data"])) == (sent[7], b"poison")
    assert {each["partition_key"] for each in results} == {f"zone-{number}" for number in range(GROUPS)}
    scored = {each["id"]: each["prediction"].partition(",")[2] for each in results}
    assert all(scored[message] == text for message, text in zip(sent, texts, strict=True) if text != "poison")
