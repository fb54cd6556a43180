"""Large templates: many scaled endpoints, each of seven resources, its role and the policy of that counted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from constructs_lib.rules.examples.bases import model, scaled
from constructs_lib.rules.examples.example import Document, get, join, resource

# The logical ids of one endpoint; each endpoint has them with its number.
_IDS = re.compile(r'"(Role|RolePolicy|Model|Config|Endpoint|Target|Policy)"')


def endpoints(count: int) -> Document:
    """A template of ``count`` endpoints, 7 resources each."""
    one = json.dumps(_endpoint())
    resources: dict[str, Any] = {}
    for number in range(count):
        resources |= json.loads(_IDS.sub(rf'"\g<1>{number}"', one))
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def _endpoint() -> Document:
    role = {"Role": _role(), "RolePolicy": _policy()}
    served = {**model(ExecutionRoleArn=get("Role", "Arn")), "DependsOn": ["RolePolicy"]}
    return {**role, **scaled()["Resources"], "Model": served}


def _role() -> Document:
    return resource(
        "AWS::IAM::Role",
        AssumeRolePolicyDocument=_document(
            {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}}
        ),
    )


def _policy() -> Document:
    logs = join("arn:", {"Ref": "AWS::Partition"}, ":logs:", {"Ref": "AWS::Region"}, ":123456789012:log-group:/aws/*")
    images = join("arn:", {"Ref": "AWS::Partition"}, ":ecr:eu-west-1:123456789012:repository/classifier")
    artifact = join("arn:", {"Ref": "AWS::Partition"}, ":s3:::models-123456789012/classifier/model.tar.gz")
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    write = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    measured = {"StringLike": {"cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/*"]}}
    return resource(
        "AWS::IAM::Policy",
        PolicyDocument=_document(
            {"Action": write, "Effect": "Allow", "Resource": logs},
            {"Action": "cloudwatch:PutMetricData", "Condition": measured, "Effect": "Allow", "Resource": "*"},
            {"Action": pull, "Effect": "Allow", "Resource": images},
            {"Action": "ecr:GetAuthorizationToken", "Effect": "Allow", "Resource": "*"},
            {"Action": "s3:GetObject", "Effect": "Allow", "Resource": artifact},
        ),
        PolicyName="Default",
        Roles=[{"Ref": "Role"}],
    )


def _document(*statements: Document) -> Document:
    return {"Statement": list(statements), "Version": "2012-10-17"}


def as_yaml(value: object, indent: str = "") -> str:
    """A document as YAML in blocks, every text in quotes; it ends with a line break."""
    if isinstance(value, Mapping) and value:
        return "".join(f"{indent}{key}:{_nested(item, indent)}" for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{indent}-{_nested(item, indent)}" for item in value)
    return f"{indent}{json.dumps(value)}\n"


def _nested(value: object, indent: str) -> str:
    is_block = isinstance(value, (Mapping, list)) and bool(value)
    return f"\n{as_yaml(value, indent + '  ')}" if is_block else f" {json.dumps(value)}\n"
