"""The gate before a batch as CloudFormation gets it."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from constructs_lib import (
    BatchHooks,
    BatchTransformPipeline,
    DriftBaseline,
    DriftGate,
    InvalidConfiguration,
    TransformOptions,
)
from constructs_lib.endpoints.handlers import RETRIES
from constructs_lib.options.batch import WORK_PREFIX
from constructs_lib.testing import assert_no_limit_findings
from drift.settings import GateSettings
from tests.handlers.drifting import baseline
from tests.support import actions, any_model, one, statements, synthesize


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> DriftBaseline:
    path: Path = tmp_path_factory.mktemp("baseline") / "baseline.json"
    path.write_text(json.dumps(baseline()), encoding="utf-8")
    return DriftBaseline.from_file(path)


def pipeline(stack: cdk.Stack, gate: DriftGate, **arguments: Any) -> BatchTransformPipeline:
    return BatchTransformPipeline(
        stack,
        "Pipeline",
        model=any_model(stack),
        instance_type="ml.m5.large",
        hooks=BatchHooks(before=gate),
        **arguments,
    )


@pytest.fixture(scope="module")
def template(known: DriftBaseline) -> Template:
    gate = DriftGate(baseline=known, columns=[1, 2], refuses_unjudged=True)
    return synthesize(lambda stack: pipeline(stack, gate, options=TransformOptions(compression_type="Gzip")))


def function(template: Template) -> dict[str, Any]:
    name = one(template, "AWS::Lambda::Function", "PipelineBefore")
    return dict(template.find_resources("AWS::Lambda::Function")[name]["Properties"])


def test_what_is_synthesized_passes_the_limit_check(template: Template) -> None:
    assert_no_limit_findings(template)


def test_the_gate_is_told_every_field_of_its_settings_and_nothing_else(template: Template) -> None:
    told = function(template)["Environment"]["Variables"]
    assert set(told) - set(RETRIES) == {field.name.upper() for field in fields(GateSettings)}
    literal = {**told, **{name: "x" for name, value in told.items() if not isinstance(value, str)}}
    read = GateSettings.from_environment(literal)
    assert (read.columns, read.is_packed, read.refuses_unjudged) == ([1, 2], True, True)
    assert (read.gate_name, read.content_type) == ("Stack/Pipeline/Before", "text/csv")
    assert function(template)["Handler"] == "drift.gate.handle"


def test_the_state_before_the_jobs_calls_the_gate(template: Template) -> None:
    [machine] = template.find_resources("AWS::StepFunctions::StateMachine").values()
    text = json.dumps(machine["Properties"]["DefinitionString"])
    gate = one(template, "AWS::Lambda::Function", "PipelineBefore")
    assert '\\"Before\\":{' in text
    assert gate in text
    assert "lambda:InvokeFunction" in actions(statements(template, "StateMachineRole"))


def test_the_gate_reads_the_batch_and_writes_its_report_alone(template: Template) -> None:
    rows = statements(template, "PipelineBefore")
    [written] = [row for row in rows if "s3:PutObject" in row["Action"]]
    assert f"/{WORK_PREFIX}*/drift/*" in json.dumps(written["Resource"])
    assert all(row["Resource"] != "*" for row in rows)
    assert not {action for action in actions(rows) if "Delete" in action}


def test_a_content_type_that_the_gate_cannot_read_is_refused(known: DriftBaseline) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    options = TransformOptions(content_type="image/png", split_type="None")
    with pytest.raises(InvalidConfiguration, match=r"must be one of text/csv, application/json, .* got 'image/png'"):
        pipeline(stack, DriftGate(baseline=known), options=options)


def test_positions_before_the_first_column_are_refused(known: DriftBaseline) -> None:
    with pytest.raises(InvalidConfiguration, match="columns must be positions from 0 on"):
        DriftGate(baseline=known, columns=[-1])
