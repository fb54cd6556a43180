"""A model of several containers, a process each: in a row (a serial inference pipeline), or one of them by request."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from constructs_lib.local.containers.multi_model import MultiModelContainer
from constructs_lib.local.containers.served import ANSWERED_BY, Answer, InvocationTimedOut, Served, StreamedAnswer
from constructs_lib.local.endpoints.targets import TARGET_CONTAINER, TARGET_MODEL
from constructs_lib.local.errors import AwsError

# What SageMaker asks for between the containers of a pipeline by default, as AWS's examples of pipelines with
# scikit-learn say; the caller's Accept is for the last one.
_BETWEEN = "application/json"


class Pipeline:
    """`members` by name, in the order of the request. With `direct`, each request names the one that answers it."""

    def __init__(self, members: Mapping[str, Served], *, direct: bool) -> None:
        self._members = dict(members)
        self._direct = direct

    @property
    def restarts(self) -> int:
        """How often any of the containers was started again."""
        return sum(member.restarts for member in self._members.values())

    def wait_healthy(self, timeout: float) -> None:
        """Return once every container answers /ping with 200; they start side by side and share the time."""
        deadline = time.monotonic() + timeout
        for member in self._members.values():
            member.wait_healthy(max(0.0, deadline - time.monotonic()))

    def invoke(self, body: bytes, headers: Mapping[str, str], timeout: float) -> Answer:
        """Through all containers, at most `timeout` seconds in all; the first that does not answer 2xx ends it."""
        name, body, sent, left, early = self._before_last(body, headers, timeout)
        if early is not None:
            return early
        return _signed(self._members[name].invoke(body, sent, left), name)

    def stream(self, body: bytes, headers: Mapping[str, str], timeout: float) -> StreamedAnswer:
        """The answer of the last container, or of the one that the request names, piece by piece."""
        name, body, sent, left, early = self._before_last(body, headers, timeout)
        if early is not None:
            status, found, answer = early
            return StreamedAnswer(status, found, iter([answer]))
        streamed = self._members[name].stream(body, sent, left)
        streamed.headers[ANSWERED_BY] = name
        return streamed

    def _before_last(
        self, body: bytes, headers: Mapping[str, str], timeout: float
    ) -> tuple[str, bytes, dict[str, str], float, Answer | None]:
        """Who answers in the end, with which body and headers, in which time; or the error that came before."""
        deadline = time.monotonic() + timeout
        sent = {name.lower(): value for name, value in headers.items()}
        target = sent.pop(TARGET_CONTAINER, None)
        if self._direct:
            if target not in self._members:
                raise AwsError("ValidationError", f"the request names no container of {', '.join(self._members)}")
            return target, body, self._for(target, sent), timeout, None
        *before, last = self._members
        for name in before:
            asked = self._for(name, sent) | {"accept": _BETWEEN}
            answer = _signed(self._members[name].invoke(body, asked, _left(deadline, name)), name)
            if not 200 <= answer[0] < 300:
                return name, body, sent, 0.0, answer
            body = answer[2]
            sent["content-type"] = answer[1].get("content-type", "application/octet-stream")
        return last, body, self._for(last, sent), _left(deadline, last), None

    def _for(self, name: str, sent: Mapping[str, str]) -> dict[str, str]:
        """The headers for one container; only one that holds many models is told of the model."""
        if isinstance(self._members[name], MultiModelContainer):
            return dict(sent)
        return {header: value for header, value in sent.items() if header != TARGET_MODEL}

    def execution_parameters(self) -> dict[str, Any]:
        """What the first container says, as it is the one that takes the records."""
        return next(iter(self._members.values())).execution_parameters()

    def stop(self) -> None:
        """End every container, at once, because each may take its grace."""
        stops = [threading.Thread(target=member.stop) for member in self._members.values()]
        for stop in stops:
            stop.start()
        for stop in stops:
            stop.join()


def _left(deadline: float, name: str) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise InvocationTimedOut("no time is left for this container", name)
    return left


def _signed(answer: Answer, name: str) -> Answer:
    status, headers, body = answer
    return status, headers | {ANSWERED_BY: name}, body
