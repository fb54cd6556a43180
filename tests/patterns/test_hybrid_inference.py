"""Hybrid inference: a table that a batch loads, functions around it, each with just the permissions that it needs."""

from __future__ import annotations

import importlib
import json
from dataclasses import fields
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from constructs_lib import (
    BatchHooks,
    DataProcessing,
    Fallback,
    HybridBatch,
    HybridInference,
    InvalidConfiguration,
    LookupApi,
    MultiModel,
    RealtimeEndpoint,
    ServerlessEndpoint,
    TransformOptions,
    Variant,
)
from constructs_lib.endpoints.handlers import RETRIES
from constructs_lib.rules import judge
from tests.patterns.hybrids import FUNCTION, NAMES, TABLE, build_hybrid, environment, full, function, plain
from tests.support import (
    actions,
    any_image,
    any_model,
    any_name,
    awaited,
    only,
    references,
    statements,
    synthesize,
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
    ids = {
        name: [each for each in graph if each.startswith(f"HybridFunctions{name}Function")]
        for name in ("Lookup", "Compute", "Load")
    }
    assert all(endpoint in graph[each] for name in ("Lookup", "Compute") for each in ids[name][:1])
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
    assert others("load") == {"s3:GetObject", "sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"}
    [read] = [each for each in _of(plain(), "load") if each["Action"] == "s3:GetObject"]
    assert read["Resource"]["Fn::Join"][1][-1] == "/results/*"
    assert "*" not in [each["Resource"] for name in NAMES for each in _of(plain(), name)]


def test_the_functions_may_use_the_key_of_the_table_and_traces_are_all_that_has_no_resource() -> None:
    [key] = full().find_resources("AWS::KMS::Key")
    for name in NAMES:
        assert any(each["Resource"] == {"Fn::GetAtt": [key, "Arn"]} for each in _of(full(), name)), name
    everywhere = {name: actions([s for s in _of(full(), name) if s["Resource"] == "*"]) for name in NAMES}
    traces = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    assert everywhere == {"load": set(), "switch": set(), "compute": traces, "lookup": traces, "override": set()}
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


def test_the_table_is_on_demand_restorable_and_forgets_what_has_expired() -> None:
    table = only(plain(), TABLE)
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]


def test_the_table_may_be_provisioned_encrypted_by_a_key_and_without_recovery() -> None:
    table = only(full(), TABLE)
    assert "BillingMode" not in table
    assert table["ProvisionedThroughput"] == {"ReadCapacityUnits": 10, "WriteCapacityUnits": 20}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}
    assert table["SSESpecification"]["SSEType"] == "KMS"


def test_table_buckets_queue_and_logs_outlive_the_stack_unless_told_otherwise() -> None:
    def fates(template: Template) -> set[str]:
        kept = (TABLE, "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::Logs::LogGroup")
        bodies = template.to_json()["Resources"].values()
        return {each["DeletionPolicy"] for each in bodies if each["Type"] in kept}

    assert (fates(plain()), fates(full())) == ({"Retain"}, {"Delete"})


def test_dead_letters_are_encrypted_and_kept_as_long_as_can_be() -> None:
    for template, encrypted in ((plain(), "SqsManagedSseEnabled"), (full(), "KmsMasterKeyId")):
        queue = only(template, "AWS::SQS::Queue")
        assert queue["MessageRetentionPeriod"] == 14 * 86_400
        assert queue[encrypted]


def test_the_templates_pass_the_limit_check() -> None:
    assert [finding for template in (plain(), full()) for finding in judge(template.to_json())] == []


def test_what_is_not_asked_for_makes_no_rule_no_schedule_and_no_topic() -> None:
    for kind in ("AWS::Scheduler::Schedule", "AWS::Events::Rule", "AWS::SNS::Topic", "AWS::ApiGatewayV2::Api"):
        plain().resource_count_is(kind, 0)
    full().resource_count_is("AWS::Scheduler::Schedule", 1)


def test_buckets_of_one_s_own_are_read() -> None:
    name = any_name()
    template = synthesize(
        lambda stack: build_hybrid(
            stack, batch=HybridBatch(input_bucket=s3.Bucket.from_bucket_name(stack, "Inputs", name))
        )
    )
    [plan] = [
        each["Properties"]["Environment"]["Variables"]
        for each in template.find_resources(FUNCTION).values()
        if each["Properties"]["Handler"] == "batch_plan.handler.handle"
    ]
    assert plan["INPUT_BUCKET_NAME"] == name


def test_numbers_may_be_known_at_deploy_time_only_where_nothing_is_decided_by_them() -> None:
    def build(stack: cdk.Stack) -> None:
        at_once: Any = cdk.CfnParameter(stack, "AtOnce", type="Number").value_as_number
        instance_type = cdk.CfnParameter(stack, "Type").value_as_string
        build_hybrid(stack, instance_type=instance_type, fallback=Fallback(max_concurrency=at_once))

    assert function(synthesize(build), "compute")["Properties"]["ReservedConcurrentExecutions"] == {"Ref": "AtOnce"}


