"""Definitions of state machines are read in every form that CloudFormation takes, and never with an exception."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as sfn_tasks
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib import BatchTransformPipeline
from constructs_lib.rules import judge
from constructs_lib.rules.examples.example import get, join, resource
from constructs_lib.rules.examples.example import template as document_of
from constructs_lib.rules.examples.transform import SYNC, batch, job, machine, task
from constructs_lib.rules.rule import path_of
from constructs_lib.templates.state_machines import Integration, Task, definition, places, states, tasks
from constructs_lib.templates.template import Template, templates
from constructs_lib.templates.values import UNKNOWN, Joined, Reference
from tests.support import any_model, synthesize

STATE_MACHINE = "AWS::StepFunctions::StateMachine"


def parsed(document: Mapping[str, Any]) -> Template:
    """The only scenario of a template."""
    (template,) = templates(document, lambda _: True)
    return template


def of_machine(**properties: object) -> Template:
    """A template of the one state machine Machine."""
    return parsed(document_of(Machine=resource(STATE_MACHINE, **properties)))


def only_task(template: Template) -> Task:
    (found,) = tasks(template)
    return found


def text_of(state: dict[str, Any]) -> str:
    """The definition of one state, as text."""
    return json.dumps({"StartAt": "Only", "States": {"Only": state}})


def parameter(template: Template, *path: str | int) -> Any:
    return only_task(template).parameters.at(*path).value


def test_a_plain_text_is_read() -> None:
    found = only_task(of_machine(DefinitionString=text_of(task(Arguments={"MaxPayloadInMB": 6}))))
    assert (found.service, found.action, found.integration) == ("sagemaker", "CreateTransformJob", Integration.SYNC)
    assert found.is_optimized
    assert found.parameters.at("MaxPayloadInMB").number == 6
    assert path_of(found.parameters) == "Properties.DefinitionString.States.Only.Arguments"


@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: {"Fn::ToJsonString": value}])
def test_an_object_is_read_and_its_paths_start_where_it_stands(wrap: Any) -> None:
    body = {"StartAt": "Only", "States": {"Only": task()}}
    property_name = "Definition" if wrap(0) == 0 else "DefinitionString"
    found = only_task(of_machine(**{property_name: wrap(body)}))
    assert path_of(found.parameters) == f"Properties.{property_name}.States.Only.Arguments"
    assert found.parameters.at("ModelName").reference == Reference("Model", "ModelName")


def test_a_reference_in_a_text_is_followed_to_its_resource() -> None:
    before, after = text_of(task(Arguments={"ModelName": "@@"})).split("@@")
    template = of_machine(DefinitionString=join(before, get("Model", "ModelName"), after))
    assert parameter(template, "ModelName") == Reference("Model", "ModelName")


def test_text_around_a_reference_is_kept() -> None:
    before, after = text_of(task(Arguments={"TransformJobName": "batch-@@-1"})).split("@@")
    template = of_machine(DefinitionString=join(before, {"Ref": "AWS::StackName"}, after))
    assert parameter(template, "TransformJobName") == Joined(("batch-", Reference("AWS::StackName"), "-1"))


@pytest.mark.parametrize("quotes", ["", '\\"'])
def test_a_reference_may_stand_outside_of_quotes(quotes: str) -> None:
    before, after = text_of(task(Comment=f"say {quotes}", Arguments={"MaxPayloadInMB": "@@"})).split('"@@"')
    template = of_machine(DefinitionString=join(before, {"Ref": "Payload"}, after))
    assert parameter(template, "MaxPayloadInMB") == Reference("Payload")


def test_a_whole_object_may_be_unknown() -> None:
    before, after = text_of(task(Arguments="@@")).split('"@@"')
    template = of_machine(DefinitionString=join(before, {"Fn::ImportValue": "parameters"}, after))
    assert parameter(template) is UNKNOWN


def test_substitutions_are_put_into_a_text_with_and_without_quotes() -> None:
    text = text_of(task(Arguments={"ModelName": "${Model}", "MaxPayloadInMB": "${Size}", "BatchStrategy": "${Other}"}))
    template = of_machine(
        DefinitionString=text.replace('"${Size}"', "${Size}"),
        DefinitionSubstitutions={"Model": get("Model", "ModelName"), "Size": 7},
    )
    assert parameter(template, "ModelName") == Reference("Model", "ModelName")
    assert parameter(template, "MaxPayloadInMB") == 7
    assert parameter(template, "BatchStrategy") is UNKNOWN


def test_substitutions_are_put_into_an_object() -> None:
    body = {"States": {"Only": task(Arguments={"ModelName": "${Model}", "TransformJobName": "a-${Name}"})}}
    template = of_machine(
        Definition=body, DefinitionSubstitutions={"Model": get("Model", "ModelName"), "Name": "nightly"}
    )
    assert parameter(template, "ModelName") == Reference("Model", "ModelName")
    assert parameter(template, "TransformJobName") == "a-nightly"


def test_what_only_an_execution_knows_is_unknown() -> None:
    parameters = {"TransformJobName.$": "$.name", "ModelName": "{% $states.input.model %}"}
    template = of_machine(DefinitionString=text_of(task(Arguments=parameters)))
    assert parameter(template, "TransformJobName") is UNKNOWN
    assert parameter(template, "ModelName") is UNKNOWN


def test_an_expression_with_a_reference_in_it_is_unknown() -> None:
    before, after = text_of(task(Arguments={"ModelName": "{% '@@' & $x %}"})).split("@@")
    template = of_machine(DefinitionString=join(before, {"Ref": "Bucket"}, after))
    assert parameter(template, "ModelName") is UNKNOWN


def test_parameters_are_those_of_the_call_in_jsonpath() -> None:
    state = {"Type": "Task", "Resource": SYNC, "Parameters": job()}
    assert path_of(only_task(of_machine(DefinitionString=text_of(state))).parameters).endswith("States.Only.Parameters")


@pytest.mark.parametrize("key", ["ItemProcessor", "Iterator"])
def test_tasks_are_found_at_any_depth(key: str) -> None:
    inner = {"StartAt": "Job", "States": {"Job": task()}}
    mapped = {"StartAt": "Each", "States": {"Each": {"Type": "Map", "MaxConcurrency": 2, key: inner}}}
    outer = {"Type": "Parallel", "Branches": [{"States": {"Done": {"Type": "Succeed"}}}, mapped]}
    template = of_machine(DefinitionString=text_of(outer))
    found = only_task(template)
    assert [around.at("MaxConcurrency").number for around in found.state.maps] == [2]
    within = ("States", "Only", "Branches", 1, "States", "Each", key, "States", "Job")
    assert found.state.node.path == ("Properties", "DefinitionString", *within)
    assert [state.name for state in states(template)] == ["Only", "Done", "Each", "Job"]


@pytest.mark.parametrize(
    ("call", "integration", "is_optimized"),
    [
        ("sagemaker:createTransformJob", Integration.REQUEST_RESPONSE, True),
        ("sagemaker:createTransformJob.sync", Integration.SYNC, True),
        ("sagemaker:createTransformJob.waitForTaskToken", Integration.WAIT_FOR_TASK_TOKEN, True),
        ("aws-sdk:sagemaker:createTransformJob", Integration.REQUEST_RESPONSE, False),
    ],
)
def test_the_resource_says_what_is_called_and_how(call: str, integration: Integration, is_optimized: bool) -> None:
    resource_arn = join("arn:", {"Ref": "AWS::Partition"}, f":states:::{call}")
    found = only_task(of_machine(Definition={"States": {"Only": task(Resource=resource_arn)}}))
    assert (found.integration, found.is_optimized) == (integration, is_optimized)


def test_places_are_states_by_type_and_parameters_by_action() -> None:
    template = parsed(batch())
    (state,) = places(template, "State")
    assert places(template, "Task")[0].path == state.path
    assert [path_of(node) for node in places(template, "CreateTransformJob")] == [f"{path_of(state)}.Arguments"]
    assert places(template, "Map") == []


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"DefinitionS3Location": {"Bucket": "definitions", "Key": "nightly.json"}},
        {"DefinitionString": {"Ref": "Text"}},
        {"DefinitionString": "{"},
        {"DefinitionString": "[" * 100_000},
        {"DefinitionString": "1" * 5_000},
        {"DefinitionString": 5},
        {"DefinitionString": "[NaN, \ue0007\ue001]"},
        {"Definition": [1]},
        {"Definition": {"States": {"A": None, "B": 1, "C": {"Type": "Task", "Resource": None}}}},
        {"Definition": {"States": [{"Type": "Task"}]}},
        {"Definition": {"States": {"A": {"Type": ["Task"], "Branches": {"x": 1}, "Iterator": 3, "Resource": []}}}},
    ],
)
def test_what_is_no_definition_has_no_tasks(properties: dict[str, Any]) -> None:
    template = of_machine(**properties)
    assert tasks(template) == []
    definition(template, template.of(STATE_MACHINE)[0])


KEYS = st.sampled_from(
    [
        *("States", "Type", "Resource", "Parameters", "Arguments", "Retry", "Branches", "ItemProcessor", "Iterator"),
        *("Tags", "TransformInput", "DataSource", "S3DataSource", "TransformResources", "InstanceType", "Environment"),
        *("MaxConcurrency", "Seconds", "ModelName", "TransformJobName", "TransformJobName.$", "BackoffRate", "Key"),
        *("MaxPayloadInMB", "MaxConcurrentTransforms", "InstanceCount", "DataProcessing", "Fn::Join", "Ref", "", "x"),
    ]
)
TEXTS = st.sampled_from(
    ["Task", "Map", "Wait", SYNC, "{% $x %}", "${Name}", "ml.m5.large", "", "100", "a\ue0000\ue001"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.text(max_size=5)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5))


@given(JSON, st.dictionaries(st.sampled_from(["Name", "x"]), JSON, max_size=2))
def test_no_definition_raises(value: Any, substitutions: Any) -> None:
    body = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": SYNC, "Parameters": value}, "B": value}}
    for given_as in ({"Definition": body}, {"DefinitionString": json.dumps(body)}, {"DefinitionString": value}):
        properties = {**given_as, "DefinitionSubstitutions": substitutions}
        found = judge(document_of(Machine=resource(STATE_MACHINE, **properties)), region="eu-west-1")
        assert [finding for finding in found if "could not be judged" in finding.message] == []


def test_the_batch_pipeline_of_this_library_is_read_and_sound() -> None:
    def build(stack: cdk.Stack) -> None:
        BatchTransformPipeline(stack, "Pipeline", model=any_model(stack), instance_type="ml.m5.large")

    document = synthesize(build).to_json()
    (found,) = [each for each in tasks(parsed(document)) if each.action == "CreateTransformJob"]
    assert found.parameters.at("TransformResources", "InstanceCount").number == 1
    assert parsed(document).follow(found.parameters.at("ModelName"), "AWS::SageMaker::Model") is not None
    assert [finding for finding in judge(document) if finding.rule.startswith(("TR-", "TJ-", "SF-", "BATCH-"))] == []


@pytest.mark.parametrize("pattern", [sfn.IntegrationPattern.RUN_JOB, sfn.IntegrationPattern.REQUEST_RESPONSE])
def test_a_task_of_the_cdk_is_read_and_sound(pattern: sfn.IntegrationPattern) -> None:
    def build(stack: cdk.Stack) -> None:
        source = sfn_tasks.TransformS3DataSource(s3_uri="s3://inputs/input/")
        transform = sfn_tasks.SageMakerCreateTransformJob(
            stack,
            "Batch",
            integration_pattern=pattern,
            transform_job_name=sfn.JsonPath.string_at("$$.Execution.Name"),
            model_name="classifier",
            transform_input=sfn_tasks.TransformInput(
                transform_data_source=sfn_tasks.TransformDataSource(s3_data_source=source)
            ),
            transform_output=sfn_tasks.TransformOutput(s3_output_path="s3://results/output/"),
            transform_resources=sfn_tasks.TransformResources(
                instance_count=1, instance_type=ec2.InstanceType("m5.large")
            ),
            max_payload=cdk.Size.mebibytes(6),
            environment={"NAME": "value"},
            tags={"team": "search"},
        )
        each = sfn.Map(stack, "Each", max_concurrency=2).item_processor(transform)
        sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(each))

    document = synthesize(build).to_json()
    assert only_task(parsed(document)).parameters.at("Tags", 0, "Key").text == "team"
    assert judge(document) == []


def test_a_state_machine_with_conditions_is_read_in_both_branches() -> None:
    document = document_of(Machine=machine({"Only": task(Arguments=job(MaxPayloadInMB={"Fn::If": ["Big", 101, 6]}))}))
    document["Conditions"] = {"Big": {"Fn::Equals": [{"Ref": "Size"}, "big"]}}
    document["Parameters"] = {"Size": {"Type": "String"}}
    assert [finding.rule for finding in judge(document)] == ["PAY-BATCH"]


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("States.Format('nightly-{}', $.name)", Joined(("nightly-", UNKNOWN))),
        ("States.Format('{}-{}.csv', $.a, $$.b)", Joined((UNKNOWN, "-", UNKNOWN, ".csv"))),
        (r"States.Format('it\'s \{\} {}', $.a)", Joined(("it's {} ", UNKNOWN))),
        ("States.Format('plain')", "plain"),
        ("States.Format($.template, $.a)", UNKNOWN),
        ("States.UUID()", UNKNOWN),
        ("$.name", UNKNOWN),
    ],
)
def test_the_parts_that_an_intrinsic_function_writes_are_known(call: str, value: object) -> None:
    state = {"Type": "Task", "Resource": SYNC, "Parameters": {"TransformJobName.$": call}}
    assert parameter(of_machine(DefinitionString=text_of(state)), "TransformJobName") == value
    assert parameter(of_machine(Definition={"States": {"Only": state}}), "TransformJobName") == value


def test_a_reference_in_the_text_that_an_intrinsic_function_fills_in_is_kept() -> None:
    state = {"Type": "Task", "Resource": SYNC, "Parameters": {"TransformJobName.$": "States.Format('@@-{}', $.a)"}}
    before, after = text_of(state).split("@@")
    template = of_machine(DefinitionString=join(before, {"Ref": "AWS::StackName"}, after))
    assert parameter(template, "TransformJobName") == Joined((Reference("AWS::StackName"), "-", UNKNOWN))


def test_calls_of_the_runtime_are_found_by_their_action() -> None:
    resource_arn = "arn:aws:states:::aws-sdk:sagemakerruntime:invokeEndpointAsync"
    state = {"Type": "Task", "Resource": resource_arn, "Parameters": {"Filename": "answer"}}
    template = of_machine(DefinitionString=text_of(state))
    assert [place.at("Filename").text for place in places(template, "InvokeEndpointAsync")] == ["answer"]
    assert [found.action for found in tasks(template, service="sagemakerruntime")] == ["InvokeEndpointAsync"]
