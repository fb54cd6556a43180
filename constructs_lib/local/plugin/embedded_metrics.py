"""Plugs into ministack the metrics that functions write into their logs, so that alarms on them see values.

The format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from ministack.services import cloudwatch, lambda_svc


class Value(NamedTuple):
    """One value of a metric."""

    namespace: str
    name: str
    value: float
    unit: str
    dimensions: dict[str, str]


def install() -> None:
    """Take the metrics out of what every function has printed; call it once, before serving."""
    emit = lambda_svc._emit_lambda_logs

    def emit_with_metrics(function: Any, request_id: str, log_text: str, *rest: Any, **members: Any) -> None:
        emit(function, request_id, log_text, *rest, **members)
        found = [value for line in log_text.splitlines() for value in values_in(line)]
        for each in found:
            cloudwatch.record_metric(*each)
        if found:
            # Of metrics that come this way ministack tells no alarm.
            cloudwatch._evaluate_all_alarms()

    lambda_svc._emit_lambda_logs = emit_with_metrics


def values_in(line: str) -> Iterator[Value]:
    """The values in a line of a log, once for each set of dimensions; nothing for a line of another form."""
    if '"_aws"' not in line:
        return
    try:
        document = json.loads(line)
        for directive in document["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = {name: str(document[name]) for name in names}
                for metric in directive["Metrics"]:
                    values = document[metric["Name"]]
                    for value in values if isinstance(values, list) else [values]:
                        unit = metric.get("Unit", "None")
                        yield Value(directive["Namespace"], metric["Name"], float(value), unit, dimensions)
    except (ValueError, KeyError, TypeError):
        return  # AWS leaves a line that it cannot read in the log, and says nothing
