"""What holds data outlives its stack unless one argument says otherwise, and nothing is left behind when it does."""

from __future__ import annotations

import json
from collections.abc import Callable

import aws_cdk as cdk
import pytest

from constructs_lib import AsyncEndpoint, Autoscaling, Backlog, RealtimeEndpoint
from tests.safe.everything import BUILDERS, TYPE, Template, keyed_and_destroyed, templates
from tests.support import any_model, any_name, synthesize

STATEFUL = {
    "AWS::DynamoDB::Table",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
}
_BACKLOG = Backlog.drain_within(
    seconds=300, processing_seconds_per_request=20, concurrent_invocations_per_instance=2, max_capacity=4
)
# They keep nothing, so there is nothing to be asked.
STATELESS = {"ServerlessEndpoint", "ComponentEndpoint"}


@pytest.fixture(scope="module")
def retained() -> dict[str, Template]:
    """Each construct as it is by default."""
    return templates()


@pytest.fixture(scope="module")
def destroyed() -> dict[str, Template]:
    """Each construct with ``RemovalPolicy.DESTROY``."""
    return keyed_and_destroyed()


@pytest.mark.parametrize("construct", BUILDERS)
def test_what_holds_data_is_retained_by_default(construct: str, retained: dict[str, Template]) -> None:
    policies = {
        logical_id: (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
        for logical_id, resource in retained[construct]["Resources"].items()
        if resource["Type"] in STATEFUL
    }
    assert set(policies.values()) <= {("Retain", "Retain")}
    assert bool(policies) == (construct not in STATELESS)


@pytest.mark.parametrize("construct", BUILDERS)
def test_with_one_argument_nothing_is_left_behind(construct: str, destroyed: dict[str, Template]) -> None:
    left = [
        logical_id
        for logical_id, resource in destroyed[construct]["Resources"].items()
        if resource.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate", "Snapshot")
        or resource.get("UpdateReplacePolicy") in ("Retain", "Snapshot")
    ]
    assert left == []


def _scaled() -> dict[str, Callable[[cdk.Stack], object]]:
    """Every kind of scalable target, also of an endpoint whose name is known before it is there."""
    two = Autoscaling(invocations_per_instance=100, max_capacity=2)
    return {
        "variant": lambda stack: RealtimeEndpoint(
            stack, "Endpoint", model=any_model(stack), instance_type=TYPE, autoscaling=two
        ),
        "named": lambda stack: RealtimeEndpoint(
            stack, "Endpoint", model=any_model(stack), instance_type=TYPE, autoscaling=two, endpoint_name=any_name()
        ),
        "replaced": lambda stack: RealtimeEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type=TYPE,
            autoscaling=two,
            replace_on_instance_type_change=True,
        ),
        "backlog": lambda stack: AsyncEndpoint(
            stack, "Endpoint", model=any_model(stack), instance_type=TYPE, autoscaling=_BACKLOG
        ),
    }


@pytest.mark.parametrize("kind", _scaled())
def test_a_scaled_endpoint_is_deregistered_before_it_is_deleted(kind: str) -> None:
    resources = synthesize(_scaled()[kind]).to_json()["Resources"]
    [endpoint] = [name for name, each in resources.items() if each["Type"] == "AWS::SageMaker::Endpoint"]
    targets = [each for each in resources.values() if each["Type"] == "AWS::ApplicationAutoScaling::ScalableTarget"]
    assert targets
    for target in targets:  # CloudFormation deletes what refers to another resource before that
        waits_for = target.get("DependsOn", [])
        assert f'"{endpoint}"' in json.dumps([target["Properties"]["ResourceId"], waits_for])
