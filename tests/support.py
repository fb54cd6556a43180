"""Makers of arbitrary values, so that a literal in a test always means something, and of small templates."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

from constructs_lib import ContainerImage, Model, ModelArtifact


def any_name() -> str:
    return "".join(random.choices(string.ascii_lowercase, k=8))


def any_account() -> str:
    return "".join(random.choices(string.digits, k=12))


def any_role_arn() -> str:
    return f"arn:aws:iam::{any_account()}:role/{any_name()}"


def any_image() -> ContainerImage:
    return ContainerImage.from_uri(f"{any_account()}.dkr.ecr.us-east-1.amazonaws.com/{any_name()}:1")


def any_artifact() -> ModelArtifact:
    return ModelArtifact.from_s3_uri(f"s3://{any_name()}/model.tar.gz")


def any_model(scope: cdk.Stack) -> Model:
    return Model(scope, "Model", image=any_image(), artifact=any_artifact())


def synthesize(build: Callable[[cdk.Stack], object]) -> Template:
    """The template of a stack that ``build`` has filled."""
    stack = cdk.Stack(cdk.App(), "Stack")
    build(stack)
    return Template.from_stack(stack)


def only(template: Template, type_name: str) -> dict[str, Any]:
    """The properties of the single resource of a type."""
    found = list(template.find_resources(type_name).values())
    assert len(found) == 1, f"expected one {type_name}, found {len(found)}"
    return dict(found[0]["Properties"])


def one(template: Template, type_name: str, part: str) -> str:
    """The logical id of the single resource of a type whose logical id holds ``part``."""
    (found,) = [logical_id for logical_id in template.find_resources(type_name) if part in logical_id]
    return found


def statements(template: Template, role_part: str) -> list[dict[str, Any]]:
    """Every statement of the roles, and of the policies of their own, whose logical id holds ``role_part``."""
    attached = template.find_resources("AWS::IAM::Policy").items()
    roles = template.find_resources("AWS::IAM::Role").items()
    documents = [
        *(policy["Properties"]["PolicyDocument"] for name, policy in attached if role_part in name),
        *(
            inline["PolicyDocument"]
            for name, role in roles
            if role_part in name
            for inline in role["Properties"].get("Policies", [])
        ),
    ]
    return [statement for document in documents for statement in document["Statement"]]


def actions(found: list[dict[str, Any]]) -> set[str]:
    """The actions that statements allow."""
    listed = [statement["Action"] for statement in found if statement["Effect"] == "Allow"]
    return {action for item in listed for action in ([item] if isinstance(item, str) else item)}


def references(template: Template) -> dict[str, set[str]]:
    """For each resource, the resources that CloudFormation makes before it."""
    resources = template.to_json()["Resources"]

    def named(part: Any) -> set[str]:
        if isinstance(part, list):
            return set().union(*map(named, part))
        if not isinstance(part, dict):
            return set()
        if "Ref" in part:
            return {part["Ref"]}
        if "Fn::GetAtt" in part:
            return {part["Fn::GetAtt"][0]}
        return set().union(*map(named, part.values()))

    return {
        name: {*named(body.get("Properties", {})), *body.get("DependsOn", [])} & set(resources)
        for name, body in resources.items()
    }


def awaited(template: Template, type_name: str) -> set[str]:
    """Every resource that CloudFormation makes before the single one of a type, however far back."""
    graph = references(template)
    [name] = template.find_resources(type_name)
    found: set[str] = set()
    ahead = graph[name]
    while ahead:
        found |= ahead
        ahead = set().union(*(graph[each] for each in ahead)) - found
    return found
