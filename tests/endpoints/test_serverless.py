"""A serverless endpoint: memory, concurrency, and what of it is provisioned."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from constructs_lib import InvalidConfiguration, ServerlessEndpoint
from tests.support import any_model, only, synthesize


def _variant(**options: Any) -> dict[str, object]:
    template = synthesize(lambda s: ServerlessEndpoint(s, "Endpoint", model=any_model(s), **options))
    (variant,) = only(template, "AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    return dict(variant)


def test_the_smallest_use_has_no_instances() -> None:
    variant = _variant()
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    assert "InstanceType" not in variant
    assert "InitialInstanceCount" not in variant


def test_provisioned_concurrency_may_reach_the_maximum() -> None:
    config = _variant(memory_size_in_mb=6144, max_concurrency=200, provisioned_concurrency=200)["ServerlessConfig"]
    assert config == {"MemorySizeInMB": 6144, "MaxConcurrency": 200, "ProvisionedConcurrency": 200}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"memory_size_in_mb": 2000},
            "memory_size_in_mb must be one of 1024, 2048, 3072, 4096, 5120, 6144 MB, got 2000",
        ),
        ({"max_concurrency": 0}, "max_concurrency must be from 1 to 200 concurrent invocations, got 0"),
        ({"max_concurrency": 201}, "max_concurrency must be from 1 to 200 concurrent invocations, got 201"),
        ({"provisioned_concurrency": 0}, "provisioned_concurrency must be from 1 to 200 concurrent invocations, got 0"),
        ({"provisioned_concurrency": 6}, "provisioned_concurrency must be at most max_concurrency 5, got 6"),
    ],
)
def test_a_value_beyond_its_bound_is_refused(options: dict[str, Any], problem: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack")
    with pytest.raises(InvalidConfiguration, match=problem):
        ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), **options)


def test_a_parameter_passes() -> None:
    def build(stack: cdk.Stack) -> None:
        memory = cdk.CfnParameter(stack, "Memory", type="Number").value_as_number
        ServerlessEndpoint(stack, "Endpoint", model=any_model(stack), memory_size_in_mb=memory)  # type: ignore[arg-type]  # jsii types it as a float

    (variant,) = only(synthesize(build), "AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["ServerlessConfig"]["MemorySizeInMB"] == {"Ref": "Memory"}
