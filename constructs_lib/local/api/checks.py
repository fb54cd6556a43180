"""What SageMaker's control plane refuses before it looks at anything else, told by the facts."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from constructs_lib.facts import asynchronous, deployment, models, realtime, serverless, transform, variants
from constructs_lib.facts.limit import Limit
from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import Payload

_LIMITS: dict[str, Limit] = {
    "ModelName": models.MODEL_NAME,
    "EndpointConfigName": variants.ENDPOINT_CONFIG_NAME,
    "EndpointName": variants.ENDPOINT_NAME,
    "VariantName": variants.VARIANT_NAME,
    "InitialInstanceCount": variants.INITIAL_INSTANCE_COUNT,
    "ContainerStartupHealthCheckTimeoutInSeconds": realtime.HEALTH_CHECK_TIMEOUT,
    "MemorySizeInMB": serverless.MEMORY_SIZE_IN_MB,
    "MaxConcurrency": serverless.MAX_CONCURRENCY,
    "ProvisionedConcurrency": serverless.PROVISIONED_CONCURRENCY,
    "MaxConcurrentInvocationsPerInstance": asynchronous.MAX_CONCURRENT_INVOCATIONS_PER_INSTANCE,
    "TransformJobName": transform.JOB_NAME,
    "MaximumExecutionTimeoutInSeconds": deployment.MAXIMUM_EXECUTION_TIMEOUT,
    "TerminationWaitInSeconds": deployment.TERMINATION_WAIT,
    "WaitIntervalInSeconds": deployment.WAIT_INTERVAL,
}


@cache
def service_model(service: str) -> ServiceModel:
    """Botocore's model of a service, which is what the real one publishes."""
    model: ServiceModel = botocore.session.get_session().get_service_model(service)
    return model


def check_request(service: str, operation: str, payload: Payload) -> None:
    """Raise ValidationException when the request misses a member, has one too many, or a value outside of its limit."""
    shape = service_model(service).operation_model(operation).input_shape
    problems = []
    if shape is not None:
        report = ParamValidator().validate(payload, shape)
        if report.has_errors():
            problems.append(report.generate_report())
    problems += [
        f"Value '{value}' at '{path}' failed to satisfy constraint: Member must be {limit} (source: {limit.source})"
        for path, limit, value in _limited(payload)
        if not limit.allows(value)
    ]
    if problems:
        count = len(problems)
        raise AwsError(
            "ValidationException",
            f"{count} validation error{'s' if count > 1 else ''} detected: {'; '.join(problems)}",
        )


def _limited(value: Any, path: str = "") -> Iterator[tuple[str, Limit, Any]]:
    """Each value that a limit governs, with its path."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name in ("Environment", "Tags"):
                continue
            where = f"{path}.{name}" if path else name
            if name in _LIMITS:
                yield where, _LIMITS[name], member
            yield from _limited(member, where)
    elif isinstance(value, list):
        for index, member in enumerate(value, start=1):
            yield from _limited(member, f"{path}.{index}.member")


def coerced(shape: Shape, value: Any) -> Any:
    """`value` with text turned into the numbers and booleans of `shape`: templates write them both ways."""
    if shape.type_name == "structure" and isinstance(value, dict):
        return {name: coerced(shape.members[name], v) if name in shape.members else v for name, v in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [coerced(shape.member, member) for member in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: coerced(shape.value, member) for name, member in value.items()}
    if isinstance(value, str):
        if shape.type_name in ("integer", "long"):
            return int(value)
        if shape.type_name in ("float", "double"):
            return float(value)
        if shape.type_name == "boolean":
            return value.lower() == "true"
    if shape.type_name == "string" and isinstance(value, (int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value
