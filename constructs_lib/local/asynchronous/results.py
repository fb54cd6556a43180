"""Where asynchronous requests read from and where their outcomes go: S3 and the notifications by SNS."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.facts import asynchronous, asynchronous_metrics
from constructs_lib.local.arns import REGION
from constructs_lib.local.asynchronous.request import AsyncRequest, Outcome
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import EndpointRecord, Payload

_logger = logging.getLogger("constructs_lib.local")


class Results:
    """Reads inputs and delivers outcomes for one endpoint, under the configuration it has at that moment."""

    def __init__(self, sagemaker: LocalSageMaker, endpoint: EndpointRecord) -> None:
        self._sagemaker = sagemaker
        self._endpoint = endpoint

    def read_input(self, request: AsyncRequest) -> tuple[bytes | None, str]:
        """The payload; or None, and why there is none."""
        if request.input_location is None:
            return request.body or b"", ""
        location, limit = request.input_location, asynchronous.PAYLOAD
        try:
            size = int(self._sagemaker.s3.head(location)["ContentLength"])
            if size > limit.maximum:
                return None, f"The input {location} has {size} bytes; {limit.what} must be {limit}."
            return self._sagemaker.s3.read(location), ""
        except (BotoCoreError, ClientError) as error:
            return None, f"Failed to download the input {location} from S3: {error}"

    def deliver(self, request: AsyncRequest, outcome: Outcome) -> frozenset[str]:
        """Write the outcome to S3, then tell the topic; the object is there when the message is.

        Gives the metrics that count what failed at that.
        """
        problems: list[str] = []
        location: str | None = request.output_location
        if outcome.failure_reason is None:
            problem = self._write(request.output_location, outcome)
            if problem is not None:
                problems.append(asynchronous_metrics.RESPONSE_UPLOAD_FAILURES)
                outcome = Outcome.failure(f"Failed to write the result to S3: {problem}")
        if outcome.failure_reason is not None:
            location = request.failure_location
            if location is not None and self._write(location, outcome) is not None:
                location = None
        if not self._notify(request, outcome, location):
            problems.append(asynchronous_metrics.NOTIFICATION_FAILURES)
        return frozenset(problems)

    def _write(self, location: str, outcome: Outcome) -> Exception | None:
        try:
            self._sagemaker.s3.write(location, outcome.body, outcome.content_type)
        except (BotoCoreError, ClientError, AwsError) as error:
            return error
        return None

    def _notify(self, request: AsyncRequest, outcome: Outcome, location: str | None) -> bool:
        """Whether the topic was told, if there is one."""
        output = (self._endpoint.asynchronous or {}).get("OutputConfig", {})
        notification = output.get("NotificationConfig", {})
        failed = outcome.failure_reason is not None
        topic = notification.get("ErrorTopic" if failed else "SuccessTopic")
        if not topic:
            return True
        kind = "ERROR_NOTIFICATION_TOPIC" if failed else "SUCCESS_NOTIFICATION_TOPIC"
        with_body = kind in notification.get("IncludeInferenceResponseIn", [])
        message = notification_of(self._endpoint.name, request, outcome, location, with_body=with_body)
        try:
            self._sagemaker.s3.client("sns").publish(TopicArn=topic, Message=json.dumps(message))
        except (BotoCoreError, ClientError) as error:
            _logger.warning("the notification of %s could not be published: %s", request.inference_id, error)
            return False
        return True


def notification_of(
    endpoint: str, request: AsyncRequest, outcome: Outcome, location: str | None, *, with_body: bool = False
) -> Payload:
    """The message in AWS's shape; `with_body` adds the response, when it is text and not too long for a message."""
    failed = outcome.failure_reason is not None
    message: Payload = {
        "awsRegion": REGION,
        "eventTime": _instant(datetime.now(UTC)),
        "receivedTime": _instant(datetime.fromtimestamp(request.received_time, UTC)),
        "invocationStatus": "Failed" if failed else "Completed",
        "requestParameters": _request_parameters(endpoint, request),
        "inferenceId": request.inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    response: Payload = {"contentType": outcome.content_type, "outputLocation": location} if location else {}
    body = _as_text(outcome.body) if with_body else None
    if failed:
        message["failureReason"] = outcome.failure_reason
    if body is not None:
        message["responseBody"] = {"content": body, "encoding": "UTF-8"}
    if response:
        message["responseParameters"] = response
    return message


def _request_parameters(endpoint: str, request: AsyncRequest) -> Payload:
    parameters = {
        "accept": request.accept,
        "contentType": request.content_type,
        "endpointName": endpoint,
        "inputLocation": request.input_location,
        "customAttributes": request.custom_attributes,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def _as_text(body: bytes) -> str | None:
    if len(body) > asynchronous.SNS_RESPONSE.maximum:
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
