"""Scheduled actions: their operations, what they do when they are due, and how stacks hold them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import WaiterError

from constructs_lib.local import LocalAws
from constructs_lib.local.autoscaling.engine import ScalingEngine
from constructs_lib.local.autoscaling.records import TargetRecord
from constructs_lib.local.autoscaling.scheduled_actions import ScheduledActions
from constructs_lib.local.clock import Clock
from constructs_lib.local.errors import AwsError
from tests.local.conftest import Serve, client_of, refused
from tests.local.test_autoscaling import DIMENSION, Variant, count, eventually
from tests.local.test_autoscaling_in_action import resource
from tests.local.test_cloudformation import Stack

KEY = ("endpoint/e/variant/all", DIMENSION)
NOW = 1_000_000.0


@pytest.fixture
def target() -> TargetRecord:
    return TargetRecord(*KEY, ScalingEngine(1, 3))


@pytest.fixture
def actions(target: TargetRecord) -> ScheduledActions:
    """The actions of one target, on a clock that stands at NOW."""
    return ScheduledActions(cast(Clock, SimpleNamespace(now=lambda: NOW)), {KEY: target})


def action(schedule: str = "rate(1 hour)", name: str = "any", **members: Any) -> dict[str, Any]:
    bounds = {"MinCapacity": 2, "MaxCapacity": 5}
    return {"ScheduledActionName": name, "Schedule": schedule, "ScalableTargetAction": bounds} | members


def bounds(target: TargetRecord) -> tuple[int, int]:
    return target.engine.minimum, target.engine.maximum


def test_nothing_happens_before_an_action_is_due(actions: ScheduledActions, target: TargetRecord) -> None:
    actions.put(KEY, action())
    assert (actions.run_due(NOW + 3599), bounds(target)) == ([], (1, 3))


def test_a_due_action_sets_the_bounds_and_is_told(actions: ScheduledActions, target: TargetRecord) -> None:
    actions.put(KEY, action(name="morning"))
    (activity,) = actions.run_due(NOW + 3600)
    assert bounds(target) == (2, 5)
    assert activity["Cause"] == "scheduled action name morning was triggered"
    assert activity["StatusMessage"] == "Successfully set min capacity to 2 and max capacity to 5"


def test_what_an_action_does_not_name_stays(actions: ScheduledActions, target: TargetRecord) -> None:
    actions.put(KEY, action(ScalableTargetAction={"MaxCapacity": 9}))
    actions.run_due(NOW + 3600)
    assert bounds(target) == (1, 9)


def test_a_recurring_action_acts_again_and_once_for_all_that_was_missed(
    actions: ScheduledActions, target: TargetRecord
) -> None:
    actions.put(KEY, action())
    assert [len(actions.run_due(NOW + hours * 3600)) for hours in (1, 1.5, 5, 5.5, 6)] == [1, 0, 1, 0, 1]


def test_an_action_of_one_time_acts_once(actions: ScheduledActions) -> None:
    actions.put(KEY, action("at(1970-01-12T14:00:00)"))
    assert [len(actions.run_due(NOW + hours * 3600)) for hours in (1, 2)] == [1, 0]


def test_an_action_acts_between_its_start_and_its_end_only(actions: ScheduledActions) -> None:
    actions.put(KEY, action(StartTime=NOW + 7200, EndTime=NOW + 10_800))
    assert [len(actions.run_due(NOW + hours * 3600)) for hours in (1, 2, 3, 4)] == [0, 1, 1, 0]


def test_a_minimum_above_the_maximum_fails_and_changes_nothing(actions: ScheduledActions, target: TargetRecord) -> None:
    actions.put(KEY, action(ScalableTargetAction={"MinCapacity": 4}))
    (activity,) = actions.run_due(NOW + 3600)
    assert (activity["StatusCode"], bounds(target)) == ("Failed", (1, 3))


def test_suspended_scheduling_does_nothing(actions: ScheduledActions, target: TargetRecord) -> None:
    actions.put(KEY, action())
    target.suspend({"ScheduledScalingSuspended": True})
    assert (actions.run_due(NOW + 3600), bounds(target)) == ([], (1, 3))


def test_more_actions_than_aws_allows_are_refused(actions: ScheduledActions) -> None:
    for number in range(200):
        actions.put(KEY, action(name=f"action-{number}"))
    with pytest.raises(AwsError) as caught:
        actions.put(KEY, action(name="one too many"))
    assert caught.value.code == "LimitExceededException"


@pytest.fixture(scope="module")
def scaling(local_aws: LocalAws) -> Any:
    return client_of(local_aws, "application-autoscaling")


@pytest.fixture
def variant(serve: Serve, scaling: Any) -> Iterator[Variant]:
    """A registered variant of one instance."""
    made = Variant(serve())
    scaling.register_scalable_target(**made.key, MinCapacity=1, MaxCapacity=1)
    yield made
    scaling.deregister_scalable_target(**made.key)


def described(scaling: Any, resource_id: str) -> list[dict[str, Any]]:
    answer = scaling.describe_scheduled_actions(ServiceNamespace="sagemaker", ResourceId=resource_id)
    found: list[dict[str, Any]] = answer["ScheduledActions"]
    return found


def test_an_action_is_described_changed_in_part_and_deleted(variant: Variant, scaling: Any) -> None:
    scaling.put_scheduled_action(**variant.key, **action("cron(0 8 * * ? *)", Timezone="Europe/Berlin"))
    (first,) = described(scaling, variant.resource_id)
    scaling.put_scheduled_action(**variant.key, ScheduledActionName="any", Schedule="rate(1 day)")
    (second,) = described(scaling, variant.resource_id)
    assert (first["Schedule"], first["Timezone"]) == ("cron(0 8 * * ? *)", "Europe/Berlin")
    assert (second["Schedule"], second["ScalableTargetAction"]) == (
        "rate(1 day)",
        {"MinCapacity": 2, "MaxCapacity": 5},
    )
    assert first["ScheduledActionARN"] == second["ScheduledActionARN"]
    scaling.delete_scheduled_action(**variant.key, ScheduledActionName="any")
    assert described(scaling, variant.resource_id) == []


def test_an_action_that_is_not_there_is_not_found(variant: Variant, scaling: Any) -> None:
    error = refused(scaling.delete_scheduled_action, **variant.key, ScheduledActionName="none").response["Error"]
    assert error["Code"] == "ObjectNotFoundException"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"Schedule": "cron(0 8 * * * *)"}, "Invalid schedule expression"),
        ({"Timezone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"ScheduledActionName": "with/slash"}, "ScheduledActionName must be"),
    ],
)
def test_an_action_that_cannot_be_is_refused(
    variant: Variant, scaling: Any, members: dict[str, Any], said: str
) -> None:
    error = refused(scaling.put_scheduled_action, **variant.key, **(action() | members)).response["Error"]
    assert error["Code"] == "ValidationException"
    assert said in error["Message"]


def test_the_clock_brings_an_action_and_the_variant_follows(variant: Variant, scaling: Any, sagemaker: Any) -> None:
    scaling.put_scheduled_action(**variant.key, **action("rate(1 minute)"))
    eventually(lambda: count(sagemaker, variant.endpoint) == 2)
    activities = scaling.describe_scaling_activities(ServiceNamespace="sagemaker", ResourceId=variant.resource_id)
    causes = [activity["Cause"] for activity in activities["ScalingActivities"]]
    assert {"scheduled action name any was triggered", "minimum capacity was set to 2"} <= set(causes)


def test_deregistering_takes_the_actions_along(serve: Serve, scaling: Any) -> None:
    made = Variant(serve())
    scaling.register_scalable_target(**made.key, MinCapacity=1, MaxCapacity=1)
    scaling.put_scheduled_action(**made.key, **action())
    scaling.deregister_scalable_target(**made.key)
    assert described(scaling, made.resource_id) == []


def template(endpoint: str, *actions: dict[str, Any]) -> dict[str, Any]:
    """A target with scheduled actions; numbers as text, as templates may have them."""
    target = resource(
        "ApplicationAutoScaling::ScalableTarget",
        ServiceNamespace="sagemaker",
        ResourceId=f"endpoint/{endpoint}/variant/all",
        ScalableDimension=DIMENSION,
        MinCapacity="1",
        MaxCapacity="1",
        ScheduledActions=list(actions),
    )
    return {"Resources": {"Target": target}, "Outputs": {"Target": {"Value": {"Ref": "Target"}}}}


def test_a_stack_s_actions_come_change_and_go(local_aws: LocalAws, serve: Serve, scaling: Any) -> None:
    stack, endpoint = Stack(local_aws), serve()
    text = {"ScalableTargetAction": {"MinCapacity": "2", "MaxCapacity": "4"}}
    evening = action("cron(0 20 * * ? *)", "evening", StartTime="2026-11-21T00:00:00Z")
    stack.deploy(template(endpoint, action("cron(0 8 * * ? *)", "morning") | text, evening))
    resource_id = f"endpoint/{endpoint}/variant/all"
    found = {each["ScheduledActionName"]: each for each in described(scaling, resource_id)}
    assert sorted(found) == ["evening", "morning"]
    assert found["morning"]["ScalableTargetAction"] == {"MinCapacity": 2, "MaxCapacity": 4}
    assert found["evening"]["StartTime"] == datetime(2026, 11, 21, tzinfo=UTC)
    stack.deploy(template(endpoint, action("cron(0 9 * * ? *)", "morning")))
    assert [each["Schedule"] for each in described(scaling, resource_id)] == ["cron(0 9 * * ? *)"]
    stack.delete()
    assert described(scaling, resource_id) == []


def test_a_stack_with_a_wrong_schedule_leaves_no_target(local_aws: LocalAws, serve: Serve, scaling: Any) -> None:
    stack, endpoint = Stack(local_aws), serve()
    with pytest.raises(WaiterError):
        stack.deploy(template(endpoint, action("cron(0 8 * * * *)")))
    assert "Invalid schedule expression" in stack.reasons()
    found = scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[f"endpoint/{endpoint}/variant/all"]
    )
    assert found["ScalableTargets"] == []
    stack.delete()
