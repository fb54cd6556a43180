"""SageMaker's runtime: InvokeEndpoint and its asynchronous and streaming kin, with AWS's limits and error codes."""

from __future__ import annotations

import json
import re
import uuid
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote

from constructs_lib.facts import realtime, serverless
from constructs_lib.local.api.event_stream import EventStream
from constructs_lib.local.arns import ACCOUNT
from constructs_lib.local.containers.served import Answer
from constructs_lib.local.endpoints.capture import DataCapture
from constructs_lib.local.endpoints.invoker import Invoker
from constructs_lib.local.endpoints.routing import Route, Router
from constructs_lib.local.endpoints.shadow import ShadowTraffic
from constructs_lib.local.errors import AwsError

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping

    from constructs_lib.local.service import LocalSageMaker
    from constructs_lib.local.store import EndpointRecord, Payload, VariantRecord

StreamAnswer = tuple[int, dict[str, str], EventStream]

_PATH = re.compile(
    r"^/endpoints/(?P<endpoint>[^/]+)/(?P<verb>invocations|async-invocations|invocations-response-stream)$"
)
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
_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
_SERVING = ("InService", "Updating", "RollingBack")


class Runtime:
    """Answers the operations of the `sagemaker-runtime` API by their paths.

    `chooser` draws the variants and the samples; hand in a seeded one to know what it draws.
    """

    def __init__(self, sagemaker: LocalSageMaker, chooser: random.Random | None = None) -> None:
        self._sagemaker = sagemaker
        self._router = Router(chooser)
        self._invoker = Invoker(sagemaker)
        self._capture = DataCapture(sagemaker, self._router)
        self._shadows = ShadowTraffic(sagemaker, self._invoker)

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer | StreamAnswer:
        """The answer to a request (header names in lower case); raises AwsError."""
        match = _PATH.match(path)
        if match is None or method != "POST":
            raise AwsError("UnknownOperationException", f"the local SageMaker runtime has no {method} {path}", 404)
        endpoint = self._serving(unquote(match["endpoint"]))
        if match["verb"] == "async-invocations":
            return self._invoke_async(endpoint, headers, body)
        if endpoint.asynchronous:
            operation = "InvokeEndpoint" + ("" if match["verb"] == "invocations" else "WithResponseStream")
            raise AwsError(
                "ValidationError",
                f"Endpoint {endpoint.name} of account {ACCOUNT} is configured for asynchronous inference and does not "
                f"support {operation}. Use InvokeEndpointAsync instead.",
            )
        if match["verb"] == "invocations-response-stream":
            return self._stream(endpoint, headers, body)
        return self._invoke(endpoint, headers, body)

    def _serving(self, name: str) -> EndpointRecord:
        record = self._sagemaker.store.endpoints.get(name)
        if record is None or record.status not in _SERVING:
            raise AwsError("ValidationError", f"Endpoint {name} of account {ACCOUNT} not found.")
        return record

    def _invoke(self, endpoint: EndpointRecord, headers: Mapping[str, str], body: bytes) -> Answer:
        captured = self._capture.begin(endpoint, headers, body)
        with self._slot(endpoint, headers) as route:
            self._begin(endpoint, route, headers, body)
            self._shadows.copy(endpoint.name, route.shadow, headers, body, captured)
            _, answered, answer = self._invoker.answer(endpoint.name, route.variant, headers, body)
        content_type = answered.get("content-type", "application/octet-stream")
        # In lower case, so that the gateway leaves the container's own Content-Type alone.
        result = {"content-type": content_type} | _about(route.variant, answered)
        if captured:
            captured.write(route.variant.name, content_type, answer)
        return 200, result, answer

    def _stream(self, endpoint: EndpointRecord, headers: Mapping[str, str], body: bytes) -> StreamAnswer:
        # This operation has its Accept in a header of its own.
        sent = {name: value for name, value in headers.items() if name != "accept"}
        if "x-amzn-sagemaker-accept" in headers:
            sent["accept"] = headers["x-amzn-sagemaker-accept"]
        with ExitStack() as stack:
            route = stack.enter_context(self._slot(endpoint, sent))
            self._begin(endpoint, route, sent, body)
            self._shadows.copy(endpoint.name, route.shadow, sent, body, None)
            answer = self._invoker.stream(endpoint.name, route.variant, sent, body)
            # The invocation goes on after this method: it ends with the stream.
            held = stack.pop_all()
        result = {
            "content-type": EventStream.CONTENT_TYPE,
            "X-Amzn-SageMaker-Content-Type": answer.headers.get("content-type", "application/octet-stream"),
        } | _about(route.variant, answer.headers)
        return 200, result, EventStream(answer, on_end=held.close)

    @staticmethod
    def _begin(endpoint: EndpointRecord, route: Route, headers: Mapping[str, str], body: bytes) -> None:
        """Refuse what is wrong with the request itself."""
        route.variant.targets.check(endpoint.name, headers)
        limit = serverless.PAYLOAD if route.variant.serverless else realtime.PAYLOAD
        if len(body) > limit.maximum:
            raise AwsError("ValidationError", f"Request {uuid.uuid4()} has oversize body.")

    @contextmanager
    def _slot(self, endpoint: EndpointRecord, headers: Mapping[str, str]) -> Iterator[Route]:
        """The way of a request, with its place among the invocations that are under way."""
        with self._sagemaker.store.lock:
            route = self._sagemaker.components.route(endpoint, headers) or self._router.route(
                endpoint, headers.get("x-amzn-sagemaker-target-variant")
            )
            self._invoker.take_slot(endpoint.name, route.variant)
        try:
            yield route
        finally:
            self._invoker.give_slot_back(route.variant)

    def _invoke_async(self, endpoint: EndpointRecord, headers: Mapping[str, str], body: bytes) -> Answer:
        if not endpoint.asynchronous:
            raise AwsError(
                "ValidationError",
                f"Endpoint {endpoint.name} of account {ACCOUNT} is not configured for asynchronous inference. "
                "Use InvokeEndpoint instead.",
            )
        for variant in list(endpoint.variants.values()):
            variant.targets.check(endpoint.name, headers)
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


def _about(variant: VariantRecord, answered: Mapping[str, str]) -> dict[str, str]:
    """Who answered, and what the container had to say besides."""
    about = {"x-Amzn-Invoked-Production-Variant": variant.name}
    if answered.get(_ATTRIBUTES):
        about["X-Amzn-SageMaker-Custom-Attributes"] = answered[_ATTRIBUTES]
    return about
