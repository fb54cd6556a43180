"""Scaling of an asynchronous endpoint: out with the backlog, from zero and in bursts; in when nothing is left."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from constructs_lib import AsyncEndpoint, Backlog, InvalidConfiguration, ScheduledAction
from constructs_lib.local.autoscaling.alarms import Alarm, Metric, Metrics
from constructs_lib.testing import assert_no_limit_findings
from tests.support import any_model, only, synthesize

POLICY, ALARM = "AWS::ApplicationAutoScaling::ScalingPolicy", "AWS::CloudWatch::Alarm"


def scaled(**options: Any) -> Template:
    return synthesize(
        lambda stack: AsyncEndpoint(
            stack,
            "Endpoint",
            model=any_model(stack),
            instance_type="ml.m5.large",
            autoscaling=Backlog(**{"max_capacity": 3, "backlog_per_instance": 5} | options),
            monitoring=None,
        )
    )


@pytest.fixture(scope="module")
def template() -> Template:
    return scaled(
        scale_out_cooldown_in_seconds=120,
        schedules=[ScheduledAction.cron(name="Morning", hours="7", day_of_week="MON-FRI", min_capacity=1)],
    )


@pytest.fixture(scope="module")
def always_on() -> Template:
    return scaled(min_capacity=1, max_capacity=1, scale_in_while_busy=True)


def policy_and_alarm(template: Template, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a step policy does, and the alarm that drives it."""
    (logical_id,) = [found for found in template.find_resources(POLICY) if name in found]
    alarms = [alarm["Properties"] for alarm in template.find_resources(ALARM).values()]
    (alarm,) = [alarm for alarm in alarms if alarm["AlarmActions"] == [{"Ref": logical_id}]]
    properties = template.find_resources(POLICY)[logical_id]["Properties"]
    assert properties["PolicyType"] == "StepScaling"
    return properties["StepScalingPolicyConfiguration"], alarm


def tracking(template: Template) -> dict[str, Any]:
    (found,) = [
        policy["Properties"]["TargetTrackingScalingPolicyConfiguration"]
        for policy in template.find_resources(POLICY).values()
        if policy["Properties"]["PolicyType"] == "TargetTrackingScaling"
    ]
    return dict(found)


def names(template: Template) -> set[str]:
    return {policy["Properties"]["PolicyName"] for policy in template.find_resources(POLICY).values()}


def test_target_tracking_follows_the_backlog_with_the_endpoint_s_dimension_alone(template: Template) -> None:
    (endpoint,) = template.find_resources("AWS::SageMaker::Endpoint")
    assert tracking(template)["TargetValue"] == 5
    assert tracking(template)["ScaleOutCooldown"] == 120
    assert tracking(template)["CustomizedMetricSpecification"] == {
        "Namespace": "AWS/SageMaker",
        "MetricName": "ApproximateBacklogSizePerInstance",
        "Statistic": "Average",
        "Dimensions": [{"Name": "EndpointName", "Value": {"Fn::GetAtt": [endpoint, "EndpointName"]}}],
    }


def test_target_tracking_never_takes_an_instance_away_from_what_runs_on_it(template: Template) -> None:
    assert tracking(template)["DisableScaleIn"] is True


def test_the_instances_go_when_nothing_waits_or_runs_for_fifteen_minutes(template: Template) -> None:
    step, alarm = policy_and_alarm(template, "ScaleInWhenIdle")
    assert (step["AdjustmentType"], step["StepAdjustments"]) == (
        "ExactCapacity",
        [{"MetricIntervalUpperBound": 0, "ScalingAdjustment": 0}],
    )
    assert (alarm["MetricName"], alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
        "ApproximateBacklogSize",
        "Maximum",
        "LessThanOrEqualToThreshold",
        0,
    )
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (60, 15, 15)


