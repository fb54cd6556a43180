"""What starts a batch, who is told of it, what is measured, and what a deadline asks."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from aws_cdk.aws_scheduler import ScheduleExpression

from constructs_lib import (
    BatchMonitoring,
    Deadline,
    InvalidConfiguration,
)
from tests.patterns.batches import LAMBDA_TYPE, build_pipeline, definition, environment, reference


def test_the_schedule_starts_the_state_machine_in_its_time_zone(full: Template) -> None:
    [schedule] = _schedules(full, "StateMachine")
    assert schedule["ScheduleExpression"] == "cron(30 1 * * ? *)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert environment(full, "plan")["TIME_ZONE"] == "Europe/Berlin"


def test_the_deadline_looks_for_the_results_of_the_day_in_the_same_time_zone(full: Template) -> None:
    [watch] = _schedules(full, "Function")
    assert watch["ScheduleExpression"] == "cron(0 8 * * ? *)"
    assert watch["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert json.loads(watch["Target"]["Input"]) == {"time": "<aws.scheduler.scheduled-time>"}
    assert environment(full, "deadline")["LEAD_IN_MINUTES"] == str(6 * 60 + 30)


def _schedules(template: Template, target: str) -> list[dict[str, Any]]:
    arns = {"StateMachine": "AWS::StepFunctions::StateMachine", "Function": LAMBDA_TYPE}
    ids = set(template.find_resources(arns[target]))
    found = [body["Properties"] for body in template.find_resources("AWS::Scheduler::Schedule").values()]
    return [each for each in found if reference(each["Target"]["Arn"]) in ids]


def test_a_marker_below_the_prefix_starts_a_batch_and_is_no_input(full: Template) -> None:
    rules = [body["Properties"] for body in full.find_resources("AWS::Events::Rule").values()]
    [rule] = [each for each in rules if each["EventPattern"]["source"] == ["aws.s3"]]
    assert rule["EventPattern"]["detail"]["object"] == {"key": [{"wildcard": "input/*_READY"}]}
    assert rule["Targets"][0]["InputTransformer"]["InputPathsMap"] == {"detail-object-key": "$.detail.object.key"}
    assert environment(full, "plan")["READY_SUFFIX"] == "_READY"


def test_every_end_of_an_execution_is_announced(full: Template) -> None:
    rules = [body["Properties"] for body in full.find_resources("AWS::Events::Rule").values()]
    [rule] = [each for each in rules if each["EventPattern"]["source"] == ["aws.states"]]
    assert set(rule["EventPattern"]["detail"]["status"]) == {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}
    assert rule["Targets"][0]["Arn"]["Ref"] in full.find_resources("AWS::SNS::Topic")
    assert "/executions/details/" in json.dumps(rule["Targets"][0]["InputTransformer"])


def test_batches_that_do_not_succeed_or_are_late_have_alarms_that_tell_the_topic(full: Template) -> None:
    alarms = {name: body["Properties"] for name, body in full.find_resources("AWS::CloudWatch::Alarm").items()}
    watched = {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "Late"}
    assert {alarm["MetricName"] for alarm in alarms.values()} == watched
    [topic] = full.find_resources("AWS::SNS::Topic")
    assert all(alarm["AlarmActions"] == [{"Ref": topic}] for alarm in alarms.values())


@pytest.mark.parametrize(("template", "names"), [("plain", {"Objects", "FailedShards", "Duration", "InstanceHours"})])
def test_every_batch_is_measured(
    template: str, names: set[str], request: pytest.FixtureRequest, full: Template
) -> None:
    def measured(found: Template) -> set[str]:
        data = definition(found)["States"]["Measure"]["Arguments"]["MetricData"]
        return {datum["MetricName"] for datum in data}

    assert measured(request.getfixturevalue(template)) == names
    assert measured(full) == names | {"Records", "Cost"}


def test_the_dashboard_shows_what_the_pipeline_measures() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    widgets = json.dumps([stack.resolve(widget.to_json()) for widget in build_pipeline(stack).dashboard_widgets()])
    shown = ("Duration", "Cost", "Records", "FailedShards", "ExecutionsSucceeded", "Late")
    assert [name for name in shown if f'"{name}"' not in widgets] == []


def test_a_batch_that_cannot_be_complete_in_time_is_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(InvalidConfiguration, match=r"starts at 02:00 and takes 6:00 h is complete at 08:00"):
        build_pipeline(
            stack,
            schedule=ScheduleExpression.cron(hour="2", minute="0"),
            deadline=Deadline(complete_by="08:00", expected_duration=timedelta(hours=6)),
        )


def test_the_deadline_is_judged_in_the_time_zone_of_the_schedule() -> None:
    berlin = ScheduleExpression.cron(hour="2", minute="0", time_zone=cdk.TimeZone.of("Europe/Berlin"))
    with pytest.raises(InvalidConfiguration, match="the clock of Europe/Berlin skips 02:00"):
        build_pipeline(
            cdk.Stack(cdk.App(), "Stack"),
            schedule=berlin,
            deadline=Deadline(complete_by="08:00", expected_duration=timedelta(hours=1)),
        )
    with pytest.raises(InvalidConfiguration, match="time zone of schedule must be one such as Europe/Berlin"):
        build_pipeline(
            cdk.Stack(cdk.App(), "Stack"),
            schedule=ScheduleExpression.expression("rate(1 day)", cdk.TimeZone.of("Europe/Berln")),
        )


def test_ends_that_there_are_not_and_prices_below_nothing_are_refused() -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        BatchMonitoring(notify_of=["DONE"], prices_per_hour={"ml.m5.large": -1.0})
    assert len(caught.value.problems) == 2
    assert "each of notify_of must be one of SUCCEEDED, " in caught.value.problems[0]
