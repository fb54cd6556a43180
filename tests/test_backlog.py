"""Backlog: the target that a wanted delay gives, and what is refused."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from constructs_lib import Backlog, InvalidConfiguration, ScheduledAction

REQUEST: dict[str, Any] = {"seconds": 300, "processing_seconds_per_request": 20, "max_capacity": 4}


def problem_of(make: Any, **arguments: object) -> str:
    """The single problem of a call."""
    with pytest.raises(InvalidConfiguration) as caught:
        make(**arguments)
    (problem,) = caught.value.problems
    return problem


def test_an_instance_may_have_what_it_works_off_in_the_wanted_time() -> None:
    assert Backlog.drain_within(**REQUEST).backlog_per_instance == 15
    assert Backlog.drain_within(**REQUEST, concurrent_invocations_per_instance=4).backlog_per_instance == 60


def test_what_floating_point_adds_is_no_part_of_the_target() -> None:
    assert (
        Backlog.drain_within(seconds=0.3, processing_seconds_per_request=0.1, max_capacity=1).backlog_per_instance == 3
    )


def test_everything_else_is_handed_on() -> None:
    backlog = Backlog.drain_within(**REQUEST, min_capacity=1, idle_minutes=5, scale_in_while_busy=True)
    assert (backlog.max_capacity, backlog.min_capacity, backlog.idle_minutes) == (4, 1, 5)
    assert backlog.scale_in_while_busy


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"processing_seconds_per_request": 0}, "processing_seconds_per_request must be greater than 0, got 0"),
        (
            {"processing_seconds_per_request": 301},
            "processing_seconds_per_request must be at most seconds 300, got 301",
        ),
        ({"concurrent_invocations_per_instance": 1001}, "must be from 1 to 1000 concurrent invocations, got 1001"),
        ({"max_capacity": 0}, "max_capacity must be at least 1 instances, got 0"),
        ({"idle_minutes": 0}, "idle_minutes must be at least 1, got 0"),
        ({"idle_minutes": 1441}, "idle_minutes x 60 s must be at most 86400 s, got 86460"),
    ],
)
def test_what_gives_no_scaling_is_refused(arguments: dict[str, Any], problem: str) -> None:
    assert problem in problem_of(Backlog.drain_within, **REQUEST | arguments)


def test_a_time_that_is_known_at_deploy_time_only_cannot_be_computed_with() -> None:
    parameter = cdk.CfnParameter(cdk.Stack(cdk.App(), "S"), "Delay", type="Number")
    problem = problem_of(Backlog.drain_within, **REQUEST | {"seconds": parameter.value_as_number})
    assert "seconds must be known at synthesis, it is computed with; give backlog_per_instance instead" in problem


def test_all_problems_of_one_call_are_raised_together() -> None:
    night = ScheduledAction.cron(name="Night", hours="20", min_capacity=0)
    with pytest.raises(InvalidConfiguration) as caught:
        Backlog(max_capacity=0, min_capacity=-1, backlog_per_instance=0, schedules=[night, night], idle_minutes=0)
    assert [problem.split(" must ")[0] for problem in caught.value.problems] == [
        "min_capacity",
        "max_capacity",
        "backlog_per_instance",
        "schedules",
        "idle_minutes",
    ]


def test_a_minimum_above_the_maximum_is_refused() -> None:
    problem = problem_of(Backlog, min_capacity=3, max_capacity=2, backlog_per_instance=5)
    assert "min_capacity must be at most max_capacity 2, got 3" in problem


@pytest.mark.parametrize(
    ("options", "burst"),
    [
        ({}, 20),
        ({"min_capacity": 3}, 20),
        ({"step_out": False}, None),
        ({"min_capacity": 4}, None),
        ({"max_capacity": 1}, None),
    ],
)
def test_a_burst_is_work_for_more_instances_than_always_run(options: dict[str, Any], burst: float | None) -> None:
    assert Backlog(**{"max_capacity": 4, "backlog_per_instance": 5} | options).burst == burst


def test_a_burst_is_unknown_where_the_maximum_is() -> None:
    parameter: Any = cdk.CfnParameter(cdk.Stack(cdk.App(), "S"), "Maximum", type="Number").value_as_number
    backlog = Backlog(max_capacity=parameter, backlog_per_instance=5)
    assert backlog.burst is None
    assert backlog.may_reach_zero
