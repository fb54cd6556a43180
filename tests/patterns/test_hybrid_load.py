"""How the answers of a batch get into the table: states of the batch's own execution, before the user's own step."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.assertions import Template

from constructs_lib import BatchHooks, HybridBatch
from constructs_lib.options.batch import WORK_PREFIX
from constructs_lib.patterns.states import scopes
from tests.asl import problems
from tests.patterns.hybrids import after, build_hybrid, definition, full, function, plain
from tests.support import actions, one, statements, synthesize

ROLE = "HybridBatchStateMachineRole"


@pytest.fixture(scope="module")
def jsonpath_hook() -> Template:
    """A step of the user's own in JSONPath behind the load."""

    def build(stack: cdk.Stack) -> None:
        own = sfn.Pass(stack, "Own", parameters={"run.$": "$.run"})
        build_hybrid(stack, batch=HybridBatch(hooks=BatchHooks(after=own, before=sfn.Pass.jsonata(stack, "Gate"))))

    return synthesize(build)


def test_the_machines_are_valid_as_a_whole() -> None:
    assert [problems(definition(template)) for template in (plain(), full())] == [[], []]


def test_the_batch_is_loaded_and_then_switched_within_its_own_execution() -> None:
    states = after(plain())
    assert (states["Load answers"]["Next"], states["Switch batch"].get("End")) == ("Switch batch", True)
    assert definition(plain())["States"]["Published?"]["Default"] == "After"


def test_the_user_s_own_step_runs_when_the_answers_are_served_and_sees_the_batch() -> None:
    states = after(full())
    assert list(states) == ["Load answers", "Switch batch", "After load"]
    assert states["Switch batch"]["Output"] == states["Load answers"]["Output"] == "{% $states.input %}"
    assert states["After load"]["Arguments"]["Payload"] == "{% $states.input %}"
    invoked = [s for s in statements(full(), ROLE) if actions([s]) == {"lambda:InvokeFunction"}]
    assert "Told" in json.dumps(invoked)


def test_a_step_in_jsonpath_keeps_its_language_and_the_load_its_own(jsonpath_hook: Template) -> None:
    machine = definition(jsonpath_hook)
    assert list(after(jsonpath_hook)) == ["Load answers", "Switch batch", "Own"]
    assert "Before" in machine["States"]
    states = [(name, state) for scope in scopes(machine) for name, state in scope["States"].items()]
    assert [name for name, state in states if state.get("QueryLanguage") != "JSONata"] == ["Own"]


def test_each_object_of_answers_is_loaded_by_an_execution_of_its_own_that_goes_on_until_it_is_done() -> None:
    load = after(plain())["Load answers"]
    assert load["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert load["ItemReader"]["Resource"].endswith(":s3:listObjectsV2")
    assert "ToleratedFailurePercentage" not in load, "a failed object fails the batch, and a redrive goes on with it"
    inner = load["ItemProcessor"]["States"]
    assert inner["Loaded?"]["Choices"] == [{"Condition": "{% $states.input.progress.done %}", "Next": "Object loaded"}]
    assert inner["Loaded?"]["Default"] == "Load object"
    assert after(full())["Load answers"]["MaxConcurrency"] == 2


def test_a_call_that_goes_on_gets_the_same_event_as_the_first() -> None:
    load = after(plain())["Load answers"]
    payload = load["ItemProcessor"]["States"]["Load object"]["Arguments"]["Payload"]
    assert set(payload) == set(load["ItemSelector"])
    assert all(value == f"{{% $states.input.{name} %}}" for name, value in payload.items())


def test_load_and_switch_speak_of_the_same_batch_and_its_model_is_the_definition_s() -> None:
    item, payload = after(plain())["Load answers"]["ItemSelector"], after(plain())["Switch batch"]["Arguments"]
    batch = ("batch", "model_version", "feature_version", "computed_at")
    assert {name: item[name] for name in batch} == {name: payload["Payload"][name] for name in batch}
    assert item["model_version"] == f"{one(plain(), 'AWS::SageMaker::Model', 'Model')}-ModelName"
    assert item["computed_at"] == "{% $states.input.computed_at %}", "that of the run, also where it is resumed"
    assert payload["Payload"]["objects"] == "{% $states.input.report.answers %}"


def test_what_stays_refused_is_not_tried_again_and_a_table_that_is_busy_for_long() -> None:
    inner = after(plain())["Load answers"]["ItemProcessor"]["States"]["Load object"]
    retries = {error: each["MaxAttempts"] for each in inner["Retry"] for error in each["ErrorEquals"]}
    assert retries["AnswersChanged"] == 0
    assert retries["LoadStuck"] >= 10
    switch = {e: r["MaxAttempts"] for r in after(plain())["Switch batch"]["Retry"] for e in r["ErrorEquals"]}
    assert switch["LoadIncomplete"] == switch["TooManyFailed"] == 0


def test_the_errors_that_are_named_are_those_that_the_handlers_raise() -> None:
    from importlib import import_module

    for module, names in {
        "hybrid_load.handler": ("AnswersChanged", "LoadStuck"),
        "hybrid_switch.logic": ("LoadIncomplete", "TooManyFailed"),
    }.items():
        with pytest.MonkeyPatch.context() as patch:
            for variable, value in _told(module.partition(".")[0].removeprefix("hybrid_")).items():
                patch.setenv(variable, value)
            for name in names:
                assert issubclass(getattr(import_module(module), name), Exception)


def _told(name: str) -> dict[str, str]:
    variables = function(plain(), name)["Properties"]["Environment"]["Variables"]
    told = {key: value if isinstance(value, str) else "a-token" for key, value in variables.items()}
    return {**told, "AWS_DEFAULT_REGION": "us-east-1"}


def test_the_machine_may_list_the_answers_and_write_what_became_of_them_and_no_more() -> None:
    found = statements(plain(), ROLE) + statements(plain(), "LoadPolicy")
    listing = [s for s in found if s["Action"] == "s3:ListBucket"]
    assert [s["Condition"] for s in listing] == [{"StringLike": {"s3:prefix": ["results/*"]}}]
    written = [s for s in found if "s3:PutObject" in actions([s])]
    assert {s["Resource"]["Fn::Join"][1][-1] for s in written} == {f"/{WORK_PREFIX}*"}
    [start] = [s for s in found if s["Action"] == "states:StartExecution"]
    assert start["Resource"]["Ref"] in plain().find_resources("AWS::StepFunctions::StateMachine")


def test_the_default_batch_keeps_the_id_beside_the_answer() -> None:
    shards: dict[str, Any] = definition(plain())["States"]["Shards"]
    arguments = shards["ItemProcessor"]["States"]["Transform"]["Arguments"]
    assert arguments["DataProcessing"] == {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
    assert arguments["TransformOutput"]["Accept"] == "text/csv"


def test_records_are_compared_with_rows_where_they_are_counted() -> None:
    assert "$states.input.report.records" in after(full())["Switch batch"]["Arguments"]["Payload"]["rows"]
