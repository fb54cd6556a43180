"""What is kept of a run for the picture of its dashboards: the alarms and graphs of their widgets, by name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from demo import metrics

BEGAN = datetime(2026, 11, 21, 12, tzinfo=UTC)
VALUES = [0, 0, 0, 4, 9, 0, 0, 0]
ALARM = "Stack-EndpointServerErrorsF00BA412-ABC"
BODY = {
    "widgets": [
        {"type": "alarm", "properties": {"alarms": [f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{ALARM}"]}},
        {"type": "text", "properties": {"markdown": "## Stack/Endpoint\nno cost"}},
        {
            "type": "metric",
            "properties": {
                "title": "Requests",
                "metrics": [["AWS/SageMaker", "Invocations", "EndpointName", "one", {"stat": "Sum", "label": "all"}]],
            },
        },
        {"type": "metric", "properties": {"title": "Cost", "metrics": [[{"expression": "m1 * 2"}]]}},
    ]
}


class Aws:
    """Answers what the demo asks, with a value each second."""

    def client(self, _service: str) -> Aws:
        return self

    def describe_stack_resources(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        kinds = ("AWS::SageMaker::Endpoint", "AWS::CloudWatch::Dashboard")
        resources = [{"ResourceType": kind, "PhysicalResourceId": f"{StackName} {kind}"} for kind in kinds]
        return {"StackResources": resources}

    def get_dashboard(self, *, DashboardName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert DashboardName == "Stack AWS::CloudWatch::Dashboard"
        return {"DashboardBody": json.dumps(BODY)}

    def describe_alarms(self, *, AlarmNames: list[str]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        return {"MetricAlarms": [{"AlarmName": name, "StateValue": "ALARM"} for name in AlarmNames]}

    def get_metric_statistics(self, **asked: Any) -> dict[str, Any]:
        assert asked["Dimensions"] == [{"Name": "EndpointName", "Value": "one"}]
        assert asked["Statistics"] == ["Sum"]
        points = [{"Timestamp": BEGAN + timedelta(seconds=at), "Sum": value} for at, value in enumerate(VALUES)]
        return {"Datapoints": points[::-1]}


_AWS: Any = Aws()


def test_the_record_holds_what_the_dashboard_shows_while_something_happens(tmp_path: Path) -> None:
    record = json.loads(metrics.write(_AWS, ["Stack"], BEGAN, tmp_path, time_scale=600).read_text())
    assert record["alarms"] == [{"name": "EndpointServerErrors", "state": "ALARM"}]
    (row,) = record["rows"]
    assert (row["heading"], row["notes"]) == ("Stack/Endpoint", ["no cost"])
    requests, cost = row["graphs"]
    assert requests["lines"] == [{"label": "all", "points": [[0, 0], [1, 4], [2, 9], [3, 0]]}]
    assert (cost["computed"], cost["lines"]) == (True, [])
    assert record["seconds"] == 3
    assert "600 times as fast" in record["caption"]
