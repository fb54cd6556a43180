"""What tests of batch pipelines share: pipelines, and parts of their templates."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

from constructs_lib import (
    BatchTransformPipeline,
)
from tests.support import any_model, only

LAMBDA_TYPE = "AWS::Lambda::Function"


def build_pipeline(stack: cdk.Stack, **options: Any) -> BatchTransformPipeline:
    return BatchTransformPipeline(stack, "Pipeline", model=any_model(stack), instance_type="ml.m5.large", **options)


def definition(template: Template) -> dict[str, Any]:
    """The state machine with every reference replaced by its logical id."""
    parts = only(template, "AWS::StepFunctions::StateMachine")["DefinitionString"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else reference(part) for part in parts)
    return dict(json.loads(text))


def reference(part: dict[str, Any]) -> str:
    return str(part.get("Ref") or part["Fn::GetAtt"][0])


def transform(template: Template) -> dict[str, Any]:
    """The arguments of the job."""
    arguments = definition(template)["States"]["Shards"]["ItemProcessor"]["States"]["Transform"]["Arguments"]
    return dict(arguments)


def environment(template: Template, name: str) -> dict[str, Any]:
    """What a function of the pipeline is told."""
    [function] = [
        each["Properties"]
        for each in template.find_resources(LAMBDA_TYPE).values()
        if each["Properties"]["Handler"] == f"batch_{name}.handler.handle"
    ]
    return dict(function["Environment"]["Variables"])
