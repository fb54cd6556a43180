"""What a workload asks for, read from what is known of it; shared by all that judge it."""

from __future__ import annotations

from constructs_lib.advisor.workload import Traffic, Workload
from constructs_lib.facts import asynchronous, serverless

# Bounds of the advisor's own, none of AWS's: from when on a demand is of another kind.
INSTANT = 1.0  # below: an answer that must not wait for anything to start
PROMPT = 5.0  # below: no time for a queue and a bucket
MINUTE = 60.0
HOUR = 3600.0
FEW_A_DAY = 24  # at most: each request of a schedule stands for itself


def needed_latency(workload: Workload) -> float | None:
    """Seconds in which an answer has to be there; not less than the model takes."""
    if workload.latency is None or workload.processing_time is None or is_run_time(workload):
        return workload.latency
    return max(workload.latency, workload.processing_time)


def is_run_time(workload: Workload) -> bool:
    """Whether the processing time is that of a whole run: there are runs, and no one request may take so long."""
    given = workload.processing_time
    runs = workload.traffic is Traffic.SCHEDULED or workload.is_data_set
    return runs and given is not None and given > asynchronous.INVOCATION_TIMEOUT.maximum


def request_time(workload: Workload) -> float | None:
    """Seconds that one request takes, where that is known."""
    return None if is_run_time(workload) else workload.processing_time


def is_one_small_request(workload: Workload) -> bool:
    """Whether each run of a schedule is a request or few, known to be within what serverless inference takes.

    Where answers are wanted at once, they are read and not asked for: that is what a job has written.
    """
    latency = needed_latency(workload)
    seconds = latency if workload.processing_time is None else request_time(workload)  # an answer bounds its work
    return (
        (latency is None or latency >= MINUTE)
        and workload.traffic is Traffic.SCHEDULED
        and not workload.is_data_set
        and (workload.requests_per_day or 1) <= FEW_A_DAY
        and workload.payload is not None
        and serverless.PAYLOAD.allows(workload.largest_body)
        and seconds is not None
        and serverless.INVOCATION_TIMEOUT.allows(seconds)
    )


def is_online(workload: Workload) -> bool:
    """Whether somebody is there for the answer to each single request."""
    latency = needed_latency(workload)
    return workload.caller_waits is True or workload.cold_start_ok is False or (latency or HOUR) <= MINUTE


def is_online_at_known_hours(workload: Workload) -> bool:
    """Whether many single requests come at known times, each with somebody there for its answer."""
    many = workload.requests_per_day is None or workload.requests_per_day > FEW_A_DAY
    return (
        workload.traffic is Traffic.SCHEDULED and not workload.is_data_set and many and is_online(workload)
    ) and not may_be_old(workload)


def may_be_old(workload: Workload) -> bool:
    """Whether answers of an hour ago or older will do."""
    return workload.freshness is not None and workload.freshness >= HOUR


def can_be_prepared(workload: Workload) -> bool:
    """Whether all answers can be computed before anybody asks: then each is a look-up, however fast it must be."""
    if workload.traffic is Traffic.STREAM or workload.compare is not None or workload.caller_waits is True:
        return False
    scheduled = workload.traffic is Traffic.SCHEDULED and not is_online_at_known_hours(workload)
    return workload.is_data_set or scheduled or may_be_old(workload) or workload.precomputable == 1


def is_gathered(workload: Workload) -> bool:
    """Whether requests are worked through together, as those of a job, and do not come one by one."""
    return can_be_prepared(workload) and not is_one_small_request(workload)


def someone_waits_on_the_stream(workload: Workload) -> bool:
    """Whether each event of a stream has a caller: said so, or an answer is wanted at once."""
    if workload.caller_waits is not None:
        return workload.caller_waits
    return workload.latency is not None and workload.latency < INSTANT


def cold_start_fits(workload: Workload) -> bool:
    """Whether the first answer after a pause may take seconds longer; where it is not said, by the latency."""
    if workload.cold_start_ok is not None:
        return workload.cold_start_ok
    latency = needed_latency(workload)
    return latency is None or latency >= INSTANT


def pressing_latency(workload: Workload) -> float | None:
    """The latency as far as it speaks for or against an endpoint: what is prepared is looked up, however fast."""
    return None if can_be_prepared(workload) else needed_latency(workload)


def waits_for_no_start(workload: Workload) -> bool:
    """Whether a cold start is too long; not where its hours are known, as capacity can be provisioned for them."""
    asked = pressing_latency(workload) is not None or workload.cold_start_ok is False
    return asked and not cold_start_fits(workload) and not is_online_at_known_hours(workload)
