"""The answers of the Describe and List operations, from the records."""

import base64
import binascii
from typing import Any

from constructs_lib.local.errors import AwsError
from constructs_lib.local.store import EndpointConfigRecord, EndpointRecord, ModelRecord, Payload, VariantRecord

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
    if record.variants:
        answer["ProductionVariants"] = [_variant(variant, record.created) for variant in record.variants.values()]
    if record.failure_reason:
        answer["FailureReason"] = record.failure_reason
    if config is not None and config.asynchronous:
        answer["AsyncInferenceConfig"] = config.asynchronous
    return answer


def _variant(variant: VariantRecord, resolved: float) -> Payload:
    answer: Payload = {
        "VariantName": variant.name,
        "DeployedImages": [
            {"SpecifiedImage": variant.image, "ResolvedImage": variant.image, "ResolutionTime": resolved}
        ],
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.weight,
    }
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
