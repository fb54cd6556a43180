"""What is watched of an inference component by default, and what a dashboard shows of it."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from constructs_lib import InferenceComponent, InferenceDashboard, InvalidConfiguration
from tests.endpoints.component_apps import SMALL, a_model, an_endpoint


def test_a_component_is_watched_for_its_own_errors_and_shown_by_the_dashboard() -> None:
    stack = cdk.Stack(cdk.App(), "Serving")
    endpoint = an_endpoint(stack)
    given: dict[str, Any] = {"endpoint": endpoint, "model": a_model(stack, endpoint), "compute": SMALL}
    component = InferenceComponent(stack, "Component", inference_component_name="Digits", **given)
    quiet = InferenceComponent(stack, "Quiet", monitoring=None, **given)
    InferenceDashboard(stack, "Dashboard", constructs=[component])
    assert (set(component.alarms), quiet.alarms) == ({"ServerErrors", "ModelErrors"}, {})
    template = Template.from_stack(stack)
    found = [
        alarm["Properties"]
        for alarm in template.find_resources("AWS::CloudWatch::Alarm").values()
        if alarm["Properties"]["Dimensions"] == [{"Name": "InferenceComponentName", "Value": "Digits"}]
    ]
    assert sorted(alarm["MetricName"] for alarm in found) == ["Invocation5XXErrors", "InvocationModelErrors"]
    (dashboard,) = template.find_resources("AWS::CloudWatch::Dashboard").values()
    shown = str(dashboard["Properties"]["DashboardBody"])
    for metric in ("Invocation5XXErrors", "InvocationsPerCopy", "NoCapacityInvocationFailures"):
        assert f'"{metric}","InferenceComponentName","Digits"' in shown


def test_a_topic_in_the_place_of_monitoring_is_refused_with_the_kind() -> None:
    stack = cdk.Stack(cdk.App(), "Serving")
    endpoint = an_endpoint(stack)
    topic: Any = "arn:aws:sns:us-east-1:123456789012:operators"
    message = "monitoring must be of the kind RealtimeMonitoring, got 'arn:aws:sns"
    with pytest.raises(InvalidConfiguration, match=message):
        an_endpoint(stack, "Other", monitoring=topic)
    with pytest.raises(InvalidConfiguration, match=message):
        InferenceComponent(
            stack, "Own", endpoint=endpoint, model=a_model(stack, endpoint), compute=SMALL, monitoring=topic
        )
