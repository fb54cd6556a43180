"""Options are checked when they are made, every problem at once."""

from __future__ import annotations

import aws_cdk as cdk
import pytest

from constructs_lib import Autoscaling, BacklogScaling, InvalidConfiguration, TransformOptions


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


def test_a_minimum_above_the_maximum_is_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="min_capacity must be at most max_capacity 2, got 3"):
        BacklogScaling(min_capacity=3, max_capacity=2, backlog_per_instance=5)


def test_a_backlog_scaling_may_go_down_to_zero() -> None:
    assert BacklogScaling(max_capacity=1, backlog_per_instance=5).min_capacity == 0


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
