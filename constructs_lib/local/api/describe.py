"""The answers of the Describe and List operations, from the records."""

import base64
import binascii
from typing import Any

from constructs_lib.local.arns import sagemaker_arn
from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import (
    ComponentRecord,
    EndpointConfigRecord,
    EndpointRecord,
    ModelRecord,
    Payload,
    RolloutRecord,
    VariantRecord,
)

PAGE = 100


def _as_created(definition: Payload) -> Payload:
    return {name: value for name, value in definition.items() if name != "Tags"}


def describe_model(record: ModelRecord) -> Payload:
    """DescribeModel's answer."""
    return _as_created(record.definition) | {"ModelArn": record.arn, "CreationTime": record.created}


def describe_config(record: EndpointConfigRecord) -> Payload:
    """DescribeEndpointConfig's answer."""
    return _as_created(record.definition) | {"EndpointConfigArn": record.arn, "CreationTime": record.created}


def describe_endpoint(record: EndpointRecord, config: EndpointConfigRecord | None) -> Payload:
    """DescribeEndpoint's answer; `config` may have been deleted since the endpoint was made from it."""
    answer: Payload = {
        "EndpointName": record.name,
        "EndpointArn": record.arn,
        "EndpointConfigName": record.config_name,
        "EndpointStatus": record.status,
        "CreationTime": record.created,
        "LastModifiedTime": record.modified,
    }
    for key, is_shadow in (("ProductionVariants", False), ("ShadowProductionVariants", True)):
        found = [variant for variant in record.variants.values() if variant.is_shadow == is_shadow]
        if found:
            answer[key] = [_variant(variant, record.created) for variant in found]
    if record.data_capture:
        answer["DataCaptureConfig"] = _data_capture(record.data_capture)
    if record.failure_reason:
        answer["FailureReason"] = record.failure_reason
    if config is not None and config.asynchronous:
        answer["AsyncInferenceConfig"] = config.asynchronous
    if record.deployment:
        answer["LastDeploymentConfig"] = record.deployment
    if record.rollout:
        answer["PendingDeploymentSummary"] = _pending(record.rollout)
    return answer


def _pending(rollout: RolloutRecord) -> Payload:
    """The new fleet; until its containers are up, there is nothing but its name to show."""
    variants = [
        _variant(variant, rollout.started) | {"VariantStatus": [rollout.stage]}
        for variant in rollout.variants.values()
        if not variant.is_shadow
    ]
    answer: Payload = {"EndpointConfigName": rollout.config_name, "StartTime": rollout.started}
    return answer | ({"ProductionVariants": variants} if variants else {})


def _variant(variant: VariantRecord, resolved: float) -> Payload:
    answer: Payload = {"VariantName": variant.name, "CurrentWeight": variant.weight, "DesiredWeight": variant.weight}
    if variant.model_name:
        answer["DeployedImages"] = [deployed_image(image, resolved) for image in variant.images or (variant.image,)]
    for member in ("ManagedInstanceScaling", "RoutingConfig"):
        if variant.definition.get(member):
            answer[member] = variant.definition[member]
    if variant.serverless:
        return answer | {
            "CurrentInstanceCount": 0,
            "CurrentServerlessConfig": variant.serverless,
            "DesiredServerlessConfig": variant.serverless,
        }
    return answer | {
        "CurrentInstanceCount": variant.current_instance_count,
        "DesiredInstanceCount": variant.desired_instance_count,
    }


def describe_component(record: ComponentRecord, copies: VariantRecord) -> Payload:
    """DescribeInferenceComponent's answer; `copies` are those that serve it."""
    answer: Payload = {
        "InferenceComponentName": record.name,
        "InferenceComponentArn": record.arn,
        "EndpointName": record.endpoint_name,
        "EndpointArn": sagemaker_arn("endpoint", record.endpoint_name),
        "VariantName": copies.name,
        "InferenceComponentStatus": record.status,
        "RuntimeConfig": {
            "DesiredCopyCount": copies.desired_instance_count,
            "CurrentCopyCount": copies.current_instance_count,
        },
        "CreationTime": record.created,
        "LastModifiedTime": record.modified,
    }
    if "Specification" in record.definition:
        answer["Specification"] = _specification(record.definition["Specification"], record.created)
    else:
        answer["Specifications"] = [
            _specification(each, record.created) for each in record.definition["Specifications"]
        ]
    if record.failure_reason:
        answer["FailureReason"] = record.failure_reason
    return answer | ({"LastDeploymentConfig": record.deployment} if record.deployment else {})


def _specification(given: Payload, resolved: float) -> Payload:
    """A specification as it was given, but for the image of its container."""
    container = {key: value for key, value in (given.get("Container") or {}).items() if key != "Image"}
    if (given.get("Container") or {}).get("Image"):
        container["DeployedImage"] = deployed_image(given["Container"]["Image"], resolved)
    return given | ({"Container": container} if container else {})


def deployed_image(image: str, resolved: float) -> Payload:
    """A DeployedImage; locally an image is what it is called."""
    return {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": resolved}


def _data_capture(config: Payload) -> Payload:
    enabled = bool(config.get("EnableCapture", True))
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        "KmsKeyId": config.get("KmsKeyId", ""),
    }


def page(key: str, name_key: str, rows: list[Payload], request: Payload) -> Payload:
    """One page of a List operation: filtered by NameContains and the creation times, sorted, cut at MaxResults.

    The default order is AWS's: by CreationTime, the newest first; NextToken says where the next page begins.
    """
    wanted = [
        row
        for row in rows
        if request.get("NameContains", "").lower() in row[name_key].lower()
        and request.get("CreationTimeAfter", float("-inf")) < row["CreationTime"]
        and row["CreationTime"] < request.get("CreationTimeBefore", float("inf"))
    ]
    by_name = request.get("SortBy") == "Name"
    ascending = request.get("SortOrder") == "Ascending"
    wanted.sort(key=lambda row: row[name_key] if by_name else row["CreationTime"], reverse=not ascending)
    start, size = _offset(request.get("NextToken")), int(request.get("MaxResults", PAGE))
    answer: dict[str, Any] = {key: wanted[start : start + size]}
    if start + size < len(wanted):
        answer["NextToken"] = base64.b64encode(str(start + size).encode()).decode()
    return answer


def _offset(token: str | None) -> int:
    try:
        return int(base64.b64decode(token, validate=True)) if token else 0
    except (binascii.Error, ValueError) as error:
        raise AwsError("ValidationException", f"Invalid NextToken '{token}'.") from error
