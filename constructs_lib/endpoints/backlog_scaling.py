"""Scaling of an asynchronous endpoint: out with the backlog, from zero, in a burst; in when there is nothing left.

Each policy acts where no other does (decision 10): only target tracking and the steps add, only the last step removes.
"""

from __future__ import annotations

from constructs_lib.endpoints.endpoint import Endpoint
from constructs_lib.endpoints.scalable_target import scalable_target
from constructs_lib.endpoints.scaling import instances_of
from constructs_lib.endpoints.step_scaling import Step, make_step
from constructs_lib.endpoints.target_tracking import track
from constructs_lib.endpoints.waking import wake_for_backlog
from constructs_lib.facts import asynchronous, realtime
from constructs_lib.options import Backlog, CustomMetric, TargetTracking


def scale_on_backlog(endpoint: Endpoint, options: Backlog) -> None:
    """Follow the backlog per instance, step out in bursts, step in when idle, and wake from zero if it gets there."""
    scaled = instances_of(endpoint, endpoint.variant_name)
    target = scalable_target(scaled, options, options.schedules)
    # The backlog metrics have the dimension EndpointName alone.
    of_endpoint = {"EndpointName": endpoint.endpoint_name}
    track(scaled, target, _tracking(options, of_endpoint))
    if not options.scale_in_while_busy:
        make_step(scaled.scope, target, of_endpoint, _in_when_idle(options))
    if options.may_reach_zero:
        wake_for_backlog(scaled.scope, target, of_endpoint)
    if options.burst is not None:
        make_step(scaled.scope, target, of_endpoint, _out_in_bursts(options, options.burst))


def _tracking(options: Backlog, of_endpoint: dict[str, str]) -> TargetTracking:
    backlog = CustomMetric(
        namespace=realtime.NAMESPACE, metric_name=asynchronous.BACKLOG_SIZE_PER_INSTANCE, dimensions=of_endpoint
    )
    return TargetTracking.on_metric(
        backlog,
        options.backlog_per_instance,
        name="BacklogPerInstance",
        scale_in_cooldown_in_seconds=options.scale_in_cooldown_in_seconds,
        scale_out_cooldown_in_seconds=options.scale_out_cooldown_in_seconds,
        disable_scale_in=not options.scale_in_while_busy,
    )


def _in_when_idle(options: Backlog) -> Step:
    """Down to the minimum. Requests that run are in the backlog too, so at 0 there is nothing to cut off.

    It is the whole backlog: that of an instance has no data while none runs, and what waited for the first one would
    not be seen.
    """
    return Step(
        name="ScaleInWhenIdle",
        alarm_id="NoBacklog",
        description="nothing waits or runs: removes all instances but the minimum",
        metric_name=asynchronous.BACKLOG_SIZE,
        threshold=0,
        below=True,
        adjustment=0,
        is_exact=True,
        evaluation_periods=options.idle_minutes,
    )


def _out_in_bursts(options: Backlog, burst: float) -> Step:
    """Up to the maximum. The size of the whole backlog has data at zero instances too."""
    return Step(
        name="StepOut",
        alarm_id="Burst",
        description="the backlog is work for all instances: starts those that do not run",
        metric_name=asynchronous.BACKLOG_SIZE,
        threshold=burst,
        # More than is missing: the maximum bounds it, and unlike an exact capacity it never removes an instance that
        # a schedule has allowed beyond it.
        adjustment=options.max_capacity,
        cooldown=options.scale_out_cooldown_in_seconds,
    )
