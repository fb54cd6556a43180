"""Updates of a serverless endpoint on the local AWS: what comes and goes, what is kept, what is taken back."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from botocore.exceptions import ClientError

from constructs_lib import (
    CapacitySize,
    ContainerImage,
    Model,
    ProvisionedConcurrencyScaling,
    Rollout,
    ScheduledAction,
    ServerlessEndpoint,
)
from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws

ECHO = [sys.executable, str(Path(__file__).parents[1] / "local" / "echo_server.py")]
IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/echo:1"
REFUSED_BY_THE_NEXT_MODEL = b"!status 400"


def between(least: int, most: int) -> ProvisionedConcurrencyScaling:
    """Scaling that changes nothing by itself while a test runs."""
    later = ScheduledAction.at(datetime(2099, 1, 1), name="Later", max_capacity=most)
    return ProvisionedConcurrencyScaling(min_capacity=least, max_capacity=most, utilization=None, schedules=[later])


aws = local_aws(containers={"echo": ECHO}, time_scale=120.0, scope="module")


def deployed(aws: LocalAws, name: str, environment: dict[str, str] | None = None, **options: Any) -> str:
    """Deploy a stack with one serverless endpoint; the endpoint's name."""
    app = cdk.App()
    stack = cdk.Stack(app, name)
    model = Model(stack, "Model", image=ContainerImage.from_uri(IMAGE), environment=environment)
    endpoint = ServerlessEndpoint(stack, "Endpoint", model=model, **options)
    cdk.CfnOutput(stack, "EndpointName", value=endpoint.endpoint_name)
    return deploy(aws, app)["EndpointName"]


def config(aws: LocalAws, endpoint: str) -> dict[str, Any]:
    (variant,) = aws.client("sagemaker").describe_endpoint(EndpointName=endpoint)["ProductionVariants"]
    return dict(variant["CurrentServerlessConfig"])


def targets(aws: LocalAws, endpoint: str) -> list[tuple[int, int]]:
    found = aws.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[f"endpoint/{endpoint}/variant/AllTraffic"]
    )
    return [(target["MinCapacity"], target["MaxCapacity"]) for target in found["ScalableTargets"]]


def answer(aws: LocalAws, endpoint: str, body: bytes = b"coo") -> str:
    invoked = aws.client("sagemaker-runtime").invoke_endpoint(EndpointName=endpoint, Body=body)
    text: str = invoked["Body"].read().decode()
    return text


def test_scaling_comes_changes_and_goes(aws: LocalAws) -> None:
    name = deployed(aws, "Scaling")
    assert targets(aws, name) == []
    assert deployed(aws, "Scaling", autoscaling=between(2, 4)) == name
    assert (config(aws, name)["ProvisionedConcurrency"], targets(aws, name)) == (2, [(2, 4)])
    assert deployed(aws, "Scaling", autoscaling=between(2, 5)) == name
    assert targets(aws, name) == [(2, 5)]
    assert deployed(aws, "Scaling") == name
    assert "ProvisionedConcurrency" not in config(aws, name)
    assert targets(aws, name) == []
    assert answer(aws, name) == "COO"


def test_a_change_of_scaling_alone_leaves_what_is_provisioned(aws: LocalAws) -> None:
    name = deployed(aws, "Kept", autoscaling=between(2, 4))
    by_hand = [{"VariantName": "AllTraffic", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 3}}]
    aws.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=by_hand
    )
    deployed(aws, "Kept", autoscaling=between(2, 5))
    assert config(aws, name)["ProvisionedConcurrency"] == 3


def test_a_changed_model_begins_with_what_the_configuration_says(aws: LocalAws) -> None:
    name = deployed(aws, "Begins", {"SUFFIX": "-one"}, autoscaling=between(2, 4))
    by_hand = [{"VariantName": "AllTraffic", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 3}}]
    aws.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=by_hand
    )
    assert deployed(aws, "Begins", {"SUFFIX": "-two"}, autoscaling=between(2, 4)) == name
    assert (answer(aws, name), config(aws, name)["ProvisionedConcurrency"]) == ("coo-two", 2)


def test_a_model_that_refuses_what_the_old_one_took_is_taken_back_by_the_default_alarms(aws: LocalAws) -> None:
    rollout = Rollout.canary(
        CapacitySize.percent(50), wait_interval_in_seconds=600, maximum_execution_timeout_in_seconds=3600
    )
    name = deployed(aws, "TakenBack", {"SUFFIX": "-old"}, rollout=rollout, max_concurrency=20)
    with asked(aws, name), pytest.raises(AssertionError) as raised:
        deployed(aws, "TakenBack", rollout=rollout, max_concurrency=20)
    assert "Invocation4XXErrors" in str(raised.value)
    assert answer(aws, name, REFUSED_BY_THE_NEXT_MODEL) == "!status 400-old"


@contextmanager
def asked(aws: LocalAws, endpoint: str) -> Iterator[None]:
    """Ask again and again while the block runs, whatever comes of it."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(0.02):
            with suppress(ClientError):
                answer(aws, endpoint, REFUSED_BY_THE_NEXT_MODEL)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
