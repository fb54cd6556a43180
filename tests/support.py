"""Makers of arbitrary values, so that a literal in a test always means something, and what waits for what."""

from __future__ import annotations

import random
import string
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

from constructs_lib import ContainerImage, Model, ModelArtifact
from constructs_lib.testing import actions, one, only, statements, synthesize

# The tests of constructs ask the test kit and these makers together.
__all__ = [
    "actions",
    "any_account",
    "any_artifact",
    "any_image",
    "any_model",
    "any_name",
    "any_role_arn",
    "awaited",
    "one",
    "only",
    "references",
    "statements",
    "synthesize",
]


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
