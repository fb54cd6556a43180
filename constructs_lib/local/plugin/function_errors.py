"""Plugs into ministack by which name a function's error is known: that of its exception, as on AWS.

State machines catch and retry by this name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc

if TYPE_CHECKING:
    from constructs_lib.local.store import Payload

# What ministack calls every exception of a handler.
UNNAMED = "Runtime.HandlerError"
_BEGINNING = "Traceback (most recent call last):\n"


def install() -> None:
    """Teach ministack's functions; call it once, before serving."""
    execute = lambda_svc._execute_function

    def execute_and_name(function: Payload, event: Any) -> Payload:
        result: Payload = execute(function, event)
        body = result.get("body")
        name = exception_name(result.get("log", "")) if result.get("error") else None
        if name and isinstance(body, dict) and body.get("errorType") == UNNAMED:
            result = {**result, "body": {**body, "errorType": name}}
        return result

    lambda_svc._execute_function = execute_and_name


def exception_name(log: str) -> str | None:
    """The class of the exception that the last traceback of a log ends with, without its module."""
    _, begins, traceback = log.rpartition(_BEGINNING)
    lines = [line for line in traceback.splitlines() if line and not line.startswith(" ")]
    return lines[0].partition(":")[0].rpartition(".")[2] if begins and lines else None
