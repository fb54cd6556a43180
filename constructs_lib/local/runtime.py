"""SageMaker's runtime: InvokeEndpoint and InvokeEndpointAsync, with AWS's limits and error codes."""

from __future__ import annotations

import json
import random
import re
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote

from constructs_lib.facts import realtime, serverless
from constructs_lib.local.arns import ACCOUNT, REGION, log_stream_arn
from constructs_lib.local.errors import AwsError
from constructs_lib.local.process import Answer, ContainerUnreachable, InvocationTimedOut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import EndpointRecord, Payload, VariantRecord

_PATH = re.compile(r"^/endpoints/(?P<endpoint>[^/]+)/(?P<verb>invocations|async-invocations)$")
# What the caller sends, and what the container gets to see of it.
_PASSED_ON = ("content-type", "accept", "x-amzn-sagemaker-custom-attributes", "x-amzn-sagemaker-inference-id")
_ASYNC_MEMBERS = {
    "x-amzn-sagemaker-content-type": "ContentType",
    "x-amzn-sagemaker-accept": "Accept",
    "x-amzn-sagemaker-custom-attributes": "CustomAttributes",
    "x-amzn-sagemaker-inference-id": "InferenceId",
    "x-amzn-sagemaker-inputlocation": "InputLocation",
    "x-amzn-sagemaker-requestttlseconds": "RequestTTLSeconds",
    "x-amzn-sagemaker-invocationtimeoutseconds": "InvocationTimeoutSeconds",
    "x-amzn-sagemaker-s3outputpathextension": "S3OutputPathExtension",
    "x-amzn-sagemaker-filename": "Filename",
}
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for "
    "each container in Amazon CloudWatch, resolve the issue, and try again."
)
_SERVING = ("InService", "Updating")


