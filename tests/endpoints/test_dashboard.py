"""One dashboard of a stack: what it finds, what it shows of each construct, what it says of cost; saved queries."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from constructs import Construct

from constructs_lib import (
    AsyncEndpoint,
    ComponentEndpoint,
    InferenceDashboard,
    InputSubmission,
    InvalidConfiguration,
    RealtimeEndpoint,
    ServerlessEndpoint,
    Variant,
)
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_model

QUERY = "AWS::Logs::QueryDefinition"
VIRGINIA = cdk.Environment(account="123456789012", region="us-east-1")


@pytest.fixture(scope="module")
def template() -> Template:
    """A stack in a Region with prices: one endpoint of each kind, and a dashboard that is told of none."""
    stack = cdk.Stack(cdk.App(), "Serving", env=VIRGINIA)
    model = any_model(stack)
    pair = [
        Variant(model=model, name="old", instance_type="ml.m5.large"),
        Variant(model=model, name="new", instance_type="ml.c6i.large"),
    ]
    RealtimeEndpoint(stack, "Realtime", variants=pair)
    ServerlessEndpoint(stack, "Serverless", model=model)
    AsyncEndpoint(stack, "Async", model=model, instance_type="ml.m5.large", submission=InputSubmission())
    ComponentEndpoint(stack, "Components", instance_type="ml.m5.xlarge")
    InferenceDashboard(stack, "Dashboard", prices_per_hour={"ml.c6i.large": 1.25})
    return Template.from_stack(stack)


def body_of(template: Template) -> dict[str, Any]:
    """The dashboard, with `name` for what refers to resources."""
    (dashboard,) = template.find_resources("AWS::CloudWatch::Dashboard").values()
    parts = dashboard["Properties"]["DashboardBody"]["Fn::Join"][1]
    return dict(json.loads("".join(part if isinstance(part, str) else "name" for part in parts)))


@pytest.fixture(scope="module")
def widgets(template: Template) -> list[dict[str, Any]]:
    return list(body_of(template)["widgets"])


def of_row(widgets: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    """The properties of the graphs below the heading of a construct."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for widget in widgets:
        if widget["type"] == "text":
            rows[widget["properties"]["markdown"].split("\n")[0].removeprefix("## ")] = found = []
        elif widget["type"] == "metric":
            found.append(widget["properties"])
    return rows[path]


