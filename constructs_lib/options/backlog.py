"""How the number of instances of an asynchronous endpoint follows its backlog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from constructs_lib.checks import Checks
from constructs_lib.facts import alarms, asynchronous, scaling
from constructs_lib.options.bounds import Bounds, check_schedules, reaches_zero
from constructs_lib.options.schedules import ScheduledAction
from constructs_lib.tokens import is_token

_SECONDS_A_MINUTE = 60
# AWS says of the backlog that it counts what runs, and elsewhere that it does not. After this time nothing can be
# running on an endpoint where nothing has waited.
_LONGEST_REQUEST_IN_MINUTES = (asynchronous.INVOCATION_TIMEOUT.default or 0) // _SECONDS_A_MINUTE


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog(Bounds):
    """Scaling of an asynchronous endpoint by its requests that wait or run, down to zero instances and back.

    Instances are added by target tracking on ``ApproximateBacklogSizePerInstance``, which is blind at zero: there a
    step policy on ``HasBacklogWithoutCapacity`` wakes the first one. They are removed when nothing waits or runs any
    more, all at once: SageMaker chooses which instance goes, and stops it 30 seconds later, whatever it works on.

    :param backlog_per_instance: waiting and running requests that one instance is to have on average; or let
        ``Backlog.drain_within`` compute it.
    :param max_capacity: instances at most.
    :param min_capacity: instances at least; 0 by default: nothing runs, and nothing is paid for, while nobody asks.
    :param schedules: other bounds at certain times, such as an instance that is warm in office hours.
    :param step_out: start all instances as soon as the backlog keeps all of them busy, which target tracking, and
        waking from zero even more so, would take several rounds for. True by default; it needs ``max_capacity`` and
        ``backlog_per_instance`` to be known at synthesis.
    :param idle_minutes: for how long nothing may wait or run before the instances go; at most 1440. 15 by default,
        which is what a request may take by default; raise it with ``InvocationTimeoutSeconds``.
    :param scale_in_while_busy: let target tracking remove instances while others work; False by default. For endpoints
        that are never idle, with requests of less than 30 seconds or ones that may be cut off.
    :param scale_in_cooldown_in_seconds: of ``scale_in_while_busy``: time after a scale-in before the next; AWS's
        default is 300.
    :param scale_out_cooldown_in_seconds: time after a scale-out before the next; AWS's default is 300.
    :raises InvalidConfiguration: with every wrong value.
    """

    backlog_per_instance: float
    min_capacity: int = 0
    schedules: Sequence[ScheduledAction] = ()
    step_out: bool = True
    idle_minutes: int = _LONGEST_REQUEST_IN_MINUTES
    scale_in_while_busy: bool = False

    def __post_init__(self) -> None:
        checks = Checks("Backlog")
        self._check_bounds(checks, scaling.MIN_CAPACITY_ASYNC, "")
        self._check_target(checks, "backlog_per_instance", self.backlog_per_instance)
        check_schedules(checks, self.schedules)
        minutes = self.idle_minutes
        known = not is_token(minutes)
        problem = f"idle_minutes must be at least 1, got {minutes}; an alarm looks at whole minutes"
        checks.require(not known or minutes >= 1, problem, alarms.WINDOW)
        if known:
            checks.limit("idle_minutes x 60 s", minutes * _SECONDS_A_MINUTE, alarms.WINDOW, "an alarm sees one day")
        checks.done()

    @classmethod
    def drain_within(
        cls,
        *,
        seconds: float,
        processing_seconds_per_request: float,
        max_capacity: int,
        concurrent_invocations_per_instance: int = 1,
        **options: Any,
    ) -> Backlog:
        """From the time in which a request is to be answered: ``seconds`` / processing time x concurrency.

        An instance with more requests than that would take longer, so another one is started. What starting it takes
        comes on top; after a night at zero that is some minutes.

        :param seconds: in which a request that has just come is to be answered, together with all before it.
        :param processing_seconds_per_request: what one request takes on average once it runs, download of the input
            and upload of the answer included: ``TotalProcessingTime`` less ``TimeInBacklog``.
        :param max_capacity: instances at most.
        :param concurrent_invocations_per_instance: requests that one instance works on at once: the endpoint's
            ``max_concurrent_invocations_per_instance``. 1 by default.
        :param options: everything else of ``Backlog``.
        :raises InvalidConfiguration: with every wrong value; a value that is known at deploy time only is wrong here.
        """
        checks = Checks("Backlog.drain_within")
        given = {
            "seconds": seconds,
            "processing_seconds_per_request": processing_seconds_per_request,
            "concurrent_invocations_per_instance": concurrent_invocations_per_instance,
        }
        for name, value in given.items():
            problem = f"{name} must be known at synthesis, it is computed with; give backlog_per_instance instead"
            checks.require(not is_token(value), problem, scaling.TARGET_VALUE)
        for name in ("seconds", "processing_seconds_per_request"):
            checks.limit(name, given[name], scaling.TARGET_VALUE)
        checks.at_most(
            ("processing_seconds_per_request", processing_seconds_per_request),
            ("seconds", seconds),
            scaling.TARGET_VALUE,
            "no number of instances answers a request sooner than it takes",
        )
        checks.limit(
            "concurrent_invocations_per_instance",
            concurrent_invocations_per_instance,
            asynchronous.MAX_CONCURRENT_INVOCATIONS_PER_INSTANCE,
        )
        checks.done()
        target = round(seconds / processing_seconds_per_request * concurrent_invocations_per_instance, 6)
        return cls(backlog_per_instance=target, max_capacity=max_capacity, **options)

    @property
    def may_reach_zero(self) -> bool:
        """Whether there may be no instance at some time; a minimum that is known at deploy time only may be 0."""
        return reaches_zero(self.min_capacity, self.schedules)

    @property
    def burst(self) -> float | None:
        """The backlog that is work for all instances; ``None`` where it starts none, or is not known here."""
        if not self.step_out or is_token(self.max_capacity) or is_token(self.backlog_per_instance):
            return None
        # Of a single instance, or of as many as always run, there are no more to start.
        return None if self.max_capacity in (1, self.min_capacity) else self.max_capacity * self.backlog_per_instance