class Runtime:
    """Answers the operations of the `sagemaker-runtime` API by their paths."""

    def __init__(self, sagemaker: LocalSageMaker) -> None:
        self._sagemaker = sagemaker

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to a request (header names in lower case); raises AwsError."""
        match = _PATH.match(path)
        if match is None or method != "POST":
            raise AwsError("UnknownOperationException", f"the local SageMaker runtime has no {method} {path}", 404)
        endpoint = self._serving(unquote(match["endpoint"]))
        if match["verb"] == "async-invocations":
            return self._invoke_async(endpoint, headers, body)
        return self._invoke(endpoint, headers, body)

    def _serving(self, name: str) -> EndpointRecord:
        record = self._sagemaker.store.endpoints.get(name)
        if record is None or record.status not in _SERVING:
            raise AwsError("ValidationError", f"Endpoint {name} of account {ACCOUNT} not found.")
        return record

    def _invoke(self, endpoint: EndpointRecord, headers: Mapping[str, str], body: bytes) -> Answer:
        if endpoint.asynchronous:
            raise AwsError(
                "ValidationError",
                f"Endpoint {endpoint.name} of account {ACCOUNT} is configured for asynchronous inference and does not "
                "support InvokeEndpoint. Use InvokeEndpointAsync instead.",
            )
        with self._slot(endpoint, headers.get("x-amzn-sagemaker-target-variant")) as variant:
            limit = serverless.PAYLOAD if variant.serverless else realtime.PAYLOAD
            if len(body) > limit.maximum:
                raise AwsError("ValidationError", f"Request {uuid.uuid4()} has oversize body.")
            status, answered, answer = self._ask(endpoint, variant, headers, body)
        if variant.serverless and len(answer) > serverless.PAYLOAD.maximum:
            raise _model_error(endpoint, 413, "Response payload size exceeded the limit")
        if not 200 <= status < 300:
            raise _model_error(endpoint, status, answer.decode(errors="replace"))
        result = {
            # In lower case, so that the gateway leaves the container's own Content-Type alone.
            "content-type": answered.get("content-type", "application/octet-stream"),
            "x-Amzn-Invoked-Production-Variant": variant.name,
        }
        attributes = answered.get("x-amzn-sagemaker-custom-attributes")
        if attributes:
            result["X-Amzn-SageMaker-Custom-Attributes"] = attributes
        return 200, result, answer

    @staticmethod
    def _choose(endpoint: EndpointRecord, target: str | None) -> VariantRecord:
        variants = list(endpoint.variants.values())
        if target is None:
            weights = [variant.weight for variant in variants]
            return random.choices(variants, weights)[0] if any(weights) else variants[0]
        if target not in endpoint.variants:
            raise AwsError("ValidationError", f"Variant {target} not found for endpoint {endpoint.name}.")
        return endpoint.variants[target]

    @contextmanager
    def _slot(self, endpoint: EndpointRecord, target: str | None) -> Iterator[VariantRecord]:
        """A variant and one of its concurrent invocations; serverless ones are limited to MaxConcurrency."""
        with self._sagemaker.store.lock:
            variant = self._choose(endpoint, target)
            if variant.serverless and variant.in_flight >= variant.serverless["MaxConcurrency"]:
                raise AwsError(
                    "ThrottlingException",
                    f"Maximum concurrency of {variant.serverless['MaxConcurrency']} of endpoint {endpoint.name} "
                    "reached. Try again later.",
                )
            variant.in_flight += 1
        self._sagemaker.autoscaling.count_invocation(endpoint.name, variant.name)
        try:
            yield variant
        finally:
            with self._sagemaker.store.lock:
                variant.in_flight -= 1

    def _ask(self, endpoint: EndpointRecord, variant: VariantRecord, headers: Mapping[str, str], body: bytes) -> Answer:
        passed_on = {name: headers[name] for name in _PASSED_ON if name in headers}
        timeout = (serverless if variant.serverless else realtime).INVOCATION_TIMEOUT.maximum
        try:
            return self._sagemaker.container(variant.model_name).invoke(body, passed_on, timeout)
        except InvocationTimedOut as error:
            raise _model_error(endpoint, 0, _TIMED_OUT) from error
        except ContainerUnreachable as error:
            raise AwsError(
                "ServiceUnavailable", f"the container of endpoint {endpoint.name} does not answer: {error}", 503
            ) from error

    def _invoke_async(self, endpoint: EndpointRecord, headers: Mapping[str, str], body: bytes) -> Answer:
        if not endpoint.asynchronous:
            raise AwsError(
                "ValidationError",
                f"Endpoint {endpoint.name} of account {ACCOUNT} is not configured for asynchronous inference. "
                "Use InvokeEndpoint instead.",
            )
        request: Payload = {member: headers[name] for name, member in _ASYNC_MEMBERS.items() if name in headers}
        for member in ("RequestTTLSeconds", "InvocationTimeoutSeconds"):
            # Headers are text; what is no number stays text, and is refused with the rest of the request.
            if str(request.get(member, "")).isdecimal():
                request[member] = int(request[member])
        if body:
            request["Body"] = body
        answer = self._sagemaker.asynchronous.submit(endpoint, request)
        result = {"content-type": "application/json", "X-Amzn-SageMaker-OutputLocation": answer["OutputLocation"]}
        if answer.get("FailureLocation"):
            result["X-Amzn-SageMaker-FailureLocation"] = answer["FailureLocation"]
        return 202, result, json.dumps({"InferenceId": answer["InferenceId"]}).encode()


def _model_error(endpoint: EndpointRecord, status: int, answer: str) -> AwsError:
    """AWS calls 4xx the client's, everything else (0 is no answer at all) the server's."""
    whose = "client" if 400 <= status < 500 else "server"
    console = (
        f"https://{REGION}.console.aws.amazon.com/cloudwatch/home?region={REGION}"
        f"#logEventViewer:group=/aws/sagemaker/Endpoints/{endpoint.name}"
    )
    message = (
        f'Received {whose} error ({status}) from primary with message "{answer}". '
        f"See {console} in account {ACCOUNT} for more information."
    )
    return AwsError(
        "ModelError",
        message,
        424,
        OriginalStatusCode=status,
        OriginalMessage=answer,
        LogStreamArn=log_stream_arn(endpoint.name),
    )
