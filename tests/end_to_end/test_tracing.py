"""One id, from the caller through every function and the endpoint to the result, in all ways of serving; one stack."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from constructs_lib import (
    AsyncEndpoint,
    ContainerImage,
    DataCapture,
    HybridInference,
    InputSubmission,
    Model,
    RealtimeEndpoint,
    ResultsConsumer,
    StreamBatching,
    StreamingInference,
    StreamSource,
)
from constructs_lib.client import InferenceClient
from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws
from tests.end_to_end.async_witness import until

LINES = [sys.executable, str(Path(__file__).with_name("line_model.py"))]
NAME = "order-17"
aws = local_aws(containers={"lines": LINES}, time_scale=60.0, scope="module")
Seen = Callable[[str], dict[str, list[str]]]
Client = Callable[[str], InferenceClient]


@pytest.fixture(scope="module")
def outputs(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    app = cdk.App()
    stack = cdk.Stack(app, "Traced")
    image = ContainerImage.from_uri("000000000000.dkr.ecr.us-east-1.amazonaws.com/lines:1")
    model = Model(stack, "Model", image=image, environment={"CONTROL": str(tmp_path_factory.mktemp("control"))})
    endpoint = RealtimeEndpoint(stack, "Endpoint", model=model, instance_type="ml.m5.large", data_capture=DataCapture())
    queued = AsyncEndpoint(
        stack,
        "Queued",
        model=model,
        instance_type="ml.m5.large",
        submission=InputSubmission(),
        results_consumer=ResultsConsumer(request_status=True),
        tracing=True,
    )
    hybrid = HybridInference(stack, "Hybrid", endpoint=endpoint, instance_type="ml.m5.large", tracing=True)
    scoring = StreamingInference(
        stack,
        "Scoring",
        endpoint=endpoint,
        source=StreamSource(shard_count=1),
        batching=StreamBatching(content_type="text/csv"),
        tracing=True,
    )
    for construct in (endpoint, queued, hybrid, scoring):
        construct.add_outputs(prefix=construct.node.id)
    logs = {
        "Submit": queued.submission.function if queued.submission else None,
        "Results": queued.results_consumer.function if queued.results_consumer else None,
        "Lookup": hybrid.lookup_function,
        "Compute": hybrid.compute_function,
        "Override": hybrid.override_function,
        "Score": scoring.function,
    }
    for name, function in logs.items():
        cdk.CfnOutput(stack, f"{name}Log", value=function.log_group.log_group_name if function else "")
    assert endpoint.capture_bucket is not None
    cdk.CfnOutput(stack, "CaptureBucket", value=endpoint.capture_bucket.bucket_name)
    return deploy(aws, app)


@pytest.fixture(scope="module")
def client(aws: LocalAws, outputs: dict[str, str]) -> Client:
    return lambda prefix: InferenceClient.for_stack("Traced", prefix=prefix, session=aws.session())


@pytest.fixture(scope="module")
def seen(aws: LocalAws, outputs: dict[str, str]) -> Seen:
    """What each function has logged under an id, as the query over all log groups finds it: outcomes, or metrics."""
    groups = {name.removesuffix("Log"): group for name, group in outputs.items() if name.endswith("Log")}

    def lines(group: str) -> list[dict[str, Any]]:
        pages = aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        texts = [text for page in pages for event in page["events"] for text in event["message"].splitlines()]
        return [json.loads(text) for text in texts if text.startswith("{")]

    def under(name: str) -> dict[str, list[str]]:
        found = {
            function: [line.get("Outcome", "metrics") for line in lines(group) if line["correlation_id"] == name]
            for function, group in groups.items()
        }
        return {function: outcomes for function, outcomes in found.items() if outcomes}

    return under


@pytest.fixture(scope="module")
def captured(aws: LocalAws, outputs: dict[str, str]) -> Callable[[], list[str]]:
    """The inference ids of what the endpoint has captured."""

    def ids() -> list[str]:
        s3, bucket = aws.client("s3"), outputs["CaptureBucket"]
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        texts = [s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys]
        return [json.loads(line)["eventMetadata"]["inferenceId"] for text in texts for line in text.splitlines()]

    return ids


def test_a_prediction_and_what_is_captured_of_it(client: Client, captured: Callable[[], list[str]]) -> None:
    answer = client("Endpoint").predict(b"ride", content_type="text/csv", inference_id="immediate-1")
    assert answer.inference_id == "immediate-1"
    until(lambda: "immediate-1" in captured(), 20)


def test_an_asynchronous_request_its_notification_and_its_result(client: Client, seen: Seen) -> None:
    sent = client("Queued").submit(b"ride", content_type="text/csv", inference_id="queued-1")
    assert sent.result(timeout=30).inference_id == "queued-1"
    until(lambda: seen("queued-1") == {"Results": ["metrics"]}, 20)


def test_an_object_that_submits_itself_and_the_result_that_it_comes_to(
    aws: LocalAws, outputs: dict[str, str], seen: Seen
) -> None:
    bucket = outputs["QueuedInputBucketName"]
    aws.client("s3").put_object(Bucket=bucket, Key="input/ride.csv", Body=b"ride")
    table = aws.client("dynamodb")

    def known() -> list[str]:
        items = table.scan(TableName=outputs["QueuedStatusTableName"])["Items"]
        return [item["InferenceId"]["S"] for item in items if "input/ride.csv" in str(item)]

    until(lambda: bool(known()), 20)
    [made] = known()
    until(lambda: seen(made) == {"Submit": ["Submitted"], "Results": ["metrics"]}, 20)


def test_a_look_up_what_computes_it_and_what_the_endpoint_captures(
    client: Client, seen: Seen, captured: Callable[[], list[str]]
) -> None:
    answer = client("Hybrid").lookup("nobody", "ride", correlation_id=NAME)
    assert (answer.path, answer.correlation_id) == ("computed", NAME)
    client("Hybrid").override(["nobody"], correlation_id=NAME)
    until(lambda: NAME in captured(), 20)
    expected = {"Lookup": ["metrics", "metrics"], "Compute": ["Asked"], "Override": ["Overridden"]}
    until(lambda: seen(NAME) == expected, 20)


def test_a_hostile_id_is_replaced_by_lambdas_own_and_noted(aws: LocalAws, outputs: dict[str, str], seen: Seen) -> None:
    event = {"id": "nobody", "correlation_id": 'x"}\n{"forged": 1}'}
    told = aws.client("lambda").invoke(FunctionName=outputs["HybridLookupFunctionName"], Payload=json.dumps(event))
    own = json.loads(told["Payload"].read())["correlation_id"]
    until(lambda: seen(own).get("Lookup", [])[:1] == ["CorrelationIdReplaced"], 20)


def test_records_of_a_stream_by_the_number_of_the_first(
    aws: LocalAws, client: Client, outputs: dict[str, str], seen: Seen, captured: Callable[[], list[str]]
) -> None:
    records = [{"Data": f"ride-{number}".encode(), "PartitionKey": "zone"} for number in range(3)]
    put = aws.client("kinesis").put_records(StreamName=outputs["ScoringStreamName"], Records=records)
    numbers = [each["SequenceNumber"] for each in put["Records"]]
    results = list(client("Scoring").read_results(count=3, timeout=30))
    assert [each.sequence_number for each in results] == numbers
    names = {each.correlation_id or "" for each in results}
    assert results[0].correlation_id == numbers[0]
    for name in names:
        until(lambda name=name: name in captured(), 20)  # type: ignore[misc]  # a default binds the name
        until(lambda name=name: "Scored" in seen(name).get("Score", []), 20)  # type: ignore[misc]  # as above
