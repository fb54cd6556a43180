"""How the options of provisioned concurrency are checked when they are made."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from constructs_lib import InvalidConfiguration, ProvisionedConcurrencyScaling, ScheduledAction


def peak(**capacity: Any) -> ScheduledAction:
    return ScheduledAction.cron(name="Peak", hours="8", **capacity)


def problems(**arguments: Any) -> list[str]:
    with pytest.raises(InvalidConfiguration) as caught:
        ProvisionedConcurrencyScaling(**arguments)
    return list(caught.value.problems)


def test_half_of_it_stands_by_as_in_the_guide_of_aws() -> None:
    options = ProvisionedConcurrencyScaling(max_capacity=10)
    assert (options.min_capacity, options.utilization) == (1, 0.5)


def test_the_bounds_themselves_are_taken() -> None:
    ProvisionedConcurrencyScaling(min_capacity=200, max_capacity=200, utilization=1)
    ProvisionedConcurrencyScaling(max_capacity=1, utilization=0.001)


def test_all_problems_of_one_call_are_raised_together() -> None:
    found = problems(min_capacity=0, max_capacity=201, utilization=1.1, schedules=[peak(min_capacity=0)])
    assert len(found) == 4
    assert "min_capacity must be at least 1 concurrent invocations, got 0; leave autoscaling and" in found[0]
    assert "max_capacity must be from 1 to 200 concurrent invocations, got 201" in found[1]
    assert "utilization must be from 0 to 1, got 1.1; give a share, 0.5 for half" in found[2]
    assert "schedules[Peak].min_capacity must be at least 1 concurrent invocations, got 0" in found[3]
    assert all("https://docs.aws.amazon.com" in problem or "API model" in problem for problem in found)


def test_a_utilization_of_nothing_would_never_be_reached() -> None:
    (problem,) = problems(max_capacity=2, utilization=0)
    assert "utilization must be greater than 0, got 0" in problem


def test_a_minimum_above_the_maximum_is_refused() -> None:
    (problem,) = problems(min_capacity=3, max_capacity=2)
    assert "min_capacity must be at most max_capacity 2, got 3" in problem


def test_schedules_alone_will_do_and_nothing_at_all_will_not() -> None:
    ProvisionedConcurrencyScaling(max_capacity=5, utilization=None, schedules=[peak(min_capacity=5)])
    (problem,) = problems(max_capacity=5, utilization=None)
    assert "utilization or schedules must be given" in problem


def test_a_peak_above_every_maximum_would_fail_when_it_comes() -> None:
    (problem,) = problems(max_capacity=5, schedules=[peak(min_capacity=6)])
    assert "schedules[Peak].min_capacity must be at most every max_capacity" in problem
    assert "5, got 6" in problem
    before = ScheduledAction.cron(name="Before", hours="7", max_capacity=6)
    ProvisionedConcurrencyScaling(max_capacity=5, schedules=[before, peak(min_capacity=6)])


def test_schedules_of_one_name_are_refused() -> None:
    (problem,) = problems(max_capacity=5, schedules=[peak(min_capacity=2), peak(min_capacity=3)])
    assert "schedules must each have a name of their own, got 'Peak' more than once" in problem


def test_numbers_that_are_known_at_deploy_time_only_pass() -> None:
    parameter: Any = cdk.CfnParameter(cdk.Stack(cdk.App(), "S"), "Maximum", type="Number").value_as_number
    schedules = [peak(min_capacity=7, max_capacity=parameter)]
    options = ProvisionedConcurrencyScaling(max_capacity=parameter, min_capacity=parameter, schedules=schedules)
    assert options.max_capacity == parameter
