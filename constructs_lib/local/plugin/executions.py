"""Runs executions of ministack's Step Functions from end to end: start, stop, time-out, redrive."""

from __future__ import annotations

import contextvars
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import stepfunctions as engine

from constructs_lib.local.plugin.walk import walk
from constructs_lib.local.workflows import scopes
from constructs_lib.local.workflows.progress import Progress
from constructs_lib.local.workflows.scopes import Aborted, Ended, Scope, TimedOut

if TYPE_CHECKING:
    from constructs_lib.local.clock import Clock
    from constructs_lib.local.store import Payload

REDRIVABLE = ("FAILED", "ABORTED", "TIMED_OUT")
_OK = 200
_logger = logging.getLogger("constructs_lib.local")


@dataclass
class Memory:
    """What is kept of an execution beside ministack's own record of it; a redrive takes the same definition."""

    definition: Payload
    progress: Progress = field(default_factory=Progress)
    scope: Scope | None = None
    is_over: threading.Event = field(default_factory=threading.Event)


class Executions:
    """The executions. `stop` is ministack's own StopExecution."""

    def __init__(self, clock: Clock, stop: Callable[[Payload], Any]) -> None:
        self._clock = clock
        self._stop = stop
        self._memories: dict[str, Memory] = {}

    def run(self, arn: str) -> None:
        """Walk through the states of an execution, from the start or from where it stood."""
        record = engine._executions.get(arn)
        machine = engine._state_machines.get(record["stateMachineArn"]) if record else None
        if record is None or machine is None:
            return
        memory = self._memories.setdefault(arn, Memory(json.loads(machine["definition"])))
        memory.scope = Scope(self._clock, scopes.current(), memory.definition.get("TimeoutSeconds"))
        is_over = memory.is_over  # A redrive may put another in its place before this run has wound down.
        try:
            scopes.within(memory.scope, lambda: _run(record, machine, memory))
        finally:
            is_over.set()

    def stop(self, request: Payload) -> Any:
        """StopExecution: also ends what the execution is at."""
        answer = self._stop(request)
        memory = self._memories.get(request.get("executionArn", ""))
        if answer[0] == _OK and memory and memory.scope:
            memory.scope.end(Aborted())
        return answer

    def redrive(self, request: Payload) -> Any:
        """RedriveExecution: go on at the state that failed; iterations and branches that succeeded do not run again."""
        arn = request.get("executionArn", "")
        record, memory = engine._executions.get(arn), self._memories.get(arn)
        if record is None or memory is None:
            return responses.error_response_json("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'", 400)
        if record["status"] not in REDRIVABLE:
            message = f"Execution is {record['status']} and cannot be redriven"
            return responses.error_response_json("ExecutionNotRedrivable", message, 400)
        now, count = engine.now_iso(), record.get("redriveCount", 0) + 1
        record.update(status="RUNNING", stopDate=None, output=None, redriveCount=count, redriveDate=now)
        record.update(error=None, cause=None)
        engine._add_event(record, "ExecutionRedriven", {"executionRedrivenEventDetails": {"redriveCount": count}})
        engine._emit_execution_status_event(record)
        before, memory.is_over = memory.is_over, threading.Event()

        def run_again() -> None:
            before.wait()  # What was aborted may still be winding down.
            self.run(arn)

        threading.Thread(target=contextvars.copy_context().run, args=(run_again,), daemon=True).start()
        return responses.json_response({"redriveDate": now})


def _run(record: Payload, machine: Payload, memory: Memory) -> None:
    context = _context(record, machine, memory.definition)
    drive = record.get("redriveCount", 0)
    try:
        output = walk(memory.definition, context["Execution"]["Input"], record, context, memory.progress)
    except TimedOut:
        details = {"executionTimedOutEventDetails": {"error": "States.Timeout"}}
        _end(record, "TIMED_OUT", "ExecutionTimedOut", details)
    except Ended:
        # StopExecution has not told of it: what waited for this one was aborted. Unless it was driven again since.
        if record["status"] == "RUNNING" and record.get("redriveCount", 0) == drive:
            _end(record, "ABORTED", "ExecutionAborted", {"executionAbortedEventDetails": {}})
    except engine._ExecutionError as error:
        engine._fail_execution(record, error.error, error.cause)
    except Exception as error:
        _logger.exception("execution %s", record["executionArn"])
        engine._fail_execution(record, "States.Runtime", str(error))
    else:
        record["output"] = json.dumps(output)
        details = {"executionSucceededEventDetails": {"output": record["output"]}}
        _end(record, "SUCCEEDED", "ExecutionSucceeded", details)


def _end(record: Payload, status: str, event: str, details: Payload) -> None:
    record.update(status=status, stopDate=engine.now_iso())
    engine._add_event(record, event, details)
    engine._emit_execution_status_event(record)


def _context(record: Payload, machine: Payload, definition: Payload) -> Payload:
    """The context object, and what ministack keeps in the same place."""
    redrives = record.get("redriveCount", 0)
    redriven = {"RedriveCount": redrives, "RedriveTime": record["redriveDate"]} if redrives else {}
    return {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": record["executionArn"],
            "Input": json.loads(record["input"]),
            "Name": record["name"],
            "RoleArn": machine["roleArn"],
            "StartTime": record["startDate"],
            **redriven,
        },
        "StateMachine": {"Id": record["stateMachineArn"], "Name": machine["name"]},
        "variables": {},
    }
