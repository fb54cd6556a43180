"""What rules a way of serving out: a limit of AWS's, with its source, or a demand that it cannot meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from constructs_lib.advisor.demand import MINUTE, can_be_prepared, request_time, someone_waits_on_the_stream
from constructs_lib.advisor.quantities import size_text, time_text
from constructs_lib.advisor.strategies import Strategy
from constructs_lib.advisor.workload import Compare, Traffic, Workload
from constructs_lib.facts import asynchronous, realtime, serverless, serverless_quotas, streams
from constructs_lib.facts.instances import family
from constructs_lib.facts.limit import Limit

_KIB = 1024
_MIB = 1024 * 1024


def in_question(workload: Workload) -> list[Strategy]:
    """The ways to choose among: the four of SageMaker, and the two patterns on top of them where they are asked for."""
    asked = {
        Strategy.HYBRID: workload.precomputable is not None,
        Strategy.STREAMING: workload.traffic is Traffic.STREAM,
    }
    return [strategy for strategy in Strategy if asked.get(strategy, True)]


def exclusions(workload: Workload) -> dict[Strategy, tuple[str, ...]]:
    """Every way in question that is ruled out, with every reason for it."""
    found = {strategy: tuple(_JUDGES[strategy](workload)) for strategy in in_question(workload)}
    return {strategy: reasons for strategy, reasons in found.items() if reasons}


def cited(limit: Limit) -> str:
    """Which row says so, and who."""
    return f"({limit.id}: {limit.source})"


def by_limits(reasons: Iterable[str]) -> int:
    """How many of these are limits of AWS's, which are cited, and no demands, of which less may be asked."""
    return sum(reason.endswith(")") for reason in reasons)


def _serverless(workload: Workload) -> Iterator[str]:
    yield from _bodies(workload, serverless.PAYLOAD)
    yield from _duration(workload, serverless.INVOCATION_TIMEOUT)
    if workload.needs_gpu:
        yield f"it has no GPU {cited(serverless.NO_GPU)}"
    if workload.vpc:
        yield f"it cannot be in a VPC {cited(serverless.NO_VPC)}"
    if workload.image is not None and not serverless.IMAGE_SIZE.allows(workload.image):
        most = size_text(serverless.IMAGE_SIZE.maximum)
        yield f"image {size_text(workload.image)} exceeds {most} {cited(serverless.IMAGE_SIZE)}"
    largest = max(largest_memory_sizes())
    if workload.memory is not None and workload.memory > largest * _MIB:
        said = f"memory {size_text(workload.memory)} exceeds {size_text(largest * _MIB)}"
        yield f"{said} {cited(serverless.MEMORY_SIZE_IN_MB)}"
    if workload.models > 1:
        yield f"it holds one model, not {workload.models:,} {cited(serverless.NO_MULTI_MODEL)}"
    if workload.chained_steps:
        yield f"it runs one container, not several in a row {cited(serverless.NO_PIPELINE)}"
    if workload.compare is Compare.LIVE:
        yield f"it has one variant, so no second one takes a part of the users {cited(serverless.ONE_VARIANT)}"
    if workload.compare is Compare.MIRROR:
        yield f"it has no shadow variants {cited(serverless.NO_SHADOW)}"
    yield from _concurrency(workload)
    if workload.region is not None and not serverless_quotas.REGIONS.allows(workload.region):
        yield f"AWS does not name {workload.region} among its Regions {cited(serverless_quotas.REGIONS)}"


def largest_memory_sizes() -> tuple[int, ...]:
    """The memory sizes of serverless inference in MB, ascending."""
    allowed: tuple[int, ...] = getattr(serverless.MEMORY_SIZE_IN_MB.allowed, "values", ())
    return tuple(sorted(allowed))


def _concurrency(workload: Workload) -> Iterator[str]:
    seconds = request_time(workload)
    if workload.peak_rps is None or seconds is None:
        return
    needed = workload.peak_rps * seconds
    if needed > serverless.MAX_CONCURRENCY.maximum:
        most = serverless.MAX_CONCURRENCY.maximum
        told = f"{workload.peak_rps:g} requests a second of {time_text(seconds)} are {needed:,.0f} at once"
        yield f"{told}, and {most} is the most {cited(serverless.MAX_CONCURRENCY)}"


