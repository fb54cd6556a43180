"""A batch transform pipeline: its state machine, with just the permissions that it needs, and what starts it."""

from __future__ import annotations

import importlib
import json
import re
from dataclasses import fields
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from aws_cdk.aws_scheduler import ScheduleExpression

from constructs_lib import (
    BatchMonitoring,
    BatchRecovery,
    BatchResults,
    BatchTransformPipeline,
    InvalidConfiguration,
    Sharding,
    TransformOptions,
)
from constructs_lib.endpoints.handlers import RETRIES
from constructs_lib.options.batch import WORK_PREFIX
from constructs_lib.testing import assert_no_limit_findings
from tests.patterns.batches import LAMBDA_TYPE, build_pipeline, definition, environment, transform
from tests.support import actions, any_account, any_model, any_name, any_role_arn, statements, synthesize


def test_a_job_reads_the_manifest_of_its_shard_and_writes_beside_it(plain: Template) -> None:
    arguments = transform(plain)
    source = arguments["TransformInput"]["DataSource"]["S3DataSource"]
    assert source["S3DataType"] == "ManifestFile"
    assert "$states.input.work & 'shards/' & $string($states.input.shard) & '/manifest.json'" in source["S3Uri"]
    assert arguments["TransformOutput"]["S3OutputPath"].endswith("& '/answers' %}")
    assert arguments["ModelName"] in plain.find_resources("AWS::SageMaker::Model")


def test_the_job_is_as_configured(full: Template) -> None:
    arguments = transform(full)
    assert arguments["TransformResources"]["InstanceCount"] == 2
    assert '["ml.m5.large", "ml.m5.xlarge"][$states.input.type]' in arguments["TransformResources"]["InstanceType"]
    assert arguments["TransformOutput"]["Accept"] == "text/csv"
    assert (arguments["MaxPayloadInMB"], arguments["MaxConcurrentTransforms"]) == (10, 4)


def test_one_instance_type_stands_in_the_definition_for_the_limit_check_to_see(plain: Template) -> None:
    assert transform(plain)["TransformResources"] == {"InstanceType": "ml.m5.large", "InstanceCount": 1}


