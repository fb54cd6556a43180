"""A DeploymentConfig as steps of traffic, and what of it is refused."""

from typing import Any

import pytest

from constructs_lib.local.endpoints.deployment_policies import check_deployment
from constructs_lib.local.errors import AwsError
from constructs_lib.updates.steps import rollback_alarms, steps_of, timeout_of


def percent(value: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def instances(value: int) -> dict[str, Any]:
    return {"Type": "INSTANCE_COUNT", "Value": value}


def blue_green(kind: str, wait: int = 60, last: int = 30, **sizes: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **sizes}
    return {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": last},
    }


def rolling(wait: int = 60, **members: Any) -> dict[str, Any]:
    return {"RollingUpdatePolicy": {"WaitIntervalInSeconds": wait, **members}}


def on(count: int = 4) -> list[dict[str, Any]]:
    return [{"VariantName": "all", "InitialInstanceCount": count}]


def shape(config: dict[str, Any], count: int = 4) -> list[tuple[float, int]]:
    return [(round(step.share, 3), step.bake) for step in steps_of(config, count)]


def test_without_a_policy_everything_moves_at_once_and_nothing_is_watched() -> None:
    assert shape({}) == [(1.0, 0)]


def test_all_at_once_is_watched_before_the_old_fleet_goes() -> None:
    assert shape(blue_green("ALL_AT_ONCE")) == [(1.0, 30)]


def test_a_canary_is_watched_and_the_rest_follows() -> None:
    assert shape(blue_green("CANARY", CanarySize=percent(10))) == [(0.1, 60), (1.0, 30)]


def test_a_canary_in_instances_is_their_part_of_the_fleet() -> None:
    assert shape(blue_green("CANARY", CanarySize=instances(1))) == [(0.25, 60), (1.0, 30)]


def test_linear_steps_are_equal_and_the_last_one_takes_what_is_left() -> None:
    assert shape(blue_green("LINEAR", LinearStepSize=percent(40))) == [(0.4, 60), (0.8, 60), (1.0, 30)]


def test_ten_steps_of_a_tenth_are_ten() -> None:
    assert len(shape(blue_green("LINEAR", LinearStepSize=percent(10)))) == 10


def test_every_batch_of_a_rolling_update_is_watched() -> None:
    assert shape(rolling(MaximumBatchSize=instances(2))) == [(0.5, 60), (1.0, 60)]


def test_the_time_out_and_the_alarms_are_read() -> None:
    config = rolling(MaximumBatchSize=percent(50), MaximumExecutionTimeoutInSeconds=700)
    alarms = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}, {"AlarmName": "b"}]}}
    assert (timeout_of(config), rollback_alarms(config | alarms), rollback_alarms(config)) == (700.0, ["a", "b"], [])


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (blue_green("ALL_AT_ONCE") | rolling(MaximumBatchSize=percent(50)), "only one of the two"),
        (blue_green("CANARY"), "CanarySize is required with CANARY"),
        (blue_green("CANARY", CanarySize=percent(51)), "got 51 %"),
        (blue_green("CANARY", CanarySize=instances(3)), "got 3 of 4 instances"),
        (blue_green("LINEAR", LinearStepSize=percent(9)), "got 9 %"),
        (rolling(MaximumBatchSize=percent(4)), "got 4 %"),
        (
            rolling(wait=600, MaximumBatchSize=percent(50), MaximumExecutionTimeoutInSeconds=600),
            "got 600 s for 600 s",
        ),
    ],
)
def test_a_deployment_that_cannot_be_is_refused(config: dict[str, Any], said: str) -> None:
    with pytest.raises(AwsError, match=said):
        check_deployment(config, on())


@pytest.mark.parametrize(
    "config",
    [
        blue_green("CANARY", CanarySize=percent(50)),
        blue_green("CANARY", CanarySize=instances(2)),
        blue_green("LINEAR", LinearStepSize=percent(10)),
        rolling(MaximumBatchSize=percent(5)),
        rolling(wait=599, MaximumBatchSize=percent(50), MaximumExecutionTimeoutInSeconds=600),
    ],
)
def test_a_deployment_on_the_boundary_is_taken(config: dict[str, Any]) -> None:
    check_deployment(config, on())


def test_several_variants_do_not_roll() -> None:
    with pytest.raises(AwsError, match="several variants"):
        check_deployment(rolling(MaximumBatchSize=percent(50)), [*on(), *on()])


def test_a_serverless_variant_does_not_roll() -> None:
    variant = {"VariantName": "all", "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 1}}
    with pytest.raises(AwsError, match="serverless"):
        check_deployment(rolling(MaximumBatchSize=percent(50)), [variant])
