"""Steps of one's own around a batch: functions and states, in either language, with what they need allowed."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from aws_cdk.assertions import Template

from constructs_lib import BatchHooks, BatchTransformPipeline, InvalidConfiguration
from constructs_lib.patterns.states import scopes
from tests.asl import problems, text_of
from tests.support import actions, any_model, only, statements, synthesize


def a_function(stack: cdk.Stack, id: str) -> lambda_.Function:
    code = lambda_.Code.from_inline("def handle(event, context): pass")
    return lambda_.Function(stack, id, runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handle", code=code)


def with_hooks(stack: cdk.Stack, hooks: BatchHooks) -> None:
    BatchTransformPipeline(stack, "Pipeline", model=any_model(stack), instance_type="ml.m5.large", hooks=hooks)


@pytest.fixture(scope="module")
def jsonata_hooks() -> Template:
    """A chain that calls a function before, a function after."""

    def build(stack: cdk.Stack) -> None:
        check = tasks.LambdaInvoke.jsonata(stack, "Check", lambda_function=a_function(stack, "Checker"))
        chain = check.next(sfn.Pass.jsonata(stack, "Checked"))
        with_hooks(stack, BatchHooks(before=chain, after=a_function(stack, "Loader")))

    return synthesize(build)


@pytest.fixture(scope="module")
def jsonpath_hook() -> Template:
    """A step in JSONPath, the language that CDK writes where no other is asked for."""
    return synthesize(
        lambda stack: with_hooks(stack, BatchHooks(after=sfn.Pass(stack, "Load", parameters={"run.$": "$.run"})))
    )


def definition(template: Template) -> dict[str, Any]:
    machine = only(template, "AWS::StepFunctions::StateMachine")
    return dict(json.loads(text_of(machine["DefinitionString"])))


def test_the_steps_stand_before_the_jobs_and_after_publication(jsonata_hooks: Template) -> None:
    states = definition(jsonata_hooks)["States"]
    assert (states["Planned?"]["Default"], states["Before"]["Next"]) == ("Before", "Shards")
    assert (states["Published?"]["Default"], states["After"]["Next"]) == ("After", "Done")
    assert list(states["Before"]["Branches"][0]["States"]) == ["Check", "Checked"]
    assert states["After"]["Arguments"]["Payload"] == "{% $states.input %}"


def test_what_a_step_answers_does_not_change_the_batch(jsonata_hooks: Template) -> None:
    states = definition(jsonata_hooks)["States"]
    assert states["Before"]["Output"] == states["After"]["Output"] == "{% $states.input %}"


def test_the_machine_with_steps_in_jsonata_is_valid_as_a_whole(jsonata_hooks: Template) -> None:
    machine = definition(jsonata_hooks)
    assert machine["QueryLanguage"] == "JSONata"
    assert problems(machine) == []


def test_the_role_may_do_what_the_steps_need(jsonata_hooks: Template) -> None:
    invoked = [s for s in statements(jsonata_hooks, "StateMachineRole") if "lambda:InvokeFunction" in s["Action"]]
    assert actions(invoked) == {"lambda:InvokeFunction"}
    assert {name for name in ("Checker", "Loader") if name in json.dumps(invoked)} == {"Checker", "Loader"}


def test_a_step_in_jsonpath_keeps_its_language_and_the_others_theirs(jsonpath_hook: Template) -> None:
    machine = definition(jsonpath_hook)
    assert "QueryLanguage" not in machine, "a machine in JSONata takes no state in JSONPath"
    states = [(name, state) for scope in scopes(machine) for name, state in scope["States"].items()]
    assert len(states) > 15
    assert [name for name, state in states if state.get("QueryLanguage") != "JSONata"] == ["Load"]


def test_a_step_that_is_called_like_a_state_of_the_batch_is_refused() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(InvalidConfiguration, match="names of their own, Verify is there twice"):
        with_hooks(stack, BatchHooks(before=sfn.Pass.jsonata(stack, "Verify")))
