"""Small apps of inference components, for their tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from constructs_lib import InvalidConfiguration, Model
from constructs_lib.endpoints.component_endpoint import ComponentEndpoint
from constructs_lib.endpoints.components import ComputeResourceRequirements, InferenceComponent
from constructs_lib.rules import judge
from tests.support import any_artifact, any_image, synthesize

COMPONENT = "AWS::SageMaker::InferenceComponent"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
SMALL = ComputeResourceRequirements(min_memory_required_in_mb=1024)


def an_endpoint(stack: cdk.Stack, id: str = "Endpoint", **options: Any) -> ComponentEndpoint:
    return ComponentEndpoint(stack, id, **{"instance_type": "ml.g5.12xlarge", "monitoring": None} | options)


def a_model(stack: cdk.Stack, endpoint: ComponentEndpoint, id: str = "Model", **options: Any) -> Model:
    return Model(
        stack, id, image=any_image(), artifact=any_artifact(), execution_role=endpoint.execution_role, **options
    )


def a_component(
    stack: cdk.Stack, endpoint: ComponentEndpoint, id: str = "Component", **options: Any
) -> InferenceComponent:
    model = a_model(stack, endpoint, f"{id}Model")
    return InferenceComponent(
        stack, id, endpoint=endpoint, model=model, **{"compute": SMALL, "monitoring": None} | options
    )


def placed(**options: Any) -> Callable[[cdk.Stack], object]:
    return lambda stack: a_component(stack, an_endpoint(stack), **options)


def findings(template: Template) -> list[str]:
    return [f"{found.rule}: {found.message}" for found in judge(template.to_json(), region="us-east-1")]


def components(template: Template) -> dict[str, dict[str, Any]]:
    """The properties of all components by their logical ids."""
    return {name: found["Properties"] for name, found in template.find_resources(COMPONENT).items()}


def refused(**options: Any) -> list[str]:
    with pytest.raises(InvalidConfiguration) as caught:
        synthesize(placed(**options))
    return [problem.split(" must be ")[0] for problem in caught.value.problems]
