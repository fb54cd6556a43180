"""What holds data outlives its stack unless one argument says otherwise, and nothing is left behind when it does."""

from __future__ import annotations

import pytest

from tests.safe.everything import BUILDERS, Template, keyed_and_destroyed, templates

STATEFUL = {
    "AWS::DynamoDB::Table",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
}
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
