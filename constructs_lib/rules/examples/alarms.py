"""CloudWatch alarms that scaling and rollbacks hang on."""

from __future__ import annotations

from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.example import Document, boundary, changed, get, resource


def watched() -> Document:
    """Model, Config, Endpoint, Alarm: a real-time endpoint, and an alarm on its errors."""
    document = realtime()
    document["Resources"]["Alarm"] = resource(
        "AWS::CloudWatch::Alarm",
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Dimensions=[
            {"Name": "EndpointName", "Value": get("Endpoint", "EndpointName")},
            {"Name": "VariantName", "Value": "AllTraffic"},
        ],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=3,
        DatapointsToAlarm=2,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    return document


EXAMPLES = {
    "ALARM-PERIOD": (
        boundary(watched(), "Alarm.Period", passes=30, fails=40),
        boundary(watched(), "Alarm.Period", passes=120, fails=90),
    ),
    "ALARM-WINDOW": boundary(
        changed(watched(), {"Alarm.Period": 300}), "Alarm.EvaluationPeriods", passes=288, fails=289
    ),
    "ALARM-WINDOW-LONG": boundary(
        changed(watched(), {"Alarm.Period": 3600}), "Alarm.EvaluationPeriods", passes=168, fails=169
    ),
    "ALARM-DATAPOINTS": boundary(watched(), "Alarm.DatapointsToAlarm", passes=3, fails=4),
}
