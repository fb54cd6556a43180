"""Capacity out of policies, alarms and samples, minute by minute, without a server."""

from collections.abc import Callable

import pytest

from constructs_lib.facts import scaling
from constructs_lib.local.autoscaling.alarms import Alarm, Metric, Metrics
from constructs_lib.local.autoscaling.engine import (
    Policy,
    ScalingEngine,
    StepAdjustment,
    StepScaling,
    TargetTracking,
)

BACKLOG = Metric.of("AWS/SageMaker", "ApproximateBacklogSizePerInstance", EndpointName="any")
WAITING = Metric.of("AWS/SageMaker", "HasBacklogWithoutCapacity", EndpointName="any")
OTHER = Metric.of("any", "other")


class Replay:
    """Feeds one sample a minute and carries out what the engine decides."""

    def __init__(self, *policies: Policy, capacity: int, minimum: int = 0, maximum: int = 10) -> None:
        self.engine = ScalingEngine(minimum, maximum, {policy.name: policy for policy in policies})
        self.metrics = Metrics()
        self.capacity = capacity
        self.minute = 0
        self.causes: list[str] = []

    def run(self, minutes: int, **values: float | Callable[[], float | None]) -> list[int]:
        """The capacity after each minute; a value is a number, or a function that may say None for no sample."""
        history = []
        for _ in range(minutes):
            for name, given in values.items():
                value = given() if callable(given) else given
                if value is not None:
                    self.metrics.record(
                        {"backlog": BACKLOG, "waiting": WAITING, "other": OTHER}[name], self.minute * 60.0 + 59, value
                    )
            self.minute += 1
            decision = self.engine.decide(self.capacity, self.metrics, self.minute * 60.0)
            if decision:
                self.capacity = decision.capacity
                self.causes.append(decision.cause)
            history.append(self.capacity)
        return history


def tracking(name: str = "tracking", metric: Metric = BACKLOG, **members: object) -> TargetTracking:
    return TargetTracking(name=name, metric=metric, target_value=5.0, **members)  # type: ignore[arg-type]


def stepping(
    steps: list[StepAdjustment], metric: Metric = WAITING, threshold: float = 1.0, **members: object
) -> StepScaling:
    above = {"comparison": "GreaterThanOrEqualToThreshold"} | {
        key: members.pop(key) for key in ("comparison",) if key in members
    }
    watched = Alarm(name="watched", metric=metric, threshold=threshold, evaluation_periods=2, **above)  # type: ignore[arg-type]
    given: dict[str, object] = {"name": "stepping", "adjustment_type": "ChangeInCapacity", "alarms": (watched,)}
    return StepScaling(steps=tuple(steps), **given | members)  # type: ignore[arg-type]


WAKE = [StepAdjustment(1, lower_bound=0.0)]


def test_target_tracking_scales_out_in_proportion_after_three_minutes() -> None:
    replay = Replay(tracking(), capacity=2)
    assert replay.run(3, backlog=11.0) == [2, 2, 5]
    assert replay.causes == ["monitor alarm TargetTracking-AlarmHigh-tracking in state ALARM triggered policy tracking"]


def test_a_metric_exactly_at_the_target_does_not_scale_out() -> None:
    assert set(Replay(tracking(), capacity=2).run(10, backlog=5.0)) == {2}


def test_target_tracking_scales_in_after_fifteen_minutes_below_ninety_percent() -> None:
    assert Replay(tracking(), capacity=4).run(15, backlog=2.0) == [4] * 14 + [2]


def test_a_metric_at_ninety_percent_of_the_target_does_not_scale_in() -> None:
    assert set(Replay(tracking(), capacity=4).run(20, backlog=4.5)) == {4}


def test_an_idle_endpoint_goes_to_zero_when_its_minimum_is_zero() -> None:
    assert Replay(tracking(), capacity=1).run(15, backlog=0.0)[-1] == 0


def test_disable_scale_in_keeps_what_was_added() -> None:
    assert set(Replay(tracking(disable_scale_in=True), capacity=4).run(30, backlog=0.0)) == {4}


def test_capacity_stays_within_its_bounds() -> None:
    assert Replay(tracking(), capacity=2, maximum=3).run(3, backlog=500.0)[-1] == 3
    assert Replay(tracking(), capacity=2, minimum=1).run(15, backlog=0.0)[-1] == 1


def test_bounds_that_exclude_the_capacity_move_it_at_once() -> None:
    low, high = Replay(capacity=0, minimum=2), Replay(capacity=9, maximum=3)
    assert (low.run(1), high.run(1)) == ([2], [3])
    assert low.causes + high.causes == ["minimum capacity was set to 2", "maximum capacity was set to 3"]


def test_target_tracking_alone_cannot_wake_from_zero() -> None:
    replay = Replay(tracking(), capacity=0)
    assert set(replay.run(30, backlog=lambda: 100.0 / replay.capacity if replay.capacity else None)) == {0}


def test_the_step_policy_wakes_from_zero_after_two_minutes_and_tracking_takes_over() -> None:
    replay = Replay(tracking(), stepping(WAKE), capacity=0)
    history = replay.run(
        8,
        waiting=lambda: float(replay.capacity == 0),
        backlog=lambda: 20.0 / replay.capacity if replay.capacity else None,
    )
    assert history == [0, 1, 1, 1, 4, 4, 4, 4]


def test_a_sleeping_endpoint_is_not_put_back_to_sleep_by_data_from_before() -> None:
    replay = Replay(tracking(), stepping(WAKE), capacity=1)
    assert replay.run(15, backlog=0.0)[-1] == 0
    assert replay.run(2, waiting=1.0) == [0, 1]
    assert set(replay.run(3, waiting=0.0, backlog=5.0)) == {1}


