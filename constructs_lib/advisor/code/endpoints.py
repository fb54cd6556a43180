"""The endpoint in the code, by the way of serving."""

from __future__ import annotations

import math

from constructs_lib.advisor.code.plan import COPIES, Argument, Plan, Snippet
from constructs_lib.advisor.costs import memory_size_in_mb
from constructs_lib.advisor.demand import HOUR, MINUTE, cold_start_fits, is_online_at_known_hours
from constructs_lib.advisor.strategies import Form
from constructs_lib.advisor.workload import Traffic
from constructs_lib.facts import asynchronous as asynchronous_facts
from constructs_lib.facts import instances, scaling
from constructs_lib.facts import serverless as serverless_facts

_SAFETY = 0.7
_USUAL_CONCURRENCY = 5
_FIRST_HOUR = 8


def realtime(plan: Plan) -> Snippet:
    """An endpoint on instances, in its form."""
    builders = {Form.COMPONENTS: _components, Form.AB: _ab, Form.SHADOW: _shadow}
    return builders.get(plan.form, endpoint)(plan)


def endpoint(plan: Plan) -> Snippet:
    """One production variant whose instances follow the load, as far as the peak wants more than one."""
    count = 2 if plan.form is Form.MULTI_MODEL else 1  # AWS advises two for many models
    autoscaling = _autoscaling(plan, count)
    lines = [
        "endpoint = RealtimeEndpoint(",
        "    stack,",
        '    "Endpoint",',
        "    model=model,",
        f'    instance_type="{plan.instance_type}",',
        f"    initial_instance_count={count},",
        *autoscaling.lines,
        ")",
        "endpoint.add_outputs()",
    ]
    return Snippet(tuple(lines), autoscaling.names | {"RealtimeEndpoint"})


def _autoscaling(plan: Plan, minimum: int) -> Argument:
    if plan.most_instances == minimum or not plan.can_scale:
        return Argument()
    a_second = plan.concurrency / plan.load.processing_time
    lines = (
        "    autoscaling=Autoscaling.from_load(",
        f"        requests_per_second_per_instance={a_second:.4g},  # measure it: here, {plan.concurrency} at once",
        f"        max_capacity={plan.most_instances},",
        f"        min_capacity={minimum},",
        f"        safety_factor={_SAFETY},",
        "    ),",
    )
    return Argument(lines, names=frozenset({"Autoscaling"}))


def _ab(plan: Plan) -> Snippet:
    instance = f'instance_type="{plan.instance_type}"'
    lines = (
        "variants = [",
        f'    Variant(model=model, name="Current", {instance}, weight=9),',
        f'    Variant(model=candidate, name="Candidate", {instance}, weight=1),  # a tenth of the users',
        "]",
        'endpoint = RealtimeEndpoint(stack, "Endpoint", variants=variants)',
        "endpoint.add_outputs()",
    )
    return Snippet(lines, frozenset({"RealtimeEndpoint", "Variant"}))


def _shadow(plan: Plan) -> Snippet:
    instance = f'instance_type="{plan.instance_type}"'
    lines = (
        f'shadow = Shadow(variant=Variant(model=candidate, name="Candidate", {instance}))',
        f'endpoint = RealtimeEndpoint(stack, "Endpoint", model=model, {instance}, shadow=shadow)',
        "endpoint.add_outputs()",
    )
    return Snippet(lines, frozenset({"RealtimeEndpoint", "Shadow", "Variant"}))


def _components(plan: Plan) -> Snippet:
    least = 0 if plan.workload.scale_to_zero else 1
    names = [f"Model{number}" for number in range(1, plan.components + 1)]
    on_gpus = plan.workload.needs_gpu and instances.is_gpu(plan.instance_type)
    device = "number_of_accelerator_devices_required" if on_gpus else "number_of_cpu_cores_required"
    network = ", vpc_config=network" if plan.workload.vpc else ""
    lines = (
        f"scaling = ManagedInstanceScaling(min_instance_count={least}, max_instance_count={plan.most_instances})",
        "endpoint = ComponentEndpoint(",
        f'    stack, "Endpoint", instance_type="{plan.instance_type}", managed_instance_scaling=scaling{network}',
        ")",
        f"compute = ComputeResourceRequirements({device}=1, min_memory_required_in_mb={plan.memory_in_mib})",
        f"copies = CopyScaling(min_capacity={least}, max_capacity={COPIES}, invocations_per_copy=100)",
        f"for name in {names!r}:  # one each".replace("'", '"'),
        '    artifact = ModelArtifact.from_s3_uri(f"s3://my-models/{name}.tar.gz")',
        "    role, vpc_config = endpoint.execution_role, endpoint.vpc_config",
        "    model = Model(",
        '        stack, f"{name}Model", image=image, artifact=artifact, execution_role=role, vpc_config=vpc_config',
        "    )",
        "    InferenceComponent(stack, name, endpoint=endpoint, model=model, compute=compute, autoscaling=copies)",
        "endpoint.add_outputs()",
    )
    ours = {
        "ComponentEndpoint",
        "ComputeResourceRequirements",
        "CopyScaling",
        "InferenceComponent",
        "ManagedInstanceScaling",
        "Model",
        "ModelArtifact",
    }
    return Snippet(lines, frozenset(ours))


