"""The tenth update works: each kind of change of a real-time endpoint, deployed over the one before."""

from __future__ import annotations

import io
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from botocore.exceptions import ClientError

from constructs_lib import (
    Autoscaling,
    CapacitySize,
    ContainerImage,
    Model,
    ModelArtifact,
    RealtimeEndpoint,
    Rollout,
    Variant,
    VariantProperty,
)
from constructs_lib.local import LocalAws
from constructs_lib.testing import deploy, local_aws

ECHO = [sys.executable, str(Path(__file__).parents[1] / "local" / "echo_server.py")]
IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/echo:1"
Build = Callable[[cdk.Stack], RealtimeEndpoint]


aws = local_aws(containers={"echo": ECHO}, time_scale=120.0, scope="module")


def deployed(aws: LocalAws, name: str, build: Build) -> str:
    """Deploy a stack with one endpoint; the endpoint's name."""
    app = cdk.App()
    stack = cdk.Stack(app, name)
    cdk.CfnOutput(stack, "EndpointName", value=build(stack).endpoint_name)
    return deploy(aws, app)["EndpointName"]


def model(stack: cdk.Stack, suffix: str = "", id: str = "Model") -> Model:
    """A model whose answers end in ``suffix``."""
    environment = {"SUFFIX": suffix} if suffix else {}
    return Model(stack, id, image=ContainerImage.from_uri(IMAGE), environment=environment)


def simple(suffix: str = "", instance_type: str = "ml.m5.large", **arguments: Any) -> Build:
    return lambda stack: RealtimeEndpoint(
        stack, "Endpoint", model=model(stack, suffix), instance_type=instance_type, **arguments
    )


def answer(aws: LocalAws, endpoint: str, body: bytes = b"coo") -> str:
    invoked = aws.client("sagemaker-runtime").invoke_endpoint(EndpointName=endpoint, Body=body)
    text: str = invoked["Body"].read().decode()
    return text


def variants(aws: LocalAws, endpoint: str) -> dict[str, dict[str, Any]]:
    described = aws.client("sagemaker").describe_endpoint(EndpointName=endpoint)
    return {variant["VariantName"]: variant for variant in described["ProductionVariants"]}


def test_a_changed_model_is_served_after_the_update(aws: LocalAws) -> None:
    name = deployed(aws, "ChangedModel", simple("-one"))
    assert answer(aws, name) == "coo-one"
    assert deployed(aws, "ChangedModel", simple("-two")) == name
    assert answer(aws, name) == "coo-two"


def test_a_changed_artifact_alone_is_served_after_the_update(aws: LocalAws, tmp_path: Path) -> None:
    def build(weights: bytes) -> Build:
        archive = tmp_path / "model.tar.gz"
        with tarfile.open(archive, "w:gz") as packed:
            member = tarfile.TarInfo("weights.txt")
            member.size = len(weights)
            packed.addfile(member, io.BytesIO(weights))

        def endpoint(stack: cdk.Stack) -> RealtimeEndpoint:
            artifact = ModelArtifact.from_file(str(archive))
            served = Model(stack, "Model", image=ContainerImage.from_uri(IMAGE), artifact=artifact)
            return RealtimeEndpoint(stack, "Endpoint", model=served, instance_type="ml.m5.large")

        return endpoint

    name = deployed(aws, "ChangedArtifact", build(b"light"))
    assert answer(aws, name, b"!model weights.txt") == "light"
    assert deployed(aws, "ChangedArtifact", build(b"heavy")) == name
    assert answer(aws, name, b"!model weights.txt") == "heavy"


def test_a_changed_instance_type_of_a_variant_that_is_not_scaled_is_deployed(aws: LocalAws) -> None:
    name = deployed(aws, "ChangedType", simple())
    assert deployed(aws, "ChangedType", simple(instance_type="ml.c5.large")) == name


def test_counts_that_scaling_or_a_person_has_set_are_kept(aws: LocalAws) -> None:
    name = deployed(aws, "KeptCount", simple("-one"))
    desired = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 3}]
    aws.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=desired
    )
    waited(lambda: variants(aws, name)["AllTraffic"]["CurrentInstanceCount"] == 3)
    deployed(aws, "KeptCount", simple("-two"))
    assert variants(aws, name)["AllTraffic"]["CurrentInstanceCount"] == 3
    assert answer(aws, name) == "coo-two"


def test_weights_that_a_person_has_set_are_kept(aws: LocalAws) -> None:
    name = deployed(aws, "KeptWeight", shared_by_two("-one", weight=1))
    aws.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=[{"VariantName": "B", "DesiredWeight": 0}]
    )
    waited(lambda: variants(aws, name)["B"]["CurrentWeight"] == 0)
    deployed(aws, "KeptWeight", shared_by_two("-two", weight=3))
    assert variants(aws, name)["B"]["CurrentWeight"] == 0
    assert answer(aws, name) == "coo-two"


