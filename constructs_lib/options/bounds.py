"""What all kinds of scaling have in common: bounds of the capacity, cool-downs, and scheduled actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from constructs_lib.checks import Checks
from constructs_lib.facts import scaling, scaling_schedules
from constructs_lib.facts.limit import Limit
from constructs_lib.options.schedules import ScheduledAction
from constructs_lib.options.tracking import DEFAULT_COOLDOWN, check_cooldowns
from constructs_lib.tokens import is_token


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """The fields of all kinds of scaling, and their checks; the base of the options, not for use by itself."""

    max_capacity: int
    min_capacity: int
    scale_in_cooldown_in_seconds: int = DEFAULT_COOLDOWN
    scale_out_cooldown_in_seconds: int = DEFAULT_COOLDOWN

    def _check_bounds(self, checks: Checks, minimum: Limit, remedy: str) -> None:
        checks.limit("min_capacity", self.min_capacity, minimum, remedy)
        checks.limit("max_capacity", self.max_capacity, scaling.MAX_CAPACITY)
        checks.at_most(
            ("min_capacity", self.min_capacity),
            ("max_capacity", self.max_capacity),
            scaling.MAX_CAPACITY,
            "lower it or raise max_capacity",
        )

    def _check_target(self, checks: Checks, name: str, value: float | None) -> None:
        checks.limit(name, value, scaling.TARGET_VALUE)
        check_cooldowns(checks, self.scale_in_cooldown_in_seconds, self.scale_out_cooldown_in_seconds)


def check_schedules(checks: Checks, schedules: Sequence[ScheduledAction]) -> None:
    """Note the problems of the scheduled actions of one scaling."""
    checks.count("schedules", schedules, scaling_schedules.SCHEDULED_ACTIONS)
    for action in more_than_once(action.name for action in schedules):
        problem = f"schedules must each have a name of their own, got {action!r} more than once; rename one"
        checks.require(False, problem, scaling_schedules.UNIQUE_ACTION_NAMES)


def reaches_zero(min_capacity: int, schedules: Sequence[ScheduledAction]) -> bool:
    """Whether there may be no capacity at some time; a minimum that is known at deploy time only may be 0."""
    minimums = [min_capacity, *(action.min_capacity for action in schedules)]
    return any(minimum == 0 or is_token(minimum) for minimum in minimums)


def more_than_once(items: Iterable[object]) -> list[object]:
    """Those that come more than once, each once."""
    seen: list[object] = []
    found: list[object] = []
    for item in items:
        if item in seen and item not in found:
            found.append(item)
        seen.append(item)
    return found
