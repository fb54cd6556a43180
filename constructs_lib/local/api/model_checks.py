"""What CreateModel refuses of a model's containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from constructs_lib.facts import containers, models
from constructs_lib.local.containers.model_containers import definitions_of
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from constructs_lib.local.store import Payload


def check_containers(request: Payload) -> None:
    """Raise ValidationException with every fault of the containers at once."""
    faults = list(_faults(request))
    if faults:
        raise AwsError("ValidationException", "; ".join(faults))


def _faults(request: Payload) -> Iterator[str]:
    definitions = definitions_of(request)
    if request.get("PrimaryContainer") and request.get("Containers"):
        yield f"a model has {containers.ONE_OR_MANY} (source: {containers.ONE_OR_MANY.source})"
    if not all(each.get("Image") for each in definitions):
        yield "the local SageMaker serves models whose containers each name an Image"
    if not containers.CONTAINERS.allows(definitions):
        limit = containers.CONTAINERS
        yield f"{limit.what} must be {limit}, got {len(definitions)} (source: {limit.source})"
    yield from _faults_of_hostnames(request, definitions)
    for definition in definitions:
        yield from _faults_of_data(definition)
    if sum(_serves_many(each) for each in definitions) > 1:
        yield containers.ONE_MULTI_MODEL_CONTAINER.aws_says


def _faults_of_hostnames(request: Payload, definitions: list[Payload]) -> Iterator[str]:
    names = [each["ContainerHostname"] for each in definitions if each.get("ContainerHostname")]
    if request.get("InferenceExecutionConfig", {}).get("Mode") == "Direct":
        least = containers.DIRECT_CONTAINERS
        if not least.allows(definitions):
            yield f"{least.what} must be {least}, got {len(definitions)} (source: {least.source})"
        hosts = containers.DIRECT_HOSTNAMES
        if len(names) < len(definitions):
            yield f"{hosts.what} must be {hosts}, got {len(names)} of {len(definitions)} (source: {hosts.source})"
    elif names and len(definitions) > 1 and len(names) < len(definitions):
        hosts = containers.PIPELINE_HOSTNAMES
        yield f"{hosts.what} must be {hosts}, got {len(names)} of {len(definitions)} (source: {hosts.source})"
    if len(set(names)) < len(names):
        yield f"ContainerHostname must be unique, got {', '.join(names)}"


def _faults_of_data(definition: Payload) -> Iterator[str]:
    source = definition.get("ModelDataSource", {}).get("S3DataSource")
    if _serves_many(definition):
        if source:
            limit = containers.MULTI_MODEL_DATA_SOURCE
            yield f"{limit.what} must be {limit} (source: {limit.source})"
        if not definition.get("ModelDataUrl"):
            limit = containers.MULTI_MODEL_PREFIX
            yield f"{limit.what} must be {limit}, got nothing (source: {limit.source})"
    elif source:
        limit = models.DATA_SOURCE
        is_prefix = source["S3DataType"] == "S3Prefix"
        if is_prefix and (source["CompressionType"] == "Gzip" or not source["S3Uri"].endswith("/")):
            got = f"{source['S3Uri']} of type S3Prefix, compression {source['CompressionType']}"
            yield f"{limit.what} must be {limit}, got {got} (source: {limit.source})"


def _serves_many(definition: Payload) -> bool:
    return definition.get("Mode") == "MultiModel"
