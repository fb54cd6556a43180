"""Options are checked when they are made, every problem at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch

from constructs_lib import Autoscaling, InvalidConfiguration, TransformOptions
from constructs_lib.options import CopyScaling, CustomMetric, Expiration, ScheduledAction, TargetTracking, Tracked


def test_a_sound_autoscaling_takes_aws_s_own_cooldowns() -> None:
    options = Autoscaling(max_capacity=4, invocations_per_instance=600)
    assert (options.min_capacity, options.scale_in_cooldown_in_seconds, options.scale_out_cooldown_in_seconds) == (
        1,
        300,
        300,
    )


def test_all_problems_of_one_call_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        Autoscaling(max_capacity=0, min_capacity=0, invocations_per_instance=0, scale_in_cooldown_in_seconds=-1)
    problems = caught.value.problems
    assert len(problems) == 4
    assert "min_capacity must be at least 1 instances, got 0; use AsyncEndpoint to scale to zero" in problems[0]
    assert "max_capacity must be at least 1 instances, got 0" in problems[1]
    assert "invocations_per_instance must be greater than 0, got 0" in problems[2]
    assert "scale_in_cooldown_in_seconds must be at least 0 s, got -1" in problems[3]
    assert all("https://docs.aws.amazon.com" in problem or "API model" in problem for problem in problems)


def test_objects_are_kept_for_a_day_or_more_or_for_ever() -> None:
    assert Expiration(inputs_in_days=1, outputs_in_days=None).outputs_in_days is None
    with pytest.raises(InvalidConfiguration) as caught:
        Expiration(inputs_in_days=0, outputs_in_days=-1)
    inputs, outputs = caught.value.problems
    assert "inputs_in_days must be at least 1 days, got 0; give None to keep them for ever" in inputs
    assert "outputs_in_days must be at least 1 days, got -1" in outputs


def test_a_minimum_above_the_maximum_is_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="min_capacity must be at most max_capacity 2, got 3"):
        Autoscaling(min_capacity=3, max_capacity=2, invocations_per_instance=5)


def test_a_number_that_is_known_at_deploy_time_only_passes() -> None:
    parameter = cdk.CfnParameter(cdk.Stack(cdk.App(), "S"), "Maximum", type="Number")
    options = Autoscaling(min_capacity=2, max_capacity=parameter.value_as_number, invocations_per_instance=1)  # type: ignore[arg-type]  # jsii types it as a float
    assert options.max_capacity == parameter.value_as_number


def test_payload_times_concurrency_may_reach_100_mb_and_no_more() -> None:
    TransformOptions(max_payload_in_mb=10, max_concurrent_transforms=10)
    with pytest.raises(InvalidConfiguration, match=r"max_payload_in_mb x max_concurrent_transforms .* got 110"):
        TransformOptions(max_payload_in_mb=10, max_concurrent_transforms=11)


def test_an_unknown_split_type_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        InvalidConfiguration, match="split_type must be one of None, Line, RecordIO, TFRecord, got 'CSV'"
    ):
        TransformOptions(split_type="CSV")


def problem_of(make: Any, **arguments: object) -> str:
    """The single problem of a call."""
    with pytest.raises(InvalidConfiguration) as caught:
        make(**arguments)
    (problem,) = caught.value.problems
    return problem


def test_scaling_without_anything_to_follow_is_refused() -> None:
    assert "invocations_per_instance, policies or schedules must be given" in problem_of(Autoscaling, max_capacity=2)
    assert "invocations_per_copy, policies or schedules must be given" in problem_of(CopyScaling, max_capacity=2)


def test_the_short_form_comes_before_further_policies_and_has_the_cooldowns() -> None:
    options = Autoscaling(
        max_capacity=2,
        invocations_per_instance=70,
        scale_in_cooldown_in_seconds=10,
        scale_out_cooldown_in_seconds=20,
        policies=[TargetTracking.on_cpu_utilization(50)],
    )
    short, further = options.tracking
    assert short == TargetTracking.on_invocations(70, scale_in_cooldown_in_seconds=10, scale_out_cooldown_in_seconds=20)
    assert (further.scale_in_cooldown_in_seconds, further.scale_out_cooldown_in_seconds) == (300, 300)


@pytest.mark.parametrize(
    "policies",
    [
        [TargetTracking.on_invocations(10)],
        [TargetTracking.on_cpu_utilization(10), TargetTracking.on_cpu_utilization(20, name="Other")],
    ],
)
def test_a_metric_is_tracked_once(policies: list[TargetTracking]) -> None:
    problem = problem_of(Autoscaling, max_capacity=2, invocations_per_instance=70, policies=policies)
    assert f"policies must each have a metric of their own, got {policies[0].metric} more than once" in problem


def test_metrics_of_the_same_name_but_other_dimensions_are_two() -> None:
    metrics = [CustomMetric(namespace="N", metric_name="M", dimensions={"D": value}) for value in "ab"]
    policies = [TargetTracking.on_metric(metric, 1, name=metric.dimensions["D"]) for metric in metrics]
    assert len(Autoscaling(max_capacity=2, policies=policies).tracking) == 2


@pytest.mark.parametrize(
    ("make", "tracked"),
    [
        (TargetTracking.on_invocations, Tracked.INVOCATIONS),
        (TargetTracking.on_concurrent_requests, Tracked.CONCURRENT_REQUESTS),
        (TargetTracking.on_cpu_utilization, Tracked.CPU_UTILIZATION),
        (TargetTracking.on_gpu_utilization, Tracked.GPU_UTILIZATION),
        (TargetTracking.on_gpu_memory_utilization, Tracked.GPU_MEMORY_UTILIZATION),
        (TargetTracking.on_memory_utilization, Tracked.MEMORY_UTILIZATION),
    ],
)
def test_each_constructor_tracks_its_metric_and_takes_the_options(make: Any, tracked: Tracked) -> None:
    policy = make(5, name="Mine", scale_in_cooldown_in_seconds=0, disable_scale_in=True)
    assert (policy.metric, policy.target_value, policy.name) == (tracked, 5, "Mine")
    assert (policy.scale_in_cooldown_in_seconds, policy.disable_scale_in) == (0, True)


def test_all_problems_of_a_policy_are_raised_together() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        TargetTracking.on_invocations(0, name="\n", scale_in_cooldown_in_seconds=-1, scale_out_cooldown_in_seconds=-2)
    assert [problem.split(" must be ")[0] for problem in caught.value.problems] == [
        "target_value",
        "name",
        "scale_in_cooldown_in_seconds",
        "scale_out_cooldown_in_seconds",
    ]


def test_memory_reaches_100_percent_and_no_more() -> None:
    assert TargetTracking.on_memory_utilization(100).target_value == 100
    with pytest.raises(InvalidConfiguration, match=r"memory utilization must be at most 100 %, got 100\.5"):
        TargetTracking.on_memory_utilization(100.5)


def test_the_cpu_of_several_cores_goes_beyond_100_percent() -> None:
    assert TargetTracking.on_cpu_utilization(280).target_value == 280


def test_a_metric_of_cdk_is_taken_over() -> None:
    metric = cloudwatch.Metric(namespace="Mine", metric_name="Queue", dimensions_map={"Of": "me"}, statistic="Maximum")
    assert TargetTracking.on_metric(metric, 3).metric == CustomMetric(
        namespace="Mine", metric_name="Queue", dimensions={"Of": "me"}, statistic="Maximum"
    )


def test_a_load_test_gives_the_target_with_the_safety_factor_of_the_guide() -> None:
    options = Autoscaling.from_load(requests_per_second_per_instance=20, max_capacity=4)
    assert (options.invocations_per_instance, options.max_capacity, options.min_capacity) == (600, 4, 1)


def test_a_load_test_with_a_peak_gives_the_most_instances_too() -> None:
    options = Autoscaling.from_load(
        requests_per_second_per_instance=20, safety_factor=0.75, peak_requests_per_second=46, min_capacity=2
    )
    assert (options.invocations_per_instance, options.max_capacity, options.min_capacity) == (900, 4, 2)


@pytest.mark.parametrize(("peak", "instances"), [(1, 3), (30, 3), (300, 30)])
def test_a_peak_never_gives_fewer_instances_than_the_minimum(peak: float, instances: int) -> None:
    options = Autoscaling.from_load(requests_per_second_per_instance=20, peak_requests_per_second=peak, min_capacity=3)
    assert options.max_capacity == instances


def test_a_peak_that_fits_exactly_needs_no_further_instance() -> None:
    assert 16.8 / (8 * 0.7) > 3  # as floating point has it
    options = Autoscaling.from_load(
        requests_per_second_per_instance=8, safety_factor=0.7, peak_requests_per_second=16.8
    )
    assert options.max_capacity == 3


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"safety_factor": 1.1, "max_capacity": 1}, "safety_factor must be from 0 to 1"),
        ({"safety_factor": 0, "max_capacity": 1}, "safety_factor must be greater than 0, got 0"),
        ({}, "max_capacity or peak_requests_per_second must be given"),
        ({"max_capacity": 1, "peak_requests_per_second": 1}, "and not both"),
        ({"max_capacity": 1, "requests_per_second_per_instance": 0}, "must be greater than 0, got 0"),
    ],
)
def test_a_load_that_gives_no_target_is_refused(arguments: dict[str, Any], problem: str) -> None:
    assert problem in problem_of(Autoscaling.from_load, **{"requests_per_second_per_instance": 20} | arguments)


def test_a_load_that_is_known_at_deploy_time_only_cannot_be_computed_with() -> None:
    parameter = cdk.CfnParameter(cdk.Stack(cdk.App(), "S"), "Load", type="Number")
    problem = problem_of(
        Autoscaling.from_load, requests_per_second_per_instance=parameter.value_as_number, max_capacity=1
    )
    assert "requests_per_second_per_instance must be known at synthesis" in problem


def test_office_hours_are_written_as_cron_with_a_day_field_that_leaves_the_days_to_the_other() -> None:
    action = ScheduledAction.cron(
        name="Morning", hours="8", minutes="30", day_of_week="MON-FRI", timezone="Europe/Berlin", min_capacity=2
    )
    assert (action.schedule, action.timezone) == ("cron(30 8 ? * MON-FRI *)", "Europe/Berlin")


@pytest.mark.parametrize(
    ("days", "schedule"),
    [({}, "cron(0 8 * * ? *)"), ({"day_of_month": "1"}, "cron(0 8 1 * ? *)"), ({"month": "12"}, "cron(0 8 * 12 ? *)")],
)
def test_a_time_without_days_of_the_week_is_meant_by_date(days: dict[str, Any], schedule: str) -> None:
    assert ScheduledAction.cron(name="A", hours="8", min_capacity=1, **days).schedule == schedule


def test_days_of_the_week_and_of_the_month_exclude_each_other() -> None:
    problem = problem_of(ScheduledAction.cron, name="A", hours="8", min_capacity=1, day_of_week="MON", day_of_month="1")
    assert "day_of_week and day_of_month exclude each other" in problem


def test_once_is_written_as_at_and_a_capacity_of_0_stays_0() -> None:
    action = ScheduledAction.at(datetime(2027, 1, 2, 3, 4, 5), name="Once", min_capacity=0, max_capacity=0)
    assert (action.schedule, action.min_capacity, action.max_capacity) == ("at(2027-01-02T03:04:05)", 0, 0)


def test_a_time_with_a_zone_of_its_own_is_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="time must have no tzinfo, got UTC; say the zone with timezone"):
        ScheduledAction.at(datetime(2027, 1, 2, tzinfo=UTC), name="Once", min_capacity=1)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"name": "a/b"}, "name must be"),
        ({"schedule": "cron(0 8 * * ?)"}, "schedule must be"),
        ({"schedule": "cron(60 8 * * ? *)"}, "minutes of schedule must be from 0 to 59, got 60"),
        ({"schedule": "cron(0 8,24 * * ? *)"}, "hours of schedule must be from 0 to 23, got 24"),
        ({"timezone": "Europe Berlin"}, "timezone must be"),
        ({"min_capacity": None}, "min_capacity or max_capacity must be given"),
        ({"min_capacity": -1}, "min_capacity must be at least 0"),
        ({"min_capacity": 3, "max_capacity": 2}, "min_capacity must be at most max_capacity 2, got 3"),
    ],
)
def test_an_action_that_aws_would_refuse_is_refused(arguments: dict[str, Any], problem: str) -> None:
    sound: dict[str, Any] = {"name": "A", "schedule": "rate(1 day)", "min_capacity": 1}
    ScheduledAction(**sound)
    assert problem in problem_of(ScheduledAction, **sound | arguments)


def test_a_step_of_a_cron_expression_may_be_any_number() -> None:
    assert ScheduledAction.cron(name="A", hours="8-18/99", min_capacity=1).schedule == "cron(0 8-18/99 * * ? *)"


def test_a_real_time_variant_keeps_an_instance_at_all_times() -> None:
    night = ScheduledAction.cron(name="Night", hours="20", min_capacity=0, max_capacity=0)
    with pytest.raises(InvalidConfiguration) as caught:
        Autoscaling(max_capacity=2, schedules=[night])
    assert [problem.split(" must be ")[0] for problem in caught.value.problems] == [
        "schedules[Night].min_capacity",
        "schedules[Night].max_capacity",
    ]


def test_a_component_may_be_stopped_at_certain_times() -> None:
    night = ScheduledAction.cron(name="Night", hours="20", min_capacity=0, max_capacity=0)
    assert CopyScaling(max_capacity=2, schedules=[night]).may_reach_zero


def test_names_of_actions_are_unique_in_a_scaling() -> None:
    action = ScheduledAction.cron(name="Night", hours="20", max_capacity=1)
    problem = problem_of(Autoscaling, max_capacity=2, schedules=[action, action])
    assert "schedules must each have a name of their own, got 'Night' more than once" in problem


@pytest.mark.parametrize(("minimum", "reaches"), [(0, True), (1, False)])
def test_copies_reach_zero_by_their_minimum(minimum: int, reaches: bool) -> None:
    options = CopyScaling(max_capacity=2, min_capacity=minimum, invocations_per_copy=1)
    assert options.may_reach_zero is reaches


def test_a_minimum_that_is_known_at_deploy_time_only_may_be_zero() -> None:
    parameter = cdk.CfnParameter(cdk.Stack(cdk.App(), "S"), "Minimum", type="Number").value_as_number
    options = CopyScaling(max_capacity=2, min_capacity=parameter, invocations_per_copy=1)  # type: ignore[arg-type]  # jsii types it as a float
    assert options.may_reach_zero