def metrics(graph: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and statistic of each line."""
    lines = [line for line in graph["metrics"] if isinstance(line[0], str)]
    return [(line[1], line[-1].get("stat", "Average")) for line in lines]


def test_every_construct_of_the_stack_has_a_row_though_none_was_named(widgets: list[dict[str, Any]]) -> None:
    headings = [widget["properties"]["markdown"] for widget in widgets if widget["type"] == "text"]
    assert [heading.split("\n")[0] for heading in headings] == [
        "## Serving/Realtime",
        "## Serving/Serverless",
        "## Serving/Async",
        "## Serving/Components",
    ]


def test_the_alarms_of_all_stand_first_and_each_once(template: Template, widgets: list[dict[str, Any]]) -> None:
    assert widgets[0]["type"] == "alarm"
    shown = widgets[0]["properties"]["alarms"]
    assert len(shown) == len(template.find_resources("AWS::CloudWatch::Alarm")) > 10


def test_an_endpoint_on_instances_shows_time_load_errors_use_and_instances(widgets: list[dict[str, Any]]) -> None:
    time, load, errors, use, instances, _ = of_row(widgets, "Serving/Components")
    assert metrics(time) == [("ModelLatency", each) for each in ("p50", "p95", "p99")]
    assert metrics(load) == [("Invocations", "Sum"), ("InvocationsPerInstance", "Sum")]
    assert [name for name, _ in metrics(errors)] == [
        "Invocation4XXErrors",
        "Invocation5XXErrors",
        "InvocationModelErrors",
    ]
    assert [name for name, _ in metrics(use)] == ["CPUUtilization", "MemoryUtilization", "GPUUtilization"]
    assert metrics(instances) == [("CPUUtilization", "SampleCount")]


def test_each_of_several_variants_has_its_own_lines(widgets: list[dict[str, Any]]) -> None:
    time = of_row(widgets, "Serving/Realtime")[0]
    assert [line[-1]["label"] for line in time["metrics"]] == [
        f"{name} {statistic}" for name in ("old", "new") for statistic in ("p50", "p95", "p99")
    ]


def test_a_serverless_endpoint_shows_concurrency_and_cold_starts(widgets: list[dict[str, Any]]) -> None:
    shown = {name for graph in of_row(widgets, "Serving/Serverless") for name, _ in metrics(graph)}
    assert {"ServerlessConcurrentExecutionsUtilization", "ModelSetupTime", "Invocations", "ModelLatency"} <= shown


def test_cost_so_far_is_instance_minutes_by_the_price_of_an_hour(widgets: list[dict[str, Any]]) -> None:
    cost = of_row(widgets, "Serving/Realtime")[-1]
    assert cost["title"] == "Cost of instances so far, in USD"
    expressions = [line[0]["expression"] for line in cost["metrics"] if isinstance(line[0], dict)]
    assert expressions == [
        "RUNNING_SUM(FILL(samples0, 0)) * 0.115 / 60",
        "RUNNING_SUM(FILL(samples1, 0)) * 1.25 / 60",
    ]
    assert metrics(cost) == [("CPUUtilization", "SampleCount")] * 2


def test_it_says_whose_prices_they_are_and_which_are_not_known(widgets: list[dict[str, Any]]) -> None:
    told = "\n".join(widget["properties"]["markdown"] for widget in widgets if widget["type"] == "text")
    assert "ml.m5.large: 0.115 USD an hour in us-east-1 on 2026-05-08, by the library's snapshot" in told
    assert "ml.c6i.large: 1.25 USD an hour, as given." in told
    stack = cdk.Stack(cdk.App(), "Anywhere")
    made = RealtimeEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large")
    InferenceDashboard(stack, "Dashboard", constructs=[made], queries=False)
    text = json.dumps(body_of(Template.from_stack(stack)))
    assert "its price in a Region that is known at deployment only is not known; give `prices_per_hour`" in text
    assert "RUNNING_SUM" not in text


def test_each_construct_has_queries_of_the_logs_that_it_writes(template: Template) -> None:
    saved = {body["Properties"]["Name"]: body["Properties"] for body in template.find_resources(QUERY).values()}
    assert set(saved) == {
        *(
            f"Serving/{name}/{query}"
            for name in ("Realtime", "Serverless", "Async", "Components")
            for query in ("errors", "by correlation id")
        ),
        "Serving/Async/slowest",
    }
    of_async = saved["Serving/Async/errors"]["LogGroupNames"]
    assert json.dumps(of_async).count("/aws/sagemaker/Endpoints/") == 1
    assert len(of_async) == 2  # of the endpoint, and of the function that submits
    assert '@type = "REPORT"' in saved["Serving/Async/slowest"]["QueryString"]


def test_queries_can_be_left_out_and_the_limit_check_finds_nothing(template: Template) -> None:
    assert_no_limit_findings(template, region="us-east-1")
    stack = cdk.Stack(cdk.App(), "Stack")
    RealtimeEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.m5.large", monitoring=None)
    assert InferenceDashboard(stack, "Dashboard", queries=False).queries == []
    made = Template.from_stack(stack)
    made.resource_count_is(QUERY, 0)
    assert [widget["type"] for widget in body_of(made)["widgets"]].count("alarm") == 0


def test_a_dashboard_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidConfiguration, match="nothing to show yet; make the dashboard last"):
        InferenceDashboard(cdk.Stack(cdk.App(), "Stack"), "Dashboard")


def test_a_construct_inside_another_has_a_row_of_its_own() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    inside = Construct(stack, "Inside")
    RealtimeEndpoint(inside, "Endpoint", model=any_model(stack), instance_type="ml.m5.large")
    InferenceDashboard(stack, "Dashboard")
    assert "## Stack/Inside/Endpoint" in json.dumps(body_of(Template.from_stack(stack)))
