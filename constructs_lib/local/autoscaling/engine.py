"""Application Auto Scaling's decisions: policies, alarms and metric samples in, capacity out.

Pure: no threads, no I/O, and the time is an argument, so that it also replays a day's traffic without a server.
Source of the rules: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-policies.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from constructs_lib.facts import scaling
from constructs_lib.local.autoscaling.alarms import ALARM, INSUFFICIENT_DATA, Alarm, Metric, Metrics

# How the alarms that target tracking makes for itself are set: seconds, periods, and the share of the target.
_STANDARD_PERIOD = 60
_HIGH_RESOLUTION_PERIOD = 10
_PERIODS_TO_SCALE_OUT = 3
_PERIODS_TO_SCALE_IN = 15
_SCALE_IN_SHARE = 0.9
DEFAULT_COOLDOWN = float(scaling.COOLDOWN.default or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTracking:
    """Keeps a per-instance metric near `target_value`; cool-downs in seconds, 300 unless given."""

    name: str
    metric: Metric
    target_value: float
    statistic: str = "Average"
    scale_out_cooldown: float = DEFAULT_COOLDOWN
    scale_in_cooldown: float = DEFAULT_COOLDOWN
    disable_scale_in: bool = False
    high_resolution: bool = False
    alarm_prefix: str = "TargetTracking"

    @property
    def high_alarm(self) -> Alarm:
        """The alarm that scales out: above the target for three periods."""
        return self._alarm("AlarmHigh", self.target_value, "GreaterThanThreshold", _PERIODS_TO_SCALE_OUT)

    @property
    def low_alarm(self) -> Alarm:
        """The alarm that scales in: below 90 % of the target for fifteen periods."""
        return self._alarm("AlarmLow", self.target_value * _SCALE_IN_SHARE, "LessThanThreshold", _PERIODS_TO_SCALE_IN)

    def _alarm(self, suffix: str, threshold: float, comparison: str, periods: int) -> Alarm:
        return Alarm(
            name=f"{self.alarm_prefix}-{suffix}-{self.name}",
            metric=self.metric,
            threshold=threshold,
            comparison=comparison,
            statistic=self.statistic,
            period=_HIGH_RESOLUTION_PERIOD if self.high_resolution else _STANDARD_PERIOD,
            evaluation_periods=periods,
        )

    def desired(self, base: int, value: float) -> int:
        """The capacity that would bring the metric to its target; none can be worked out from no instances."""
        return math.ceil(base * value / self.target_value)


@dataclass(frozen=True, slots=True)
class StepAdjustment:
    """`adjustment` applies while metric minus threshold lies between the bounds; None is open."""

    adjustment: int
    lower_bound: float | None = None
    upper_bound: float | None = None

    def covers(self, difference: float, above: bool) -> bool:
        """Whether the breach falls in this step: the bound nearer the threshold belongs to it, the other does not."""
        lower = -math.inf if self.lower_bound is None else self.lower_bound
        upper = math.inf if self.upper_bound is None else self.upper_bound
        return lower <= difference < upper if above else lower < difference <= upper


@dataclass(frozen=True, slots=True, kw_only=True)
class StepScaling:
    """Changes capacity by how far the metric of one of its `alarms` is past the threshold; `cooldown` in seconds."""

    name: str
    adjustment_type: str
    steps: tuple[StepAdjustment, ...]
    alarms: tuple[Alarm, ...] = ()
    cooldown: float = DEFAULT_COOLDOWN
    min_adjustment_magnitude: int = 0

    def desired(self, base: int, difference: float, above: bool) -> int:
        """The capacity after the step for a breach of `difference`; `base` when no step covers it."""
        step = next((each for each in self.steps if each.covers(difference, above)), None)
        if step is None:
            return base
        if self.adjustment_type == "ExactCapacity":
            return step.adjustment
        if self.adjustment_type == "ChangeInCapacity":
            return base + step.adjustment
        return base + self._percent(base, step.adjustment)

    def _percent(self, base: int, percent: int) -> int:
        exact = base * percent / 100
        # AWS rounds towards zero, but never a wanted change down to none.
        change = math.trunc(exact) if abs(exact) >= 1 else int(math.copysign(1, exact)) if exact else 0
        if 0 < abs(change) < self.min_adjustment_magnitude or (base == 0 and self.min_adjustment_magnitude):
            return int(math.copysign(self.min_adjustment_magnitude, percent))
        return change


Policy = TargetTracking | StepScaling


@dataclass(frozen=True, slots=True)
class Decision:
    """A new capacity, and what led to it: the policy and the alarm, or a bound of the target."""

    capacity: int
    cause: str
    policy: str | None = None
    alarm: str | None = None


@dataclass(frozen=True, slots=True)
class _Wish:
    capacity: int
    policy: str
    alarm: str
    cooldown: float


@dataclass(frozen=True, slots=True)
class _ScaleOut:
    """The last scale-out of a policy: what it started from, and until when it cools down."""

    base: int
    until: float


@dataclass
class ScalingEngine:
    """Decides for one scalable target. It remembers alarm states and cool-downs between calls; use one a target."""

    minimum: int
    maximum: int
    policies: dict[str, Policy] = field(default_factory=dict)
    scale_in_suspended: bool = False
    scale_out_suspended: bool = False
    alarm_states: dict[str, str] = field(default_factory=dict)
    _cooling: dict[str, _ScaleOut] = field(default_factory=dict)
    _in_until: float = -math.inf

    def decide(self, current: int, metrics: Metrics, now: float) -> Decision | None:
        """The capacity to go to from `current` at `now` (seconds), or None to stay. The caller carries it out."""
        if not self.minimum <= current <= self.maximum:
            return self._into_bounds(current)
        outward, inward = self._wishes(current, metrics, now)
        if outward and not self.scale_out_suspended:
            return self._scale_out(max(outward, key=lambda wish: wish.capacity), current, now)
        if inward and not outward and not self.scale_in_suspended and now >= self._in_until:
            return self._scale_in(max(inward, key=lambda wish: wish.capacity), now)
        return None

    def _into_bounds(self, current: int) -> Decision:
        if current < self.minimum:
            return Decision(self.minimum, f"minimum capacity was set to {self.minimum}")
        return Decision(self.maximum, f"maximum capacity was set to {self.maximum}")

    def _bounded(self, capacity: int) -> int:
        return max(self.minimum, min(self.maximum, capacity))

    def _state(self, alarm: Alarm, metrics: Metrics, now: float) -> str:
        previous = self.alarm_states.get(alarm.name, INSUFFICIENT_DATA)
        self.alarm_states[alarm.name] = alarm.evaluate(metrics, now, previous)
        return self.alarm_states[alarm.name]

    def _wishes(self, current: int, metrics: Metrics, now: float) -> tuple[list[_Wish], list[_Wish]]:
        wishes: list[_Wish] = []
        tracking_inward: list[_Wish | None] = []
        for policy in self.policies.values():
            base = self._base(policy.name, current, now)
            if isinstance(policy, StepScaling):
                wishes += self._step_wishes(policy, current, base, metrics, now)
            else:
                wishes += self._tracking_outward(policy, base, metrics, now)
                if not policy.disable_scale_in:
                    tracking_inward.append(self._tracking_inward(policy, current, metrics, now))
        agreed = [wish for wish in tracking_inward if wish is not None]
        if len(agreed) == len(tracking_inward):
            wishes += agreed
        return [w for w in wishes if w.capacity > current], [w for w in wishes if w.capacity < current]

    def _base(self, policy: str, current: int, now: float) -> int:
        """While a policy's scale-out cools down, what it added counts: a larger one starts from the capacity before."""
        last = self._cooling.get(policy)
        return last.base if last and now < last.until else current

    def _step_wishes(self, policy: StepScaling, current: int, base: int, metrics: Metrics, now: float) -> list[_Wish]:
        wishes: list[_Wish] = []
        for alarm in policy.alarms:
            if self._state(alarm, metrics, now) != ALARM:
                continue
            latest = next((value for value in reversed(alarm.datapoints(metrics, now)) if value is not None), None)
            if latest is None:
                continue
            difference = latest - alarm.threshold
            raised = policy.desired(base, difference, alarm.is_above)
            # A scale-in is never counted from the smaller capacity before a scale-out.
            wanted = raised if raised >= base else policy.desired(current, difference, alarm.is_above)
            wishes.append(_Wish(self._bounded(wanted), policy.name, alarm.name, policy.cooldown))
        return wishes

    def _tracking_outward(self, policy: TargetTracking, base: int, metrics: Metrics, now: float) -> list[_Wish]:
        value = self._fresh_breach(policy.high_alarm, metrics, now)
        if value is None:
            return []
        wanted = self._bounded(policy.desired(base, value))
        return [_Wish(wanted, policy.name, policy.high_alarm.name, policy.scale_out_cooldown)]

    def _tracking_inward(self, policy: TargetTracking, current: int, metrics: Metrics, now: float) -> _Wish | None:
        value = self._fresh_breach(policy.low_alarm, metrics, now)
        if value is None:
            return None
        wanted = self._bounded(policy.desired(current, value))
        return _Wish(wanted, policy.name, policy.low_alarm.name, policy.scale_in_cooldown)

    def _fresh_breach(self, alarm: Alarm, metrics: Metrics, now: float) -> float | None:
        """The newest datapoint when the alarm is in ALARM; target tracking does nothing without current data."""
        state = self._state(alarm, metrics, now)
        newest = alarm.datapoints(metrics, now)[-1]
        return newest if state == ALARM and newest is not None else None

    def _scale_out(self, wish: _Wish, current: int, now: float) -> Decision:
        base = self._base(wish.policy, current, now)
        self._cooling[wish.policy] = _ScaleOut(base, now + wish.cooldown)
        # A scale-out ends the cool-down of a scale-in.
        self._in_until = -math.inf
        return self._decision(wish)

    def _scale_in(self, wish: _Wish, now: float) -> Decision:
        self._in_until = now + wish.cooldown
        self._cooling.clear()
        return self._decision(wish)

    def _decision(self, wish: _Wish) -> Decision:
        cause = f"monitor alarm {wish.alarm} in state ALARM triggered policy {wish.policy}"
        return Decision(wish.capacity, cause, wish.policy, wish.alarm)
