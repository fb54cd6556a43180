"""The Step Functions side of a transform job: its definition in JSONata, and the permissions that ``.sync`` needs."""

from __future__ import annotations

import json
from dataclasses import dataclass

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.facts import transform
from constructs_lib.options import TransformOptions

JOB_NAME_PREFIX = "transform-"
# Job names are unique for ever and take letters, digits and hyphens, at most 63. An execution's name is unique for 90
# days only and may hold more, so: prefix (10) + name (30) + start in milliseconds (13) + number of the redrive.
_JOB_NAME = (
    "{% '" + JOB_NAME_PREFIX + "' & $substring($replace($states.context.Execution.Name, /[^a-zA-Z0-9]+/, '-'), 0, 30)"
    " & '-' & $string($toMillis($states.context.Execution.StartTime))"
    " & '-' & ($exists($states.context.Execution.RedriveCount) ? $states.context.Execution.RedriveCount : 0) %}"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TransformJob:
    """What one execution runs."""

    model_name: str
    instance_type: str
    instance_count: int
    input_bucket: str
    input_prefix: str
    output_bucket: str
    options: TransformOptions

    def arguments(self) -> dict[str, object]:
        """The arguments of ``CreateTransformJob``."""
        options = self.options
        optional = {"MaxConcurrentTransforms": options.max_concurrent_transforms}
        return {
            "TransformJobName": _JOB_NAME,
            "ModelName": self.model_name,
            "BatchStrategy": options.batch_strategy,
            "MaxPayloadInMB": options.max_payload_in_mb,
            **{name: value for name, value in optional.items() if value is not None},
            "TransformInput": {
                "ContentType": options.content_type,
                "SplitType": options.split_type,
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": self._input_uri()}},
            },
            "TransformOutput": {
                "S3OutputPath": f"{{% 's3://{self.output_bucket}/' & $states.context.Execution.Name %}}",
                "AssembleWith": options.assemble_with,
                **({"Accept": options.accept} if options.accept else {}),
            },
            "TransformResources": {"InstanceType": self.instance_type, "InstanceCount": self.instance_count},
        }

    def _input_uri(self) -> str:
        default = json.dumps(self.input_prefix)  # a JSON string is a JSONata string too, whatever it holds
        prefix = f"$exists($states.input.input_prefix) ? $states.input.input_prefix : {default}"
        return f"{{% 's3://{self.input_bucket}/' & ({prefix}) %}}"


def definition(scope: Construct, job: TransformJob) -> str:
    """The state machine as Amazon States Language."""
    stack = Stack.of(scope)
    return stack.to_json_string(
        {
            "QueryLanguage": "JSONata",
            "StartAt": "Transform",
            "States": {
                "Transform": {
                    "Comment": "one job an execution; waits until it has ended",
                    "Type": "Task",
                    "Resource": f"arn:{stack.partition}:states:::sagemaker:createTransformJob.sync",
                    "Arguments": job.arguments(),
                    "Output": {
                        "transform_job_name": "{% $states.result.TransformJobName %}",
                        "output": "{% $states.result.TransformOutput.S3OutputPath %}",
                    },
                    "End": True,
                }
            },
        }
    )


def allow_transform_jobs(scope: Construct, role: iam.Role, execution_role: iam.IRole) -> None:
    """Give a state machine's ``role`` what ``createTransformJob.sync`` needs, and no more (SF-PERM-SYNC)."""
    stack = Stack.of(scope)
    jobs = stack.format_arn(service="sagemaker", resource="transform-job", resource_name=f"{JOB_NAME_PREFIX}*")
    rule = stack.format_arn(
        service="events", resource="rule", resource_name=transform.EVENTS_RULE, arn_format=ArnFormat.SLASH_RESOURCE_NAME
    )
    # AWS's own example gives the tag actions on "*"; they have a resource level, so they get it.
    statements = (
        (["CreateTransformJob", "DescribeTransformJob", "StopTransformJob", "AddTags", "ListTags"], "sagemaker", jobs),
        (["PutTargets", "PutRule", "DescribeRule"], "events", rule),
    )
    for actions, service, resource in statements:
        role.add_to_policy(
            iam.PolicyStatement(actions=[f"{service}:{action}" for action in actions], resources=[resource])
        )
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["iam:PassRole"],
            resources=[execution_role.role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        )
    )
