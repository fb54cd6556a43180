"""A stream through an endpoint in the code."""

from __future__ import annotations

import math
from dataclasses import replace

from constructs_lib.advisor.code.endpoints import endpoint
from constructs_lib.advisor.code.plan import Plan, Snippet
from constructs_lib.facts import realtime, streams
from constructs_lib.options.streaming import StreamBatching
from constructs_lib.options.throughput import Throughput

_USUAL = StreamBatching()
_MOST_BYTES = realtime.PAYLOAD_IN_API_MODEL.maximum
_KIB = 1024
# Half of the time that a request may take, and three quarters of that of a function: the rest is to spare.
_REQUEST_IN_SECONDS = realtime.INVOCATION_TIMEOUT.maximum / 2
_BATCH_IN_SECONDS = _USUAL.timeout_in_seconds * 0.75


def streaming(plan: Plan) -> Snippet:
    """An endpoint between two streams, with shards and functions for the peak."""
    batching = _batching(plan)
    load = _load(plan, batching)
    # What scales the endpoint counts requests, not records.
    asked = endpoint(replace(plan, load=replace(plan.load, processing_time=load.seconds_per_request)))
    at_once = load.requests_at_once(batching, _MOST_BYTES)
    shards = max(load.shards_in, math.ceil(at_once / streams.PARALLELIZATION_FACTOR.maximum))
    batching = replace(batching, parallelization_factor=max(1, math.ceil(at_once / shards)))
    changed = _changed(batching)
    functions = shards * batching.parallelization_factor
    lines = (
        *asked.lines,
        "scoring = StreamingInference(",
        "    stack,",
        '    "Scoring",',
        "    endpoint=endpoint,",
        f"    source=StreamSource(shard_count={shards}{_record_size(load)}),",
        f"    sink=ResultStream(shard_count={load.shards_out}),",
        *([f"    batching=StreamBatching({changed}),"] if changed else []),
        "    throughput=Throughput(  # what cannot carry it fails the synthesis",
        f"        records_per_second={load.records_per_second:g},",
        f"        bytes_per_record={load.bytes_per_record},",
        f"        bytes_per_result={load.bytes_per_result},",
        f"        seconds_per_request={load.seconds_per_request},  # measure it: as long as its records one by one",
        *([f"        function_concurrency={functions},  # a quota to raise"] if _is_beyond(functions, load) else []),
        "    ),",
        ")",
        'scoring.add_outputs("Scoring")',
    )
    names = {"ResultStream", "StreamSource", "StreamingInference", "Throughput", *(["StreamBatching"] * bool(changed))}
    return Snippet(lines, asked.names | names)


def _batching(plan: Plan) -> StreamBatching:
    """Requests and batches that are done in time, where a record takes as long as a request of its own."""
    a_record = plan.load.processing_time
    return StreamBatching(
        max_records_per_request=max(1, min(_USUAL.max_records_per_request, int(_REQUEST_IN_SECONDS / a_record))),
        batch_size=max(1, min(_USUAL.batch_size, int(_BATCH_IN_SECONDS / a_record))),
    )


def _load(plan: Plan, batching: StreamBatching) -> Throughput:
    load = Throughput(
        records_per_second=math.ceil(plan.load.peak_rps),
        bytes_per_record=math.ceil(plan.load.payload),
        bytes_per_result=math.ceil(plan.load.response),
        seconds_per_request=plan.load.processing_time,
    )
    seconds = load.records_per_request(batching, _MOST_BYTES) * plan.load.processing_time
    return replace(load, seconds_per_request=float(f"{seconds:.3g}"))


def _changed(batching: StreamBatching) -> str:
    """The arguments that are not as they are by default."""
    names = ("batch_size", "parallelization_factor", "max_records_per_request")
    return ", ".join(
        f"{name}={getattr(batching, name)}" for name in names if getattr(batching, name) != getattr(_USUAL, name)
    )


def _record_size(load: Throughput) -> str:
    size = math.ceil(load.bytes_per_record / _KIB)
    return f", max_record_size_in_kib={size}" if size > (streams.MAX_RECORD_SIZE.default or 0) else ""


def _is_beyond(functions: int, load: Throughput) -> bool:
    return functions > load.function_concurrency
