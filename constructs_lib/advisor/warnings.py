"""What works, but not without care: limits near by, quotas, documents that disagree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from constructs_lib.advisor import demand
from constructs_lib.advisor.code import Plan
from constructs_lib.advisor.exclusions import cited
from constructs_lib.advisor.quantities import size_text, time_text
from constructs_lib.advisor.strategies import Form, Strategy
from constructs_lib.advisor.workload import Workload
from constructs_lib.facts import (
    asynchronous,
    components,
    containers,
    gateways,
    instance_quotas,
    instances,
    lambdas,
    realtime,
    scaling,
    scaling_to_zero,
    serverless_quotas,
    shadow,
    transform,
    transform_instances,
)

_MIB = 1024 * 1024
_CLOSE = 0.8  # of a limit
_WAKING = 600.0  # seconds in which an instance that was started works, at the latest


def warnings(plan: Plan) -> Iterator[str]:
    """What to mind when the workload is served as planned."""
    yield from _contradictions(plan.workload)
    yield from _region(plan.workload.region)
    yield from _OF.get(plan.strategy, _nothing)(plan.workload)
    yield from _form(plan.workload, plan.form)
    if plan.strategy is not Strategy.SERVERLESS:
        yield from _quotas(plan)
        yield from _instance_type(plan)


def _region(region: str | None) -> Iterator[str]:
    if region is not None and instances.offered(region) is None:
        yield f"{region} is no Region that is known here; unless it is new, mind its name {cited(instances.IN_REGION)}"


def _form(workload: Workload, form: Form) -> Iterator[str]:
    if form is Form.MULTI_MODEL and workload.needs_gpu:
        yield f"on GPUs the image has to be {containers.MULTI_MODEL_TRITON} {cited(containers.MULTI_MODEL_TRITON)}"
    if form is Form.COMPONENTS and workload.region and not components.REGIONS.allows(workload.region):
        yield f"CloudFormation does not list inference components in {workload.region} {cited(components.REGIONS)}"
    if form is Form.COMPONENTS and workload.scale_to_zero:
        yield from _at_zero(workload)
    if form is Form.SHADOW and workload.models > 1:
        yield f"a multi-model container cannot be in a shadow test {cited(shadow.NO_MULTI_MODEL)}"
    if form is Form.SHADOW and (workload.instance_type or "").startswith(asynchronous.INF1_FAMILY):
        yield f"{workload.instance_type} cannot be in a shadow test {cited(shadow.NO_INF1)}"
    if form in (Form.AB, Form.SHADOW) and (workload.chained_steps or workload.models > 1):
        yield "the code compares two single models; several containers or models have to be put into each"


def _at_zero(workload: Workload) -> Iterator[str]:
    limit = scaling_to_zero.COMPONENT_TO_ZERO
    yield f"at zero instances the first requests fail, and a start takes minutes: send them again later {cited(limit)}"
    if not demand.cold_start_fits(workload):
        yield "nothing running (--scale-to-zero) and no wait after a pause cannot both be had: the pause has its wait"


def _quotas(plan: Plan) -> Iterator[str]:
    of_a_job = plan.strategy is Strategy.BATCH
    quota = instance_quotas.INSTANCES_OF_ALL_TRANSFORM_JOBS if of_a_job else instance_quotas.INSTANCES_OF_AN_ENDPOINT
    if not quota.allows(plan.most_instances):
        asked = f"{plan.most_instances} instances of {plan.instance_type}"
        yield f"{asked} are over the {quota.maximum} of a new account: have the quota raised first {cited(quota)}"


def _instance_type(plan: Plan) -> Iterator[str]:
    """Where the type that was asked for does not do."""
    asked, needed = plan.workload.instance_type, plan.workload.memory or 0
    if asked is None:
        return
    if plan.strategy in (Strategy.BATCH, Strategy.HYBRID) and plan.job_type != asked:
        yield f"{asked} is not for transform jobs, {plan.job_type} is taken {cited(transform_instances.INSTANCE_TYPE)}"
    if plan.strategy is not Strategy.BATCH and not plan.can_scale:
        yield f"instances of {asked} cannot be scaled, so the code does not {cited(scaling.NO_BURSTABLE_INSTANCES)}"
    region, here = plan.workload.region or "", instances.offered(plan.workload.region or "")
    if plan.strategy is not Strategy.BATCH and here is not None and asked not in here and asked in instances.priced():
        yield f"{asked} has no price in {region} {cited(instances.IN_REGION)}"
    has = instances.hardware(asked)
    if has is not None and plan.workload.gpu and not has.accelerators:
        yield f"{asked} has no GPU, and the model needs one"
    if has is not None and not plan.workload.gpu and has.memory_mib * _MIB < needed:
        yield f"{asked} has {size_text(has.memory_mib * _MIB)} of memory, the model needs {size_text(needed)}"


def _contradictions(workload: Workload) -> Iterator[str]:
    seconds = demand.request_time(workload)
    if workload.latency is not None and seconds is not None and workload.latency < seconds:
        asked, takes = time_text(workload.latency), time_text(seconds)
        yield f"an answer within {asked} cannot be had from a model that takes {takes}: the latter is reckoned with"


def _realtime(workload: Workload) -> Iterator[str]:
    size = workload.largest_body
    low, high, function = realtime.PAYLOAD_IN_API_MODEL, realtime.PAYLOAD, lambdas.PAYLOAD
    if not low.allows(size) and high.allows(size):
        yield (
            f"{size_text(size)}: AWS's documents disagree, the guide says {size_text(high.maximum)} {cited(high)}, "
            f"the API model {size_text(low.maximum)} {cited(low)}, where many containers stop by default too; "
            "try it, or use asynchronous inference"
        )
    if size > function.maximum * 3 // 4:
        yield f"a Lambda function in front takes {size_text(function.maximum)} in base64 {cited(function)}"
    yield from _slow(workload)


def _slow(workload: Workload) -> Iterator[str]:
    seconds = demand.request_time(workload) or 0.0
    limit, gateway = realtime.INVOCATION_TIMEOUT, gateways.REST_TIMEOUT
    if seconds > limit.maximum * _CLOSE:
        yield f"{time_text(seconds)} are close to the {time_text(limit.maximum)} of a request {cited(limit)}"
    elif seconds > gateway.maximum / 1000:
        yield f"an API Gateway in front waits {time_text(gateway.maximum / 1000)} by default {cited(gateway)}"


def _serverless(workload: Workload) -> Iterator[str]:
    most = serverless_quotas.ACCOUNT_MEMORY
    if workload.memory is not None and workload.memory > most.maximum * _MIB:
        yield f"an account whose quota was never raised has {size_text(most.maximum * _MIB)} {cited(most)}"
    at_once = (workload.peak_rps or 0.0) * (demand.request_time(workload) or 0.0)
    new = serverless_quotas.NEW_ACCOUNT_CONCURRENCY
    if at_once > new.maximum:
        yield f"{at_once:,.0f} requests at once are more than the {new.maximum} of a new account {cited(new)}"
    yield from _slow(workload)


def _batch(workload: Workload) -> Iterator[str]:
    most, size = transform.MAX_PAYLOAD_IN_MB, workload.payload or 0
    if size > most.maximum * _MIB:
        yield (
            f"records of {size_text(size)} are over the {most.maximum} MB of one request {cited(most)}: "
            "split them, or let the container take chunks (MaxPayloadInMB 0)"
        )
    seconds = demand.request_time(workload)
    if seconds is not None and seconds > transform.INVOCATIONS_TIMEOUT.maximum:
        longest = time_text(transform.INVOCATIONS_TIMEOUT.maximum)
        yield f"one request of a job may take {longest} {cited(transform.INVOCATIONS_TIMEOUT)}: split the records"


def _async(workload: Workload) -> Iterator[str]:
    if workload.latency is not None and workload.latency < _WAKING:
        yield (
            f"from zero the first request waits minutes for an instance: for answers within "
            f"{time_text(workload.latency)} keep one in the hours of use (Backlog(schedules=...))"
        )


def _nothing(_workload: Workload) -> Iterator[str]:
    yield from ()


_OF: Mapping[Strategy, Callable[[Workload], Iterator[str]]] = {
    Strategy.REALTIME: _realtime,
    Strategy.HYBRID: _realtime,
    Strategy.STREAMING: _realtime,
    Strategy.SERVERLESS: _serverless,
    Strategy.ASYNC: _async,
    Strategy.BATCH: _batch,
}
