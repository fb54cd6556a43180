"""What serves a model: one container, several in a row or side by side, or one that holds many models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Answer = tuple[int, dict[str, str], bytes]

# The header, of ours and never passed on, in which an answer says which of several containers gave it.
ANSWERED_BY = "x-local-answered-by"


class _ContainerError(Exception):
    """`container` is the name of the container that it is about."""

    def __init__(self, message: str, container: str = "primary") -> None:
        super().__init__(message)
        self.container = container


class InvocationTimedOut(_ContainerError):
    """The container did not answer within the time-out."""


class ContainerUnreachable(_ContainerError):
    """The container closed the connection or does not listen, as while it restarts."""


@dataclass
class StreamedAnswer:
    """Status and headers (names in lower case) of an answer whose body is still coming; close it when done with it."""

    status: int
    headers: dict[str, str]
    pieces: Iterator[bytes]
    close: Callable[[], None] = field(default=lambda: None)

    def whole(self) -> bytes:
        """What is left of the body, all at once."""
        try:
            return b"".join(self.pieces)
        finally:
            self.close()


class Served(Protocol):
    """Whatever keeps SageMaker's contract for a model; `restarts` counts the crashes of its containers."""

    @property
    def restarts(self) -> int:
        """How often a container of it was started again."""

    def wait_healthy(self, timeout: float) -> None:
        """Return once every /ping answers 200; raises ContainerFailed after `timeout` seconds or on a crash."""

    def invoke(self, body: bytes, headers: Mapping[str, str], timeout: float) -> Answer:
        """Status, headers in lower case, body; raises InvocationTimedOut and ContainerUnreachable."""

    def stream(self, body: bytes, headers: Mapping[str, str], timeout: float) -> StreamedAnswer:
        """As `invoke`, with the body piece by piece."""

    def execution_parameters(self) -> dict[str, Any]:
        """What /execution-parameters says, or nothing."""

    def stop(self) -> None:
        """End every process."""
