"""Events and messages as AWS writes them, and environments as the constructs do."""

from __future__ import annotations

import json
from typing import Any

SUBMIT_ENVIRONMENT = {
    "ENDPOINT_NAME": "scorer",
    "INPUT_PREFIX": "input/",
    "CONTENT_TYPES": json.dumps({".csv": "text/csv", ".json": "application/json", ".gz": "application/gzip"}),
    "DEFAULT_CONTENT_TYPE": "application/octet-stream",
    "REQUEST_TTL_SECONDS": "600",
    "INVOCATION_TIMEOUT_SECONDS": "0",
    "CLAIM_BUCKET_NAME": "outputs",
    "CLAIM_PREFIX": "submitted/",
    "CLAIM_SECONDS": "40",
    "INFERENCE_ID_LENGTH": "28",
    "OUTPUT_PATH_LENGTH": "512",
    "STATUS_TABLE_NAME": "",
    "STATUS_EXPIRES_IN_DAYS": "0",
}
RESULTS_ENVIRONMENT = {"METRIC_NAMESPACE": "Results", "STATUS_TABLE_NAME": "", "STATUS_EXPIRES_IN_DAYS": "0"}


def created(key: str = "input/rows.csv", *, bucket: str = "inputs", **uploaded: Any) -> dict[str, Any]:
    """The event of an object that was put into a bucket."""
    written = {"key": key, "size": 5, "etag": "b1946ac92492d234", "sequencer": "00617F08299329D189"} | uploaded
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2026-11-21T18:00:00Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": written,
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "111122223333",
            "source-ip-address": "1.2.3.4",
            "reason": "PutObject",
        },
    }


def completed(inference_id: str = "id-1", **members: Any) -> dict[str, Any]:
    """SageMaker's message of an answer."""
    return {
        "awsRegion": "us-east-1",
        "eventTime": "2026-11-21T18:00:02.750Z",
        "receivedTime": "2026-11-21T18:00:00.500Z",
        "invocationStatus": "Completed",
        "requestParameters": {
            "contentType": "text/csv",
            "endpointName": "scorer",
            "inputLocation": "s3://inputs/input/rows.csv",
        },
        "responseParameters": {"contentType": "text/csv", "outputLocation": "s3://outputs/success/1.out"},
        "inferenceId": inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    } | members


def failed(inference_id: str = "id-1", **members: Any) -> dict[str, Any]:
    """SageMaker's message of an error."""
    return (
        completed(inference_id)
        | {
            "invocationStatus": "Failed",
            "failureReason": 'Received client error (400) from primary with message "no".',
            "responseParameters": {"contentType": "text/plain", "outputLocation": "s3://outputs/failure/1-error.out"},
        }
        | members
    )


def batch(*bodies: dict[str, Any] | str) -> dict[str, Any]:
    """A batch of the queue; the messages are called m0, m1 and so on."""
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    return {"Records": [{"messageId": f"m{number}", "body": text} for number, text in enumerate(texts)]}
