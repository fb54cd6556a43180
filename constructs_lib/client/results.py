"""An asynchronous request from the side of whoever sent it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from constructs_lib.client.deadline import Deadline
from constructs_lib.client.errors import InferenceFailed
from constructs_lib.client.notifications import Outcome, Status
from constructs_lib.client.watch import Request

if TYPE_CHECKING:
    from constructs_lib.client.objects import Objects
    from constructs_lib.client.prediction import Prediction
    from constructs_lib.client.watch import Watch

# SageMaker's sentence around what the container said.
_RECEIVED = re.compile(r'Received \w+ error \((?P<status>\d+)\) from .+? with message "(?P<message>.*)"', re.DOTALL)


class AsyncResult:
    """What will become of a request; several threads may wait for it.

    ``inference_id``, ``output_location`` and ``failure_location`` are all that another process needs to wait for it:
    see ``InferenceClient.result_of``.
    """

    def __init__(self, request: Request, watch: Watch, objects: Objects, longest: float) -> None:
        self._request = request
        self._watch = watch
        self._objects = objects
        self._longest = longest

    @property
    def inference_id(self) -> str:
        """The id under which the request was sent."""
        return self._request.inference_id

    @property
    def output_location(self) -> str:
        """Where SageMaker puts the answer."""
        return self._request.output_location

    @property
    def failure_location(self) -> str | None:
        """Where SageMaker puts the error; None if the endpoint has no failure path."""
        return self._request.failure_location

    def status(self) -> Status:
        """What became of it by now, asked without waiting."""
        outcome = self._watch.ask(self._request)
        return outcome.status if outcome else self._request.unsettled_status

    def wait(self, timeout: float | None = None) -> AsyncResult:
        """Wait until it has an answer; returns itself.

        :param timeout: seconds; by default the longest that SageMaker keeps a request and then works on it.
        :raises InferenceFailed: with the container's message, if it failed.
        :raises TimedOut: if it is still under way then; it may be waited for again.
        """
        deadline = self.deadline(timeout)
        with self.awaited() as outcome:
            try:
                outcome.result(deadline.left)
            except TimeoutError:
                raise deadline.over() from None
        if self._failure:
            raise self._failure
        return self

    def deadline(self, timeout: float | None) -> Deadline:
        """When a wait of ``timeout`` seconds is over."""
        return Deadline(self._longest if timeout is None else timeout, f"request {self.inference_id}")

    @contextmanager
    def awaited(self) -> Iterator[Future[Outcome]]:
        """A future that gets done inside once it is known what became of the request; it must not be cancelled."""
        if self._request.unsent:
            raise self._request.unsent
        with self._watch.waiting([self._request]):
            yield self._request.outcome

    def result(self, timeout: float | None = None) -> Prediction:
        """The answer; waits for it as ``wait`` does, and raises the same."""
        self.wait(timeout)
        return self._answer

    @property
    def request(self) -> Request:
        """What the client keeps of it."""
        return self._request

    @cached_property
    def _answer(self) -> Prediction:
        answer = self._objects.read(self._request.outcome.result().location or self.output_location)
        return replace(answer, inference_id=self.inference_id)

    @cached_property
    def _failure(self) -> InferenceFailed | None:
        outcome = self._request.outcome.result()
        if outcome.status is Status.COMPLETED:
            return None
        location = self.failure_location or outcome.location
        written = self._objects.read_if_there(location) if location else None
        text = written.body.decode(errors="replace").strip() if written else ""
        reason, status = container_message(text or outcome.reason or "SageMaker gives no reason")
        return InferenceFailed(reason, status=status, inference_id=self.inference_id, failure_location=location)

    def __repr__(self) -> str:
        return f"AsyncResult(inference_id={self.inference_id!r}, output_location={self.output_location!r})"


def container_message(text: str) -> tuple[str, int | None]:
    """The container's own message and HTTP status in SageMaker's sentence about it, or the whole text."""
    found = _RECEIVED.search(text)
    return (found["message"], int(found["status"]) or None) if found else (text, None)
