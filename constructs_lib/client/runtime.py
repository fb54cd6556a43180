"""Calls of one endpoint, repeated where that helps, with the model's errors as ``InferenceFailed``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from constructs_lib.client.connections import read_timeout
from constructs_lib.client.errors import InferenceFailed
from constructs_lib.client.prediction import Prediction
from constructs_lib.client.retries import Retries, code_of
from constructs_lib.client.streaming import PredictionStream

if TYPE_CHECKING:
    from constructs_lib.client.connections import Connections
    from constructs_lib.client.deadline import Deadline

T = TypeVar("T")
Arguments = Mapping[str, object]
_PIECE = 1024 * 1024


class Runtime:
    """SageMaker's runtime, as far as one endpoint goes."""

    def __init__(self, connections: Connections, endpoint_name: str, retries: Retries) -> None:
        self._connections = connections
        self._endpoint_name = endpoint_name
        self._retries = retries

    def invoke(self, arguments: Arguments, deadline: Deadline, longest: float) -> Prediction:
        """InvokeEndpoint; each attempt waits at most ``longest`` seconds for its answer."""

        def ask(runtime: Any) -> Prediction:
            answer = runtime.invoke_endpoint(EndpointName=self._endpoint_name, **arguments)
            return Prediction(
                body=_read(answer["Body"], deadline),
                content_type=answer.get("ContentType", ""),
                variant=answer.get("InvokedProductionVariant"),
                custom_attributes=answer.get("CustomAttributes"),
                inference_id=str(arguments["InferenceId"]),
            )

        return self._call(ask, deadline, longest)

    def stream(self, arguments: Arguments, deadline: Deadline, longest: float) -> PredictionStream:
        """InvokeEndpointWithResponseStream; only its beginning is repeated."""

        def ask(runtime: Any) -> PredictionStream:
            answer = runtime.invoke_endpoint_with_response_stream(EndpointName=self._endpoint_name, **arguments)
            return PredictionStream(answer, deadline, str(arguments["InferenceId"]))

        return self._call(ask, deadline, longest)

    def invoke_async(self, arguments: Arguments, deadline: Deadline, longest: float) -> Mapping[str, str]:
        """InvokeEndpointAsync's answer."""

        def ask(runtime: Any) -> Mapping[str, str]:
            answer: Mapping[str, str] = runtime.invoke_endpoint_async(EndpointName=self._endpoint_name, **arguments)
            return answer

        return self._call(ask, deadline, longest)

    def _call(self, ask: Callable[[Any], T], deadline: Deadline, longest: float) -> T:
        def attempt() -> T:
            return ask(self._connections.runtime(read_timeout(longest, deadline)))

        try:
            return self._retries.call(attempt, deadline)
        except ClientError as error:
            if code_of(error) == "ModelError":
                raise _model_error(error) from error
            raise


def _read(body: Any, deadline: Deadline) -> bytes:
    """The whole body; a container that sends it drop by drop does not hold the caller for longer than agreed."""
    pieces = []
    for piece in body.iter_chunks(_PIECE):
        pieces.append(piece)
        deadline.check()
    return b"".join(pieces)


def _model_error(error: ClientError) -> InferenceFailed:
    response = error.response
    reason = response.get("OriginalMessage") or response.get("Error", {}).get("Message") or str(error)
    status = response.get("OriginalStatusCode")
    return InferenceFailed(str(reason), status=int(status) if status else None)
