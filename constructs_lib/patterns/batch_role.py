"""What the state machine of a batch may do."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_lib.endpoints.permissions import allow, arn_of
from constructs_lib.endpoints.storage import grant_read
from constructs_lib.facts import transform
from constructs_lib.options import TransformOptions
from constructs_lib.options.batch import WORK_PREFIX
from constructs_lib.patterns.batch_functions import is_key_arn
from constructs_lib.patterns.measures import NAMESPACE
from constructs_lib.patterns.transform_job import JOB_NAME_PREFIX

# AWS's own example gives the tag actions on "*"; they have a resource level, so they get it.
_JOBS = ("CreateTransformJob", "DescribeTransformJob", "StopTransformJob", "AddTags", "ListTags")
_RULES = ("PutTargets", "PutRule", "DescribeRule")
_EXECUTIONS = ("states:DescribeExecution", "states:StopExecution", "states:RedriveExecution")


def allow_transform_jobs(scope: Construct, role: iam.Role, execution_role: iam.IRole) -> None:
    """Give a state machine's ``role`` what ``createTransformJob.sync`` needs, and no more (SF-PERM-SYNC)."""
    jobs = arn_of(scope, "sagemaker", f"transform-job/{JOB_NAME_PREFIX}*")
    allow(role, [f"sagemaker:{action}" for action in _JOBS], [jobs])
    allow(role, [f"events:{action}" for action in _RULES], [arn_of(scope, "events", f"rule/{transform.EVENTS_RULE}")])
    to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    allow(role, ["iam:PassRole"], [execution_role.role_arn], to_sagemaker)


def allow_keys(role: iam.Role, execution_role: iam.IRole, options: TransformOptions) -> None:
    """Let jobs use the keys of ``options`` that are named by their ARNs; others are for their owner to grant."""
    if is_key_arn(options.volume_kms_key_id):
        for_sagemaker = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        allow(role, ["kms:CreateGrant"], [str(options.volume_kms_key_id)], for_sagemaker)
    if is_key_arn(options.output_kms_key_id):
        allow(execution_role, ["kms:Encrypt", "kms:GenerateDataKey*"], [str(options.output_kms_key_id)])


def allow_steps(role: iam.Role, functions: Sequence[lambda_.IFunction]) -> None:
    """Let ``role`` call the functions, and measure."""
    allow(role, ["lambda:InvokeFunction"], [function.function_arn for function in functions])
    allow(role, ["cloudwatch:PutMetricData"], ["*"], {"StringEquals": {"cloudwatch:namespace": NAMESPACE}})


def allow_looking(scope: Construct, role: iam.IRole, state_machine: sfn.StateMachine) -> None:
    """Let the ``role`` of a function see whether an execution of ``state_machine`` still runs.

    The policy stands apart: the function is there before the machine that it names.
    """
    executions = arn_of(scope, "states", f"execution:{state_machine.state_machine_name}:*")
    look = iam.PolicyStatement(actions=["states:DescribeExecution"], resources=[executions])
    role.attach_inline_policy(iam.Policy(scope, "LookPolicy", statements=[look]))


def allow_distribution(scope: Construct, role: iam.Role, state_machine: sfn.StateMachine, bucket: s3.IBucket) -> None:
    """Let ``role`` run the shards as executions of their own, and read which there are.

    The policy stands apart: it names the state machine, which waits for all else that its role may do.
    """
    grant_read(bucket, role, f"{WORK_PREFIX}*")
    statements = map_run_statements(scope, state_machine)
    role.attach_inline_policy(iam.Policy(scope, "DistributedMapPolicy", statements=statements))


def map_run_statements(scope: Construct, state_machine: sfn.StateMachine) -> list[iam.PolicyStatement]:
    """What the role of ``state_machine`` needs for a Distributed Map, whose children are executions of the same."""
    machine = state_machine.state_machine_name
    return [
        iam.PolicyStatement(actions=["states:StartExecution"], resources=[state_machine.state_machine_arn]),
        iam.PolicyStatement(
            actions=list(_EXECUTIONS),
            resources=[
                arn_of(scope, "states", f"execution:{machine}/*"),
                arn_of(scope, "states", f"execution:{machine}:*"),
            ],
        ),
    ]
