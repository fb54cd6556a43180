"""The endpoint in the code, by the way of serving."""

from __future__ import annotations

import math

from constructs_lib.advisor.code.plan import COPIES, Plan, Snippet
from constructs_lib.advisor.costs import memory_size_in_mb
from constructs_lib.advisor.demand import HOUR, MINUTE, cold_start_fits, is_online_at_known_hours
from constructs_lib.advisor.strategies import Form
from constructs_lib.advisor.workload import Traffic
from constructs_lib.facts import asynchronous as asynchronous_facts
from constructs_lib.facts import serverless as serverless_facts

_SAFETY = 0.7
_USUAL_CONCURRENCY = 5


def realtime(plan: Plan) -> Snippet:
    """An endpoint on instances, in its form."""
    builders = {Form.COMPONENTS: _components, Form.AB: _ab, Form.SHADOW: _shadow}
    return builders.get(plan.form, endpoint)(plan)


def endpoint(plan: Plan) -> Snippet:
    """One production variant whose instances follow the load, as far as the peak wants more than one."""
    count = 2 if plan.form is Form.MULTI_MODEL else 1  # AWS advises two for many models
    scaling, names = _autoscaling(plan, count)
    lines = [
        "endpoint = RealtimeEndpoint(",
        "    stack,",
        '    "Endpoint",',
        "    model=model,",
        f'    instance_type="{plan.instance_type}",',
        f"    initial_instance_count={count},",
        *scaling,
        ")",
        "endpoint.add_outputs()",
    ]
    return Snippet(tuple(lines), frozenset({"RealtimeEndpoint"} | names))


def _autoscaling(plan: Plan, minimum: int) -> tuple[list[str], set[str]]:
    if plan.most_instances == minimum or not plan.can_scale:
        return [], set()
    a_second = plan.concurrency / plan.load.processing_time
    lines = [
        "    autoscaling=Autoscaling.from_load(",
        f"        requests_per_second_per_instance={a_second:.4g},  # measure it: here, {plan.concurrency} at once",
        f"        max_capacity={plan.most_instances},",
        f"        min_capacity={minimum},",
        f"        safety_factor={_SAFETY},",
        "    ),",
    ]
    return lines, {"Autoscaling"}


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
    device = "number_of_accelerator_devices_required" if plan.workload.needs_gpu else "number_of_cpu_cores_required"
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
    warm = is_online_at_known_hours(plan.workload) or not cold_start_fits(plan.workload)
    kept = [f"    provisioned_concurrency={min(at_once, most)},"] if warm else []
    lines = (
        "endpoint = ServerlessEndpoint(",
        "    stack,",
        '    "Endpoint",',
        "    model=model,",
        f"    memory_size_in_mb={memory_size_in_mb(plan.workload)},",
        f"    max_concurrency={most},",
        *kept,
        ")",
        "endpoint.add_outputs()",
    )
    return Snippet(lines, frozenset({"ServerlessEndpoint"}))


def asynchronous(plan: Plan) -> Snippet:
    """An asynchronous endpoint that goes down to zero."""
    at_once = min(plan.concurrency, asynchronous_facts.MAX_CONCURRENT_INVOCATIONS_PER_INSTANCE.maximum)
    scaling = _backlog(plan, at_once) if plan.can_scale else Snippet((), frozenset())
    hours = _warm_hours(plan) if plan.can_scale else ()
    lines = (
        *hours,
        "endpoint = AsyncEndpoint(",
        "    stack,",
        '    "Endpoint",',
        "    model=model,",
        f'    instance_type="{plan.instance_type}",',
        f"    max_concurrent_invocations_per_instance={at_once},",
        *scaling.lines,
        ")",
        "endpoint.add_outputs()",
    )
    return Snippet(lines, scaling.names | {"AsyncEndpoint"})


def _backlog(plan: Plan, at_once: int) -> Snippet:
    # As many as are done in the time that there is, a minute where it was not said; one at least.
    backlog = max(at_once, round(at_once * (plan.workload.latency or MINUTE) / plan.load.processing_time))
    warm = bool(_warm_hours(plan))
    schedules = ", schedules=[day, night]" if warm else ""
    lines = (
        "    autoscaling=Backlog(",
        f"        min_capacity=0, max_capacity={plan.most_instances}, backlog_per_instance={backlog}{schedules}",
        "    ),",
    )
    return Snippet(lines, frozenset({"Backlog", "ScheduledAction"} if warm else {"Backlog"}))


def _warm_hours(plan: Plan) -> tuple[str, ...]:
    """The hours in which an instance stays, where bursts are to be answered sooner than an instance starts."""
    if plan.workload.traffic is not Traffic.SPIKY or (plan.workload.latency or HOUR) > MINUTE:
        return ()
    return (
        "# An instance stays warm in the hours of use (UTC), since waking from zero takes minutes.",
        'day = ScheduledAction.cron(name="Day", hours="7", min_capacity=1)',
        'night = ScheduledAction.cron(name="Night", hours="20", min_capacity=0)',
    )
