"""One argument, with one name, lets AWS X-Ray trace all functions and state machines of a construct."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from constructs_lib import (
    AsyncEndpoint,
    BatchHooks,
    BatchTransformPipeline,
    CapturedData,
    DriftBaseline,
    DriftGate,
    DriftWatch,
    HybridBatch,
    HybridInference,
    InputSubmission,
    ResultsConsumer,
    ServerlessEndpoint,
    StreamingInference,
)
from tests.handlers.drifting import baseline
from tests.patterns import hybrids
from tests.support import actions, any_model, statements, synthesize

TRACED = (AsyncEndpoint, BatchTransformPipeline, DriftWatch, HybridInference, StreamingInference)
FUNCTION, MACHINE = "AWS::Lambda::Function", "AWS::StepFunctions::StateMachine"
SENT = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
SAMPLED = {"xray:GetSamplingRules", "xray:GetSamplingTargets"}
FOLDERS = Path(__file__).resolve().parents[2] / "lambda"


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Every construct that makes functions, with all that makes one."""
    path = tmp_path_factory.mktemp("baseline") / "baseline.json"
    path.write_text(json.dumps(baseline()), encoding="utf-8")
    known = DriftBaseline.from_file(path)

    def build(stack: cdk.Stack) -> None:
        model = any_model(stack)
        endpoint = ServerlessEndpoint(stack, "Endpoint", model=model)
        AsyncEndpoint(
            stack,
            "Async",
            model=model,
            instance_type="ml.m5.large",
            submission=InputSubmission(),
            results_consumer=ResultsConsumer(),
            tracing=True,
        )
        captured = CapturedData(bucket=s3.Bucket(stack, "Captured"), endpoint_name="scores")
        DriftWatch(stack, "Watch", endpoint=captured, baseline=known, tracing=True)
        StreamingInference(stack, "Scoring", endpoint=endpoint, tracing=True)
        batch = HybridBatch(hooks=BatchHooks(before=DriftGate(baseline=known, columns=[1])))
        hybrids.build_hybrid(stack, endpoint=endpoint, batch=batch, tracing=True)

    return synthesize(build)


def test_all_functions_and_state_machines_are_traced(traced: Template) -> None:
    functions = [body["Properties"] for body in traced.find_resources(FUNCTION).values()]
    ours = [each for each in functions if each["Handler"].endswith(".handle")]
    deployed = {each["Handler"].partition(".")[0] for each in ours}
    all_of_ours = {path.parent.name for path in FOLDERS.glob("*/settings.py")}
    assert deployed == all_of_ours - {"batch_deadline"}, "the one that only a schedule has"
    assert [each["Handler"] for each in ours if each.get("TracingConfig") != {"Mode": "Active"}] == []
    machines = [body["Properties"] for body in traced.find_resources(MACHINE).values()]
    assert [each["TracingConfiguration"] for each in machines] == [{"Enabled": True}]


def test_their_roles_may_send_traces_and_nothing_more_without_a_resource(traced: Template) -> None:
    everywhere = [actions([each]) for each in statements(traced, "") if each["Resource"] == "*"]
    ours = [name for name, body in traced.find_resources(FUNCTION).items() if ".handle" in json.dumps(body)]
    assert sum(each >= SENT for each in everywhere) == len(ours) + 1, "and the state machine"
    assert [each for each in everywhere if each & SENT and not each <= SENT | SAMPLED] == []


def test_nothing_is_traced_unless_it_is_asked_for() -> None:
    template = json.dumps(hybrids.plain().to_json())
    assert "xray" not in template
    assert "TracingConfig" not in template
    for construct in TRACED:
        argument = inspect.signature(construct.__init__).parameters["tracing"]
        assert (argument.default, argument.kind) == (False, inspect.Parameter.KEYWORD_ONLY)
