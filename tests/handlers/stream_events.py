"""Records as Lambda hands them on from streams and queues, and the environment as the construct sets it."""

from __future__ import annotations

import base64
from typing import Any

from stream_score.settings import Settings

STREAM_ARN = "arn:aws:kinesis:us-east-1:111122223333:stream/rides"
SHARD = "shardId-000000000000"
BEGIN = 1_790_000_000.0
TIMEOUT, RESERVE = 120.0, 10.0
ENVIRONMENT = {
    "ENDPOINT_NAME": "scorer",
    "CONTENT_TYPE": "text/csv",
    "ACCEPT": "",
    "MAX_RECORDS_PER_REQUEST": "4",
    "MAX_BYTES_PER_REQUEST": "1000",
    "REQUEST_TIMEOUT_SECONDS": "30",
    "RESULT_STREAM_NAME": "prices",
    "DELIVERY_STREAM_NAME": "",
    "MAX_RECORDS_PER_PUT": "6",
    "MAX_BYTES_PER_PUT": "100000",
    "MAX_BYTES_PER_RESULT": "10000",
    "STATE_TABLE_NAME": "journal",
    "STATE_EXPIRES_IN_SECONDS": "172800",
    "FAILURE_BUCKET_NAME": "failures",
    "FAILURE_PREFIX": "failures/",
    "RESERVE_SECONDS": "10",
    "METRIC_NAMESPACE": "Streams",
}
SETTINGS = Settings.from_environment(ENVIRONMENT)
LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "score"}


def stream_record(number: int, data: bytes | str, key: str = "a", arrived_at: float | None = None) -> dict[str, Any]:
    """A record of the shard as Lambda hands it on."""
    raw = data.encode() if isinstance(data, str) else data
    sequence_number = str(49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898 + number)
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": key,
            "sequenceNumber": sequence_number,
            "data": base64.b64encode(raw).decode(),
            "approximateArrivalTimestamp": BEGIN + number / 10 if arrived_at is None else arrived_at,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{SHARD}:{sequence_number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::111122223333:role/score",
        "awsRegion": "us-east-1",
        "eventSourceARN": STREAM_ARN,
    }


def message(number: int, body: str, group: str | None = None) -> dict[str, Any]:
    """A message of a queue as Lambda hands it on."""
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": str(int(BEGIN * 1000) + number)}
    if group is not None:
        attributes |= {"MessageGroupId": group, "SequenceNumber": f"{number:020}"}
    return {
        "messageId": f"059f36b4-87a3-44ab-83d2-{number:012}",
        "body": body,
        "attributes": attributes,
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:111122223333:rides",
        "awsRegion": "us-east-1",
    }