def serverless(plan: Plan) -> Snippet:
    """A serverless endpoint, kept warm where no answer may wait for a start."""
    at_once = max(1, math.ceil(plan.load.peak_rps * plan.load.processing_time))
    few = plan.workload.traffic is Traffic.SCHEDULED and plan.load.requests_per_day <= 1
    most = 1 if few else min(max(at_once, _USUAL_CONCURRENCY), serverless_facts.MAX_CONCURRENCY.maximum)
    kept = _provisioned(plan, min(at_once, most))
    lines = (
        *kept.before,
        "endpoint = ServerlessEndpoint(",
        "    stack,",
        '    "Endpoint",',
        "    model=model,",
        f"    memory_size_in_mb={memory_size_in_mb(plan.workload)},",
        f"    max_concurrency={most},",
        *kept.lines,
        ")",
        "endpoint.add_outputs()",
    )
    return Snippet(lines, kept.names | {"ServerlessEndpoint"})


def _provisioned(plan: Plan, at_once: int) -> Argument:
    """Concurrency that never waits for a start: all the time, or in the hours that are known."""
    known = is_online_at_known_hours(plan.workload)
    if not known and cold_start_fits(plan.workload):
        return Argument()
    if not known or at_once == scaling.MIN_CAPACITY_PROVISIONED_CONCURRENCY.minimum:
        return Argument((f"    provisioned_concurrency={at_once},",))
    end = _FIRST_HOUR + math.ceil(plan.load.busy_hours or 1)
    all_ready = f"min_capacity={at_once}, max_capacity={at_once}"
    before = (
        "# Ready when callers come, the least possible outside; your hours, in UTC.",
        f'begin = ScheduledAction.cron(name="Begin", hours="{_FIRST_HOUR}", {all_ready})',
        f'end = ScheduledAction.cron(name="End", hours="{end}", min_capacity=1, max_capacity=1)',
        "provisioned = ProvisionedConcurrencyScaling(",
        f"    max_capacity={at_once}, utilization=None, schedules=[begin, end]",
        ")",
    )
    names = frozenset({"ProvisionedConcurrencyScaling", "ScheduledAction"})
    return Argument(("    autoscaling=provisioned,",), before, names)


def asynchronous(plan: Plan) -> Snippet:
    """An asynchronous endpoint that goes down to zero."""
    at_once = min(plan.concurrency, asynchronous_facts.MAX_CONCURRENT_INVOCATIONS_PER_INSTANCE.maximum)
    backlog = _backlog(plan, at_once) if plan.can_scale else Argument()
    lines = (
        *backlog.before,
        "endpoint = AsyncEndpoint(",
        "    stack,",
        '    "Endpoint",',
        "    model=model,",
        f'    instance_type="{plan.instance_type}",',
        f"    max_concurrent_invocations_per_instance={at_once},",
        *backlog.lines,
        ")",
        "endpoint.add_outputs()",
    )
    return Snippet(lines, backlog.names | {"AsyncEndpoint"})


def _backlog(plan: Plan, at_once: int) -> Argument:
    """Down to zero, and up to as many as answer in the time that there is; a minute where it was not said."""
    seconds = max(plan.workload.latency or MINUTE, plan.load.processing_time)
    hours = _warm_hours(plan)
    lines = (
        "    autoscaling=Backlog.drain_within(",
        f"        seconds={seconds:g},",
        f"        processing_seconds_per_request={plan.load.processing_time:g},",
        f"        concurrent_invocations_per_instance={at_once},",
        f"        max_capacity={plan.most_instances},",
        *(["        schedules=[day, night],"] if hours else []),
        "    ),",
    )
    return Argument(lines, hours, frozenset({"Backlog", "ScheduledAction"} if hours else {"Backlog"}))


def _warm_hours(plan: Plan) -> tuple[str, ...]:
    """The hours in which an instance stays, where bursts are to be answered sooner than an instance starts."""
    if plan.workload.traffic is not Traffic.SPIKY or (plan.workload.latency or HOUR) > MINUTE:
        return ()
    return (
        "# An instance stays warm in the hours of use (UTC), since waking from zero takes minutes.",
        'day = ScheduledAction.cron(name="Day", hours="7", min_capacity=1)',
        'night = ScheduledAction.cron(name="Night", hours="20", min_capacity=0)',
    )
