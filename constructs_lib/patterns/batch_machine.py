"""The state machine of a batch, with its role."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_lib.endpoints.model import BaseModel
from constructs_lib.endpoints.permissions import deputy
from constructs_lib.endpoints.safekeeping import Safekeeping
from constructs_lib.patterns.batch_definition import Batch, needs_distribution
from constructs_lib.patterns.batch_functions import BatchFunctions, Plan
from constructs_lib.patterns.batch_hooks import BatchHooks, check_names, render, with_languages
from constructs_lib.patterns.batch_keys import encrypt_history, grant_history
from constructs_lib.patterns.batch_role import (
    allow_distribution,
    allow_keys,
    allow_looking,
    allow_steps,
    allow_transform_jobs,
)
from constructs_lib.patterns.measures import NAMESPACE
from constructs_lib.patterns.transform_job import JOB_NAME_PREFIX, TransformJob

_SECONDS_PER_HOUR = 3600
# To plan, to report and to publish, beside the time of the jobs.
_HOURS_FOR_THE_REST = 1


def make_state_machine(
    scope: Construct,
    plan: Plan,
    functions: BatchFunctions,
    *,
    model: BaseModel,
    instance_types: Sequence[str],
    instance_count: int,
    safekeeping: Safekeeping,
    hooks: BatchHooks,
) -> sfn.StateMachine:
    """The state machine in ``scope``, as ``Resource``; its role is ``StateMachineRole``."""
    stack, encryption_key = Stack.of(scope), safekeeping.encryption_key
    role = iam.Role(scope, "StateMachineRole", assumed_by=deputy(scope, "states", "stateMachine:*"))
    allow_transform_jobs(scope, role, model.execution_role)
    allow_keys(role, model.execution_role, plan.options)
    allow_steps(role, functions.all)
    grant_history(scope, role, encryption_key)
    arns = functions.arns
    job = TransformJob(
        model_name=plan.model_name,
        instance_types=instance_types,
        instance_count=instance_count,
        output_bucket=plan.output_bucket.bucket_name,
        options=plan.options,
        recovery=plan.recovery,
        partition=stack.partition,
        verify=arns.verify,
    )
    concurrency = plan.sharding.concurrency(instance_count)
    is_distributed = needs_distribution(plan.sharding.shards_at_most, concurrency, plan.recovery.max_attempts)
    batch = Batch(
        job=job,
        functions=arns,
        concurrency=concurrency,
        is_distributed=is_distributed,
        namespace=NAMESPACE,
        has_prices=bool(plan.prices_per_hour),
        counts_records=plan.results.counts_records,
        timeout_in_seconds=int((plan.recovery.timeout_in_hours + _HOURS_FOR_THE_REST) * _SECONDS_PER_HOUR),
        before=render(hooks.before, partition=stack.partition, role=role, comment="the user's step before the jobs"),
        after=render(hooks.after, partition=stack.partition, role=role, comment="the user's step after publication"),
    )
    definition = with_languages(batch.definition())
    check_names(definition)
    machine = sfn.StateMachine(
        scope,
        "Resource",
        definition_body=sfn.DefinitionBody.from_string(stack.to_json_string(definition)),
        role=role,
        # CDK lets the role put segments and ask for sampling rules, on "*": these actions have no resource level.
        tracing_enabled=safekeeping.tracing or None,
        comment=f"runs SageMaker transform jobs, named {JOB_NAME_PREFIX}EXECUTION-START-SHARD-DRIVE-ATTEMPT",
    )
    if encryption_key:
        encrypt_history(machine, encryption_key)
    assert functions.plan.role is not None
    grant_history(scope, functions.plan.role, encryption_key)
    allow_looking(scope, functions.plan.role, machine)
    if is_distributed:
        allow_distribution(scope, role, machine, plan.output_bucket)
    # An execution may start as soon as the machine is there, on a schedule at the latest.
    machine.node.add_dependency(model.execution_role)
    return machine
