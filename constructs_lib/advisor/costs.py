"""What each way of serving costs a month, as a sum with its parts. A part of unknown price leaves the sum unknown."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from constructs_lib.advisor.demand import cold_start_fits, is_online_at_known_hours
from constructs_lib.advisor.exclusions import largest_memory_sizes
from constructs_lib.advisor.load import DAYS_A_MONTH, Load
from constructs_lib.advisor.strategies import Strategy
from constructs_lib.advisor.sums import HEADROOM, Case, Cost, Part, case_of
from constructs_lib.advisor.workload import Compare, Workload
from constructs_lib.facts import scaling, streams, transform
from constructs_lib.facts.prices import PUT_PAYLOAD_UNIT, WRITE_UNIT, Prices
from constructs_lib.options.streaming import StreamBatching

_HOURS = 730  # of a month, as AWS counts
_VOLUME_GB = 5.0  # of an endpoint's disk
_USUAL_MEMORY_IN_MB = 2048
_IDLE_MINUTES = 15.0  # that an asynchronous endpoint waits for more before it goes down to zero
_START_MINUTES = 5.0  # until an instance that was started works
_DAYS_KEPT = 7.0  # that inputs and answers stay in S3
_TRANSITIONS_A_RUN = 10.0
_LAMBDA_GB = 0.5
# What the journal of a stream notes of a put, and of each record in it.
_ENTRY_BYTES, _BYTES_A_RECORD = 200, 12


def monthly_costs(workload: Workload, prices: Prices) -> dict[Strategy, Cost]:
    """What each way would cost, the ruled-out ones too."""
    case = case_of(workload, prices)
    return {strategy: Cost(tuple(parts(case))) for strategy, parts in _PARTS.items()}


def peak_instances(workload: Workload, prices: Prices) -> int:
    """How many instances the peak wants."""
    return case_of(workload, prices).at_peak()


def memory_size_in_mb(workload: Workload) -> int:
    """The smallest memory of serverless inference that holds the model; 2048 where that is not known."""
    if workload.memory is None:
        return _USUAL_MEMORY_IN_MB
    sizes = largest_memory_sizes()
    return next((size for size in sizes if size * 1024**2 >= workload.memory), sizes[-1])


def _realtime(case: Case) -> list[Part]:
    fleets = 2 if case.workload.compare is Compare.MIRROR else 1
    average = case.on_average()
    if case.workload.compare is Compare.LIVE:
        average = max(2.0, average)
    if case.workload.models > 1 and case.workload.same_framework:
        average = max(2.0, average)  # AWS advises two for multi-model endpoints
    count = average * fleets
    volume = case.part("disks of the instances", "volume:endpoint", count * _VOLUME_GB, "GB-month")
    return [case.instances(count * _HOURS, "endpoint"), volume, *case.data()]


def _serverless(case: Case) -> list[Part]:
    memory = memory_size_in_mb(case.workload)
    seconds = case.load.requests_per_month * case.load.processing_time
    warm = not cold_start_fits(case.workload) or is_online_at_known_hours(case.workload)
    if not warm:
        return [case.part(f"seconds at {memory} MB", f"serverless:{memory}", seconds, "s"), *case.data()]
    hours = (case.load.busy_hours or 24) if is_online_at_known_hours(case.workload) else 24
    at_once = max(1, math.ceil(case.load.peak_rps * case.load.processing_time))
    least = scaling.MIN_CAPACITY_PROVISIONED_CONCURRENCY.minimum  # which stays when the hours are over
    kept = (at_once * hours + least * (24 - hours)) * 3600 * DAYS_A_MONTH
    return [
        case.part(f"provisioned concurrency at {memory} MB", f"provisioned:{memory}", kept, "s"),
        case.part(f"seconds of it in use at {memory} MB", f"provisioned-use:{memory}", seconds, "s"),
        *case.data(),
    ]


def _async(case: Case) -> list[Part]:
    load = case.load
    hours = _hours_awake(case) * DAYS_A_MONTH
    volume = case.part("disks of the instances", "volume:endpoint", hours / _HOURS * _VOLUME_GB, "GB-month")
    requests = load.requests_per_month
    return [
        case.instances(hours * case.workload.models, "async"),
        volume,
        *case.data(),
        *_s3(case, requests),
        case.part("notifications by SNS", "sns:request", requests, "requests"),
        case.part("messages of the results' queue", "sqs:request", 3 * requests, "requests"),
    ]


def _hours_awake(case: Case) -> float:
    """Instance hours of a day, of an endpoint that goes down to zero when nothing waits."""
    load = case.load
    work = load.requests_per_day * load.processing_time / case.concurrency / 3600 / HEADROOM
    around = (_START_MINUTES + _IDLE_MINUTES) / 60
    if load.busy_hours is None:
        # Requests that come by chance: the share of the day within the reach of at least one of them.
        reach = around + load.processing_time / 3600
        return max(work, 24.0 * (1 - math.exp(-load.requests_per_day / 24 * reach)))
    return max(work, min(24.0, load.busy_hours + (around if load.busy_hours < 24 else 0)))


def _s3(case: Case, requests: float) -> list[Part]:
    return [
        case.stored((case.load.gb_in + case.load.gb_out), _DAYS_KEPT),
        case.part("writes to S3", "s3:put", 2 * requests, "requests"),
        case.part("reads from S3", "s3:get", 2 * requests, "requests"),
    ]


def _batch(case: Case) -> list[Part]:
    load = case.load
    runs = load.runs_per_day * DAYS_A_MONTH
    count = load.instances_of_a_run(case.job_concurrency, transform.INSTANCE_COUNT.maximum)
    hours = load.hours_of_work(case.job_concurrency) + count * _START_MINUTES / 60
    return [
        case.instances(hours * runs, "transform"),
        case.stored((load.gb_in + load.gb_out), _DAYS_KEPT),
        case.part("writes to S3", "s3:put", 2 * count * runs, "requests"),
        case.part("transitions of Step Functions", "states:transition", _TRANSITIONS_A_RUN * runs, "transitions"),
    ]


def _hybrid(case: Case) -> list[Part]:
    share = case.workload.precomputable or 0.0
    requests = case.load.requests_per_month
    looked_up = case.load.requests_per_day * share  # a key is taken to be computed anew each night
    runs = case.load.hours_of_work(case.job_concurrency) * share / max(case.load.runs_per_day, 1)
    return [
        *_realtime(case),
        case.instances(runs * DAYS_A_MONTH, "transform"),
        case.part("answers written to DynamoDB", "dynamodb:write", looked_up * DAYS_A_MONTH, "units"),
        case.part("look-ups in DynamoDB", "dynamodb:read", requests, "units"),
        *_functions(case, requests, 0.02),
    ]


def _streaming(case: Case) -> list[Part]:
    load = case.load
    bodies = (load.payload, load.response)
    units = load.requests_per_month * sum(max(1, math.ceil(body / PUT_PAYLOAD_UNIT.maximum)) for body in bodies)
    batches, shards = _batches(load), sum(_shards(load.peak_rps, body) for body in bodies)
    # The journal: an entry that is written twice for each batch, and read twice.
    written = math.ceil((_ENTRY_BYTES + _BYTES_A_RECORD * load.requests_per_month / batches) / WRITE_UNIT.maximum)
    return [
        *_realtime(case),
        case.part("shards of Kinesis", "kinesis:shard-hour", shards * _HOURS, "h"),
        case.part("writes to Kinesis", "kinesis:put", units, "units"),
        case.part("writes of the journal in DynamoDB", "dynamodb:write", 2 * batches * written, "units"),
        case.part("reads of the journal in DynamoDB", "dynamodb:read", 2 * batches, "units"),
        *_functions(case, batches, load.requests_per_month * load.processing_time / batches),
    ]


def _batches(load: Load) -> float:
    """Batches of a month: full ones, or one a second and shard, or one a record where there are fewer."""
    usual, seconds = StreamBatching(), DAYS_A_MONTH * 86_400
    of_windows = _shards(load.peak_rps, load.payload) * seconds / usual.max_batching_window_in_seconds
    return max(load.requests_per_month / usual.batch_size, min(load.requests_per_month, of_windows))


def _shards(records_per_second: float, size: float) -> int:
    """How many shards take so many records, by their bytes and by their number."""
    by_bytes = records_per_second * size / streams.SHARD_WRITE.maximum
    by_records = records_per_second / streams.SHARD_WRITE_RECORDS.maximum
    return max(1, math.ceil(max(by_bytes, by_records)))


def _functions(case: Case, calls: float, seconds: float) -> list[Part]:
    return [
        case.part("calls of Lambda", "lambda:request", calls, "requests"),
        case.part("work of Lambda", "lambda:gb-second", calls * seconds * _LAMBDA_GB, "GB-seconds"),
    ]


_PARTS: Mapping[Strategy, Callable[[Case], list[Part]]] = {
    Strategy.SERVERLESS: _serverless,
    Strategy.REALTIME: _realtime,
    Strategy.ASYNC: _async,
    Strategy.BATCH: _batch,
    Strategy.HYBRID: _hybrid,
    Strategy.STREAMING: _streaming,
}
