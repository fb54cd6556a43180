"""What Lambda tells a mapping's destination of records that it gives up: where they are, and to S3 the records, too.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from constructs_lib.local.streams.batches import GivenUp, number_of

if TYPE_CHECKING:
    from constructs_lib.local.s3io import S3
    from constructs_lib.local.store import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Of which mapping, function and shard something is told."""

    mapping_id: str
    function_arn: str
    stream_arn: str
    shard_id: str


def tell(services: S3, destination: str, source: Source, given_up: GivenUp, answered: bool) -> None:
    """Send to the ARN of a bucket, a queue or a topic; raises ClientError when it takes nothing."""
    document = document_of(source, given_up, answered)
    service, resource = destination.split(":")[2], destination.split(":")[-1]
    if service == "s3":
        payload = json.dumps({"Records": list(given_up.batch.records)})
        body = json.dumps({**document, "payload": payload}).encode()
        services.client("s3").put_object(Bucket=resource, Key=key_of(source), Body=body)
    elif service == "sqs":
        queues = services.client("sqs")
        queue = queues.get_queue_url(QueueName=resource)["QueueUrl"]
        queues.send_message(QueueUrl=queue, MessageBody=json.dumps(document))
    else:
        services.client("sns").publish(TopicArn=destination, Message=json.dumps(document))


def document_of(source: Source, given_up: GivenUp, answered: bool) -> Payload:
    """The invocation record; `answered` when the function itself reported the failure."""
    records = given_up.batch.records
    first, last = records[0], records[-1]
    response = {"statusCode": 200, "executedVersion": "$LATEST"}
    return {
        "requestContext": {
            "requestId": str(uuid4()),
            "functionArn": source.function_arn,
            "condition": given_up.condition,
            "approximateInvokeCount": max(1, given_up.batch.failures),
        },
        "responseContext": response if answered else response | {"functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": _iso(datetime.now(UTC)),
        "KinesisBatchInfo": {
            "shardId": source.shard_id,
            "startSequenceNumber": number_of(first),
            "endSequenceNumber": number_of(last),
            "approximateArrivalOfFirstRecord": _arrival(first),
            "approximateArrivalOfLastRecord": _arrival(last),
            "batchSize": len(records),
            "streamArn": source.stream_arn,
        },
    }


def key_of(source: Source) -> str:
    """Where S3 gets it: by the mapping, the shard and the day."""
    now = datetime.now(UTC)
    return f"aws/lambda/{source.mapping_id}/{source.shard_id}/{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid4()}"


def _arrival(record: Payload) -> str:
    return _iso(datetime.fromtimestamp(record["kinesis"]["approximateArrivalTimestamp"], UTC))


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
