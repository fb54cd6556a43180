"""What CloudWatch holds of a run, as the dashboards of the stacks show it; `python -m scripts.dashboard` draws it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from constructs_lib.local import LocalAws

WAYS = ("realtime", "async")
"""The ways of serving whose stacks get a dashboard."""
METRICS = "metrics.json"
PERIOD = 1
"""Seconds: a run is so short that each second is a point."""
SIMPLE = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")


def write(aws: LocalAws, stacks: Sequence[str], began: datetime, folder: Path, *, time_scale: float) -> Path:
    """Write what the dashboards of these stacks show of the time since ``began`` to `metrics.json`."""
    watch, dashboards = aws.client("cloudwatch"), aws.client("cloudformation")
    alarms: list[dict[str, str]] = []
    rows: list[dict[str, Any]] = []
    for stack in stacks:
        found = dashboards.describe_stack_resources(StackName=stack)["StackResources"]
        for name in (each["PhysicalResourceId"] for each in found if each["ResourceType"].endswith("::Dashboard")):
            widgets = json.loads(watch.get_dashboard(DashboardName=name)["DashboardBody"])["widgets"]
            alarms += _alarms(watch, stack, widgets)
            rows += _rows(watch, widgets, began)
    record = {
        "title": f"Dashboards of the stacks {' and '.join(stacks)}",
        "seconds": _while_something_happens(rows),
        "alarms": alarms,
        "caption": f"Demo run of {began:%Y-%m-%d}: a point is a second of it, while queues age and instances scale "
        f"{time_scale:g} times as fast. Not SageMaker's times. What the local AWS does not measure has no data.",
        "rows": rows,
    }
    path = folder / METRICS
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _alarms(watch: Any, stack: str, widgets: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    shown = [arn for each in widgets if each["type"] == "alarm" for arn in each["properties"]["alarms"]]
    names = [arn.partition(":alarm:")[2] for arn in shown]
    states = watch.describe_alarms(AlarmNames=names)["MetricAlarms"]
    return [{"name": _plain(each["AlarmName"], stack), "state": each["StateValue"]} for each in states]


def _plain(alarm_name: str, stack: str) -> str:
    """The name without those that CDK and CloudFormation put around it."""
    return alarm_name.removeprefix(f"{stack}-").rsplit("-", 1)[0][:-8]


def _rows(watch: Any, widgets: Sequence[Mapping[str, Any]], began: datetime) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for widget in widgets:
        properties = widget["properties"]
        if widget["type"] == "text":
            heading, *notes = properties["markdown"].split("\n")
            rows.append({"heading": heading.removeprefix("## "), "notes": notes, "graphs": []})
        elif widget["type"] == "metric":
            rows[-1]["graphs"].append(_graph(watch, properties, began))
    return rows


def _graph(watch: Any, properties: Mapping[str, Any], began: datetime) -> dict[str, Any]:
    every = properties["metrics"]
    computed = any(isinstance(line[0], dict) for line in every)
    lines = [] if computed else every
    return {
        "title": properties["title"],
        "computed": computed,
        "lines": [{"label": _label(line), "points": list(_points(watch, line, began))} for line in lines],
    }


def _options(line: Sequence[Any]) -> dict[str, Any]:
    return dict(line[-1]) if isinstance(line[-1], dict) else {}


def _label(line: Sequence[Any]) -> str:
    return str(_options(line).get("label") or line[1])


def _points(watch: Any, line: Sequence[Any], began: datetime) -> Iterator[tuple[float, float]]:
    statistic = _options(line).get("stat", "Average")
    names = [part for part in line if isinstance(part, str)]
    dimensions = [{"Name": name, "Value": value} for name, value in zip(names[2::2], names[3::2], strict=True)]
    wanted = {"Statistics": [statistic]} if statistic in SIMPLE else {"ExtendedStatistics": [statistic]}
    found = watch.get_metric_statistics(
        Namespace=names[0],
        MetricName=names[1],
        Dimensions=dimensions,
        StartTime=began,
        EndTime=datetime.now(UTC),
        Period=PERIOD,
        **wanted,
    )["Datapoints"]
    for point in sorted(found, key=lambda each: each["Timestamp"]):
        value = point[statistic] if statistic in SIMPLE else point["ExtendedStatistics"][statistic]
        yield round((point["Timestamp"] - began).total_seconds(), 1), round(value, 3)


def _while_something_happens(rows: Sequence[Mapping[str, Any]]) -> float:
    """Keep the time in which some line is not at zero, with a second on either side; returns its seconds."""
    lines = [line for row in rows for graph in row["graphs"] for line in graph["lines"]]
    busy = [at for line in lines for at, value in line["points"] if value]
    begin, end = min(busy, default=0.0) - PERIOD, max(busy, default=0.0) + PERIOD
    for line in lines:
        line["points"] = [(round(at - begin, 1), value) for at, value in line["points"] if begin <= at <= end]
    return round(end - begin, 1)
