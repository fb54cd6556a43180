"""Plugs into ministack the metrics that Step Functions publishes of executions, so that alarms on them see failures."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ministack.services import cloudwatch
from ministack.services import stepfunctions as engine

if TYPE_CHECKING:
    from constructs_lib.local.store import Payload

NAMESPACE = "AWS/States"
# https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
_COUNTED = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}


def install() -> None:
    """Count executions at each change of their status; call it once, before serving."""
    tell = engine._emit_execution_status_event

    def tell_and_count(record: Payload) -> None:
        tell(record)
        dimensions = {"StateMachineArn": record["stateMachineArn"]}
        for name, value, unit in _metrics(record):
            cloudwatch.record_metric(NAMESPACE, name, value, unit, dimensions)
        # Of metrics that come this way ministack tells no alarm.
        cloudwatch._evaluate_all_alarms()

    engine._emit_execution_status_event = tell_and_count


def _metrics(record: Payload) -> list[tuple[str, float, str]]:
    """Names, values and units of what the status of an execution adds."""
    if record["status"] not in _COUNTED:
        return [("ExecutionsRedriven" if record.get("redriveCount") else "ExecutionsStarted", 1, "Count")]
    start, end = (datetime.fromisoformat(record[name]) for name in ("startDate", "stopDate"))
    return [
        (_COUNTED[record["status"]], 1, "Count"),
        ("ExecutionTime", (end - start).total_seconds() * 1000, "Milliseconds"),
    ]
