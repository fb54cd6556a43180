"""The functions of hybrid inference: what they are told, what they may do, for how long, and how many at once."""

from __future__ import annotations

import importlib
import json
from dataclasses import fields
from typing import Any

import pytest
from aws_cdk.assertions import Template

from constructs_lib.endpoints.handlers import RETRIES
from tests.patterns.hybrids import NAMES, TABLE, environment, full, function, plain
from tests.support import (
    actions,
    awaited,
    one,
    only,
    references,
    statements,
)

STATE_MACHINE = "AWS::StepFunctions::StateMachine"


@pytest.mark.parametrize("template", [plain, full], ids=["plain", "full"])
@pytest.mark.parametrize("name", NAMES)
def test_a_handler_is_told_all_that_its_settings_ask_for_and_nothing_else(template: Any, name: str) -> None:
    told = {key: value for key, value in environment(template(), name).items() if key not in RETRIES}
    settings = importlib.import_module(f"hybrid_{name}.settings").Settings
    assert set(told) == {field.name.upper() for field in fields(settings)}
    settings.from_environment({key: value if isinstance(value, str) else "a-token" for key, value in told.items()})


def test_the_options_reach_the_handlers() -> None:
    lookup, compute, load, switch = (environment(full(), name) for name in ("lookup", "compute", "load", "switch"))
    assert (lookup["TIMEOUT_MILLISECONDS"], lookup["DEFAULT_ANSWER"]) == ("250", '"popular"')
    assert (lookup["MAX_AGE_SECONDS"], lookup["COMPARISON_SHARE"]) == (str(12 * 3600), "0.1")
    assert (compute["FRESH_EXPIRES_AFTER_SECONDS"], compute["TOLERANCE"]) == ("1800", "0.001")
    assert (compute["CONTENT_TYPE"], compute["ACCEPT"]) == ("application/jsonlines",) * 2
    assert (load["ANSWER_TYPE"], load["ID_MEMBER"], load["ANSWER_MEMBER"]) == (
        "application/jsonlines",
        "user",
        "SageMakerOutput",
    )
    assert switch["MAX_FAILED_SHARE"] == "0.005"
    assert environment(plain(), "lookup")["DEFAULT_ANSWER"] == "null"
    assert environment(plain(), "lookup")["COMPARISON_SHARE"] == "0.0"
    assert [environment(plain(), "load")[name] for name in ("ID_MEMBER", "ANSWER_MEMBER")] == ["0", "1"]


def test_a_row_outlives_the_time_in_which_it_may_be_served_and_an_override_any_answer() -> None:
    for template in (plain(), full()):
        max_age = int(environment(template, "lookup")["MAX_AGE_SECONDS"])
        kept = int(environment(template, "compute")["FRESH_EXPIRES_AFTER_SECONDS"])
        assert int(environment(template, "load")["ROW_EXPIRES_AFTER_SECONDS"]) > max_age
        assert int(environment(template, "override")["OVERRIDE_EXPIRES_AFTER_SECONDS"]) > max(max_age, kept)


def test_batch_and_endpoint_run_one_model_whose_name_is_the_version() -> None:
    template = plain()
    [model] = template.find_resources("AWS::SageMaker::Model")
    version = {"Fn::GetAtt": [model, "ModelName"]}
    assert environment(template, "lookup")["MODEL_VERSION"] == version
    assert environment(template, "compute")["MODEL_VERSION"] == version
    assert json.dumps(version) in json.dumps(only(template, STATE_MACHINE)["DefinitionString"])
    [config] = template.find_resources("AWS::SageMaker::EndpointConfig")
    assert environment(template, "compute")["ENDPOINT_CONFIG_NAME"] == {"Fn::GetAtt": [config, "EndpointConfigName"]}


def test_callers_are_answered_as_before_while_the_endpoint_is_updated() -> None:
    graph = references(plain())
    [endpoint] = plain().find_resources("AWS::SageMaker::Endpoint")
    for name in ("Lookup", "Compute"):
        assert endpoint in graph[one(plain(), "AWS::Lambda::Function", f"HybridFunctions{name}")]
    assert endpoint not in awaited(plain(), STATE_MACHINE), "a batch needs no endpoint"