def test_a_few_shards_run_in_an_inline_map_and_many_in_a_distributed_one(plain: Template, full: Template) -> None:
    inline, distributed = (definition(template)["States"]["Shards"] for template in (plain, full))
    assert inline["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}
    assert inline["Items"] == "{% $states.input.shards %}"
    assert distributed["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert distributed["ItemReader"]["Arguments"]["Key"] == "{% $states.input.work & 'shards.json' %}"
    assert distributed["ToleratedFailurePercentage"] == 100


def test_as_many_jobs_run_at_once_as_the_quota_of_the_account_allows(plain: Template, full: Template) -> None:
    assert definition(plain)["States"]["Shards"]["MaxConcurrency"] == 1
    assert definition(full)["States"]["Shards"]["MaxConcurrency"] == 2


def test_the_templates_pass_the_limit_check(plain: Template, full: Template) -> None:
    for template in (plain, full):
        assert_no_limit_findings(template)


def test_the_role_may_run_the_jobs_the_functions_and_the_metrics_and_no_more(plain: Template) -> None:
    found = statements(plain, "StateMachineRole")
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
        "lambda:InvokeFunction",
        "cloudwatch:PutMetricData",
    }
    [everywhere] = [statement for statement in found if statement["Resource"] == "*"]
    assert everywhere["Condition"] == {"StringEquals": {"cloudwatch:namespace": "SageMakerInference/Batch"}}


def test_a_distributed_map_may_start_executions_of_its_own_machine_alone(full: Template) -> None:
    [start] = [s for s in statements(full, "DistributedMapPolicy") if s["Action"] == "states:StartExecution"]
    assert start["Resource"]["Ref"] in full.find_resources("AWS::StepFunctions::StateMachine")


def test_the_state_machine_may_hand_the_model_s_role_to_sagemaker_alone(plain: Template) -> None:
    (passing,) = [s for s in statements(plain, "StateMachineRole") if s["Action"] == "iam:PassRole"]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert passing["Resource"]["Fn::GetAtt"][0].startswith("ModelExecutionRole")


def test_the_events_rule_is_the_one_that_step_functions_manages(plain: Template) -> None:
    (rule,) = [s for s in statements(plain, "StateMachineRole") if "events:PutRule" in s["Action"]]
    assert rule["Resource"]["Fn::Join"][1][-1].endswith(":rule/StepFunctionsGetEventsForSageMakerTransformJobsRule")


def test_the_plan_may_look_at_executions_of_its_own_machine_alone(plain: Template) -> None:
    [look] = statements(plain, "LookPolicy")
    [policy] = [body for name, body in plain.find_resources("AWS::IAM::Policy").items() if "LookPolicy" in name]
    assert look["Action"] == "states:DescribeExecution"
    assert "Name" in json.dumps(look["Resource"])
    assert policy["Properties"]["Roles"][0]["Ref"].startswith("PipelineFunctionsPlanRole")


def test_the_model_reads_manifests_and_writes_answers_below_work_alone(plain: Template) -> None:
    outputs = [s for s in statements(plain, "ModelExecutionRole") if "OutputBucket" in json.dumps(s["Resource"])]
    assert {s["Resource"]["Fn::Join"][1][-1] for s in outputs} == {f"/{WORK_PREFIX}*"}
    assert actions(outputs) == {"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"}


def test_only_the_publishing_function_writes_results(plain: Template) -> None:
    written = {
        role: {
            s["Resource"]["Fn::Join"][1][-1]
            for s in statements(plain, f"Functions{role}Role")
            if "s3:PutObject" in s["Action"] or "s3:DeleteObject" in s["Action"]
        }
        for role in ("Plan", "Verify", "Report", "Publish")
    }
    work = {f"/{WORK_PREFIX}*"}
    assert written == {"Plan": work, "Verify": work, "Report": work, "Publish": {"/results/*"}}


def test_what_a_run_leaves_behind_is_deleted_when_it_can_no_longer_be_redriven(plain: Template) -> None:
    [bucket] = [
        body["Properties"] for name, body in plain.find_resources("AWS::S3::Bucket").items() if "OutputBucket" in name
    ]
    assert {"ExpirationInDays": 14, "Prefix": "work/", "Status": "Enabled"} in bucket["LifecycleConfiguration"]["Rules"]


def test_keys_of_the_jobs_may_be_used_by_those_who_need_them() -> None:
    volume, output = (f"arn:aws:kms:us-east-1:{any_account()}:key/{any_name()}" for _ in range(2))
    options = TransformOptions(volume_kms_key_id=volume, output_kms_key_id=output)
    template = synthesize(lambda stack: build_pipeline(stack, options=options))

    def on(key: str, role: str) -> set[str]:
        return actions([s for s in statements(template, role) if s["Resource"] == key])

    assert on(volume, "StateMachineRole") == {"kms:CreateGrant"}
    assert on(output, "ModelExecutionRole") == {"kms:Encrypt", "kms:GenerateDataKey*"}
    assert {role for role in ("Plan", "Verify", "Report", "Publish") if on(output, f"Functions{role}Role")} == {
        "Verify",
        "Publish",
    }


def test_who_may_run_the_pipeline_may_do_what_the_client_does_and_no_more() -> None:
    template = synthesize(
        lambda stack: build_pipeline(stack).grant_run(iam.Role.from_role_arn(stack, "Caller", any_role_arn()))
    )
    found = {action: s["Resource"] for s in statements(template, "Caller") for action in actions([s])}
    [machine] = template.find_resources("AWS::StepFunctions::StateMachine")
    buckets = template.find_resources("AWS::S3::Bucket")
    [inputs], [outputs] = ([name for name in buckets if part in name] for part in ("InputBucket", "OutputBucket"))

    assert found["states:StartExecution"] == {"Ref": machine}
    for action in ("states:DescribeExecution", "states:StopExecution"):
        *_, kind, name, every_one = found[action]["Fn::Join"][1]
        assert (kind, every_one) == (":execution:", ":*")
        assert machine in json.dumps(name)
    assert found["s3:PutObject"]["Fn::Join"][1] == [{"Fn::GetAtt": [inputs, "Arn"]}, "/runs/*"]
    assert found["s3:ListBucket"] == {"Fn::GetAtt": [inputs, "Arn"]}
    assert {"Fn::GetAtt": [outputs, "Arn"]} in found["s3:GetObject*"]
    assert not {"*", "s3:DeleteObject*", "states:RedriveExecution"} & set(found)
    assert "*" not in found.values()


def test_who_is_granted_may_redrive_executions_of_this_state_machine() -> None:
    template = synthesize(
        lambda stack: build_pipeline(stack).grant_redrive(iam.Role.from_role_arn(stack, "Operator", any_role_arn()))
    )
    assert "states:RedriveExecution" in actions(statements(template, "Operator"))


def test_what_decides_over_the_kind_of_map_must_be_known() -> None:
    number: Any = cdk.Token.as_number({"Ref": "Parameter"})
    with pytest.raises(InvalidConfiguration, match="count must be a number that is known in the synthesis"):
        Sharding(count=number)
    with pytest.raises(InvalidConfiguration, match="timeout_in_hours must be a number that is known"):
        BatchRecovery(timeout_in_hours=number)


def test_an_instance_type_and_a_count_may_be_known_at_deploy_time_only() -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    instance_type = cdk.CfnParameter(stack, "Type").value_as_string
    count: Any = cdk.CfnParameter(stack, "Count", type="Number").value_as_number
    monitoring = BatchMonitoring(prices_per_hour={"ml.m5.large": 1.0})
    BatchTransformPipeline(
        stack,
        "Pipeline",
        model=any_model(stack),
        instance_type=instance_type,
        instance_count=count,
        monitoring=monitoring,
    )
    [machine] = Template.from_stack(stack).find_resources("AWS::StepFunctions::StateMachine").values()
    parts = machine["Properties"]["DefinitionString"]["Fn::Join"][1]
    assert {"Ref": "Type"} in parts
    assert {"Ref": "Count"} in parts


def test_who_is_granted_may_start_this_state_machine(plain: Template) -> None:
    assert actions(statements(plain, "Starter")) == {"states:StartExecution"}


def test_the_smallest_use_has_no_schedule_and_no_rule_and_tells_nobody(plain: Template) -> None:
    for type_name in ("AWS::Scheduler::Schedule", "AWS::Events::Rule", "AWS::SNS::Topic"):
        plain.resource_count_is(type_name, 0)
    plain.resource_count_is(LAMBDA_TYPE, 4)
    alarms = plain.find_resources("AWS::CloudWatch::Alarm").values()
    assert [alarm["Properties"].get("AlarmActions") for alarm in alarms] == [None] * 3


def test_what_is_added_to_a_pipeline_later_replaces_nothing(plain: Template, full: Template) -> None:
    assert {name for name in resources(plain) if "Starter" not in name} <= set(resources(full))
    for name in ("Pipeline", "PipelineInputBucket", "PipelineOutputBucket", "PipelineStateMachineRole"):
        assert any(re.fullmatch(rf"{name}[0-9A-F]{{8}}", found) for found in resources(plain)), name


def test_buckets_and_logs_outlive_the_stack_unless_told_otherwise(plain: Template) -> None:
    def fates(template: Template) -> set[str]:
        kept = ("AWS::S3::Bucket", "AWS::Logs::LogGroup")
        return {each["DeletionPolicy"] for each in resources(template).values() if each["Type"] in kept}

    assert fates(plain) == {"Retain"}
    assert fates(synthesize(lambda stack: build_pipeline(stack, removal_policy=cdk.RemovalPolicy.DESTROY))) == {
        "Delete"
    }


def resources(template: Template) -> dict[str, Any]:
    return dict(template.to_json()["Resources"])


def test_a_bucket_that_is_handed_in_is_read() -> None:
    name = any_name()
    template = synthesize(
        lambda stack: build_pipeline(stack, input_bucket=s3.Bucket.from_bucket_name(stack, "Inputs", name))
    )
    template.resource_count_is("AWS::S3::Bucket", 1)
    assert environment(template, "plan")["INPUT_BUCKET_NAME"] == name


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
            options=TransformOptions(split_type="None"),
            sharding=Sharding(count=50, max_concurrency=50),
            recovery=BatchRecovery(fallback_instance_types=["ml.huge"]),
            results=BatchResults(counts_records=True),
            schedule=ScheduleExpression.expression("every night"),
            ready_suffix="",
            monitoring=BatchMonitoring(prices_per_hour={"ml.m5.large": 1.0}),
        )
    assert [problem.split(" must ")[0].split(" x ")[0] for problem in caught.value.problems] == [
        "instance_type",
        "recovery.fallback_instance_types[0]",
        "instance_count",
        "max_concurrency 50",
        "counts_records counts lines: split_type and assemble_with",
        "schedule",
        "ready_suffix",
        "prices_per_hour",
    ]


@pytest.mark.parametrize("name", ["plan", "verify", "report", "publish", "deadline"])
def test_a_function_is_told_exactly_what_it_reads(name: str, full: Template) -> None:
    settings = importlib.import_module(f"batch_{name}.settings").Settings
    told = {key: value for key, value in environment(full, name).items() if key not in RETRIES}
    assert set(told) == {field.name.upper() for field in fields(settings)}
    settings.from_environment({key: value if isinstance(value, str) else "a-token" for key, value in told.items()})
