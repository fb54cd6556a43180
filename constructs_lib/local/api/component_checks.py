"""What is refused of inference components, and of the endpoint configurations that host them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from constructs_lib.facts import component_specifications, components, managed_scaling
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from constructs_lib.local.store import EndpointConfigRecord, EndpointRecord, Payload


def check_hosts(config: EndpointConfigRecord) -> None:
    """Raise ValidationException for variants without a model, or with managed scaling, that cannot be."""
    problems = [problem for variant in config.variants for problem in _host_problems(config, variant)]
    if problems:
        raise AwsError("ValidationException", "; ".join(problems))


def _host_problems(config: EndpointConfigRecord, variant: Payload) -> Iterator[str]:
    name, managed = variant["VariantName"], variant.get("ManagedInstanceScaling") or {}
    if variant.get("ModelName"):
        if managed:
            yield str(managed_scaling.MANAGED_SCALING.aws_says)
        return
    if not config.definition.get("ExecutionRoleArn"):
        yield f"ModelName is required for variant '{name}'; {components.VARIANT_WITHOUT_MODEL.allowed}"
    if config.asynchronous or variant.get("ServerlessConfig"):
        yield f"ModelName is required for variant '{name}': inference components are for real-time instances"
    lowest, highest = managed.get("MinInstanceCount"), managed.get("MaxInstanceCount")
    if lowest is not None and highest is not None and lowest > highest:
        yield f"{managed_scaling.MANAGED_SCALING_RANGE.allowed}, got {lowest} and {highest} for variant '{name}'"


def check_component(request: Payload, endpoint: EndpointRecord) -> None:
    """Raise AWS's ValidationException for a CreateInferenceComponent request."""
    check_specification(request)
    if not endpoint.hosts_components:
        raise AwsError("ValidationException", str(components.ON_MODEL_ENDPOINT.aws_says))
    if is_adapter(request):
        return
    variant = request.get("VariantName")
    if variant not in endpoint.variants:
        known = ", ".join(endpoint.variants)
        raise AwsError(
            "ValidationException",
            f'Could not find variant "{variant}" of endpoint {endpoint.name}; VariantName must be one of {known}.',
        )
    if int((request.get("RuntimeConfig") or {}).get("CopyCount", 1)) < 1:
        raise AwsError("ValidationException", str(components.COPY_COUNT_AT_CREATION.aws_says))


def check_specification(request: Payload) -> None:
    """Raise ValidationException unless there is one specification, and it names what to run."""
    limit = component_specifications.SPECIFICATION
    if bool(request.get("Specification")) == bool(request.get("Specifications")):
        raise AwsError("ValidationException", f"{limit.what}: {limit.allowed} (source: {limit.source})")
    for each in [request.get("Specification") or {}] if request.get("Specification") else request["Specifications"]:
        container = each.get("Container") or {}
        if not (each.get("ModelName") or container.get("Image") or each.get("BaseInferenceComponentName")):
            raise AwsError(
                "ValidationException",
                "a Specification must have a ModelName, a Container with an Image, or a BaseInferenceComponentName",
            )
    adapter = request.get("Specification") or {}
    if is_adapter(request) and (
        not (adapter.get("Container") or {}).get("ArtifactUrl") or adapter.get("ComputeResourceRequirements")
    ):
        rule = component_specifications.ADAPTER
        raise AwsError("ValidationException", f"{rule.what}: {rule.allowed} (source: {rule.source})")


def is_adapter(request: Payload) -> bool:
    """Whether the component adds to a base component, in whose container it lives."""
    return bool((request.get("Specification") or {}).get("BaseInferenceComponentName"))
