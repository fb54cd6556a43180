"""Alarms on serverless endpoints."""

from __future__ import annotations

from constructs_lib.rules.examples.alarms import watched
from constructs_lib.rules.examples.bases import serverless_variant
from constructs_lib.rules.examples.example import Document, boundary, changed


def watched_serverless() -> Document:
    """Model, Config, Endpoint, Alarm: a serverless endpoint, and an alarm on its errors."""
    return changed(watched(), {"Config.ProductionVariants.0": serverless_variant()})


EXAMPLES = {
    "MET-SLS-ALL": (
        boundary(watched_serverless(), "Alarm.MetricName", passes="Invocation4XXErrors", fails="InvocationModelErrors"),
        boundary(
            changed(watched_serverless(), {"Alarm.Namespace": "/aws/sagemaker/Endpoints"}),
            "Alarm.MetricName",
            passes="MemoryUtilization",
            fails="CPUUtilization",
        ),
    ),
}
