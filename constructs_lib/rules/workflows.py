"""Step Functions around transform jobs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from constructs_lib.facts import workflows
from constructs_lib.facts.limit import Limit
from constructs_lib.facts.paths import ROLE, STATE_MACHINE
from constructs_lib.rules.rule import Problem, rule
from constructs_lib.templates.permissions import allows
from constructs_lib.templates.state_machines import (
    CREATE_TRANSFORM_JOB,
    Integration,
    State,
    Task,
    marked,
    states,
    tasks,
)
from constructs_lib.templates.template import Template
from constructs_lib.templates.values import literals


@rule(workflows.DEFINITION_SIZE)
def definition_within_size(template: Template) -> Iterator[Problem]:
    """The definition of a state machine is at most 1048576 bytes."""
    limit = workflows.DEFINITION_SIZE
    for machine in template.of(STATE_MACHINE):
        text = machine.at("DefinitionString")
        if text.known_bytes > limit.maximum:
            message = f"{limit.what} must be at most {limit.maximum} bytes, got {text.known_bytes}"
            yield Problem(text, message, limit.fix)


@rule(workflows.DEFINITION_JSON)
def definition_is_json(template: Template) -> Iterator[Problem]:
    """The definition of a state machine is JSON."""
    for machine in template.of(STATE_MACHINE):
        place = machine.at("DefinitionString")
        if place.text is None:
            continue
        text, parts = marked(place.text, machine.at("DefinitionSubstitutions"))
        if not literals(list(parts)):
            continue
        try:
            json.loads(text, strict=False)
        except json.JSONDecodeError as error:
            where = f"line {error.lineno} column {error.colno}"
            yield Problem(place, f"DefinitionString is not JSON: {error.msg.lower()} at {where}", "write sound JSON")
        except (ValueError, RecursionError):
            continue  # a number too long for Python, or a depth: not for us to say


@rule(workflows.STATE_NAME)
def state_names_within_length(template: Template) -> Iterator[Problem]:
    """The name of a state has at most 80 characters."""
    limit = workflows.STATE_NAME
    for state in states(template):
        if len(state.name) > limit.maximum:
            yield Problem(
                state.node,
                f"the name of a state must have at most {limit.maximum} characters, got {len(state.name)}",
                "shorten it, and say the rest in Comment",
            )


@rule(workflows.NO_EXPRESS_SYNC)
def express_waits_for_nothing(template: Template) -> Iterator[Problem]:
    """A task of an Express workflow waits neither for a job nor for a token."""
    for state in states(template):
        resource = state.node.at("Resource")
        end = resource.parts[-1]
        pattern = next((name for name in (".sync", ".waitForTaskToken") if _ends_with(end, name)), None)
        if state.is_express and state.type == "Task" and pattern:
            yield Problem(
                resource,
                f"an Express workflow must not use {pattern}, task {state.name} does",
                "make the workflow STANDARD, or start the job without waiting for its end",
            )


@rule(workflows.NO_TOKEN)
def no_token_with_sagemaker(template: Template) -> Iterator[Problem]:
    """The optimized integration of SageMaker does not wait for a token."""
    for task in tasks(template):
        if task.is_optimized and task.integration == Integration.WAIT_FOR_TASK_TOKEN:
            yield Problem(
                task.state.node.at("Resource"),
                "the optimized integration of SageMaker does not support .waitForTaskToken",
                "use .sync, which waits until the job has ended",
            )


@rule(workflows.NO_SDK_SYNC)
def no_sync_with_the_sdk(template: Template) -> Iterator[Problem]:
    """An AWS SDK integration does not wait for the end of a job."""
    for task in tasks(template):
        if not task.is_optimized and task.integration == Integration.SYNC:
            yield Problem(
                task.state.node.at("Resource"),
                "an AWS SDK integration does not support .sync",
                "use the optimized integration: arn:aws:states:::sagemaker:createTransformJob.sync",
            )


@rule(workflows.MAP_CONCURRENCY)
def inline_map_within_concurrency(template: Template) -> Iterator[Problem]:
    """An inline Map asks for at most 40 iterations at once."""
    yield from _map_concurrency(template, workflows.MAP_CONCURRENCY, distributed=False)


@rule(workflows.DISTRIBUTED_MAP_CONCURRENCY)
def distributed_map_within_concurrency(template: Template) -> Iterator[Problem]:
    """A distributed Map asks for at most 10000 child executions at once."""
    yield from _map_concurrency(template, workflows.DISTRIBUTED_MAP_CONCURRENCY, distributed=True)


def _map_concurrency(template: Template, limit: Limit, *, distributed: bool) -> Iterator[Problem]:
    for state in states(template):
        asked = state.node.at("MaxConcurrency")
        mode = state.node.at("ItemProcessor", "ProcessorConfig", "Mode")
        is_distributed = mode.text == "DISTRIBUTED" if mode.known or mode.missing else None
        if state.type == "Map" and is_distributed is distributed and (asked.number or 0) > limit.maximum:
            yield Problem(
                asked,
                f"{limit.what} are at most {limit.maximum}, MaxConcurrency asks for {asked.number}",
                f"lower it to {limit.maximum} or less" + ("" if distributed else ", or make the Map DISTRIBUTED"),
            )


@rule(workflows.EXECUTION_TIME)
def standard_waits_end(template: Template) -> Iterator[Problem]:
    """No state of a Standard workflow waits longer than an execution can run."""
    yield from _waits(template, workflows.EXECUTION_TIME, express=False)


@rule(workflows.EXPRESS_EXECUTION_TIME)
def express_waits_end(template: Template) -> Iterator[Problem]:
    """No state of an Express workflow waits longer than an execution can run."""
    yield from _waits(template, workflows.EXPRESS_EXECUTION_TIME, express=True)


def _waits(template: Template, limit: Limit, *, express: bool) -> Iterator[Problem]:
    for state in states(template):
        seconds = state.node.at("Seconds")
        if state.type == "Wait" and _workflow_is(state, express=express) and (seconds.number or 0) > limit.maximum:
            yield Problem(
                seconds,
                f"an {limit.what} ends after {limit.maximum} s, state {state.name} waits {seconds.number} s",
                "wait less" + (", or make the workflow STANDARD" if express else ""),
            )


def _workflow_is(state: State, *, express: bool) -> bool:
    given = state.machine.at("StateMachineType")
    return state.is_express is express and (express or given.missing or given.text == "STANDARD")


def _ends_with(resource: object, pattern: str) -> bool:
    return isinstance(resource, str) and resource.removesuffix(":2").endswith(pattern)


@rule(workflows.SYNC_PERMISSIONS)
def role_may_run_the_job(template: Template) -> Iterator[Problem]:
    """The role of a state machine may do what its transform jobs need, as far as all its policies are known."""
    for task in tasks(template, CREATE_TRANSFORM_JOB):
        role = template.follow(task.state.machine.at("RoleArn"), ROLE)
        if role is None or task.state.node.at("Credentials").given:
            continue  # a task with credentials of its own takes another role
        missing = [action for action in _needed(task) if allows(template, role, action) is False]
        if missing:
            yield Problem(
                task.state.node.at("Resource"),
                f"the role {role.resource.logical_id} of the state machine lacks {', '.join(missing)}",
                "allow them in a policy of the role",
            )


def _needed(task: Task) -> tuple[str, ...]:
    waits = task.is_optimized and task.integration == Integration.SYNC
    return workflows.SYNC_ACTIONS if waits else workflows.START_ACTIONS
