"""Plugs into ministack's Step Functions what executions need that it lacks: redrives, time-outs, aborts, back-off."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ministack import app
from ministack.core import responses
from ministack.services import eventbridge, scheduler
from ministack.services import stepfunctions as engine

from constructs_lib.local.plugin import distributed, s3_tasks, state_metrics
from constructs_lib.local.plugin.executions import REDRIVABLE, Executions
from constructs_lib.local.plugin.walk import walk
from constructs_lib.local.workflows import scopes
from constructs_lib.local.workflows.progress import Progress, retry_delay

if TYPE_CHECKING:
    from constructs_lib.local.clock import Clock
    from constructs_lib.local.s3io import S3
    from constructs_lib.local.store import Payload

SERVICE = "states"
# Real seconds between two looks at the schedules of the EventBridge Scheduler; ministack's own are ten.
SCHEDULES_EVERY = 1


def install(clock: Clock, s3: S3) -> None:
    """Teach ministack's Step Functions; call it once, before serving."""
    executions = Executions(clock, engine._stop_execution)
    engine._stop_execution = executions.stop
    engine._run_execution = executions.run
    engine._run_sub_machine = lambda states, start, given, record, context: walk(
        {"States": states, "StartAt": start}, given, record, context, Progress()
    )
    distributed.install(s3)
    s3_tasks.install(s3)
    state_metrics.install()
    _wait_in_scopes()
    _number_events_one_by_one()
    _serve_redrives(executions)
    scheduler._SCHEDULE_TICK_INTERVAL = SCHEDULES_EVERY
    _fill_in_what_schedules_know()


def _fill_in_what_schedules_know() -> None:
    """Put the values of the keywords `<aws.scheduler.*>` into the input of a schedule's target."""
    invoke = eventbridge._invoke_target

    def invoke_with_values(target: Payload, event: Payload, rule: Payload, view: Any = None) -> Any:
        if event.get("Source") == "aws.scheduler" and "Input" in target:
            scheduled = datetime.fromtimestamp(event["Time"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            values = {"schedule-arn": rule["Arn"], "scheduled-time": scheduled, "execution-id": event["EventId"]}
            filled = target["Input"]
            for name, value in (values | {"attempt-number": "1"}).items():
                filled = filled.replace(f"<aws.scheduler.{name}>", value)
            target = {**target, "Input": filled}
        return invoke(target, event, rule, view)

    eventbridge._invoke_target = invoke_with_values


def _wait_in_scopes() -> None:
    """Waits and back-off run on the clock of this AWS, and end with the execution."""
    find = engine._find_matching_retrier

    def sleep(seconds: float) -> None:
        scopes.current().sleep(seconds)

    def find_and_wait(retriers: list[Payload], error: str, counts: dict[int, int]) -> tuple[Payload | None, int]:
        retrier, index = find(retriers, error, counts)
        if retrier is None:
            return None, index
        # Ministack knows neither MaxDelaySeconds nor jitter, and waits a minute at most: it has nothing left to wait.
        sleep(retry_delay(retrier, counts.get(index, 0), random.random()))
        return {**retrier, "IntervalSeconds": 0}, index

    engine._scaled_sleep = sleep
    engine._find_matching_retrier = find_and_wait


def _number_events_one_by_one() -> None:
    """Iterations write to the same history, and the number of an event is that of those before it."""
    add, lock = engine._add_event, threading.Lock()

    def add_alone(record: Payload, event: str, details: Payload | None = None) -> Any:
        with lock:
            return add(record, event, details)

    engine._add_event = add_alone


def _serve_redrives(executions: Executions) -> None:
    """Answer RedriveExecution, and tell of redrives in DescribeExecution."""
    handle, describe = app.SERVICE_HANDLERS[SERVICE], engine._describe_execution

    async def handle_redrives(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Any:
        if headers.get("x-amz-target", "").endswith(".RedriveExecution"):
            return engine._finalize_response(executions.redrive(json.loads(body)))
        return await handle(method, path, headers, body, query)

    def describe_redrives(request: Payload) -> Any:
        answer = describe(request)
        record = engine._executions.get(request.get("executionArn"))
        if record is None:
            return answer
        is_redrivable = record["status"] in REDRIVABLE
        redrives = {
            "redriveCount": record.get("redriveCount", 0),
            "redriveStatus": "REDRIVABLE" if is_redrivable else "NOT_REDRIVABLE",
            **({"redriveDate": record["redriveDate"]} if "redriveDate" in record else {}),
        }
        return responses.json_response(json.loads(answer[2]) | redrives)

    app.SERVICE_HANDLERS[SERVICE] = handle_redrives
    engine._describe_execution = describe_redrives
