"""A batch transform pipeline: one job an execution, with just the permissions that it needs."""

from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import jsonata
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from aws_cdk.aws_scheduler import ScheduleExpression

from constructs_lib import BatchTransformPipeline, InvalidConfiguration, TransformOptions
from constructs_lib.facts import transform
from tests.support import actions, any_model, any_name, any_role_arn, only, statements, synthesize


@pytest.fixture(scope="module")
def template() -> Template:
    def build(stack: cdk.Stack) -> None:
        pipeline = BatchTransformPipeline(
            stack,
            "Pipeline",
            model=any_model(stack),
            instance_type="ml.m5.large",
            instance_count=2,
            options=TransformOptions(max_payload_in_mb=10, max_concurrent_transforms=4, accept="text/csv"),
            schedule=ScheduleExpression.cron(hour="2", minute="0"),
        )
        pipeline.grant_start(iam.Role.from_role_arn(stack, "Starter", any_role_arn()))

    return synthesize(build)


def definition(template: Template) -> dict[str, Any]:
    """The state machine with every reference replaced by its logical id."""
    parts = only(template, "AWS::StepFunctions::StateMachine")["DefinitionString"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else _reference(part) for part in parts)
    return dict(json.loads(text))


def _reference(part: dict[str, Any]) -> str:
    return str(part.get("Ref") or part["Fn::GetAtt"][0])


def test_the_state_machine_runs_one_transform_job_in_jsonata(template: Template) -> None:
    machine = definition(template)
    assert machine["QueryLanguage"] == "JSONata"
    (state,) = machine["States"].values()
    assert re.fullmatch(r"arn:AWS::Partition:states:::sagemaker:createTransformJob\.sync", state["Resource"])
    assert state["End"] is True


def test_the_job_is_as_configured(template: Template) -> None:
    arguments = definition(template)["States"]["Transform"]["Arguments"]
    assert arguments["ModelName"] in template.find_resources("AWS::SageMaker::Model")
    assert arguments["TransformResources"] == {"InstanceType": "ml.m5.large", "InstanceCount": 2}
    assert arguments["TransformInput"]["SplitType"] == "Line"
    assert arguments["TransformInput"]["ContentType"] == "text/csv"
    assert arguments["TransformOutput"]["AssembleWith"] == "Line"
    assert arguments["TransformOutput"]["Accept"] == "text/csv"
    assert (arguments["BatchStrategy"], arguments["MaxPayloadInMB"], arguments["MaxConcurrentTransforms"]) == (
        "MultiRecord",
        10,
        4,
    )


def test_the_job_s_name_is_derived_from_the_execution(template: Template) -> None:
    name = definition(template)["States"]["Transform"]["Arguments"]["TransformJobName"]
    assert "$states.context.Execution.Name" in name
    assert "$states.context.Execution.StartTime" in name
    assert "$states.context.Execution.RedriveCount" in name


@pytest.mark.parametrize("name", ["nightly", "a_b.c-é", "--", "x" * 80, "0d6a7f3e-6a9e-4b55-9a1c-5d3f2b7c8e90"])
def test_every_execution_gets_a_job_name_that_sagemaker_takes(template: Template, name: str) -> None:
    expression = definition(template)["States"]["Transform"]["Arguments"]["TransformJobName"]

    def job_name(**execution: object) -> object:
        context = {"context": {"Execution": {"Name": name, "StartTime": "2026-11-21T02:00:00.123Z", **execution}}}
        compiled = jsonata.Jsonata(expression.removeprefix("{%").removesuffix("%}"))
        bindings = compiled.create_frame()
        bindings.bind("states", context)
        return compiled.evaluate(None, bindings)

    first, redriven = job_name(), job_name(RedriveCount=1)
    assert transform.JOB_NAME.allows(first)
    assert transform.JOB_NAME.allows(redriven)
    assert first != redriven


