"""What speaks for and against each way of serving: a table of signals, each with its points and its sentence.

Points are the advisor's own judgement, in the order of the serving literature: what is asked for outright (a data set,
a stream, answers computed beforehand) weighs most, then latency, then the pattern of the traffic, then cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from constructs_lib.advisor import demand
from constructs_lib.advisor.quantities import size_text, time_text
from constructs_lib.advisor.strategies import Strategy
from constructs_lib.advisor.workload import Traffic, Workload
from constructs_lib.facts import realtime

Points = Mapping[Strategy, int]
_SERVERLESS, _REALTIME, _ASYNC = Strategy.SERVERLESS, Strategy.REALTIME, Strategy.ASYNC
_BATCH, _HYBRID, _STREAMING = Strategy.BATCH, Strategy.HYBRID, Strategy.STREAMING
_MANY = 0.5  # from this share on, answers computed beforehand are worth a table
_LONG = 10.0  # seconds of work from which on a queue is better than an open connection


@dataclass(frozen=True, slots=True)
class Signal:
    """When ``holds``, each way gets its points, and ``why`` is the reason for or against it."""

    holds: Callable[[Workload], bool]
    points: Points
    why: Callable[[Workload], str]


def _said(text: str) -> Callable[[Workload], str]:
    return lambda _: text


def _latency_within(low: float, high: float) -> Callable[[Workload], bool]:
    def holds(workload: Workload) -> bool:
        latency = demand.pressing_latency(workload)
        return latency is not None and low <= latency < high

    return holds


def _answer_within(text: str) -> Callable[[Workload], str]:
    return lambda workload: f"an answer within {time_text(demand.needed_latency(workload) or 0)} {text}"


def _is(traffic: Traffic) -> Callable[[Workload], bool]:
    return lambda workload: workload.traffic is traffic


def _one_by_one(holds: Callable[[Workload], bool]) -> Callable[[Workload], bool]:
    """What is worth a queue is so only where requests come one by one; the work of a job waits for no queue."""
    return lambda workload: holds(workload) and not demand.is_gathered(workload)


def _may_be_long(workload: Workload) -> bool:
    """Whether more time is left than any call may last, and the work is not known to need less."""
    latency, call = demand.pressing_latency(workload), realtime.INVOCATION_TIMEOUT.maximum
    return workload.processing_time is None and latency is not None and call < latency <= demand.HOUR


def _is_large(workload: Workload) -> bool:
    """Whether a body is larger than AWS's documents agree on for real-time inference."""
    return workload.largest_body > realtime.PAYLOAD_IN_API_MODEL.maximum


def _scheduled_bulk(workload: Workload) -> bool:
    alone = demand.is_one_small_request(workload) or demand.is_online_at_known_hours(workload)
    return workload.traffic is Traffic.SCHEDULED and not workload.is_data_set and not alone


