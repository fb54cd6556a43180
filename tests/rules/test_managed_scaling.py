"""Managed instance scaling: what its examples do not show."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.rules import judge
from constructs_lib.rules.examples.bases import realtime
from constructs_lib.rules.examples.components import components, without_component
from constructs_lib.rules.examples.example import changed
from tests.rules.support import broken

Document = dict[str, Any]
MANAGED = "Config.ProductionVariants.0.ManagedInstanceScaling"
ENABLED = {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 4}


def test_managed_scaling_that_is_disabled_may_stand_beside_a_model() -> None:
    assert broken(changed(realtime(), {MANAGED: {"Status": "DISABLED"}})) == set()


def test_the_finding_has_the_words_of_aws() -> None:
    [found] = judge(changed(realtime(), {MANAGED: ENABLED}))
    assert "ManagedInstanceScaling is only supported for inference component endpoints." in found.message
    assert found.path == "Properties.ProductionVariants.0.ManagedInstanceScaling"


@pytest.mark.parametrize("minimum", [{"Ref": "Minimum"}, {"Ref": "AWS::NoValue"}])
def test_a_minimum_that_is_not_known_or_not_given_is_not_judged(minimum: Document) -> None:
    assert broken(changed(components(), {f"{MANAGED}.MinInstanceCount": minimum})) == set()


def test_counts_in_quotes_are_compared_as_numbers() -> None:
    assert broken(changed(components(), {f"{MANAGED}.MinInstanceCount": "3", f"{MANAGED}.MaxInstanceCount": "2"})) == {
        "VAR-MIS"
    }


@pytest.mark.parametrize("region", [None, "us-east-1"])
def test_zero_instances_are_fine_elsewhere(region: str | None) -> None:
    document = changed(without_component(), {f"{MANAGED}.MinInstanceCount": 0})
    assert "IC-ZERO-REGION" not in broken(document, region)


def test_zero_instances_are_fine_where_managed_scaling_is_disabled() -> None:
    document = changed(without_component(), {f"{MANAGED}.MinInstanceCount": 0, f"{MANAGED}.Status": "DISABLED"})
    assert "IC-ZERO-REGION" not in broken(document, "eu-west-3")
