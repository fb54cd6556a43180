"""How an update goes, how long it waits, and which instances it takes."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.facts import realtime, serverless
from constructs_lib.updates.estimate import Estimate
from constructs_lib.updates.plan import EndpointPlan, plan
from tests.updates.templates import Template, canary, changed, on_instances, rolling, served
from tests.updates.templates import serverless as on_demand

NEW_MODEL = {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/classifier:2"}


def updated(old: Template, new: Template) -> EndpointPlan:
    (found,) = plan(old, new).endpoints
    return found


def another_model(*variants: dict[str, Any], **options: Any) -> EndpointPlan:
    old = served(*variants, **options)
    return updated(old, changed(old, "Model", PrimaryContainer=NEW_MODEL))


def estimate(*variants: dict[str, Any], deployment: dict[str, Any] | None = None) -> Estimate:
    endpoint = {} if deployment is None else {"DeploymentConfig": deployment}
    found = another_model(*variants, endpoint=endpoint).estimate
    assert found is not None
    return found


def takes(found: EndpointPlan) -> list[tuple[str, bool, int, int, int, int]]:
    assert found.capacity is not None
    return [
        (row.instance_type, row.scaled_out, row.before, row.peak, row.after, row.rollback) for row in found.capacity
    ]


def test_without_a_policy_all_requests_move_at_once() -> None:
    found = estimate()
    assert (found.method, found.waiting_in_seconds, found.starts) == ("blue/green, all at once", 0, 1)
    assert found.timeout_in_seconds is None


def test_a_canary_waits_twice_and_has_a_time_out() -> None:
    found = estimate(deployment=canary(percent=25, wait=300, last=60, timeout=3600))
    assert (found.method, found.waiting_in_seconds, found.timeout_in_seconds) == ("blue/green, canary", 360, 3600)
    assert found.steps == (
        "25 % of the requests are on the new fleet, watched for 300 s (WaitIntervalInSeconds)",
        "100 % of the requests are on the new fleet, watched for 60 s (TerminationWaitInSeconds)",
    )


def test_each_batch_starts_a_fleet_and_waits() -> None:
    found = estimate(on_instances(count=4), deployment=rolling(percent=25, wait=120))
    assert (found.method, found.starts, found.waiting_in_seconds) == ("rolling", 4, 480)


def test_a_container_has_the_time_that_the_variant_gives_it() -> None:
    assert estimate().start_limit_in_seconds == realtime.HEALTH_CHECK_TIMEOUT.default
    slow = on_instances(ContainerStartupHealthCheckTimeoutInSeconds=900)
    assert estimate(slow).start_limit_in_seconds == 900
    assert estimate(on_demand()).start_limit_in_seconds == serverless.START_TIMEOUT.maximum


def test_a_retained_deployment_config_is_the_last_one() -> None:
    old = served(endpoint={"DeploymentConfig": canary()})
    new = changed(served(endpoint={"RetainDeploymentConfig": True}), "Model", PrimaryContainer=NEW_MODEL)
    found = updated(old, new).estimate
    assert found is not None
    assert found.method == "blue/green, canary"


@pytest.mark.parametrize(
    "deployment",
    [
        {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": {"Ref": "Type"}}}},
        {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "CANARY"}}},
        {"RollingUpdatePolicy": {"MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 0}}},
    ],
)
def test_what_is_not_known_or_not_complete_is_not_estimated(deployment: dict[str, Any]) -> None:
    assert another_model(endpoint={"DeploymentConfig": deployment}).estimate is None


def test_inf1_falls_back_to_all_at_once() -> None:
    found = estimate(on_instances(type_="ml.inf1.xlarge"), deployment=canary())
    assert (found.method, found.waiting_in_seconds) == ("blue/green, all at once", 0)


def test_blue_green_doubles_the_fleet() -> None:
    assert takes(another_model(on_instances(count=3))) == [("ml.m5.large", False, 3, 6, 3, 0)]


def test_scaled_out_it_doubles_what_scaling_has_reached() -> None:
    retained = {"RetainAllVariantProperties": True}
    assert takes(another_model(scaled=("A",), endpoint=retained)) == [
        ("ml.m5.large", False, 2, 4, 2, 0),
        ("ml.m5.large", True, 4, 8, 4, 0),
    ]


def test_without_retaining_the_new_fleet_begins_small() -> None:
    assert takes(another_model(scaled=("A",)))[1] == ("ml.m5.large", True, 4, 6, 2, 0)


def test_a_rolling_update_adds_a_batch_and_a_rollback_all_of_the_old_fleet() -> None:
    endpoint = {"DeploymentConfig": rolling(percent=25)}
    assert takes(another_model(on_instances(count=4), endpoint=endpoint)) == [("ml.m5.large", False, 4, 5, 4, 3)]


def test_a_rollback_in_batches_takes_no_more_than_a_batch() -> None:
    size = {"Type": "CAPACITY_PERCENT", "Value": 25}
    endpoint = {"DeploymentConfig": rolling(percent=50, RollbackMaximumBatchSize=size)}
    assert takes(another_model(on_instances(count=4), endpoint=endpoint)) == [("ml.m5.large", False, 4, 6, 4, 1)]


def test_another_type_is_counted_by_itself() -> None:
    found = updated(served(), served(on_instances(type_="ml.c5.large", count=3)))
    assert takes(found) == [("ml.c5.large", False, 0, 3, 3, 0), ("ml.m5.large", False, 2, 2, 0, 0)]


def test_a_replacement_runs_beside_the_endpoint_it_replaces() -> None:
    old = served(endpoint={"EndpointName": "one"})
    found = updated(old, changed(old, "Endpoint", EndpointName="two"))
    assert takes(found) == [("ml.m5.large", False, 2, 4, 2, 0)]
    assert found.estimate is None


def test_serverless_takes_no_instances() -> None:
    assert another_model(on_demand()).capacity == ()


def test_counts_that_are_not_known_are_not_guessed() -> None:
    assert another_model(on_instances(InitialInstanceCount={"Ref": "Count"})).capacity is None
