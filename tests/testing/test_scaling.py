"""What scales to zero and back is told apart from what stays up, or never wakes."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.rules.examples.asynchronous import scaled_on_backlog, scaled_to_zero
from constructs_lib.rules.examples.bases import asynchronous, realtime, serverless
from constructs_lib.rules.examples.components import components
from constructs_lib.rules.examples.example import ABSENT, Document, changed
from constructs_lib.rules.examples.scaling import provisioned
from constructs_lib.rules.examples.scaling_to_zero import component_to_zero
from constructs_lib.testing import assert_scales_to_zero

SERVERLESS = "Config.ProductionVariants.0.ServerlessConfig"


def scheduled(*minimums: int) -> Document:
    """The asynchronous endpoint, with schedules that set these minimums."""
    actions: list[dict[str, Any]] = [
        {
            "ScheduledActionName": f"At{number}",
            "Schedule": f"cron(0 {number} * * ? *)",
            "ScalableTargetAction": {"MinCapacity": minimum},
        }
        for number, minimum in enumerate(minimums)
    ]
    return changed(scaled_to_zero(), {"Target.ScheduledActions": actions})


@pytest.mark.parametrize(
    "template",
    [serverless(), scaled_to_zero(), component_to_zero(), scheduled(1, 0)],
    ids=["serverless", "asynchronous", "components", "warm-by-day"],
)
def test_it_scales_to_zero(template: Document) -> None:
    assert_scales_to_zero(template)


@pytest.mark.parametrize(
    ("template", "told"),
    [
        (realtime(), "a real-time variant keeps at least one instance; make it a ServerlessEndpoint"),
        (
            changed(serverless(), {f"{SERVERLESS}.ProvisionedConcurrency": 3}),
            "ServerlessConfig.ProvisionedConcurrency: 3 requests at once are always provisioned; leave it out",
        ),
        (provisioned(), "Target Properties: at least one is always provisioned where it is scaled"),
        (asynchronous(), "InitialInstanceCount: nothing scales it, got 2; give it autoscaling"),
        (scaled_on_backlog(), "Target Properties.MinCapacity: must be 0, got 1; set min_capacity=0"),
        (
            changed(scaled_to_zero(), {"Target.MinCapacity": {"Ref": "Minimum"}}),
            "MinCapacity: must be 0, got a value that is known only at deployment",
        ),
        (changed(scaled_on_backlog(), {"Target.MinCapacity": 0}), "nothing adds the first instance"),
        (scheduled(1, 2), "a schedule sets 1 and none sets 0 again"),
        (components(), "RuntimeConfig.CopyCount: nothing scales it, got 2; give it autoscaling"),
        (
            changed(component_to_zero(), {"Config.ProductionVariants.0.ManagedInstanceScaling": ABSENT}),
            "all components scale in to 0 copies but their instances stay",
        ),
    ],
    ids=[
        "real-time",
        "provisioned",
        "provisioned-and-scaled",
        "not-scaled",
        "minimum",
        "minimum-of-a-parameter",
        "never-wakes",
        "warm-for-ever",
        "copies",
        "instances",
    ],
)
def test_what_keeps_it_up_is_told_with_a_remedy(template: Document, told: str) -> None:
    with pytest.raises(AssertionError) as raised:
        assert_scales_to_zero(template)
    assert str(raised.value).startswith("template: Endpoint does not scale to zero and back:\n  - ")
    assert told in str(raised.value)


def test_nothing_that_scales_in_is_told() -> None:
    template = scaled_to_zero()
    for name in ("Policy", "Wake", "Backlog"):
        del template["Resources"][name]
    with pytest.raises(AssertionError, match="no policy of this template scales it in"):
        assert_scales_to_zero(template)


def test_components_of_another_template_are_asked_for() -> None:
    template = component_to_zero()
    for name in ("Component", "Target", "Policy", "Wake", "Alarm"):
        del template["Resources"][name]
    with pytest.raises(AssertionError, match="no inference component of this template is placed on it"):
        assert_scales_to_zero(template)


def test_the_endpoints_that_are_meant_can_be_named() -> None:
    template = serverless()
    busy = realtime()["Resources"]
    template["Resources"] |= {
        "Busy": {
            **busy["Endpoint"],
            "Properties": {"EndpointConfigName": {"Fn::GetAtt": ["Up", "EndpointConfigName"]}},
        },
        "Up": busy["Config"],
    }
    assert_scales_to_zero(template, "Endpoint")
    with pytest.raises(AssertionError, match="template: Busy does not scale"):
        assert_scales_to_zero(template)


def test_a_template_without_such_an_endpoint_is_no_proof() -> None:
    with pytest.raises(AssertionError, match=r"expected an AWS::SageMaker::Endpoint with 'Night' .* found none"):
        assert_scales_to_zero(serverless(), "Night")
