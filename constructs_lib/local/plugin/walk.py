"""Walks through the states of a machine, of an iteration or of a branch, and remembers how far it came.

What a Pass, a Task, a Choice or a Wait does stays ministack's.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ministack.services import stepfunctions as engine

from constructs_lib.facts import workflows
from constructs_lib.local.plugin import distributed
from constructs_lib.local.workflows.progress import Progress
from constructs_lib.local.workflows.scopes import current, together

if TYPE_CHECKING:
    from constructs_lib.local.store import Payload


def walk(machine: Payload, given: Any, record: Payload, context: Payload, progress: Progress) -> Any:
    """The output of `machine` (StartAt and States); `progress` says where to go on. Raises Ended with its scope."""
    if progress.finished:
        return progress.result
    is_redriven, state, data = progress.state is not None, progress.state or machine["StartAt"], given
    if is_redriven:
        data, context["variables"] = progress.given, copy.deepcopy(progress.variables)
    while state:
        current().check()
        definition = machine["States"].get(state)
        if definition is None:
            raise engine._ExecutionError("States.Runtime", f"State '{state}' not found")
        if not is_redriven:
            progress.enter(state, data, context["variables"])
        is_redriven, name, kind = False, state, definition.get("Type")
        context["State"] = {"Name": name, "EnteredTime": engine.now_iso(), "RetryCount": 0}
        _tell(record, f"{kind}StateEntered", "stateEnteredEventDetails", {"name": name, "input": json.dumps(data)})
        data, state = _step(definition, data, record, context, progress)
        _check_size(name, data)
        _tell(record, f"{kind}StateExited", "stateExitedEventDetails", {"name": name, "output": json.dumps(data)})
    progress.finish(data)
    return data


def _step(state: Payload, given: Any, record: Payload, context: Payload, progress: Progress) -> tuple[Any, str | None]:
    """Output and next state of one state."""
    is_jsonata = engine._state_query_language(state, context) == "JSONata"
    answer: tuple[Any, str | None]
    match state.get("Type"):
        case "Pass" | "Choice" | "Wait" as kind:
            answer = getattr(engine, f"_execute_{kind.lower()}")(state, given, context)
        case "Task":
            answer = engine._execute_task(_with_timeout(state, given, context), given, record, context)
        case "Fail":
            raise engine._ExecutionError(*engine._fail_state_error(state, given, context))
        case "Succeed" if is_jsonata:
            answer = engine._apply_jsonata_output(state, given, context, default=given), None
        case "Succeed":
            answer = engine._apply_output_path(state, engine._apply_input_path(state, given, context), context), None
        case "Parallel" | "Map" as kind if is_jsonata:
            answer = _divided(kind, state, given, record, context, progress)
        case "Parallel" | "Map" as kind:
            # In JSONPath all iterations and branches run again after a redrive.
            answer = getattr(engine, f"_execute_{kind.lower()}")(state, given, record, context)
        case kind:
            raise engine._ExecutionError("States.Runtime", f"Unknown state type: {kind}")
    return answer


def _with_timeout(state: Payload, given: Any, context: Payload) -> Payload:
    """The state with its time-out as real seconds."""
    if "TimeoutSeconds" not in state:
        return state
    seconds = state["TimeoutSeconds"]
    if isinstance(seconds, str):
        seconds = engine._jsonata_state_field(state, "TimeoutSeconds", "number", given, context)
    return {**state, "TimeoutSeconds": current().real(seconds)}


def _divided(
    kind: str, state: Payload, given: Any, record: Payload, context: Payload, progress: Progress
) -> tuple[Any, str | None]:
    """A Map or a Parallel, with its Retry and its Catch."""
    run: Callable[..., Any] = _branches if kind == "Parallel" else _iterations
    if state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
        run = partial(distributed.children, walk)

    def attempt() -> tuple[Any, str | None]:
        again = context["State"]["RetryCount"] > 0
        result = run(state, given, record, context, progress, again=again)
        output = engine._apply_jsonata_output(state, given, context, result=result, default=result)
        engine._apply_state_assign(state, given, context, result=result)
        return output, engine._next_or_end(state)

    answer: tuple[Any, str | None] = engine._with_retry_and_catch(state, given, context, attempt)
    return answer


def _check_size(name: str, data: Any) -> None:
    size = len(json.dumps(data, separators=(",", ":")).encode())
    if not workflows.PAYLOAD.allows(size):
        raise engine._ExecutionError(
            "States.DataLimitExceeded",
            f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service "
            "limit.",
        )


def _tell(record: Payload, event: str, member: str, details: Payload) -> None:
    engine._add_event(record, event, {member: details})


def _branches(
    state: Payload, given: Any, record: Payload, context: Payload, progress: Progress, *, again: bool
) -> list[Any]:
    """The outputs of all branches of a Parallel."""
    shared = engine._apply_jsonata_arguments(state, given, context)
    parts = progress.divide(len(state["Branches"]), again=again)
    works = [
        lambda branch=branch, part=part: walk(branch, shared, record, copy.deepcopy(context), part)
        for branch, part in zip(state["Branches"], parts, strict=True)
    ]
    return together(current(), works, len(works))


def _iterations(
    state: Payload, given: Any, record: Payload, context: Payload, progress: Progress, *, again: bool
) -> list[Any]:
    """The outputs of all iterations of an inline Map."""
    items = given if "Items" not in state else engine._jsonata_state_field(state, "Items", "array", given, context)
    parts = progress.divide(len(items), again=again)
    most = workflows.MAP_CONCURRENCY.maximum
    wanted = engine._apply_jsonata_template(state.get("MaxConcurrency", 0), given, context)

    def iterate(index: int, item: Any, part: Progress) -> Any:
        # What the context tells of the item is there for ItemSelector, and not for the states within.
        if "ItemSelector" in state:
            known = {**context, "Map": {"Item": {"Index": index, "Value": item}}}
            item = engine._apply_jsonata_template(state["ItemSelector"], given, known)
        details = {"name": context["State"]["Name"], "index": index}
        _tell(record, "MapIterationStarted", "mapIterationStartedEventDetails", details)
        output = walk(state["ItemProcessor"], item, record, copy.deepcopy(context), part)
        _tell(record, "MapIterationSucceeded", "mapIterationSucceededEventDetails", details)
        return output

    works = [
        lambda index=index, item=item, part=part: part.result if part.finished else iterate(index, item, part)
        for index, (item, part) in enumerate(zip(items, parts, strict=True))
    ]
    return together(current(), works, min(int(wanted) or most, most))