def _realtime(workload: Workload) -> Iterator[str]:
    yield from _bodies(workload, realtime.PAYLOAD)
    yield from _duration(workload, realtime.INVOCATION_TIMEOUT)


def _async(workload: Workload) -> Iterator[str]:
    if workload.payload is not None and not asynchronous.PAYLOAD.allows(workload.payload):
        yield _exceeds("payload", workload.payload, asynchronous.PAYLOAD)
    yield from _duration(workload, asynchronous.INVOCATION_TIMEOUT)
    if workload.instance_type and f"ml.{family(workload.instance_type)}." == asynchronous.INF1_FAMILY:
        yield f"it does not run on {workload.instance_type} {cited(asynchronous.NO_INF1)}"
    if workload.region in asynchronous.REGIONS_REFUSED:
        yield f"AWS has refused it in {workload.region} {cited(asynchronous.NOT_IN_REGION)}"
    if workload.compare is Compare.LIVE:
        yield f"it has one variant, so no second one takes a part of the users {cited(asynchronous.ONE_VARIANT)}"
    if workload.compare is Compare.MIRROR:
        yield f"it has no shadow variants {cited(asynchronous.NO_SHADOW)}"


def _batch(workload: Workload) -> Iterator[str]:
    if workload.traffic is Traffic.STREAM:
        yield "a stream has no end at which a job could be done"
    if workload.compare is not None:
        yield "a job has no live traffic on which a candidate could be judged"
    if can_be_prepared(workload):
        return
    if workload.caller_waits:
        yield "nobody can hold the line until a job is done"
    elif workload.latency is not None and workload.latency <= MINUTE:
        yield f"answers are there when the whole job is done, not within {time_text(workload.latency)}"


def _hybrid(workload: Workload) -> Iterator[str]:
    if workload.precomputable == 0:
        yield "nothing can be computed before it is asked for"
    elif workload.precomputable == 1:
        yield "all answers can be computed before they are asked for, so no endpoint is needed for the rest"
    if workload.compare is not None:
        yield "answers from a table are no traffic on which a candidate could be judged"
    yield from _realtime(workload)


def _streaming(workload: Workload) -> Iterator[str]:
    if someone_waits_on_the_stream(workload):
        yield "a caller waits for each answer, and the results of a stream have no caller"
    if workload.compare is not None:
        yield "variants belong to a real-time endpoint, which would stand behind the stream"
    most = streams.RECORD_FOR_FUNCTION.maximum * _KIB
    if workload.payload is not None and workload.payload > most:
        yield f"payload {size_text(workload.payload)} exceeds {size_text(most)} {cited(streams.RECORD_FOR_FUNCTION)}"
    yield from _duration(workload, realtime.INVOCATION_TIMEOUT)


def _bodies(workload: Workload, limit: Limit) -> Iterator[str]:
    for name, value in (("payload", workload.payload), ("response", workload.response)):
        if value is not None and not limit.allows(value):
            yield _exceeds(name, value, limit)


def _exceeds(name: str, value: float, limit: Limit) -> str:
    return f"{name} {size_text(value)} exceeds {size_text(limit.maximum)} {cited(limit)}"


def _duration(workload: Workload, limit: Limit) -> Iterator[str]:
    seconds = request_time(workload)
    if seconds is not None and seconds > limit.maximum:
        yield f"processing {time_text(seconds)} exceeds {time_text(limit.maximum)} {cited(limit)}"
    elif seconds is None and workload.processing_time is not None:
        yield f"a run of {time_text(workload.processing_time)} exceeds {time_text(limit.maximum)} {cited(limit)}"


_JUDGES: Mapping[Strategy, Callable[[Workload], Iterator[str]]] = {
    Strategy.SERVERLESS: _serverless,
    Strategy.REALTIME: _realtime,
    Strategy.ASYNC: _async,
    Strategy.BATCH: _batch,
    Strategy.HYBRID: _hybrid,
    Strategy.STREAMING: _streaming,
}
