"""How the number of instances or copies follows the load."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from constructs_lib.checks import Checks
from constructs_lib.facts import scaling, scaling_policies
from constructs_lib.options.bounds import Bounds, check_schedules, more_than_once, reaches_zero
from constructs_lib.options.schedules import ScheduledAction
from constructs_lib.options.tracking import TargetTracking, Tracked
from constructs_lib.tokens import is_token


@dataclass(frozen=True, kw_only=True, slots=True)
class _Policies(Bounds):
    """Any number of policies and of scheduled actions."""

    policies: Sequence[TargetTracking] = ()
    schedules: Sequence[ScheduledAction] = ()

    def _all(self, invocations: float | None) -> tuple[TargetTracking, ...]:
        """The policies, before them the one on invocations that the short form asks for."""
        if invocations is None:
            return tuple(self.policies)
        short = TargetTracking.on_invocations(
            invocations,
            scale_in_cooldown_in_seconds=self.scale_in_cooldown_in_seconds,
            scale_out_cooldown_in_seconds=self.scale_out_cooldown_in_seconds,
        )
        return (short, *self.policies)

    def _check_policies(self, checks: Checks, short: str, invocations: float | None) -> None:
        self._check_target(checks, short, invocations)
        something = invocations is not None or self.policies or self.schedules
        nothing = f"{short}, policies or schedules must be given, or nothing is ever scaled"
        checks.require(bool(something), nothing, scaling_policies.TRACKED_METRIC)
        metrics: list[object] = [policy.metric for policy in self.policies]
        metrics += [] if invocations is None else [Tracked.INVOCATIONS]
        for metric in more_than_once(metrics):
            name = metric if isinstance(metric, Tracked) else getattr(metric, "metric_name", metric)
            problem = f"policies must each have a metric of their own, got {name} more than once; keep one of them"
            checks.require(False, problem, scaling_policies.EACH_METRIC_ONCE)
        check_schedules(checks, self.schedules)


@dataclass(frozen=True, kw_only=True, slots=True)
class Autoscaling(_Policies):
    """How many instances a real-time variant has; the short form tracks ``InvocationsPerInstance``.

    :param invocations_per_instance: invocations a minute that one instance is to take on average; or give ``policies``
        or ``schedules``, or all of them.
    :param max_capacity: instances at most.
    :param min_capacity: instances at least; 1 or more, as a real-time variant cannot be woken from zero.
    :param policies: further metrics to track, each once.
    :param schedules: other bounds at certain times, such as office hours; at least 1 instance here too.
    :param scale_in_cooldown_in_seconds: of the short form: time after a scale-in before the next; AWS's default is 300.
    :param scale_out_cooldown_in_seconds: of the short form: time after a scale-out before the next; AWS's default is
        300.
    :raises InvalidConfiguration: with every wrong value.
    """

    invocations_per_instance: float | None = None
    min_capacity: int = 1

    def __post_init__(self) -> None:
        checks = Checks("Autoscaling")
        remedy = "use AsyncEndpoint to scale to zero"
        self._check_bounds(checks, scaling.MIN_CAPACITY_REALTIME, remedy)
        self._check_policies(checks, "invocations_per_instance", self.invocations_per_instance)
        for action in self.schedules:
            subject = f"schedules[{action.name}]"
            checks.limit(f"{subject}.min_capacity", action.min_capacity, scaling.MIN_CAPACITY_REALTIME, remedy)
            checks.limit(f"{subject}.max_capacity", action.max_capacity, scaling.MAX_CAPACITY)
        checks.done()

    @property
    def tracking(self) -> tuple[TargetTracking, ...]:
        """Every policy, that of the short form first."""
        return self._all(self.invocations_per_instance)

    @classmethod
    def from_load(
        cls,
        *,
        requests_per_second_per_instance: float,
        peak_requests_per_second: float | None = None,
        max_capacity: int | None = None,
        safety_factor: float = scaling_policies.FIRST_SAFETY_FACTOR,
        **options: Any,
    ) -> Autoscaling:
        """From a load test, as AWS's guide computes it: requests a second x safety factor x 60.

        :param requests_per_second_per_instance: the most that one instance took in the test before its latency rose.
        :param peak_requests_per_second: the most that the endpoint is to take; ``max_capacity`` follows from it.
        :param max_capacity: instances at most; or give the peak.
        :param safety_factor: above 0 and at most 1; AWS recommends to begin with 0.5. Higher costs less and leaves
            less time to start an instance.
        :param options: everything else of ``Autoscaling``.
        :raises InvalidConfiguration: with every wrong value; a value that is known at deploy time only is wrong here.
        """
        checks = Checks("Autoscaling.from_load")
        given = {
            "requests_per_second_per_instance": requests_per_second_per_instance,
            "peak_requests_per_second": peak_requests_per_second,
            "safety_factor": safety_factor,
        }
        for name, value in given.items():
            known = f"{name} must be known at synthesis, it is computed with; give invocations_per_instance instead"
            checks.require(not is_token(value), known, scaling_policies.SAFETY_FACTOR)
            checks.limit(name, value, scaling.TARGET_VALUE)
        checks.limit("safety_factor", safety_factor, scaling_policies.SAFETY_FACTOR)
        one = "max_capacity or peak_requests_per_second must be given, and not both; keep one of them"
        checks.require((max_capacity is None) != (peak_requests_per_second is None), one, scaling.MAX_CAPACITY)
        checks.done()
        safe = requests_per_second_per_instance * safety_factor
        if peak_requests_per_second is not None:
            # Floating point makes 16.8 / (8 x 0.7) a little more than 3; that is no fourth instance.
            needed = math.ceil(round(peak_requests_per_second / safe, 6))
            max_capacity = max(needed, options.get("min_capacity", 1))
        target = round(safe * scaling_policies.SECONDS_A_MINUTE, 6)
        return cls(max_capacity=max_capacity, invocations_per_instance=target, **options)  # type: ignore[arg-type]  # one of the two is given


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyScaling(_Policies):
    """How many copies an inference component has; the short form tracks ``InvocationsPerCopy``.

    With ``min_capacity=0``, here or in a schedule, a step policy wakes the first copy when a request meets none:
    target tracking is blind there. That request and those of the next minutes fail; callers have to try again.

    :param invocations_per_copy: invocations a minute that one copy is to take on average; or give ``policies`` or
        ``schedules``, or all of them.
    :param max_capacity: copies at most.
    :param min_capacity: copies at least; 1 by default, 0 to scale to zero.
    :param policies: further metrics to track, each once.
    :param schedules: other bounds at certain times; 0 copies at most stops the component until the next action.
    :param scale_in_cooldown_in_seconds: of the short form: time after a scale-in before the next; AWS's default is 300.
    :param scale_out_cooldown_in_seconds: of the short form: time after a scale-out before the next; AWS's default is
        300.
    :raises InvalidConfiguration: with every wrong value.
    """

    invocations_per_copy: float | None = None
    min_capacity: int = 1

    def __post_init__(self) -> None:
        checks = Checks("CopyScaling")
        self._check_bounds(checks, scaling.LOWEST_MIN_CAPACITY, "")
        self._check_policies(checks, "invocations_per_copy", self.invocations_per_copy)
        checks.done()

    @property
    def tracking(self) -> tuple[TargetTracking, ...]:
        """Every policy, that of the short form first."""
        return self._all(self.invocations_per_copy)

    @property
    def may_reach_zero(self) -> bool:
        """Whether there may be no copy at some time; a minimum that is known at deploy time only may be 0."""
        return reaches_zero(self.min_capacity, self.schedules)