def test_an_endpoint_that_was_just_woken_does_not_go_back_to_sleep(template: Template) -> None:
    _, found = policy_and_alarm(template, "ScaleInWhenIdle")
    idle = Alarm(
        name="idle",
        metric=Metric.of("AWS/SageMaker", found["MetricName"]),
        threshold=found["Threshold"],
        comparison=found["ComparisonOperator"],
        statistic=found["Statistic"],
        evaluation_periods=found["EvaluationPeriods"],
        treat_missing_data=found["TreatMissingData"],
    )
    metrics = Metrics()
    whole, per_instance = (Metric.of("AWS/SageMaker", f"ApproximateBacklogSize{end}") for end in ("", "PerInstance"))
    # Awake and idle, asleep, a request that waits for two minutes, and the first minute in which it is answered.
    minutes = [(0, 0)] * 16 + [(0, None)] * 2 + [(1, None)] * 2 + [(0, 0)]
    states: list[str] = []
    for minute, (size, share) in enumerate(minutes):
        metrics.record(whole, minute * 60, size)
        if share is not None:
            metrics.record(per_instance, minute * 60, share)
        states.append(idle.evaluate(metrics, minute * 60 + 60, states[-1] if states else "OK"))
    assert (states[15], states[-1]) == ("ALARM", "OK")


def test_a_backlog_that_is_work_for_all_instances_starts_all_of_them(template: Template) -> None:
    step, alarm = policy_and_alarm(template, "StepOut")
    assert (step["AdjustmentType"], step["Cooldown"], step["StepAdjustments"]) == (
        "ChangeInCapacity",
        120,
        [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 3}],
    )
    assert (alarm["MetricName"], alarm["ComparisonOperator"], alarm["Threshold"], alarm["EvaluationPeriods"]) == (
        "ApproximateBacklogSize",
        "GreaterThanOrEqualToThreshold",
        15,
        1,
    )


def test_a_step_policy_wakes_the_endpoint_from_zero(template: Template) -> None:
    step, alarm = policy_and_alarm(template, "WakeFromZero")
    assert (step["AdjustmentType"], step["StepAdjustments"]) == (
        "ChangeInCapacity",
        [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    )
    assert alarm["MetricName"] == "HasBacklogWithoutCapacity"
    assert [dimension["Name"] for dimension in alarm["Dimensions"]] == ["EndpointName"]
    assert (alarm["Threshold"], alarm["Period"], alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (
        1,
        60,
        2,
        "missing",
    )


def test_the_scalable_target_goes_down_to_zero_and_the_first_deployment_starts_one(template: Template) -> None:
    assert only(template, "AWS::ApplicationAutoScaling::ScalableTarget")["MinCapacity"] == 0
    (variant,) = only(template, "AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["InitialInstanceCount"] == 1


def test_a_scheduled_action_warms_an_instance_up(template: Template) -> None:
    (action,) = only(template, "AWS::ApplicationAutoScaling::ScalableTarget")["ScheduledActions"]
    assert (action["Schedule"], action["ScalableTargetAction"]) == ("cron(0 7 ? * MON-FRI *)", {"MinCapacity": 1})


def test_the_limit_check_finds_nothing_to_say(template: Template) -> None:
    assert_no_limit_findings(template)


def test_what_never_sleeps_is_not_woken_and_what_is_never_alone_is_not_joined(always_on: Template) -> None:
    assert names(always_on) == {"BacklogPerInstance"}
    always_on.resource_count_is(ALARM, 0)


def test_target_tracking_may_remove_instances_where_that_is_asked_for(always_on: Template) -> None:
    assert "DisableScaleIn" not in tracking(always_on)
    assert tracking(always_on)["ScaleInCooldown"] == 300


def test_what_a_schedule_lets_sleep_is_woken() -> None:
    night = ScheduledAction.cron(name="Night", hours="20", min_capacity=0)
    template = scaled(min_capacity=1, step_out=False, idle_minutes=5, schedules=[night])
    assert names(template) == {"BacklogPerInstance", "ScaleInWhenIdle", "WakeFromZero"}
    assert policy_and_alarm(template, "ScaleInWhenIdle")[1]["EvaluationPeriods"] == 5


def test_burstable_instances_are_not_scaled() -> None:
    stack = cdk.Stack()
    backlog = Backlog(max_capacity=2, backlog_per_instance=5)
    with pytest.raises(InvalidConfiguration, match=r"another instance type than the burstable ml\.t2\.medium"):
        AsyncEndpoint(stack, "Endpoint", model=any_model(stack), instance_type="ml.t2.medium", autoscaling=backlog)
