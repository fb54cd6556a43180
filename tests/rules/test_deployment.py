"""Guarded deployments: what their examples do not show."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules.examples.bases import instance_variant, target
from constructs_lib.rules.examples.deployment import canary, instances, linear, percent, rolling, rolling_component
from constructs_lib.rules.examples.example import ABSENT, changed, get, join
from tests.rules.support import apart_from_quotas, found

Document = dict[str, Any]
BLUE_GREEN = "Endpoint.DeploymentConfig.BlueGreenUpdatePolicy"
ROUTING = f"{BLUE_GREEN}.TrafficRoutingConfiguration"
ROLLING = "Endpoint.DeploymentConfig.RollingUpdatePolicy"
COUNT = "Config.ProductionVariants.0.InitialInstanceCount"
TIMEOUT = "MaximumExecutionTimeoutInSeconds"
PARAMETER = {"Ref": "Parameter"}


def broken(document: Document) -> set[str]:
    return {finding.rule for finding in apart_from_quotas(document)}


@pytest.mark.parametrize("value", ["51", 51])
def test_a_share_over_half_is_refused_with_value_bound_and_remedy(value: int | str) -> None:
    [finding] = apart_from_quotas(changed(canary(), {f"{ROUTING}.CanarySize.Value": value}))
    assert finding.message == "CanarySize must be from 1 to 50 % of the variant's instances, got 51"
    assert finding.fix == "give a percentage from 1 to 50"


def test_a_small_share_of_few_instances_is_fine() -> None:
    assert broken(changed(rolling(), {COUNT: 2, f"{ROLLING}.MaximumBatchSize": percent(5)})) <= {"DEP-SUM"}
    assert broken(changed(linear(), {COUNT: 2, f"{ROUTING}.LinearStepSize": instances(1)})) == set()


def test_a_step_of_too_few_of_many_instances_is_refused() -> None:
    [finding] = apart_from_quotas(changed(linear(), {COUNT: 11, f"{ROUTING}.LinearStepSize": instances(1)}))
    assert finding.rule == "DEP-LINEAR"
    assert "got 1 of InitialInstanceCount 11" in finding.message


def test_one_of_one_instance_is_only_a_warning() -> None:
    [finding] = apart_from_quotas(changed(canary(), {COUNT: 1, f"{ROUTING}.CanarySize": instances(1)}))
    assert (finding.rule, finding.severity) == ("DEP-CANARY", Severity.WARNING)


@pytest.mark.parametrize(
    "changes",
    [
        {COUNT: PARAMETER},
        {"Endpoint.RetainAllVariantProperties": True},
        {"Endpoint.RetainAllVariantProperties": PARAMETER},
        {"Endpoint.EndpointConfigName": PARAMETER},
        {f"{ROUTING}.CanarySize": {"Type": PARAMETER, "Value": 90}},
        {f"{ROUTING}.CanarySize": PARAMETER},
    ],
)
def test_a_count_is_not_judged_where_the_instances_are_not_known(changes: Document) -> None:
    document = changed(canary(), {f"{ROUTING}.CanarySize": instances(3)})
    assert "DEP-CANARY" not in broken(changed(document, changes))


@pytest.mark.parametrize("name", [get("Endpoint", "EndpointName"), PARAMETER])
def test_a_count_is_not_judged_where_the_variant_may_be_scaled(name: Document) -> None:
    document = changed(canary(), {f"{ROUTING}.CanarySize": instances(3)})
    document["Resources"]["Target"] = target(ResourceId=join("endpoint/", name, "/variant/AllTraffic"))
    assert "DEP-CANARY" not in broken(document)


def test_sizes_of_another_type_of_routing_are_not_judged() -> None:
    assert "DEP-LINEAR" not in broken(changed(canary(), {f"{ROUTING}.LinearStepSize": percent(90)}))


def test_each_variant_is_compared() -> None:
    document = changed(canary(), {"Config.ProductionVariants.1": instance_variant("B", InitialInstanceCount=2)})
    assert "DEP-CANARY" in broken(changed(document, {f"{ROUTING}.CanarySize": instances(2)}))


def test_copies_that_are_scaled_are_not_compared() -> None:
    size = "Component.DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize"
    document = changed(rolling_component(), {size: {"Type": "COPY_COUNT", "Value": 6}})
    assert "IC-ROLL" in broken(document)
    document["Resources"]["Target"] = target(
        ResourceId=join("inference-component/", {"Ref": "Component"}),
        ScalableDimension="sagemaker:inference-component:DesiredCopyCount",
    )
    assert "IC-ROLL" not in broken(document)


@pytest.mark.parametrize(
    ("timeout", "severity"), [(1801, None), (1800, Severity.WARNING), (601, Severity.WARNING), (600, Severity.ERROR)]
)
def test_one_interval_over_the_timeout_is_refused_and_all_of_them_are_a_warning(
    timeout: int, severity: Severity | None
) -> None:
    findings = found(changed(linear(), {f"{BLUE_GREEN}.{TIMEOUT}": timeout}), "DEP-SUM")
    assert [each.severity for each in findings] == ([severity] if severity else [])


def test_the_sum_is_written_out() -> None:
    [finding] = found(changed(linear(), {f"{BLUE_GREEN}.{TIMEOUT}": 1800}), "DEP-SUM")
    assert "(5 x WaitIntervalInSeconds 300 + TerminationWaitInSeconds 300 = 1800), got 1800" in finding.message


@pytest.mark.parametrize(
    "changes",
    [
        {f"{BLUE_GREEN}.{TIMEOUT}": ABSENT},
        {f"{BLUE_GREEN}.{TIMEOUT}": PARAMETER},
        {f"{BLUE_GREEN}.{TIMEOUT}": 600, f"{ROUTING}.WaitIntervalInSeconds": PARAMETER},
    ],
)
def test_a_sum_that_is_not_known_is_not_judged(changes: Document) -> None:
    assert "DEP-SUM" not in broken(changed(linear(), changes))


def test_a_rolling_deployment_without_wait_interval_is_refused() -> None:
    [finding] = apart_from_quotas(changed(rolling(), {f"{ROLLING}.WaitIntervalInSeconds": ABSENT}))
    assert (finding.rule, finding.severity) == ("DEP-WAIT", Severity.ERROR)


def test_all_at_once_needs_no_wait_interval_and_no_alarm() -> None:
    changes: Document = {
        "Endpoint.DeploymentConfig": {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE"}}}
    }
    assert broken(changed(canary(), changes)) == set()


def test_a_policy_without_value_is_no_second_policy() -> None:
    assert broken(changed(rolling(), {BLUE_GREEN: {"Ref": "AWS::NoValue"}})) == set()


def test_both_branches_of_a_condition_are_judged() -> None:
    size = {"Fn::If": ["Fast", percent(60), percent(10)]}
    document = changed(canary(), {f"{ROUTING}.CanarySize": size})
    document["Parameters"] = {"Speed": {"Type": "String"}}
    document["Conditions"] = {"Fast": {"Fn::Equals": [{"Ref": "Speed"}, "fast"]}}
    assert broken(document) == {"DEP-CANARY"}


def test_shadow_variants_do_not_make_an_endpoint_one_of_several_variants() -> None:
    document = changed(rolling(), {"Config.ShadowProductionVariants": [instance_variant("Shadow")]})
    assert "DEP-ROLL-NO" not in broken(document)


def test_alarms_do_nothing_on_inf1_either() -> None:
    changes: Document = {
        "Config.ProductionVariants.0.InstanceType": "ml.inf1.xlarge",
        BLUE_GREEN: ABSENT,
    }
    assert "DEP-NO-MKT" in broken(changed(canary(), changes))
    alone = changed(canary(), {**changes, "Endpoint.DeploymentConfig": ABSENT})
    assert "DEP-NO-MKT" not in broken(alone)


def test_steps_of_counted_instances_are_counted_too() -> None:
    changes: Document = {f"{ROUTING}.LinearStepSize": instances(1), f"{BLUE_GREEN}.{TIMEOUT}": 900}
    [finding] = found(changed(linear(), changes), "DEP-SUM")
    assert "(2 x WaitIntervalInSeconds 300" in finding.message
