"""An answer that comes in parts while the model still works on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from botocore.exceptions import EventStreamError
from botocore.response import URLLib3ProtocolError, URLLib3ReadTimeoutError

from constructs_lib.client.errors import InferenceFailed

if TYPE_CHECKING:
    from constructs_lib.client.deadline import Deadline


class PredictionStream:
    """Iterates over the parts of an answer, once.

    ``content_type``, ``variant`` and ``inference_id`` are known before the first part.

    Parts are as the container sent them; a line or a token may be cut in two.

    :raises InferenceFailed: when the stream breaks off, after the parts that came before.
    :raises TimedOut: when the whole takes longer than it was given.
    """

    def __init__(self, answer: Mapping[str, Any], deadline: Deadline, inference_id: str) -> None:
        self.inference_id = inference_id
        self.content_type: str = answer.get("ContentType", "")
        self.variant: str | None = answer.get("InvokedProductionVariant")
        self._events = answer["Body"]
        self._deadline = deadline
        self._parts = self._read()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._parts)

    def close(self) -> None:
        """Read no more; the endpoint is told by the closed connection."""
        self._events.close()

    def __enter__(self) -> PredictionStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> Iterator[bytes]:
        try:
            for event in self._events:
                self._deadline.check()
                if "PayloadPart" in event:
                    yield event["PayloadPart"]["Bytes"]
        except EventStreamError as error:
            details = error.response.get("Error", {})
            reason = ": ".join(str(part) for part in (details.get("Code"), details.get("Message")) if part)
            raise InferenceFailed(f"the stream broke off: {reason}") from error
        except URLLib3ReadTimeoutError as error:
            raise self._deadline.over() from error
        except URLLib3ProtocolError as error:
            raise InferenceFailed(f"the stream broke off: {error}") from error
        finally:
            self.close()