def test_an_endpoint_of_several_models_is_refused_with_the_remedy() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    many = MultiModel(stack, "Many", image=any_image(), bucket=s3.Bucket(stack, "Bucket"), prefix="models/")
    models = [any_model(stack), many]
    variants = [
        Variant(name=name, model=model, instance_type="ml.m5.large") for name, model in zip("AB", models, strict=True)
    ]
    endpoint = RealtimeEndpoint(stack, "Endpoint", variants=variants)
    with pytest.raises(InvalidConfiguration) as caught:
        build_hybrid(stack, endpoint=endpoint)
    assert len(caught.value.problems) == 2
    assert "endpoint must serve one model, got 2 (Stack/Many, Stack/Model)" in caught.value.problems[0]
    assert "give all variants the same model" in caught.value.problems[0]
    assert "must not serve a MultiModel, got Stack/Many" in caught.value.problems[1]


def test_a_bound_above_that_of_a_serverless_endpoint_is_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    endpoint = ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), max_concurrency=10)
    with pytest.raises(
        InvalidConfiguration, match="at most the endpoint's max_concurrency 10, got 11"
    ):
        build_hybrid(stack, endpoint=endpoint, fallback=Fallback(max_concurrency=11))
    build_hybrid(stack, endpoint=endpoint, fallback=Fallback(max_concurrency=10))


def test_a_step_that_has_to_be_made_with_the_batch_is_refused_behind_the_load() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")

    class Bound:
        def bind(self) -> None: ...

    step: Any = Bound()
    with pytest.raises(InvalidConfiguration, match=r"hooks\.after must be a function or states, got Bound"):
        build_hybrid(stack, batch=HybridBatch(hooks=BatchHooks(after=step)))


def test_variants_of_one_model_are_one_version() -> None:
    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        types = {"A": "ml.m5.large", "B": "ml.c5.large"}
        variants = [Variant(name=name, model=model, instance_type=each) for name, each in types.items()]
        assert build_hybrid(stack, endpoint=RealtimeEndpoint(stack, "Endpoint", variants=variants)).model is model

    synthesize(build)


def test_an_endpoint_of_another_app_is_refused_as_nobody_knows_its_model() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    imported: Any = RealtimeEndpoint.from_endpoint_name(stack, "Imported", any_name())
    with pytest.raises(InvalidConfiguration, match="got ImportedEndpoint; stored and fresh answers must be"):
        build_hybrid(stack, endpoint=imported)


def test_all_problems_of_a_call_are_raised_at_once() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    imported: Any = RealtimeEndpoint.from_endpoint_name(stack, "Imported", any_name())
    with pytest.raises(InvalidConfiguration) as caught:
        build_hybrid(
            stack,
            endpoint=imported,
            batch=HybridBatch(options=TransformOptions(content_type="image/png", split_type="None")),
            fallback=Fallback(timeout_in_seconds=28),
            api=LookupApi.HTTP_API,
        )
    words = ("RealtimeEndpoint or a ServerlessEndpoint", "content_type must be text/csv or", "must join", "at most 27")
    assert len(caught.value.problems) == len(words)
    for word, problem in zip(words, caught.value.problems, strict=True):
        assert word in problem


def test_options_of_one_s_own_say_where_the_id_is() -> None:
    options = TransformOptions(
        accept="text/csv",
        data_processing=DataProcessing(input_filter="$[2:]", join_source="Input", output_filter="$[1,5:7]"),
    )
    template = synthesize(lambda stack: build_hybrid(stack, batch=HybridBatch(options=options)))
    assert [environment(template, "load")[name] for name in ("ID_MEMBER", "ANSWER_MEMBER")] == ["0", "1"]


def test_a_serverless_endpoint_gets_no_larger_requests_than_it_takes() -> None:
    assert environment(plain(), "compute")["PAYLOAD_BYTES"] == str(4 * 1024 * 1024)
    assert int(environment(full(), "compute")["PAYLOAD_BYTES"]) == 6 * 1024 * 1024


def test_two_of_them_stand_beside_each_other_in_a_stack() -> None:
    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        endpoint = ServerlessEndpoint(stack, "Endpoint", model=model)
        for name in ("One", "Two"):
            HybridInference(stack, name, endpoint=endpoint, instance_type="ml.m5.large").add_outputs(name)

    template = synthesize(build)
    template.resource_count_is(TABLE, 2)
    assert {"OneLookupFunctionName", "TwoLookupFunctionName"} <= set(template.to_json()["Outputs"])
