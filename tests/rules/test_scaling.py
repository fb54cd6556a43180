"""Application Auto Scaling for SageMaker: what its examples do not show."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from constructs_lib.facts.limit import Severity
from constructs_lib.rules.examples.bases import asynchronous, scaled, target, tracking_policy
from constructs_lib.rules.examples.example import ABSENT, boundary, changed, get, join, resource
from constructs_lib.rules.examples.scaling import pooled, provisioned, resource_id
from constructs_lib.rules.examples.scaling_schedules import scheduled
from constructs_lib.rules.examples.scaling_steps import stepping
from constructs_lib.rules.examples.scaling_to_zero import component_to_zero
from constructs_lib.rules.rule import Finding
from tests.rules.support import apart_from_quotas, found

Document = dict[str, Any]
NAME = get("Endpoint", "EndpointName")
VARIANT = "Config.ProductionVariants.0"
TRACKING = "Policy.TargetTrackingScalingPolicyConfiguration"
METRIC = f"{TRACKING}.PredefinedMetricSpecification.PredefinedMetricType"
STEPS = "Policy.StepScalingPolicyConfiguration.StepAdjustments"
SCHEDULE = "Target.ScheduledActions.0.Schedule"


def broken(document: Document) -> set[str]:
    return {finding.rule for finding in apart_from_quotas(document)}


def with_changes(document: Document, **parts: Any) -> Document:
    """A copy of the document with further top-level parts."""
    return {**copy.deepcopy(document), **parts}


def only(document: Document) -> Finding:
    [finding] = apart_from_quotas(document)
    return finding


@pytest.mark.parametrize("document", [scaled(), provisioned(), component_to_zero(), stepping(), scheduled()])
def test_sound_scaling_has_no_finding(document: Document) -> None:
    assert apart_from_quotas(document) == []


@pytest.mark.parametrize(
    "parts",
    [
        [{"Fn::ImportValue": "ResourceId"}],
        [{"Ref": "ResourceId"}],
        ["endpoint/", {"Ref": "EndpointName"}, "/variant/AllTraffic"],
        ["endpoint/", {"Fn::ImportValue": "Name"}, "/AllTraffic"],
        ["endpoint/", {"Fn::Select": [1, {"Fn::Split": ["/", {"Ref": "Endpoint"}]}]}, "/variant/AllTraffic"],
        ["endpoint/", NAME, "/variant/", {"Ref": "VariantName"}],
        ["endpoint/", NAME, "/variant/", get("Model", "ModelName")],
    ],
)
def test_a_resource_id_with_unknown_parts_is_not_judged(parts: list[object]) -> None:
    parameters = {name: {"Type": "String"} for name in ("ResourceId", "EndpointName", "VariantName")}
    assert broken(with_changes(resource_id(*parts), Parameters=parameters)) <= {"AS-DIMS-VARIANT"}


@pytest.mark.parametrize(
    "parts",
    [
        ["endpoint/", NAME],
        ["endpoint/", NAME, "/AllTraffic"],
        ["endpoint/", NAME, "/variant/AllTraffic/1"],
        ["inference-component/", {"Ref": "AWS::StackName"}],
        ["arn:aws:sagemaker:eu-west-1:123456789012:endpoint/", {"Fn::ImportValue": "Name"}, "/variant/AllTraffic"],
        ["endpoint/", get("Endpoint", "EndpointArn"), "/variant/AllTraffic"],
    ],
)
def test_a_resource_id_that_cannot_have_the_form_is_found(parts: list[object]) -> None:
    assert broken(resource_id(*parts)) == {"AS-DIMS"}


def test_a_component_is_scaled_by_its_name() -> None:
    by_arn = changed(component_to_zero(), {"Target.ResourceId": join("inference-component/", {"Ref": "Component"})})
    assert "Fn::GetAtt Component.InferenceComponentName" in {finding.fix[4:] for finding in apart_from_quotas(by_arn)}


def test_a_dimension_that_sagemaker_has_not_is_found() -> None:
    assert "AS-DIMS" in broken(changed(scaled(), {"Target.ScalableDimension": "sagemaker:variant:DesiredCount"}))


def test_scaling_of_other_services_is_not_judged() -> None:
    table = target(
        ServiceNamespace="dynamodb",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        ResourceId="table/requests",
        MinCapacity=5,
        MaxCapacity=1,
    )
    policy = tracking_policy(
        PolicyName="", TargetTrackingScalingPolicyConfiguration={"TargetValue": 70}, PolicyType="StepScaling"
    )
    assert apart_from_quotas(with_changes({"Resources": {"Target": table, "Policy": policy}})) == []


def test_a_policy_may_name_its_target_by_resource_id() -> None:
    named = changed(
        scaled(),
        {
            "Policy.ScalingTargetId": ABSENT,
            "Policy.ServiceNamespace": "sagemaker",
            "Policy.ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            "Policy.ResourceId": join("endpoint/", NAME, "/variant/AllTraffic"),
        },
    )
    assert apart_from_quotas(named) == []
    assert broken(changed(named, {METRIC: "SageMakerInferenceComponentInvocationsPerCopy"})) == {"AS-PREDEF"}
    assert broken(changed(named, {"Policy.ResourceId": "AllTraffic"})) == {"AS-DIMS"}


def test_a_policy_of_a_target_in_another_template_is_judged_without_its_dimension() -> None:
    imported = changed(scaled(), {"Policy.ScalingTargetId": {"Fn::ImportValue": "Target"}})
    assert broken(changed(imported, {METRIC: "SageMakerInferenceComponentInvocationsPerCopy"})) == set()
    assert broken(changed(imported, {f"{TRACKING}.PredefinedMetricSpecification.ResourceLabel": "a"})) == {"AS-LABEL"}


@pytest.mark.parametrize(("capacity", "expected"), [("4", set()), ("5", {"AS-MINMAX"}), ({"Ref": "Least"}, set())])
def test_capacities_may_be_quoted_and_unknown_ones_are_not_judged(capacity: object, expected: set[str]) -> None:
    document = changed(scaled(), {"Target.MinCapacity": capacity, f"{VARIANT}.InitialInstanceCount": 5})
    assert broken(with_changes(document, Parameters={"Least": {"Type": "Number"}})) == expected


def test_both_branches_of_a_condition_are_judged() -> None:
    choice = {"Fn::If": ["Large", 8, 2]}
    conditions = {"Large": {"Fn::Equals": [{"Ref": "Size"}, "large"]}}
    document = with_changes(
        changed(scaled(), {"Target.MinCapacity": choice, "Endpoint.RetainAllVariantProperties": True}),
        Conditions=conditions,
        Parameters={"Size": {"Type": "String"}},
    )
    assert only(document).message.startswith("MinCapacity must be at most MaxCapacity 4, got 8")


def test_a_minimum_of_an_action_above_the_maximum_of_the_target_is_not_judged() -> None:
    action = {"ScheduledActionName": "day", "Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": 9}}
    assert apart_from_quotas(changed(scaled(), {"Target.ScheduledActions": [action]})) == []


def test_zero_in_a_scheduled_action_of_a_real_time_variant_is_found() -> None:
    place = "Target.ScheduledActions.0.ScalableTargetAction"
    assert broken(changed(scheduled(), {place: {"MinCapacity": 0, "MaxCapacity": 0}})) == {"AS-MIN-RT"}


def test_zero_is_not_found_where_the_variant_is_not_known() -> None:
    elsewhere = {"Target.ResourceId": "endpoint/other/variant/main", "Target.MinCapacity": 0}
    assert apart_from_quotas(changed(scaled(), elsewhere)) == []


def test_zero_of_an_asynchronous_variant_is_not_a_matter_of_real_time() -> None:
    document = asynchronous()
    document["Resources"]["Target"] = target(MinCapacity=0)
    assert "AS-MIN-RT" not in broken(document)


@pytest.mark.parametrize("instance_type", ["ml.t2.medium", "ml.t2.large", "ml.t2.xlarge", "ml.t2.2xlarge"])
def test_burstable_types_are_found_in_pools_too(instance_type: str) -> None:
    assert "AS-BURST" in broken(pooled(instance_type))
    assert "AS-BURST" not in broken(pooled("ml.m5.xlarge"))


def test_a_shadow_variant_is_scaled_like_any_other() -> None:
    document = changed(scaled(), {"Target.ResourceId": join("endpoint/", NAME, "/variant/Shadow")})
    variants = document["Resources"]["Config"]["Properties"]
    variants["ShadowProductionVariants"] = [{**variants["ProductionVariants"][0], "VariantName": "Shadow"}]
    assert apart_from_quotas(document) == []
    variants["ShadowProductionVariants"][0]["InstanceType"] = "ml.t2.medium"
    assert "AS-BURST" in broken(document)


def test_instances_of_a_serverless_variant_and_concurrency_of_an_instance_variant_are_found() -> None:
    dimension = "Target.ScalableDimension"
    concurrency = changed(scaled(), {dimension: "sagemaker:variant:DesiredProvisionedConcurrency"})
    instances = changed(provisioned(), {dimension: "sagemaker:variant:DesiredInstanceCount"})
    assert broken(concurrency) == broken(instances) == {"AS-DIMS-KIND", "AS-PREDEF"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Endpoint.RetainAllVariantProperties": "true"}, set()),
        ({"Endpoint.RetainAllVariantProperties": {"Ref": "Retain"}}, set()),
        ({f"{VARIANT}.InitialInstanceCount": {"Ref": "Count"}}, set()),
        ({"Endpoint.RetainAllVariantProperties": {"Ref": "AWS::NoValue"}}, {"AS-RETAIN"}),
        (
            {
                "Endpoint.RetainAllVariantProperties": True,
                "Endpoint.ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredInstanceCount"}],
            },
            {"AS-RETAIN"},
        ),
    ],
)
def test_the_count_is_kept_where_all_properties_are_retained(changes: dict[str, object], expected: set[str]) -> None:
    parameters = {"Retain": {"Type": "String"}, "Count": {"Type": "Number"}}
    document = changed(scaled(), changes)
    assert broken(with_changes(document, Parameters=parameters)) == expected


def test_a_count_that_is_put_back_is_found_once_an_endpoint() -> None:
    document = changed(scaled(), {"Endpoint.RetainAllVariantProperties": False})
    document["Resources"]["Other"] = document["Resources"]["Target"]
    [finding] = found(document, "AS-RETAIN")
    assert (finding.logical_id, finding.path) == ("Endpoint", "Properties.RetainAllVariantProperties")
    assert finding.severity is Severity.WARNING
    assert "back to InitialInstanceCount" in finding.message


def test_a_component_that_a_schedule_wakes_needs_no_step_policy() -> None:
    document = component_to_zero()
    del document["Resources"]["Wake"], document["Resources"]["Alarm"]
    action = {"ScheduledActionName": "day", "Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": 1}}
    assert "AS-IC-ZERO" in broken(document)
    assert apart_from_quotas(changed(document, {"Target.ScheduledActions": [action]})) == []
    assert apart_from_quotas(changed(document, {f"{TRACKING}.DisableScaleIn": True})) == []


def test_a_component_whose_step_policy_no_alarm_drives_is_found() -> None:
    document = component_to_zero()
    del document["Resources"]["Alarm"]
    assert "AS-IC-ZERO" in broken(document)
    document["Outputs"] = {"Wake": {"Value": {"Ref": "Wake"}}}
    assert "AS-IC-ZERO" not in broken(document)


def test_instances_may_stay_for_another_component() -> None:
    document = changed(component_to_zero(), {f"{VARIANT}.ManagedInstanceScaling.MinInstanceCount": 1})
    assert only(document).path.endswith("ManagedInstanceScaling")
    document["Resources"]["Other"] = resource(
        "AWS::SageMaker::InferenceComponent", **document["Resources"]["Component"]["Properties"]
    )
    assert apart_from_quotas(document) == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([(None, 0)], set()),
        ([(None, -10), (-10, 0)], set()),
        ([("0", "10"), ("10", None)], set()),
        ([(10, None), (0, 10)], set()),
        ([(0, {"Ref": "Bound"}), (5, None)], set()),
        ([(None, 0), (0, None)], set()),
        ([(None, 0), (None, -5)], {"STEP-RANGES"}),
        ([(0, None), (5, None)], {"STEP-RANGES"}),
        ([(0, None), (None, None)], {"STEP-NO-BOUNDS"}),
    ],
)
def test_steps_join_in_any_order(steps: list[tuple[object, object]], expected: set[str]) -> None:
    names = ("MetricIntervalLowerBound", "MetricIntervalUpperBound")
    adjustments = [
        {**{name: bound for name, bound in zip(names, step, strict=True) if bound is not None}, "ScalingAdjustment": 1}
        for step in steps
    ]
    document = changed(stepping(), {STEPS: adjustments})
    assert broken(with_changes(document, Parameters={"Bound": {"Type": "Number"}})) == expected


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("cron(30 6 ? * MON *)", set()),
        ("cron(30 6 * * 2 *)", set()),
        ("cron(0/15 8-18 ? * MON-FRI 2026-2030)", set()),
        ("cron(0 8 L * ? *)", set()),
        ("cron( 0  8 1,15 * ? * )", set()),
        ("at(2026-12-01T08:00:00)", set()),
        ("rate(12 hours)", set()),
        ({"Ref": "When"}, set()),
        ("cron(0 8 ? * ? *)", {"SCHEDULE-DAY-FIELDS"}),
        ("cron(? 8 ? * MON *)", {"SCHEDULE-DAY-FIELDS"}),
        ("cron(60 8 ? * MON *)", {"SCHEDULE-FIELD-RANGE"}),
        ("cron(0 24 ? * MON *)", {"SCHEDULE-FIELD-RANGE"}),
        ("cron(0 8 1,32 * ? *)", {"SCHEDULE-FIELD-RANGE"}),
        ("cron(0 8 ? * 0-6 *)", {"SCHEDULE-FIELD-RANGE"}),
        ("0 8 * * *", {"AS-SCHEDULE"}),
        ("rate(5 seconds)", {"AS-SCHEDULE"}),
        ("at(tomorrow)", {"AS-SCHEDULE"}),
    ],
)
def test_a_schedule_is_read_as_application_auto_scaling_reads_it(schedule: object, expected: set[str]) -> None:
    document = with_changes(changed(scheduled(), {SCHEDULE: schedule}), Parameters={"When": {"Type": "String"}})
    assert broken(document) == expected


def test_a_message_names_value_bound_and_remedy() -> None:
    found = only(boundary(provisioned(), "Target.MaxCapacity", passes=5, fails=6).fails)
    assert found.message == "MaxCapacity must be at most MaxConcurrency 5 of the variant, got 6"
    assert found.fix == "lower it to 5 or raise MaxConcurrency"
