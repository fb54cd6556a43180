"""How updates of a real-time endpoint are rolled out: the four ways, their bounds, and what AWS does silently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk.assertions import Template

from constructs_lib import InvalidConfiguration, RealtimeEndpoint, Variant
from constructs_lib.endpoints.alarms import DefaultAlarms
from constructs_lib.endpoints.capacity import CapacitySize
from constructs_lib.endpoints.rollout import Rollout
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_model, any_name, only, synthesize

percent, instances = CapacitySize.percent, CapacitySize.instances


def served(rollout: Rollout, instance_type: str = "ml.m5.large") -> Template:
    return synthesize(
        lambda s: RealtimeEndpoint(s, "E", model=any_model(s), instance_type=instance_type, rollout=rollout)
    )


def policy(rollout: Rollout) -> dict[str, Any]:
    config = only(served(rollout), "AWS::SageMaker::Endpoint")["DeploymentConfig"]
    return {key: value for key, value in config.items() if key != "AutoRollbackConfiguration"}


def test_all_at_once_keeps_the_old_fleet_for_five_minutes() -> None:
    assert policy(Rollout.all_at_once()) == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE"},
            "TerminationWaitInSeconds": 300,
        }
    }


def test_a_canary_says_its_size_and_how_long_it_is_watched() -> None:
    rollout = Rollout.canary(
        percent(10),
        wait_interval_in_seconds=600,
        termination_wait_in_seconds=0,
        maximum_execution_timeout_in_seconds=3600,
    )
    assert policy(rollout) == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {
                "Type": "CANARY",
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
                "WaitIntervalInSeconds": 600,
            },
            "TerminationWaitInSeconds": 0,
            "MaximumExecutionTimeoutInSeconds": 3600,
        }
    }


def test_a_linear_rollout_says_its_step() -> None:
    assert policy(Rollout.linear(instances(2))) == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {
                "Type": "LINEAR",
                "LinearStepSize": {"Type": "INSTANCE_COUNT", "Value": 2},
                "WaitIntervalInSeconds": 300,
            },
            "TerminationWaitInSeconds": 300,
        }
    }


def test_a_rolling_rollout_says_its_batches_both_ways() -> None:
    rollout = Rollout.rolling(percent(25), rollback_batch=percent(100), maximum_execution_timeout_in_seconds=7200)
    assert policy(rollout) == {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 25},
            "RollbackMaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 100},
            "WaitIntervalInSeconds": 300,
            "MaximumExecutionTimeoutInSeconds": 7200,
        }
    }


@pytest.mark.parametrize(
    "rollout",
    [
        Rollout.all_at_once(),
        Rollout.all_at_once(default_alarms=None),
        Rollout.canary(percent(50)),
        Rollout.canary(instances(1)),
        Rollout.linear(percent(10)),
        Rollout.linear(percent(50), maximum_execution_timeout_in_seconds=1000),
        Rollout.rolling(percent(5)),
        Rollout.rolling(percent(50), maximum_execution_timeout_in_seconds=601),
    ],
)
def test_the_limit_check_finds_nothing(rollout: Rollout) -> None:
    assert_no_limit_findings(served(rollout), region="us-east-1")


@pytest.mark.parametrize(
    ("make", "low", "high"),
    [(Rollout.canary, 1, 50), (Rollout.linear, 10, 50), (Rollout.rolling, 5, 50)],
    ids=["canary", "linear", "rolling"],
)
def test_a_share_ends_at_its_bounds(make: Callable[[CapacitySize], Rollout], low: int, high: int) -> None:
    make(percent(low))
    make(percent(high))
    with pytest.raises(InvalidConfiguration, match=rf"from {low} to {high} %.*got {high + 1}"):
        make(percent(high + 1))
    with pytest.raises(InvalidConfiguration, match=f"got {low - 1}"):
        make(percent(low - 1))


def test_a_size_of_no_instances_is_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="value must be at least 1"):
        instances(0)


@pytest.mark.parametrize(("timeout", "fits"), [(901, True), (900, False)])
def test_the_time_out_is_larger_than_two_waits_of_a_canary_and_the_last_one(timeout: int, fits: bool) -> None:
    def make() -> Rollout:
        return Rollout.canary(percent(10), maximum_execution_timeout_in_seconds=timeout)

    if fits:
        make()
        return
    with pytest.raises(InvalidConfiguration, match=r"2 x wait_interval_in_seconds 300 .* = 900, got 900"):
        make()


def test_each_step_of_a_linear_rollout_is_waited_for() -> None:
    Rollout.linear(percent(30), maximum_execution_timeout_in_seconds=1501)
    with pytest.raises(InvalidConfiguration, match="4 x wait_interval_in_seconds 300"):
        Rollout.linear(percent(30), maximum_execution_timeout_in_seconds=1500)


def test_all_problems_of_a_rollout_are_raised_at_once() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        Rollout.canary(
            percent(60),
            wait_interval_in_seconds=3601,
            termination_wait_in_seconds=-1,
            maximum_execution_timeout_in_seconds=599,
            default_alarms=None,
        )
    assert [problem.split(" must be ")[0] for problem in caught.value.problems] == [
        "size",
        "wait_interval_in_seconds",
        "termination_wait_in_seconds",
        "maximum_execution_timeout_in_seconds",
        "maximum_execution_timeout_in_seconds",
        "alarms",
    ]


@pytest.mark.parametrize(("kind", "argument"), [("CANARY", "size"), ("LINEAR", "step"), ("ROLLING", "batch")])
def test_a_rollout_in_steps_needs_their_size(kind: str, argument: str) -> None:
    with pytest.raises(InvalidConfiguration, match=f"{argument} must be given"):
        Rollout(kind=kind)


def test_steps_that_no_alarm_watches_are_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="alarms must be given, or default_alarms"):
        Rollout.linear(percent(20), default_alarms=None)


def refused(rollout: Rollout, *variants: tuple[str, str]) -> str:
    """Why an endpoint with these variants, each a name and an instance type, cannot have a rollout."""
    stack = cdk.Stack(cdk.App(), "Stack")
    model = any_model(stack)
    made = [Variant(model=model, name=name, instance_type=type_) for name, type_ in variants]
    with pytest.raises(InvalidConfiguration) as caught:
        RealtimeEndpoint(stack, "E", variants=made, rollout=rollout)
    assert stack.node.try_find_child("E") is None
    (problem,) = caught.value.problems
    return problem


def test_a_rolling_rollout_of_two_variants_is_refused() -> None:
    problem = refused(Rollout.rolling(percent(20)), ("a", "ml.m5.large"), ("b", "ml.m5.large"))
    assert "must not be rolling for several variants, got 2; give Rollout.canary" in problem


@pytest.mark.parametrize("rollout", [Rollout.canary(percent(10)), Rollout.all_at_once()], ids=["canary", "at once"])
def test_what_aws_would_silently_do_all_at_once_is_refused(rollout: Rollout) -> None:
    problem = refused(rollout, ("a", "ml.inf1.xlarge"))
    assert "rollout does nothing for ml.inf1.xlarge: AWS updates such instances all at once" in problem


def test_inf1_may_be_said_to_be_updated_all_at_once_without_alarms() -> None:
    template = served(Rollout.all_at_once(default_alarms=None), "ml.inf1.xlarge")
    assert "AutoRollbackConfiguration" not in only(template, "AWS::SageMaker::Endpoint")["DeploymentConfig"]


def test_the_type_of_an_instance_may_be_a_parameter() -> None:
    def build(stack: cdk.Stack) -> None:
        instance_type = cdk.CfnParameter(stack, "Type").value_as_string
        RealtimeEndpoint(
            stack, "E", model=any_model(stack), instance_type=instance_type, rollout=Rollout.canary(percent(10))
        )

    assert only(synthesize(build), "AWS::SageMaker::Endpoint")["DeploymentConfig"]


def test_more_than_ten_alarms_are_refused() -> None:
    variants = [(f"v{number}", "ml.m5.large") for number in range(6)]
    problem = refused(Rollout.canary(percent(10)), *variants)
    assert "must have at most 10 alarms, got 0 of alarms and 12 of default_alarms for 6 variants" in problem


def test_ten_alarms_are_not_too_many() -> None:
    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        made = [Variant(model=model, name=f"v{number}", instance_type="ml.m5.large") for number in range(5)]
        RealtimeEndpoint(stack, "E", variants=made, rollout=Rollout.canary(percent(10)), monitoring=None)

    synthesize(build).resource_count_is("AWS::CloudWatch::Alarm", 10)


def test_eleven_alarms_of_one_s_own_are_refused_before_there_is_an_endpoint() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    alarm = cloudwatch.Alarm.from_alarm_name(stack, "Alarm", any_name())
    with pytest.raises(InvalidConfiguration, match="alarms must be at most 10"):
        Rollout.canary(percent(10), alarms=[alarm] * 11)


def test_nothing_is_said_of_updates_unless_asked() -> None:
    template = synthesize(lambda s: RealtimeEndpoint(s, "E", model=any_model(s), instance_type="ml.m5.large"))
    assert "DeploymentConfig" not in only(template, "AWS::SageMaker::Endpoint")


def test_a_rollout_cannot_be_changed_once_it_is_made() -> None:
    with pytest.raises(AttributeError):
        Rollout.all_at_once().kind = "LINEAR"  # type: ignore[misc]  # that is the point


def test_default_alarms_are_the_same_for_all_rollouts() -> None:
    assert Rollout.all_at_once().default_alarms == DefaultAlarms()