def test_each_function_may_touch_its_own_items_alone() -> None:
    found = {name: _items(plain(), name) for name in NAMES}
    assert found == {
        "load": {"dynamodb:BatchWriteItem": ["row/*"], "dynamodb:GetItem": ["load/*"], "dynamodb:PutItem": ["load/*"]},
        "switch": {
            "dynamodb:BatchGetItem": ["load/*"],
            "dynamodb:GetItem": ["pointer"],
            "dynamodb:PutItem": ["pointer"],
        },
        "compute": {"dynamodb:PutItem": ["fresh/*"]},
        "lookup": {
            "dynamodb:BatchGetItem": ["pointer", "row/*", "fresh/*", "override/*"],
            "dynamodb:GetItem": ["pointer", "row/*", "fresh/*", "override/*"],
        },
        "override": {"dynamodb:PutItem": ["override/*"]},
    }


def _items(template: Template, name: str) -> dict[str, list[str]]:
    [table] = template.find_resources(TABLE)
    found = {}
    for statement in _of(template, name):
        for action in actions([statement]):
            if action.startswith("dynamodb:"):
                assert statement["Resource"] == {"Fn::GetAtt": [table, "Arn"]}
                keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
                found[action] = keys if isinstance(keys, list) else [keys]
    return found


def _of(template: Template, name: str) -> list[dict[str, Any]]:
    return statements(template, f"HybridFunctions{name.capitalize()}Role")


def test_beside_the_table_a_function_may_do_what_it_is_there_for_and_no_more() -> None:
    def others(name: str) -> set[str]:
        return {each for each in actions(_of(plain(), name)) if not each.startswith(("dynamodb:", "logs:"))}

    assert others("lookup") == {"lambda:InvokeFunction"}
    assert others("compute") == {"sagemaker:InvokeEndpoint", "sagemaker:DescribeEndpoint"}
    assert others("switch") == others("override") == set()
    assert others("load") == {"s3:GetObject", "sqs:SendMessage"}
    [read] = [each for each in _of(plain(), "load") if each["Action"] == "s3:GetObject"]
    assert read["Resource"]["Fn::Join"][1][-1] == "/results/*"
    assert "*" not in [each["Resource"] for name in NAMES for each in _of(plain(), name)]


def test_the_functions_may_use_the_key_of_the_table_and_traces_are_all_that_has_no_resource() -> None:
    [key] = full().find_resources("AWS::KMS::Key")
    for name in NAMES:
        assert any(each["Resource"] == {"Fn::GetAtt": [key, "Arn"]} for each in _of(full(), name)), name
    everywhere = {name: actions([s for s in _of(full(), name) if s["Resource"] == "*"]) for name in NAMES}
    traces = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    assert everywhere == dict.fromkeys(NAMES, traces)
    assert function(full(), "lookup")["Properties"]["TracingConfig"] == {"Mode": "Active"}
    assert "TracingConfig" not in function(plain(), "lookup")["Properties"]


def test_requests_to_the_endpoint_are_bounded_by_reserved_concurrency_unless_the_account_has_none_to_reserve() -> None:
    assert function(plain(), "compute")["Properties"]["ReservedConcurrentExecutions"] == 5
    assert "ReservedConcurrentExecutions" not in function(full(), "compute")["Properties"]
    events = only(plain(), "AWS::Lambda::EventInvokeConfig")
    assert (events["MaximumRetryAttempts"], events["MaximumEventAgeInSeconds"]) == (0, 60)


def test_a_look_up_outlasts_its_time_for_an_answer_and_a_computation_the_look_up() -> None:
    for template in (plain(), full()):
        budget = int(environment(template, "lookup")["TIMEOUT_MILLISECONDS"]) / 1000
        assert budget < function(template, "lookup")["Properties"]["Timeout"] <= budget + 4
        asked = int(environment(template, "compute")["TIMEOUT_MILLISECONDS"]) / 1000
        assert budget < asked < function(template, "compute")["Properties"]["Timeout"]


def test_a_serverless_endpoint_gets_no_larger_requests_than_it_takes() -> None:
    assert environment(plain(), "compute")["PAYLOAD_BYTES"] == str(4 * 1024 * 1024)
    assert int(environment(full(), "compute")["PAYLOAD_BYTES"]) == 6 * 1024 * 1024
