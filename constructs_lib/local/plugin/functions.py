"""Plugs into ministack how AWS hands events to functions, where ministack's own way would lose or overrun them."""

from __future__ import annotations

import contextvars
import json
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from ministack.core import lambda_runtime
from ministack.services import eventbridge, lambda_svc, s3, sqs
from ministack.services.cloudformation import provisioners

from constructs_lib.local.plugin.function_log import FunctionLog

if TYPE_CHECKING:
    from constructs_lib.local.store import Payload

# Each event that is handled at the same time is a process of its own here: a hundred events must not be as many.
_MOST_AT_ONCE = 4
# Real seconds until an event that met a concurrency limit is tried again.
_THROTTLED_FOR = 0.2
# Of the error that a dead letter names: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
_MOST_OF_ERROR = 1024

_FUNCTION = "AWS::Lambda::Function"

_is_asynchronous: contextvars.ContextVar[bool] = contextvars.ContextVar("is_asynchronous", default=False)
_version_id: contextvars.ContextVar[str | None] = contextvars.ContextVar("version_id", default=None)
_logger = logging.getLogger("constructs_lib.local")


def install() -> None:
    """Teach ministack's event bus, functions and buckets; call it once, before serving."""
    _limit_asynchronous_invocations()
    # Its own way tries once, and forgets the event when the function fails.
    eventbridge._dispatch_to_lambda = _invoke_asynchronously
    _heed_whole_resources()
    _send_dead_letters()
    _keep_logs_whole()
    _let_invocations_end()
    _tell_versions()


def stop() -> None:
    """End the processes of all functions and remove their folders."""
    lambda_runtime.reset()


def _invoke_asynchronously(arn: str, payload: str) -> None:
    """Invoke the target of a rule as AWS does: with the function's own retries and its destination for failures."""
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if function is None or config is None:
        _logger.warning("the target %s of a rule does not exist", arn)
        return
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, config), json.loads(payload))


def _limit_asynchronous_invocations() -> None:
    """Let few asynchronous invocations run at once; the others wait, also for a function's reserved concurrency."""
    invoke, execute = lambda_svc.invoke_async_with_retry, lambda_svc._execute_function
    places = threading.BoundedSemaphore(_MOST_AT_ONCE)

    def invoke_with_retry(function: Payload, event: Any) -> None:
        # Its thread gets a copy of this context, and so does what it executes.
        token = _is_asynchronous.set(True)
        try:
            invoke(function, event)
        finally:
            _is_asynchronous.reset(token)

    def execute_in_turn(function: Payload, event: Any) -> Payload:
        if not _is_asynchronous.get():
            return dict(execute(function, event))
        with places:
            # A throttled event is not a failed one: on AWS it goes back to the queue of events for up to six hours.
            while (result := execute(function, event)).get("throttle"):
                time.sleep(_THROTTLED_FOR)
        return dict(result)

    lambda_svc.invoke_async_with_retry = invoke_with_retry
    lambda_svc._execute_function = execute_in_turn


def _heed_whole_resources() -> None:
    """Give functions of stacks what ministack leaves out of their resources: dead letters and reserved concurrency."""
    handlers = provisioners._RESOURCE_HANDLERS[_FUNCTION]
    create, update = handlers["create"], handlers["update"]

    def complete(made: tuple[str, Payload], properties: Payload) -> tuple[str, Payload]:
        function, reserved = lambda_svc._functions[made[0]], properties.get("ReservedConcurrentExecutions")
        function["config"]["DeadLetterConfig"] = properties.get("DeadLetterConfig") or {}
        function["concurrency"] = None if reserved is None else int(reserved)
        return made

    def create_whole(logical_id: str, properties: Payload, stack: str) -> tuple[str, Payload]:
        return complete(create(logical_id, properties, stack), properties)

    def update_whole(name: str, old: Payload, new: Payload, stack: str, logical_id: str) -> tuple[str, Payload]:
        return complete(update(name, old, new, stack, logical_id), new)

    handlers |= {"create": create_whole, "update": update_whole}


def _send_dead_letters() -> None:
    """Put the event itself into a function's dead-letter queue: ministack's envelope is that of destinations."""
    route = lambda_svc._route_async_failure

    def route_failure(target_arn: str, name: str, event: Any, result: Payload) -> None:
        config = lambda_svc._functions.get(name, {}).get("config", {})
        queue = sqs._queue_by_arn(target_arn)
        if queue is None or (config.get("DeadLetterConfig") or {}).get("TargetArn") != target_arn:
            route(target_arn, name, event, result)
            return
        error = {
            "DataType": "String",
            "StringValue": str(result.get("body", {}).get("errorMessage", ""))[:_MOST_OF_ERROR],
        }
        letter = {"MessageBody": json.dumps(event), "MessageAttributes": {"ErrorMessage": error}}
        sqs._act_send_message(letter, queue["url"])

    lambda_svc._route_async_failure = route_failure


def _keep_logs_whole() -> None:
    """Log what a function printed with the invocation that printed it: ministack waits for it, but not for long."""
    worker = lambda_runtime.Worker
    drain = worker._drain_stderr_bounded

    def read_stderr(self: Any) -> None:
        self.function_log = FunctionLog(self._proc.stderr.fileno())
        self.function_log.follow()

    def drain_stderr(self: Any, **waits: float) -> str:
        log: FunctionLog | None = getattr(self, "function_log", None)
        return str(drain(self, **waits)) if log is None else log.take()

    worker._read_stderr, worker._drain_stderr_bounded = read_stderr, drain_stderr


def _let_invocations_end() -> None:
    """Let what runs end when its function is changed: ministack kills its process, as if the function had crashed."""
    invalidate = lambda_svc.invalidate_worker

    def invalidate_idle(name: str, *arguments: Any, **members: Any) -> None:
        with lambda_runtime._lock:
            pools = lambda_runtime._workers.values()
            busy = [worker for pool in pools for worker in pool if worker.in_use and worker.func_name == name]
            for pool in pools:
                pool[:] = [worker for worker in pool if worker not in busy]
        invalidate(name, *arguments, **members)
        for worker in busy:
            threading.Thread(target=_end_when_idle, args=(worker,), daemon=True).start()

    lambda_svc.invalidate_worker = invalidate_idle


def _end_when_idle(worker: Any) -> None:
    while worker.in_use:
        time.sleep(_THROTTLED_FOR)
    worker.kill()


def _tell_versions() -> None:
    """Name the version of an object in the events of its bucket, as AWS does where a bucket has versions."""
    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event

    def fire_with_version(*arguments: Any, version_id: str | None = None, **members: Any) -> None:
        token = _version_id.set(version_id)
        try:
            fire(*arguments, version_id=version_id, **members)
        finally:
            _version_id.reset(token)

    def dispatch_with_version(event: Payload, view: Any = None) -> None:
        version_id = _version_id.get()
        if version_id and view is None:
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version_id
            event = event | {"Detail": json.dumps(detail)}
        dispatch(event, view)

    s3._fire_s3_event = fire_with_version
    eventbridge._dispatch_event = dispatch_with_version
