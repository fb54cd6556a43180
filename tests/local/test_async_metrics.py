"""What an asynchronous endpoint publishes of its requests, which its alarms watch."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from constructs_lib.facts.asynchronous_metrics import (
    EXPIRED_REQUESTS,
    INVOCATION_FAILURES,
    INVOCATIONS_PROCESSED,
    METRICS_OF_VARIANT,
    NOTIFICATION_FAILURES,
    REQUEST_DOWNLOAD_FAILURES,
    RESPONSE_UPLOAD_FAILURES,
    TIME_IN_BACKLOG,
    TOTAL_PROCESSING_TIME,
)
from constructs_lib.facts.limit import Choice
from constructs_lib.local import LocalAws
from constructs_lib.local.asynchronous.metrics import ASYNC_METRICS, AsyncMetrics
from constructs_lib.local.asynchronous.request import CLIENT_ERRORS, AsyncRequest, Outcome
from constructs_lib.local.clock import Clock
from tests.local.conftest import Serve
from tests.local.test_asynchronous import Queue, set_count

OF = {"EndpointName": "any", "VariantName": "all"}


class Stopped(Clock):
    """A clock that stands where a test puts it."""

    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        return self.at


def request(received: float) -> AsyncRequest:
    output = {"OutputConfig": {"S3OutputPath": "s3://any/out"}}
    return AsyncRequest.accept_request({"Body": b"x"}, output, now=received)


def measured(outcome: Outcome, *problems: str) -> dict[str, float]:
    """What is published of a request that waited two seconds and took three."""
    metrics = AsyncMetrics(Stopped(105.0))
    metrics.answered(OF, request(100.0), outcome, 102.0, frozenset(problems))
    taken = metrics.take()
    assert {metric.dimensions for metric, _, _ in taken} == {frozenset(OF.items())}
    assert metrics.take() == []
    return {metric.name: value for metric, _, value in taken}


def test_every_name_is_one_of_aws_s() -> None:
    known = cast(Choice, METRICS_OF_VARIANT.allowed)
    assert set(known.values) >= ASYNC_METRICS


def test_an_answer_is_counted_with_its_times_and_no_failure() -> None:
    values = measured(Outcome(b"x"))
    assert (values[INVOCATIONS_PROCESSED], values[TIME_IN_BACKLOG], values[TOTAL_PROCESSING_TIME]) == (1.0, 2e6, 5e3)
    assert {name for name, value in values.items() if not value} == ASYNC_METRICS - {
        INVOCATIONS_PROCESSED,
        TIME_IN_BACKLOG,
        TOTAL_PROCESSING_TIME,
    }


@pytest.mark.parametrize(
    ("outcome", "problems", "counted"),
    [
        (Outcome.failure("too late", EXPIRED_REQUESTS), (), {INVOCATION_FAILURES, EXPIRED_REQUESTS}),
        (Outcome.answered(400, "text/plain", b"no"), (), {INVOCATION_FAILURES, CLIENT_ERRORS}),
        (Outcome.failure("slow"), (), {INVOCATION_FAILURES}),
        (Outcome(b"x"), (RESPONSE_UPLOAD_FAILURES,), {INVOCATION_FAILURES, RESPONSE_UPLOAD_FAILURES}),
        (Outcome(b"x"), (NOTIFICATION_FAILURES,), {NOTIFICATION_FAILURES}),
    ],
)
def test_a_failure_is_counted_as_one_and_by_its_kind(
    outcome: Outcome, problems: tuple[str, ...], counted: set[str]
) -> None:
    values = measured(outcome, *problems)
    assert {name for name, value in values.items() if value == 1.0} == {INVOCATIONS_PROCESSED, *counted}


@pytest.fixture(scope="module")
def queue(local_aws: LocalAws, serve: Serve, runtime: Any) -> Queue:
    return Queue(local_aws, serve, runtime)


def test_cloudwatch_gets_the_sums_of_what_happened(
    local_aws: LocalAws, queue: Queue, sagemaker: Any, runtime: Any
) -> None:
    for body in (b"well", b"!status 400", b"well"):
        queue.submit(body)
    runtime.invoke_endpoint_async(EndpointName=queue.endpoint, InputLocation=f"s3://{queue.bucket}/nothing-here")
    queue.outcomes(4)
    set_count(sagemaker, queue.endpoint, 0)
    queue.submit(b"x", RequestTTLSeconds=60)
    queue.outcomes(1)
    expected = {
        INVOCATIONS_PROCESSED: 5.0,
        INVOCATION_FAILURES: 3.0,
        CLIENT_ERRORS: 1.0,
        REQUEST_DOWNLOAD_FAILURES: 1.0,
        EXPIRED_REQUESTS: 1.0,
    }
    deadline = time.monotonic() + 10
    while (seen := {name: total(local_aws, queue, name) for name in expected}) != expected:
        assert time.monotonic() < deadline, seen
        time.sleep(0.2)
    # A minute in the queue is a second of the wall's clock here; what the model answered was at work at once.
    assert total(local_aws, queue, TIME_IN_BACKLOG) >= 60e6


def total(aws: LocalAws, queue: Queue, name: str) -> float:
    now = datetime.now(UTC)
    dimensions = {"EndpointName": queue.endpoint, "VariantName": "all"}
    found = aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=10),
        Period=3600,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in found["Datapoints"]))
