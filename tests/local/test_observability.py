"""Composite alarms of a stack follow their children, and tell; saved queries are taken."""

from __future__ import annotations

import json
from typing import Any

from constructs_lib.local import LocalAws
from tests.local.conftest import any_name

RULE = {"Fn::Join": ["", ['ALARM("', {"Fn::GetAtt": ["Errors", "Arn"]}, '")']]}
ALARM = {
    "Namespace": "Tests",  # to which no other test publishes
    "MetricName": "Invocation5XXErrors",
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 0.01,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}


def template(description: str) -> str:
    composite = {"AlarmRule": RULE, "AlarmDescription": description, "AlarmActions": [{"Ref": "Operators"}]}
    query = {"Name": "errors", "QueryString": "fields @message", "LogGroupNames": ["/aws/sagemaker/Endpoints/any"]}
    resources: dict[str, Any] = {
        "Operators": {"Type": "AWS::SNS::Topic"},
        "Errors": {"Type": "AWS::CloudWatch::Alarm", "Properties": ALARM},
        "Any": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": composite},
        "Query": {"Type": "AWS::Logs::QueryDefinition", "Properties": query},
    }
    outputs = {name: {"Value": {"Ref": name}} for name in resources}
    return json.dumps({"Resources": resources, "Outputs": outputs})


def test_a_stack_has_changes_and_removes_both(local_aws: LocalAws) -> None:
    stacks, watch, stack = local_aws.client("cloudformation"), local_aws.client("cloudwatch"), any_name("watched")
    quick = {"Delay": 1, "MaxAttempts": 20}
    stacks.create_stack(StackName=stack, TemplateBody=template("first"))
    stacks.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=quick)
    found = stacks.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    names = {output["OutputKey"]: output["OutputValue"] for output in found}

    def composites() -> list[dict[str, Any]]:
        return list(watch.describe_alarms(AlarmNames=[names["Any"]], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"])

    (composite,) = composites()
    assert (composite["AlarmDescription"], composite["AlarmActions"]) == ("first", [names["Operators"]])
    assert composite["StateValue"] == "OK"
    watch.set_alarm_state(AlarmName=names["Errors"], StateValue="ALARM", StateReason="a test says so")
    assert composites()[0]["StateValue"] == "ALARM"

    stacks.update_stack(StackName=stack, TemplateBody=template("second"))
    stacks.get_waiter("stack_update_complete").wait(StackName=stack, WaiterConfig=quick)
    assert composites()[0]["AlarmDescription"] == "second"
    stacks.delete_stack(StackName=stack)
    stacks.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig=quick)
    assert composites() == []