def test_changed_weights_and_counts_are_deployed_where_they_are_not_retained(aws: LocalAws) -> None:
    name = deployed(aws, "ChangedWeight", shared_by_two("-one", weight=1))
    deployed(aws, "ChangedWeight", shared_by_two("-one", weight=3, count=2, not_retained=list(VariantProperty)))
    changed = variants(aws, name)["B"]
    assert (changed["CurrentWeight"], changed["CurrentInstanceCount"]) == (3, 2)


def shared_by_two(suffix: str, *, weight: float, count: int = 1, not_retained: Sequence[VariantProperty] = ()) -> Build:
    """An endpoint of two variants, the second of which has this weight and count."""

    def endpoint(stack: cdk.Stack) -> RealtimeEndpoint:
        shared = model(stack, suffix)
        second = Variant(
            model=shared, name="B", instance_type="ml.m5.large", weight=weight, initial_instance_count=count
        )
        return RealtimeEndpoint(
            stack,
            "Endpoint",
            variants=[Variant(model=shared, name="A", instance_type="ml.m5.large"), second],
            exclude_retained_variant_properties=not_retained,
        )

    return endpoint


def test_a_variant_comes_and_goes(aws: LocalAws) -> None:
    def build(*names: str) -> Build:
        def endpoint(stack: cdk.Stack) -> RealtimeEndpoint:
            shared = model(stack)
            wanted = [Variant(model=shared, name=name, instance_type="ml.m5.large") for name in names]
            return RealtimeEndpoint(stack, "Endpoint", variants=wanted)

        return endpoint

    name = deployed(aws, "ComesAndGoes", build("A"))
    assert deployed(aws, "ComesAndGoes", build("A", "B")) == name
    assert set(variants(aws, name)) == {"A", "B"}
    assert deployed(aws, "ComesAndGoes", build("B")) == name
    assert set(variants(aws, name)) == {"B"}


def scaled(instance_type: str, **arguments: Any) -> Build:
    scaling = Autoscaling(max_capacity=2, invocations_per_instance=100)
    return simple(instance_type=instance_type, autoscaling=scaling, **arguments)


def test_a_new_instance_type_of_a_scaled_variant_is_refused_and_taken_back(aws: LocalAws) -> None:
    name = deployed(aws, "Refused", scaled("ml.m5.large"))
    with pytest.raises(AssertionError, match="scalable target"):
        deployed(aws, "Refused", scaled("ml.c5.large"))
    assert answer(aws, name) == "COO"


def test_a_new_instance_type_of_a_scaled_variant_is_deployed_in_two_steps(aws: LocalAws) -> None:
    name = deployed(aws, "TwoSteps", scaled("ml.m5.large"))
    assert deployed(aws, "TwoSteps", simple(instance_type="ml.m5.large")) == name
    assert deployed(aws, "TwoSteps", scaled("ml.c5.large")) == name
    assert answer(aws, name) == "COO"


def test_a_new_instance_type_of_a_scaled_variant_may_make_another_endpoint(aws: LocalAws) -> None:
    before = deployed(aws, "Replaced", scaled("ml.m5.large", replace_on_instance_type_change=True))
    after = deployed(aws, "Replaced", scaled("ml.c5.large", replace_on_instance_type_change=True))
    assert before != after
    assert answer(aws, after) == "COO"
    with pytest.raises(ClientError, match="Could not find"):
        aws.client("sagemaker").describe_endpoint(EndpointName=before)


def test_a_rollout_whose_alarm_goes_off_comes_back_to_the_old_model(aws: LocalAws) -> None:
    rollout = Rollout.canary(
        CapacitySize.percent(50), wait_interval_in_seconds=600, maximum_execution_timeout_in_seconds=3600
    )
    name = deployed(aws, "RolledBack", simple("-one", initial_instance_count=2, rollout=rollout))
    sagemaker, cloudwatch = aws.client("sagemaker"), aws.client("cloudwatch")
    alarms = cloudwatch.describe_alarms()["MetricAlarms"]
    alarm = next(each["AlarmName"] for each in alarms if each["AlarmDescription"].startswith("rolls back"))

    def goes_off() -> None:
        if sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "Updating":
            cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="too many errors")

    with meanwhile(goes_off), pytest.raises(AssertionError) as raised:
        deployed(aws, "RolledBack", simple("-two", initial_instance_count=2, rollout=rollout))
    assert alarm in str(raised.value)
    assert answer(aws, name) == "coo-one"


def waited(holds: Callable[[], bool], longest: float = 20) -> None:
    deadline = time.monotonic() + longest
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def meanwhile(do: Callable[[], None]) -> Iterator[None]:
    """Do something again and again while the block runs."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(0.1):
            do()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
