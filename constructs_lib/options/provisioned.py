"""How much concurrency of a serverless endpoint is provisioned, by its use and at known peaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from constructs_lib.checks import Checks
from constructs_lib.facts import scaling, scaling_policies, serverless
from constructs_lib.facts.serverless_scaling import UTILIZATION_IN_GUIDE
from constructs_lib.options.bounds import Bounds, check_schedules
from constructs_lib.options.schedules import ScheduledAction
from constructs_lib.tokens import is_token

_KEEP_ONE = "leave autoscaling and provisioned_concurrency out to provision nothing"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProvisionedConcurrencyScaling(Bounds):
    """Scaling of the provisioned concurrency of a serverless endpoint.

    Target tracking follows ``SageMakerVariantProvisionedConcurrencyUtilization``, which takes minutes: what comes
    meanwhile waits for a start. A peak that is known beforehand belongs into ``schedules``.

    :param max_capacity: requests at once at most that never wait for a start; at most ``max_concurrency``.
    :param min_capacity: the same at least; 1 by default, and no less: it is paid for all the time.
    :param utilization: the share of it that is to be in use, above 0 and at most 1. 0.5 by default, as in AWS's guide:
        half of what is paid for stands by. ``None``: ``schedules`` alone decide.
    :param schedules: other bounds at certain times, such as a known peak; at least 1 here too.
    :param scale_in_cooldown_in_seconds: time after a scale-in before the next; AWS's default is 300.
    :param scale_out_cooldown_in_seconds: time after a scale-out before the next; AWS's default is 300.
    :raises InvalidConfiguration: with every wrong value.
    """

    min_capacity: int = 1
    utilization: float | None = UTILIZATION_IN_GUIDE
    schedules: Sequence[ScheduledAction] = ()

    def __post_init__(self) -> None:
        checks = Checks("ProvisionedConcurrencyScaling")
        _check_capacity(checks, "", self.min_capacity, self.max_capacity)
        self._check_target(checks, "utilization", self.utilization)
        checks.limit("utilization", self.utilization, scaling_policies.UTILIZATION_TARGET, "give a share, 0.5 for half")
        nothing = "utilization or schedules must be given, or nothing is ever scaled"
        checks.require(self.utilization is not None or bool(self.schedules), nothing, scaling_policies.TRACKED_METRIC)
        check_schedules(checks, self.schedules)
        for action in self.schedules:
            _check_capacity(checks, f"schedules[{action.name}].", action.min_capacity, action.max_capacity)
        self._check_reachable(checks)
        checks.done()

    def _check_reachable(self, checks: Checks) -> None:
        """A minimum above every maximum fails when it is due, and nobody is there to see it."""
        maxima = [self.max_capacity, *(a.max_capacity for a in self.schedules if a.max_capacity is not None)]
        if any(is_token(maximum) for maximum in maxima):
            return
        for action in self.schedules:
            checks.at_most(
                (f"schedules[{action.name}].min_capacity", action.min_capacity),
                ("every max_capacity, the highest of which is", max(maxima)),
                scaling.MAX_CAPACITY,
                "raise max_capacity",
            )

    def check_within(self, checks: Checks, max_concurrency: int) -> None:
        """Note a problem with every capacity, here and in the schedules, that is above the endpoint's concurrency."""
        capacities: dict[str, int | None] = {"max_capacity": self.max_capacity}
        for action in self.schedules:
            capacities[f"schedules[{action.name}].min_capacity"] = action.min_capacity
            capacities[f"schedules[{action.name}].max_capacity"] = action.max_capacity
        for name, capacity in capacities.items():
            checks.at_most(
                (f"autoscaling.{name}", capacity),
                ("max_concurrency", max_concurrency),
                scaling.MAX_CAPACITY_PROVISIONED_CONCURRENCY,
                "lower it or raise max_concurrency",
            )


def _check_capacity(checks: Checks, subject: str, minimum: int | None, maximum: int | None) -> None:
    checks.limit(f"{subject}min_capacity", minimum, scaling.MIN_CAPACITY_PROVISIONED_CONCURRENCY, _KEEP_ONE)
    checks.limit(f"{subject}max_capacity", maximum, serverless.PROVISIONED_CONCURRENCY)
    checks.at_most(
        (f"{subject}min_capacity", minimum),
        (f"{subject}max_capacity", maximum),
        scaling.MAX_CAPACITY,
        "lower it or raise max_capacity",
    )
