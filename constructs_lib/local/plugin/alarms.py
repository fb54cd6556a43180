"""Plugs alarms on metric math into ministack's CloudFormation, which refuses their stacks."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ministack.services.cloudformation import provisioners

if TYPE_CHECKING:
    from constructs_lib.local.store import Payload

# What an alarm on one metric is described by, and one on an expression is not.
_OF_ONE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")

_logger = logging.getLogger("constructs_lib.local")


def install() -> None:
    """Let stacks have alarms on metric math: kept and described, but never judged; call it once, before serving."""
    record = provisioners._cw_metric_alarm_record

    def record_of_any(name: str, properties: Payload) -> Payload:
        if not properties.get("Metrics"):
            alarm: Payload = record(name, properties)
            return alarm
        _logger.warning("alarm %s stays as it is: metric math is not evaluated locally", name)
        # Ministack wants a metric; one without a name is never looked up again.
        stand_in = {"MetricName": "-", "Namespace": "-"}
        alarm = record(name, {**properties, "Metrics": None, **stand_in})
        kept = {member: value for member, value in alarm.items() if member not in _OF_ONE_METRIC}
        return kept | {"Metrics": properties["Metrics"]}

    provisioners._cw_metric_alarm_record = record_of_any