def test_a_second_scale_out_waits_for_the_cooldown_unless_it_is_larger() -> None:
    replay = Replay(stepping(WAKE), capacity=1)
    default = scaling.COOLDOWN.default
    assert default is not None
    history = replay.run(2 + default // 60, waiting=1.0)
    assert history == [1] + [2] * (default // 60) + [3]

    steps = [StepAdjustment(1, 0.0, 10.0), StepAdjustment(3, 10.0)]
    larger = Replay(stepping(steps), capacity=1)
    assert larger.run(2, waiting=5.0) == [1, 2]
    # What the first one added counts: 1 + 3, not 2 + 3.
    assert larger.run(1, waiting=20.0) == [4]


def test_a_second_scale_in_waits_for_the_cooldown() -> None:
    replay = Replay(tracking(scale_in_cooldown=180.0), capacity=8)
    assert replay.run(18, backlog=2.5)[14:] == [4, 4, 4, 2]


def test_a_scale_out_does_not_wait_for_the_cooldown_of_a_scale_in() -> None:
    replay = Replay(tracking(scale_in_cooldown=3600.0), capacity=4)
    assert replay.run(15, backlog=2.5)[-1] == 2
    assert replay.run(3, backlog=10.0)[-1] == 4


def test_the_largest_scale_out_of_several_policies_wins() -> None:
    replay = Replay(tracking("small"), tracking("large", OTHER), capacity=2)
    assert replay.run(3, backlog=6.0, other=20.0)[-1] == 8
    assert "policy large" in replay.causes[0]


def test_scaling_in_needs_all_target_tracking_policies_to_agree() -> None:
    replay = Replay(tracking("idle"), tracking("busy", OTHER), capacity=4)
    assert set(replay.run(20, backlog=0.0, other=5.0)) == {4}
    # Both agree now, and the policy that wants more instances decides.
    assert replay.run(15, backlog=0.0, other=2.5)[-1] == 2


def test_a_policy_without_data_keeps_the_others_from_scaling_in() -> None:
    assert set(Replay(tracking("idle"), tracking("blind", OTHER), capacity=4).run(20, backlog=0.0)) == {4}


@pytest.mark.parametrize(
    ("difference", "above", "step"),
    [(0.0, True, 1), (9.9, True, 1), (10.0, True, 2), (-0.1, True, None), (0.0, False, -1), (-10.0, False, -2)],
)
def test_step_bounds_include_the_one_nearer_the_threshold(difference: float, above: bool, step: int | None) -> None:
    rising = [StepAdjustment(1, 0.0, 10.0), StepAdjustment(2, 10.0, None)]
    falling = [StepAdjustment(-1, -10.0, 0.0), StepAdjustment(-2, None, -10.0)]
    steps = rising if above else falling
    found = next((each.adjustment for each in steps if each.covers(difference, above)), None)
    assert found == step


@pytest.mark.parametrize(
    ("kind", "adjustment", "magnitude", "desired"),
    [
        ("ChangeInCapacity", 3, 0, 13),
        ("ChangeInCapacity", -3, 0, 7),
        ("ExactCapacity", 3, 0, 3),
        ("PercentChangeInCapacity", 25, 0, 12),
        ("PercentChangeInCapacity", 5, 0, 11),
        ("PercentChangeInCapacity", -5, 0, 9),
        ("PercentChangeInCapacity", -27, 0, 8),
        ("PercentChangeInCapacity", 25, 4, 14),
        ("PercentChangeInCapacity", 0, 4, 10),
    ],
)
def test_adjustment_types_change_ten_instances(kind: str, adjustment: int, magnitude: int, desired: int) -> None:
    policy = StepScaling(
        name="any",
        adjustment_type=kind,
        steps=(StepAdjustment(adjustment, lower_bound=0.0),),
        min_adjustment_magnitude=magnitude,
    )
    assert policy.desired(10, 0.0, above=True) == desired


def test_a_step_policy_scales_in_on_an_alarm_below_its_threshold() -> None:
    policy = stepping(
        [StepAdjustment(-1, upper_bound=0.0)], threshold=3.0, comparison="LessThanThreshold", cooldown=120.0
    )
    assert Replay(policy, capacity=5).run(5, waiting=1.0) == [5, 4, 4, 3, 3]


def test_suspended_scaling_stays_where_it_is() -> None:
    replay = Replay(tracking(), capacity=4)
    replay.engine.scale_in_suspended = replay.engine.scale_out_suspended = True
    assert set(replay.run(20, backlog=50.0) + replay.run(20, backlog=0.0)) == {4}


def test_a_high_resolution_metric_scales_out_within_half_a_minute() -> None:
    engine = ScalingEngine(1, 10, {"fast": tracking("fast", high_resolution=True)})
    metrics = Metrics()
    for second in range(0, 30, 10):
        metrics.record(BACKLOG, float(second), 10.0)
    assert engine.decide(2, metrics, 29.9) is None
    decision = engine.decide(2, metrics, 30.0)
    assert decision is not None
    assert decision.capacity == 4


def test_a_day_of_traffic_is_followed_up_and_down() -> None:
    replay = Replay(tracking(scale_in_cooldown=60.0), capacity=1, minimum=1, maximum=20)
    night, day = 4.0, 60.0
    assert replay.run(60, backlog=lambda: night / replay.capacity)[-1] == 1
    assert replay.run(60, backlog=lambda: day / replay.capacity)[-1] == 12
    assert replay.run(120, backlog=lambda: night / replay.capacity)[-1] == 1
