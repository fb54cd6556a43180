"""Event stream encoding (application/vnd.amazon.eventstream) of an answer that is still coming."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING
from zlib import crc32

from constructs_lib.facts import realtime
from constructs_lib.local.containers.served import ContainerUnreachable, InvocationTimedOut

if TYPE_CHECKING:
    from constructs_lib.local.containers.served import StreamedAnswer

_STRING = 7
_CRC_AND_PRELUDE = 16


def encoded(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message: lengths, their checksum, the headers (all of them text), the payload, the checksum of it all."""
    block = b"".join(
        len(name).to_bytes(1) + name.encode() + _STRING.to_bytes(1) + len(text.encode()).to_bytes(2) + text.encode()
        for name, text in headers.items()
    )
    prelude = (_CRC_AND_PRELUDE + len(block) + len(payload)).to_bytes(4) + len(block).to_bytes(4)
    message = prelude + crc32(prelude).to_bytes(4) + block + payload
    return message + crc32(message).to_bytes(4)


def payload_part(piece: bytes) -> bytes:
    """A PayloadPart event."""
    headers = {
        ":event-type": "PayloadPart",
        ":content-type": "application/octet-stream",
        ":message-type": "event",
    }
    return encoded(headers, piece)


def model_stream_error(code: str, message: str) -> bytes:
    """The exception that ends a stream which cannot go on."""
    headers = {
        ":exception-type": "ModelStreamError",
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return encoded(headers, json.dumps({"Message": message, "ErrorCode": code}).encode())


class EventStream:
    """The messages of one answer, as they come; `on_end` is called once, when the last one was read or at `close`.

    `clock` tells the seconds of the time-out (default: the wall's).
    """

    CONTENT_TYPE = "application/vnd.amazon.eventstream"

    def __init__(
        self, answer: StreamedAnswer, *, on_end: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._answer = answer
        self._clock = clock
        self._on_end: Callable[[], None] | None = on_end
        self._messages = self._encode()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._messages)
        except BaseException:
            self.close()
            raise

    def _encode(self) -> Iterator[bytes]:
        deadline = self._clock() + realtime.STREAM_TIMEOUT.maximum
        try:
            for piece in self._answer.pieces:
                yield payload_part(piece)
                if self._clock() > deadline:
                    raise InvocationTimedOut(f"the answer took longer than {realtime.STREAM_TIMEOUT.maximum} seconds")
        except InvocationTimedOut as error:
            yield model_stream_error("ModelInvocationTimeExceeded", str(error))
        except ContainerUnreachable as error:
            yield model_stream_error("StreamBroken", str(error))

    def close(self) -> None:
        """End the connection to the container; a second call does nothing."""
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            self._answer.close()
            on_end()