SIGNALS: tuple[Signal, ...] = (
    # What is asked for outright.
    Signal(
        lambda w: w.is_data_set and demand.can_be_prepared(w),
        {_BATCH: 13},
        lambda w: f"{w.records_per_run or 0:,} records are there together: one job, and no endpoint between two jobs",
    ),
    Signal(
        _scheduled_bulk,
        {_BATCH: 13},
        _said("it runs on a schedule: a job starts then, and nothing runs in between"),
    ),
    Signal(
        lambda w: demand.may_be_old(w) and demand.can_be_prepared(w) and w.traffic is not Traffic.SCHEDULED,
        {_BATCH: 13},
        lambda w: (
            f"answers may be {time_text(w.freshness or 0)} old when they are read, so they can be computed before"
        ),
    ),
    Signal(
        lambda w: w.precomputable == 1 and demand.can_be_prepared(w),
        {_BATCH: 13},
        _said("all answers can be computed before they are asked for, and looked up then"),
    ),
    Signal(
        demand.is_one_small_request,
        {_SERVERLESS: 8},
        _said("each run is one small request: serverless inference is paid for its seconds, with no job to start"),
    ),
    Signal(
        demand.is_online_at_known_hours,
        {_SERVERLESS: 8},
        _said("callers come at known hours only: provisioned concurrency in them, next to nothing paid for outside"),
    ),
    Signal(
        lambda w: w.precomputable is not None and _MANY <= w.precomputable < 1,
        {_HYBRID: 14},
        lambda w: f"{w.precomputable:.0%} of the answers can be computed beforehand and looked up, the rest are fresh",
    ),
    Signal(
        lambda w: w.precomputable is not None and 0 < w.precomputable < _MANY,
        {_HYBRID: -4},
        lambda w: f"only {w.precomputable:.0%} can be computed beforehand; the endpoint answers most of it anyway",
    ),
    Signal(
        lambda w: w.traffic is Traffic.STREAM and not demand.someone_waits_on_the_stream(w),
        {_STREAMING: 12},
        _said("events arrive without end and nobody waits for an answer: results go on as a stream"),
    ),
    Signal(
        lambda w: w.traffic is Traffic.STREAM and demand.someone_waits_on_the_stream(w),
        {_REALTIME: 6},
        _said("each event has a caller who waits for the answer, so it is a request and not a stream"),
    ),
    # Latency.
    Signal(
        _latency_within(0, demand.INSTANT),
        {_REALTIME: 4, _HYBRID: 4, _ASYNC: -10},
        _answer_within("leaves no time for a start, a queue or a bucket: instances have to run already"),
    ),
    Signal(
        _latency_within(demand.INSTANT, demand.PROMPT),
        {_REALTIME: 1, _SERVERLESS: 1, _ASYNC: -7},
        _answer_within("is for a call that waits, not for a queue"),
    ),
    Signal(
        _latency_within(demand.MINUTE, demand.HOUR + 1),
        {_ASYNC: 2, _REALTIME: -1},
        _answer_within("leaves time for a queue, and for instances to start"),
    ),
    Signal(
        _may_be_long,
        {_ASYNC: 5},
        _said(
            f"a request is not known to be done in {time_text(realtime.INVOCATION_TIMEOUT.maximum)}, the most that an "
            "open connection lasts; in a queue it may take longer (--processing-time)"
        ),
    ),
    Signal(
        _latency_within(demand.HOUR + 1, float("inf")),
        {_BATCH: 11, _ASYNC: 1, _REALTIME: -2},
        _answer_within("lets requests be gathered into a job"),
    ),
    Signal(
        demand.waits_for_no_start,
        {_SERVERLESS: -8, _REALTIME: 2, _ASYNC: -4},
        _said("no answer may wait for a start, and capacity that comes and goes has cold starts"),
    ),
    Signal(
        lambda w: w.cold_start_ok is True,
        {_SERVERLESS: 2},
        _said("the first answer after a pause may take longer, so nothing has to run meanwhile"),
    ),
    # The pattern of the traffic.
    Signal(
        _is(Traffic.STEADY),
        {_REALTIME: 4, _SERVERLESS: -1},
        _said("traffic is steady: instances are in use all the time"),
    ),
    Signal(
        _is(Traffic.SPIKY),
        {_SERVERLESS: 2, _ASYNC: 1},
        _said("traffic comes in bursts with quiet between: capacity follows it, and idle time costs nothing"),
    ),
    Signal(
        lambda w: w.traffic is Traffic.SPIKY and demand.waits_for_no_start(w),
        {_REALTIME: 2},
        _said("bursts are taken by automatic scaling of instances that already run"),
    ),
    Signal(
        _is(Traffic.INTERMITTENT),
        {_SERVERLESS: 3, _ASYNC: 2, _REALTIME: -1},
        _said("requests come now and then: nothing should be paid for between them"),
    ),
    Signal(
        lambda w: w.scale_to_zero,
        {_SERVERLESS: 3, _ASYNC: 3, _BATCH: 1, _REALTIME: -3},
        _said("nothing may run, or be paid for, while nobody asks"),
    ),
    # The requests themselves.
    Signal(
        _one_by_one(lambda w: _is_large(w) and w.latency is None and not w.caller_waits),
        {_ASYNC: 4},
        _said("nothing asks for the answer at once, and on real-time bodies of this size AWS's documents disagree"),
    ),
    Signal(
        _one_by_one(_is_large),
        {_ASYNC: 2, _REALTIME: -1},
        lambda w: f"a body of {size_text(w.largest_body)} is easier on S3 than on an open connection",
    ),
    Signal(
        _one_by_one(lambda w: (demand.request_time(w) or 0) >= _LONG),
        {_ASYNC: 5, _REALTIME: -1, _SERVERLESS: -2},
        lambda w: f"{time_text(demand.request_time(w) or 0)} of work a request wait better in a queue than on the line",
    ),
    Signal(
        _one_by_one(lambda w: w.notify),
        {_ASYNC: 6},
        _said("a notification tells when the answer is there"),
    ),
    Signal(
        _one_by_one(lambda w: w.caller_waits is False and w.traffic is not Traffic.STREAM),
        {_ASYNC: 6, _BATCH: 1},
        _said("nobody holds the line, so a request can wait in a queue"),
    ),
    Signal(
        lambda w: w.caller_waits is True,
        {_REALTIME: 2, _SERVERLESS: 2, _ASYNC: -8},
        _said("a caller holds the line until the answer is there"),
    ),
    # What stands behind the endpoint.
    Signal(
        lambda w: w.models > 1 and not demand.can_be_prepared(w),
        {_REALTIME: 8, _ASYNC: -3},
        lambda w: f"{w.models:,} models share the instances of one real-time endpoint, and elsewhere each has its own",
    ),
    Signal(
        lambda w: w.chained_steps and not demand.can_be_prepared(w),
        {_REALTIME: 5},
        _said("the steps run in a row on one instance, behind one endpoint"),
    ),
    Signal(
        lambda w: w.compare is not None,
        {_REALTIME: 6},
        _said("a candidate is compared beside the model in production: variants of a real-time endpoint"),
    ),
)
