"""What tests of hybrid inference share: two templates, each synthesized once, and parts of them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template
from aws_cdk.aws_scheduler import ScheduleExpression

from constructs_lib import (
    BatchHooks,
    BatchResults,
    Comparison,
    DataProcessing,
    Fallback,
    Freshness,
    HybridBatch,
    HybridInference,
    HybridMonitoring,
    LookupApi,
    PredictionLoad,
    PredictionTable,
    RealtimeEndpoint,
    ServerlessEndpoint,
    TransformOptions,
)
from tests.asl import text_of
from tests.support import any_model, any_role_arn, only, synthesize

FUNCTION = "AWS::Lambda::Function"
TABLE = "AWS::DynamoDB::Table"
JSON_LINES = "application/jsonlines"
NAMES = ("load", "switch", "compute", "lookup", "override")


def build_hybrid(stack: cdk.Stack, **options: Any) -> HybridInference:
    endpoint = options.pop("endpoint", None) or ServerlessEndpoint(stack, "Endpoint", model=any_model(stack))
    return HybridInference(stack, "Hybrid", endpoint=endpoint, **{"instance_type": "ml.m5.large", **options})


@cache
def plain() -> Template:
    """The smallest use, and who may ask and override."""

    def build(stack: cdk.Stack) -> None:
        hybrid = build_hybrid(stack)
        hybrid.add_outputs()
        hybrid.grant_lookup(iam.Role.from_role_arn(stack, "Asker", any_role_arn()))
        hybrid.grant_override(iam.Role.from_role_arn(stack, "Overrider", any_role_arn()))

    return synthesize(build)


@cache
def full() -> Template:
    """All that it can have, the endpoint on instances."""

    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        code = lambda_.Code.from_inline("def handle(event, context): pass")
        told = lambda_.Function(stack, "Told", runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handle", code=code)
        keyed = TransformOptions(
            content_type=JSON_LINES,
            accept=JSON_LINES,
            data_processing=DataProcessing.by_id_attribute("user", features="watched"),
        )
        hybrid = build_hybrid(
            stack,
            endpoint=RealtimeEndpoint(stack, "Endpoint", model=model, instance_type="ml.m5.large"),
            schedule=ScheduleExpression.cron(hour="2", minute="0"),
            batch=HybridBatch(options=keyed, hooks=BatchHooks(after=told), results=BatchResults(counts_records=True)),
            table=PredictionTable(read_capacity=10, write_capacity=20, point_in_time_recovery=False),
            load=PredictionLoad(max_concurrency=2, tolerated_failure_percentage=0.5),
            freshness=Freshness(max_age_in_hours=12, write_back_in_hours=0.5),
            fallback=Fallback(timeout_in_seconds=0.25, max_concurrency=None, default_answer="popular"),
            comparison=Comparison(share=0.1, tolerance=0.001),
            api=LookupApi.HTTP_API,
            monitoring=HybridMonitoring(actions=[sns.Topic(stack, "Topic")], latency_p99_in_milliseconds=100),
            tracing=True,
            encryption_key=kms.Key(stack, "Key"),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        hybrid.grant_lookup(iam.Role.from_role_arn(stack, "Asker", any_role_arn()))
        hybrid.grant_override(iam.Role.from_role_arn(stack, "Overrider", any_role_arn()))

    return synthesize(build)


def function(template: Template, name: str) -> dict[str, Any]:
    """The resource of a handler."""
    wanted = f"hybrid_{name}.handler.handle"
    [found] = [body for body in template.find_resources(FUNCTION).values() if body["Properties"]["Handler"] == wanted]
    return dict(found)


def environment(template: Template, name: str) -> dict[str, Any]:
    """What a handler is told."""
    return dict(function(template, name)["Properties"]["Environment"]["Variables"])


def definition(template: Template) -> dict[str, Any]:
    """The state machine, a name in place of what is known at deploy time only."""
    return dict(json.loads(text_of(only(template, "AWS::StepFunctions::StateMachine")["DefinitionString"])))


def after(template: Template) -> dict[str, Any]:
    """The states after the publication."""
    return dict(definition(template)["States"]["After"]["Branches"][0]["States"])
