"""Distributed Maps of JSONata machines: items from S3, batches, child executions, tolerated failures, results in S3."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ministack.services import stepfunctions as engine

from constructs_lib.local.workflows import scopes
from constructs_lib.local.workflows.map_run import MapRun
from constructs_lib.local.workflows.progress import Progress
from constructs_lib.local.workflows.results import described, result_files
from constructs_lib.local.workflows.scopes import Aborted, Ended, Scope

if TYPE_CHECKING:
    from constructs_lib.local.s3io import S3
    from constructs_lib.local.store import Payload

Walk = Callable[["Payload", Any, "Payload", "Payload", Progress], Any]
# Thousands on AWS; here they are threads of one process.
_MOST_AT_ONCE = 32
_s3: list[S3] = []


def install(s3: S3) -> None:
    """Say where results are written."""
    _s3[:] = [s3]


def children(
    walk: Walk, state: Payload, given: Any, record: Payload, context: Payload, progress: Progress, *, again: bool
) -> Any:
    """What a distributed Map returns: the outputs of its child executions, or where they were written."""
    inputs = _inputs(state, given, context)
    parts = progress.divide(len(inputs), again=again)
    progress.map_run = progress.map_run or _new_map_run(state, record, context)
    run = _driven(progress, state, given, context)
    for part, item in zip(parts, inputs, strict=True):
        part.record = part.record or _new_child(run, item, is_batch="ItemBatcher" in state)
        if part.record["status"] in ("FAILED", "ABORTED"):
            part.record["status"] = "PENDING_REDRIVE"
    run.begin([part.record for part in parts])
    scope = scopes.current()
    inner = scope.child()

    def child(part: Progress, item: Any) -> None:
        if not part.finished:
            _run_child(walk, state, item, context, part, run)
        if run.is_beyond_tolerance():
            inner.end(Aborted())

    works = [lambda part=part, item=item: child(part, item) for part, item in zip(parts, inputs, strict=True)]
    at_once = _field(state, "MaxConcurrency", given, context) or _MOST_AT_ONCE
    _run_all(inner, works, min(int(at_once), _MOST_AT_ONCE))
    is_beyond = run.is_beyond_tolerance()
    run.record.update(status="FAILED" if is_beyond else "SUCCEEDED", stopDate=engine.now_iso())
    scope.check()
    written = _write(state, given, context, run, parts)
    if is_beyond:
        raise engine._ExecutionError(
            "States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded"
        )
    # Of a child that failed, and was tolerated, AWS returns the whole execution.
    return written or [part.result if part.finished else described(part.record) for part in parts]


def _run_all(scope: Scope, works: Sequence[Callable[[], None]], at_once: int) -> None:
    try:
        scopes.together(scope, works, at_once)
    except Ended:
        return  # The caller tells apart whether the execution ended, or too many children failed.


def _run_child(walk: Walk, state: Payload, item: Any, context: Payload, part: Progress, run: MapRun) -> None:
    """One child execution; what it came to stands in its record."""
    child = part.record
    if child["status"] == "PENDING_REDRIVE":
        child.update(redriveCount=child.get("redriveCount", 0) + 1, redriveDate=engine.now_iso())
    run.turn(child, "RUNNING", startDate=child["startDate"] or engine.now_iso())
    engine._executions[child["executionArn"]] = child
    redrives = child.get("redriveCount", 0)
    redriven = {"RedriveCount": redrives, "RedriveTime": child["redriveDate"]} if redrives else {}
    execution = {
        "Id": child["executionArn"],
        "Input": item,
        "Name": child["name"],
        "RoleArn": context["Execution"]["RoleArn"],
        "StartTime": child["startDate"],
        **redriven,
    }
    # A child execution sees neither the variables nor the context of its parent.
    inner = {**context, "Execution": execution, "variables": {}}
    try:
        output = walk(state["ItemProcessor"], item, child, inner, part)
    except Ended:
        run.turn(child, "ABORTED", stopDate=engine.now_iso())
    except engine._ExecutionError as error:
        run.turn(child, "FAILED", stopDate=engine.now_iso(), error=error.error, cause=error.cause)
    else:
        run.turn(child, "SUCCEEDED", stopDate=engine.now_iso(), output=json.dumps(output))


def _inputs(state: Payload, given: Any, context: Payload) -> list[Any]:
    """The inputs of the child executions: an item each, or a batch."""
    if "ItemReader" in state:
        reader = state["ItemReader"]
        evaluated = {name: engine._apply_jsonata_template(value, given, context) for name, value in reader.items()}
        items = engine._read_map_items(evaluated, given, context)
    else:
        items = engine._jsonata_state_field(state, "Items", "array", given, context) if "Items" in state else given
    if "ItemSelector" in state:
        items = [
            engine._apply_jsonata_template(
                state["ItemSelector"], given, {**context, "Map": {"Item": {"Index": index, "Value": item}}}
            )
            for index, item in enumerate(items)
        ]
    if "ItemBatcher" not in state:
        return list(items)
    batcher = engine._apply_jsonata_template(state["ItemBatcher"], given, context)
    size = int(batcher["MaxItemsPerBatch"])
    shared = {"BatchInput": batcher["BatchInput"]} if "BatchInput" in batcher else {}
    return [{**shared, "Items": items[start : start + size]} for start in range(0, len(items), size)]


def _field(state: Payload, name: str, given: Any, context: Payload) -> float | None:
    value = engine._apply_jsonata_template(state[name], given, context) if name in state else None
    return None if value is None else float(value)


def _new_map_run(state: Payload, record: Payload, context: Payload) -> Payload:
    """A Map Run, which DescribeMapRun and ListMapRuns show."""
    label = state.get("Label") or context["State"]["Name"]
    machine = record["stateMachineArn"]
    arn = f"{machine.replace(':stateMachine:', ':mapRun:')}/{label}:{engine.new_uuid()}"
    engine._map_runs[arn] = {
        "mapRunArn": arn,
        "executionArn": record["executionArn"],
        "startDate": engine.now_iso(),
        "redriveCount": -1,
        "_stateMachineArn": f"{machine}/{label}",
    }
    known: Payload = engine._map_runs[arn]
    return known


def _driven(progress: Progress, state: Payload, given: Any, context: Payload) -> MapRun:
    """The Map Run of a state as it starts, for the first time or again."""
    count = _field(state, "ToleratedFailureCount", given, context)
    percentage = _field(state, "ToleratedFailurePercentage", given, context)
    progress.map_run.update(
        status="RUNNING",
        maxConcurrency=int(_field(state, "MaxConcurrency", given, context) or 0),
        toleratedFailurePercentage=percentage or 0.0,
        toleratedFailureCount=int(count or 0),
        redriveCount=progress.map_run["redriveCount"] + 1,
    )
    return MapRun(progress.map_run, count, percentage)


def _new_child(run: MapRun, item: Any, *, is_batch: bool) -> Payload:
    """A child execution that has not been started."""
    machine, name = run.record["_stateMachineArn"], engine.new_uuid()
    return {
        "executionArn": f"{machine.replace(':stateMachine:', ':execution:')}:{name}",
        "stateMachineArn": machine,
        "name": name,
        "status": "PENDING",
        "startDate": None,
        "stopDate": None,
        "input": json.dumps(item),
        "output": None,
        "mapRunArn": run.record["mapRunArn"],
        "events": [],
        "_items": len(item["Items"]) if is_batch else 1,
    }


def _write(state: Payload, given: Any, context: Payload, run: MapRun, parts: Sequence[Progress]) -> Payload | None:
    """Write the results where the state has a ResultWriter; what the state returns then."""
    if "ResultWriter" not in state:
        return None
    writer = engine._apply_jsonata_template(state["ResultWriter"], given, context)
    if "WriterConfig" in writer or "Arguments" not in writer:
        raise engine._ExecutionError("States.ResultWriterFailed", "the local ResultWriter knows Arguments alone")
    where = writer["Arguments"]
    folder = f"{where['Prefix'].rstrip('/')}/{run.record['mapRunArn'].rpartition(':')[2]}"
    files = result_files(where["Bucket"], folder, run.record["mapRunArn"], [part.record for part in parts])
    for key, body in files.items():
        _s3[0].write(f"s3://{where['Bucket']}/{key}", body, "application/json")
    run.record["executionCounts"]["resultsWritten"] = len(parts)
    details = {"Bucket": where["Bucket"], "Key": f"{folder}/manifest.json"}
    return {"MapRunArn": run.record["mapRunArn"], "ResultWriterDetails": details}
