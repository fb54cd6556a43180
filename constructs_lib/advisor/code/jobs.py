"""Jobs in the code, and the pattern of a job with an endpoint."""

from __future__ import annotations

import math

from constructs_lib.advisor.code.endpoints import endpoint
from constructs_lib.advisor.code.plan import Argument, Plan, Snippet
from constructs_lib.advisor.workload import Traffic
from constructs_lib.facts import transform
from constructs_lib.options.hybrid import Fallback

_MB = 1024 * 1024
_DAY = 86_400
_LONGEST_WAIT = 25  # nobody waits for longer, and most gateways do not either


def batch(plan: Plan) -> Snippet:
    """A pipeline of transform jobs, on its schedule."""
    options, names = _transform_options(plan)
    schedule, imports = _schedule(plan)
    deadline = _deadline(plan)
    sharding = _sharding(plan)
    lines = (
        "pipeline = BatchTransformPipeline(",
        "    stack,",
        '    "Pipeline",',
        "    model=model,",
        f'    instance_type="{plan.job_type}",',
        *sharding.lines,
        *options,
        *schedule,
        *deadline.lines,
        ")",
        "pipeline.add_outputs()",
    )
    ours = {"BatchTransformPipeline"} | names | sharding.names | deadline.names
    return Snippet(lines, frozenset(ours), (*imports, *(["from datetime import timedelta"] if deadline.lines else [])))


def _sharding(plan: Plan) -> Argument:
    """A job an instance, so that what fails costs one shard and not the run."""
    count = plan.run.instances
    if count == 1:
        return Argument()
    line = f"    sharding=Sharding(count={count}, instance_quota={count}),  # a job each; only what fails runs again"
    return Argument((line,), names=frozenset({"Sharding"}))


def _deadline(plan: Plan) -> Argument:
    """When it has to be done, watched; not of a run of days, nor of one a week that is due on the day after."""
    due = plan.workload.due
    if due is None or plan.run.lead >= _DAY or (_is_weekly(plan) and plan.run.starts_the_day_before(due)):
        return Argument()
    hours, minutes = due.split(":")
    duration = f"timedelta(minutes={math.ceil(plan.run.expected / 60)})"
    line = f'    deadline=Deadline(complete_by="{int(hours):02}:{minutes}", expected_duration={duration}),'
    return Argument((line,), names=frozenset({"Deadline"}))


def _is_weekly(plan: Plan) -> bool:
    return plan.load.runs_per_day <= 1 / 6.5


def _transform_options(plan: Plan) -> tuple[list[str], set[str]]:
    """Larger requests than the default only where records are larger; 0 sends an object as a stream of chunks."""
    usual, most = transform.MAX_PAYLOAD_IN_MB.default or 0, transform.MAX_PAYLOAD_IN_MB.maximum
    megabytes = math.ceil((plan.workload.payload or 0) / _MB)
    if megabytes <= usual:
        return [], set()
    size = megabytes if megabytes <= most else 0
    return [
        f'    options=TransformOptions(split_type="None", batch_strategy="SingleRecord", max_payload_in_mb={size}),'
    ], {"TransformOptions"}


def _schedule(plan: Plan) -> tuple[list[str], tuple[str, ...]]:
    if plan.workload.traffic is not Traffic.SCHEDULED and plan.workload.due is None and plan.workload.freshness is None:
        return [], ()
    hour, minute = plan.run.start_for(plan.workload.due) if plan.workload.due else (2, 0)
    day = ', week_day="SUN"' if _is_weekly(plan) else ""
    return [f'    schedule=ScheduleExpression.cron(hour="{hour}", minute="{minute}"{day}),  # UTC'], (
        "from aws_cdk.aws_scheduler import ScheduleExpression",
    )


def hybrid(plan: Plan) -> Snippet:
    """A table that is filled each night, and an endpoint for what it does not hold."""
    *fresh, _ = endpoint(plan).lines  # hybrid inference has outputs of its own
    lines = (
        "# Answers for what the table does not hold.",
        *fresh,
        "# A line of input is the id of a record and then what the model gets, as CSV.",
        "hybrid = HybridInference(",
        "    stack,",
        '    "Hybrid",',
        "    endpoint=endpoint,",
        f'    instance_type="{plan.job_type}",',
        '    schedule=ScheduleExpression.cron(hour="2", minute="0"),  # UTC',
        *_fallback(plan),
        ")",
        "hybrid.add_outputs()",
    )
    names = endpoint(plan).names | {"HybridInference"} | ({"Fallback"} if _fallback(plan) else set())
    return Snippet(lines, names, ("from aws_cdk.aws_scheduler import ScheduleExpression",))


def _fallback(plan: Plan) -> list[str]:
    """The time of an answer as it was asked for, and as many requests at once as that takes at the peak."""
    seconds, usual = plan.workload.latency, Fallback()
    at_once = math.ceil(plan.load.peak_rps * (1 - (plan.workload.precomputable or 0)) * plan.load.processing_time)
    arguments = [
        *([f"timeout_in_seconds={min(seconds, _LONGEST_WAIT):g}"] if seconds else []),
        *([f"max_concurrency={at_once}"] if at_once > (usual.max_concurrency or 0) else []),
    ]
    return [f"    fallback=Fallback({', '.join(arguments)}),"] if arguments else []
