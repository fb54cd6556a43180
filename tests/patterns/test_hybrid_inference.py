"""Hybrid inference: a table that a batch loads, functions around it, each with just the permissions that it needs."""

from __future__ import annotations

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
from constructs_lib.testing import assert_no_limit_findings
from tests.patterns.hybrids import FUNCTION, TABLE, build_hybrid, environment, full, function, plain
from tests.support import (
    any_image,
    any_model,
    any_name,
    only,
    synthesize,
)


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
    for template in (plain(), full()):
        assert_no_limit_findings(template)


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
    with pytest.raises(InvalidConfiguration, match="at most the endpoint's max_concurrency 10, got 11"):
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


def test_two_of_them_stand_beside_each_other_in_a_stack() -> None:
    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        endpoint = ServerlessEndpoint(stack, "Endpoint", model=model)
        for name in ("One", "Two"):
            HybridInference(stack, name, endpoint=endpoint, instance_type="ml.m5.large").add_outputs(name)

    template = synthesize(build)
    template.resource_count_is(TABLE, 2)
    assert {"OneLookupFunctionName", "TwoLookupFunctionName"} <= set(template.to_json()["Outputs"])
