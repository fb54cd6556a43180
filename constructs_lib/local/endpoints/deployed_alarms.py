"""Alarms as CloudWatch describes them, as alarms that the engine can evaluate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_lib.local.autoscaling.alarms import Alarm, Metric

if TYPE_CHECKING:
    from constructs_lib.local.store import Payload


def alarm_of(described: Payload) -> Alarm:
    """The alarm; KeyError or ValueError for one that the engine does not know: metric math, percentiles, bands."""
    dimensions = {each["Name"]: each["Value"] for each in described.get("Dimensions", [])}
    return Alarm(
        name=described["AlarmName"],
        metric=Metric.of(described["Namespace"], described["MetricName"], **dimensions),
        threshold=float(described["Threshold"]),
        comparison=described["ComparisonOperator"],
        statistic=described.get("Statistic") or "Average",
        period=int(described["Period"]),
        evaluation_periods=int(described["EvaluationPeriods"]),
        datapoints_to_alarm=described.get("DatapointsToAlarm"),
        treat_missing_data=described.get("TreatMissingData") or "missing",
    )