def test_the_input_prefix_is_the_configured_one_unless_the_execution_names_another(template: Template) -> None:
    arguments = definition(template)["States"]["Transform"]["Arguments"]
    uri = arguments["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    assert "$exists($states.input.input_prefix) ? $states.input.input_prefix" in uri
    assert '"input/"' in uri


def test_a_quote_in_the_prefix_stays_inside_its_string() -> None:
    template = synthesize(
        lambda s: BatchTransformPipeline(
            s, "Pipeline", model=any_model(s), instance_type="ml.m5.large", input_prefix="it's/"
        )
    )
    arguments = definition(template)["States"]["Transform"]["Arguments"]
    assert '"it\'s/"' in arguments["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]


def test_the_state_machine_s_role_may_run_transform_jobs_and_no_more(template: Template) -> None:
    found = statements(template, "StateMachineRole")
    assert actions(found) == {
        "sagemaker:CreateTransformJob",
        "sagemaker:DescribeTransformJob",
        "sagemaker:StopTransformJob",
        "sagemaker:AddTags",
        "sagemaker:ListTags",
        "events:PutTargets",
        "events:PutRule",
        "events:DescribeRule",
        "iam:PassRole",
    }
    assert [statement for statement in found if statement["Resource"] == "*"] == []


def test_the_state_machine_may_hand_the_model_s_role_to_sagemaker_alone(template: Template) -> None:
    (passing,) = [s for s in statements(template, "StateMachineRole") if s["Action"] == "iam:PassRole"]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert passing["Resource"]["Fn::GetAtt"][0].startswith("ModelExecutionRole")


def test_the_events_rule_is_the_one_that_step_functions_manages(template: Template) -> None:
    (rule,) = [s for s in statements(template, "StateMachineRole") if "events:PutRule" in s["Action"]]
    assert rule["Resource"]["Fn::Join"][1][-1].endswith(":rule/StepFunctionsGetEventsForSageMakerTransformJobsRule")


def test_the_schedule_starts_the_state_machine(template: Template) -> None:
    schedule = only(template, "AWS::Scheduler::Schedule")
    machine = next(iter(template.find_resources("AWS::StepFunctions::StateMachine")))
    assert schedule["ScheduleExpression"] == "cron(0 2 * * ? *)"
    assert schedule["Target"]["Arn"] == {"Ref": machine}


def test_who_is_granted_may_start_this_state_machine(template: Template) -> None:
    assert actions(statements(template, "Starter")) == {"states:StartExecution"}


def test_without_a_schedule_it_runs_on_demand_only() -> None:
    template = synthesize(
        lambda s: BatchTransformPipeline(s, "Pipeline", model=any_model(s), instance_type="ml.m5.large")
    )
    template.resource_count_is("AWS::Scheduler::Schedule", 0)
    assert "MaxConcurrentTransforms" not in definition(template)["States"]["Transform"]["Arguments"]


def test_a_bucket_that_is_handed_in_is_read() -> None:
    name = any_name()

    def build(stack: cdk.Stack) -> None:
        BatchTransformPipeline(
            stack,
            "Pipeline",
            model=any_model(stack),
            instance_type="ml.m5.large",
            input_bucket=s3.Bucket.from_bucket_name(stack, "Inputs", name),
        )

    template = synthesize(build)
    template.resource_count_is("AWS::S3::Bucket", 1)
    uri = definition(template)["States"]["Transform"]["Arguments"]["TransformInput"]["DataSource"]["S3DataSource"]
    assert f"s3://{name}/" in uri["S3Uri"]


def test_all_problems_of_a_call_are_raised_at_once() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    model = any_model(stack)
    with pytest.raises(InvalidConfiguration) as caught:
        BatchTransformPipeline(
            stack,
            "Pipeline",
            model=model,
            instance_type="large",
            instance_count=101,
            schedule=ScheduleExpression.expression("every night"),
        )
    assert [problem.split(" must be ")[0] for problem in caught.value.problems] == [
        "instance_type",
        "instance_count",
        "schedule",
    ]
