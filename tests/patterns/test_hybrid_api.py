"""Who may ask and who may override, directly and over HTTP; what is watched, and who is told."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

from constructs_lib.patterns.hybrid_metrics import NAMESPACE
from tests.patterns.hybrids import build_hybrid, full, function, plain
from tests.support import actions, one, only, statements, synthesize

ALARM = "AWS::CloudWatch::Alarm"
PERMISSION = "AWS::Lambda::Permission"


def test_the_url_takes_signed_requests_alone_and_its_callers_get_both_permissions() -> None:
    url = only(plain(), "AWS::Lambda::Url")
    assert url["AuthType"] == "AWS_IAM"
    found = {action: s for s in statements(plain(), "Asker") for action in actions([s])}
    assert set(found) == {"lambda:InvokeFunction", "lambda:InvokeFunctionUrl"}
    assert found["lambda:InvokeFunctionUrl"]["Condition"] == {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
    assert "Lookup" in json.dumps(url["TargetFunctionArn"])


def test_who_may_ask_may_not_override_and_the_other_way_round() -> None:
    for template in (plain(), full()):
        asked, overridden = (json.dumps(statements(template, name)) for name in ("Asker", "Overrider"))
        assert "Lookup" in asked
        assert "Override" not in asked
        assert "Override" in overridden
        assert "Lookup" not in overridden


def test_an_http_api_takes_posts_that_are_signed_and_logs_them() -> None:
    routes = [each["Properties"] for each in full().find_resources("AWS::ApiGatewayV2::Route").values()]
    assert {route["RouteKey"]: route["AuthorizationType"] for route in routes} == {
        "POST /lookup": "AWS_IAM",
        "POST /override": "AWS_IAM",
    }
    stage = only(full(), "AWS::ApiGatewayV2::Stage")
    assert stage["AccessLogSettings"]["DestinationArn"]["Fn::GetAtt"][0] in full().find_resources("AWS::Logs::LogGroup")
    integrations = full().find_resources("AWS::ApiGatewayV2::Integration").values()
    assert {each["Properties"]["PayloadFormatVersion"] for each in integrations} == {"2.0"}
    assert full().find_resources("AWS::Lambda::Url") == {}


def test_the_http_api_may_call_each_function_by_its_own_route_alone() -> None:
    permissions = [each["Properties"] for each in full().find_resources(PERMISSION).values()]
    found = {
        each["FunctionName"]["Fn::GetAtt"][0]: each["SourceArn"]["Fn::Join"][1][-1]
        for each in permissions
        if each["Principal"] == "apigateway.amazonaws.com"
    }
    assert found == {
        one(full(), "AWS::Lambda::Function", "FunctionsLookup"): "/$default/POST/lookup",
        one(full(), "AWS::Lambda::Function", "FunctionsOverride"): "/$default/POST/override",
    }
    granted = {
        s["Resource"]["Fn::Join"][1][-1] for s in statements(full(), "Asker") if s["Action"] == "execute-api:Invoke"
    }
    assert granted == {"/$default/POST/lookup"}


def _alarms(template: Template) -> dict[str, dict[str, Any]]:
    found = template.find_resources(ALARM)
    named = {name[:-8]: body["Properties"] for name, body in found.items()}
    return {name.removeprefix("Hybrid"): alarm for name, alarm in named.items() if name.startswith("Hybrid")}


def test_the_smallest_use_is_watched_and_its_batch_too() -> None:
    names = {
        "DefaultAnswers",
        "RowsFailed",
        "LookupErrors",
        "BatchBatchFailed",
        "BatchBatchTimedOut",
        "BatchBatchAborted",
    }
    assert set(_alarms(plain())) == names
    assert all("AlarmActions" not in alarm for alarm in _alarms(plain()).values())


def test_all_alarms_tell_the_topic_where_there_is_one() -> None:
    alarms = _alarms(full())
    assert set(alarms) == {*_alarms(plain()), "Latency", "Disagreement"}
    [topic] = full().find_resources("AWS::SNS::Topic")
    assert all(alarm["AlarmActions"] == [{"Ref": topic}] for alarm in alarms.values())


def test_the_share_of_default_answers_trips_an_alarm_also_where_a_part_of_it_was_never_measured() -> None:
    alarm = _alarms(plain())["DefaultAnswers"]
    [share] = [each for each in alarm["Metrics"] if "Expression" in each]
    assert share["Expression"] == (
        "IF((FILL(hits, 0) + FILL(computed, 0) + FILL(defaults, 0)) > 0, "
        "100 * FILL(defaults, 0) / (FILL(hits, 0) + FILL(computed, 0) + FILL(defaults, 0)), 0)"
    )
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (5, "GreaterThanThreshold")
    measured = [each["MetricStat"]["Metric"] for each in alarm["Metrics"] if "MetricStat" in each]
    [table] = plain().find_resources("AWS::DynamoDB::Table")
    assert {each["MetricName"] for each in measured} == {"Hits", "Computed", "Defaults"}
    for each in measured:
        assert each["Namespace"] == NAMESPACE
        assert each["Dimensions"] == [{"Name": "TableName", "Value": {"Ref": table}}]


def test_disagreement_is_judged_by_the_hour_where_enough_was_compared() -> None:
    alarm = _alarms(full())["Disagreement"]
    [share] = [each for each in alarm["Metrics"] if "Expression" in each]
    assert share["Expression"].startswith("IF(FILL(compared, 0) - 19 > 0, 100 * FILL(disagreed, 0)")
    assert {each["MetricStat"]["Period"] for each in alarm["Metrics"] if "MetricStat" in each} == {3600}


def test_metrics_are_the_handlers_own_by_namespace_path_and_reason() -> None:
    for name in ("load", "compute", "lookup"):
        assert function(full(), name)["Properties"]["Environment"]["Variables"]["METRIC_NAMESPACE"] == NAMESPACE

    def build(stack: cdk.Stack) -> None:
        hybrid = build_hybrid(stack)
        assert stack.resolve(hybrid.metric_latency("fresh").dimensions)["Path"] == "fresh"
        assert stack.resolve(hybrid.metric_stale(reason="model").dimensions)["Reason"] == "model"
        assert hybrid.metric_fallbacks().metric_name == "Fallbacks"
        assert len(hybrid.dashboard_widgets()) == 5

    synthesize(build)


def test_the_client_finds_functions_url_and_batch_by_the_outputs() -> None:
    outputs = plain().to_json()["Outputs"]
    assert outputs["InferenceOption"]["Value"] == "hybrid"
    assert set(outputs) >= {
        "LookupFunctionName",
        "OverrideFunctionName",
        "LookupUrl",
        "StateMachineArn",
        "InputBucketName",
        "InputPrefix",
        "OutputBucketName",
    }
