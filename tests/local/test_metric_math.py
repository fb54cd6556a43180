"""Alarms on metric math: stacks may have them, they are described, and nothing trips them but a person."""

from __future__ import annotations

import json
from typing import Any

from constructs_lib.local import LocalAws
from tests.local.conftest import any_name

METRICS = [
    {"Id": "share", "Expression": "100 * starts / asked", "ReturnData": True},
    *(
        {
            "Id": id,
            "ReturnData": False,
            "MetricStat": {
                "Metric": {"Namespace": "AWS/SageMaker", "MetricName": name},
                "Stat": statistic,
                "Period": 300,
            },
        }
        for id, name, statistic in (("starts", "ModelSetupTime", "SampleCount"), ("asked", "Invocations", "Sum"))
    ),
]


def template(threshold: int, **properties: Any) -> str:
    alarm = {"EvaluationPeriods": 1, "Threshold": threshold, "ComparisonOperator": "GreaterThanThreshold", **properties}
    resource = {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm}
    return json.dumps({"Resources": {"Alarm": resource}, "Outputs": {"Name": {"Value": {"Ref": "Alarm"}}}})


def test_a_stack_has_changes_and_removes_one(local_aws: LocalAws) -> None:
    stacks, watch, stack = local_aws.client("cloudformation"), local_aws.client("cloudwatch"), any_name("math")
    quick = {"Delay": 1, "MaxAttempts": 20}
    stacks.create_stack(StackName=stack, TemplateBody=template(2, Metrics=METRICS, TreatMissingData="notBreaching"))
    stacks.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=quick)
    (output,) = stacks.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]

    def described() -> list[dict[str, Any]]:
        return list(watch.describe_alarms(AlarmNames=[output["OutputValue"]])["MetricAlarms"])

    (alarm,) = described()
    assert alarm["Metrics"] == METRICS
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (2.0, "notBreaching")
    assert not {"MetricName", "Namespace", "Period"} & set(alarm)
    assert alarm["StateValue"] == "INSUFFICIENT_DATA"

    watch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason="a person said so")
    stacks.update_stack(StackName=stack, TemplateBody=template(3, Metrics=METRICS))
    stacks.get_waiter("stack_update_complete").wait(StackName=stack, WaiterConfig=quick)
    (alarm,) = described()
    assert (alarm["Threshold"], alarm["StateValue"]) == (3.0, "ALARM")

    stacks.delete_stack(StackName=stack)
    stacks.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig=quick)
    assert described() == []


def test_an_alarm_on_one_metric_is_what_it_was(local_aws: LocalAws) -> None:
    stacks, stack = local_aws.client("cloudformation"), any_name("metric")
    body = template(1, Namespace="Pigeons", MetricName="Complaints", Statistic="Sum", Period=60)
    stacks.create_stack(StackName=stack, TemplateBody=body)
    stacks.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    (output,) = stacks.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    (alarm,) = local_aws.client("cloudwatch").describe_alarms(AlarmNames=[output["OutputValue"]])["MetricAlarms"]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Period"]) == ("Complaints", "Sum", 60)
    assert "Metrics" not in alarm
