"""The endpoint: which version it serves at this moment, and what it answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from hybrid_compute import logic
from hybrid_compute.correlation import Log
from hybrid_compute.logic import Record
from hybrid_compute.settings import Settings

# Until a deployment that has begun sends requests to another version, much more than this goes by.
_BELIEVED_SECONDS = 5.0
_THROTTLED = ("ThrottlingException", "Throttling", "TooManyRequestsException", "ServiceUnavailable")
Told = tuple[Record, str | None, str]
"""A record, its answer, and why there is none."""


class Endpoint:
    """The endpoint. The clients are handed in: of its control, and of its runtime, which must not try again."""

    def __init__(
        self, settings: Settings, *, control: Any, runtime: Any, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._control = control
        self._runtime = runtime
        self._clock = clock
        self._together = logic.takes_lines(settings.content_type)
        self._serves = False
        self._seen_at = -_BELIEVED_SECONDS

    def serves(self) -> bool:
        """Whether each answer of the endpoint is of our version of the model, and of no other."""
        if not self._serves or self._clock() - self._seen_at >= _BELIEVED_SECONDS:
            began = self._clock()
            described = self._control.describe_endpoint(EndpointName=self._settings.endpoint_name)
            self._serves, self._seen_at = logic.serves(described, self._settings.endpoint_config_name), began
        return self._serves

    def ask(self, records: Sequence[Record], seconds: float, log: Log) -> Iterator[Told]:
        """The answers, as few requests as it takes, one after the other; none is begun after so many seconds.

        The id of ``log`` is the inference id of each request: what is captured of them is found by it.
        """
        deadline = self._clock() + seconds
        unsound = [record for record in records if not logic.is_sound(record, self._settings)]
        yield from ((record, None, "bad payload") for record in unsound)
        sound = [record for record in records if record not in unsound]
        for group in logic.groups(sound, self._settings, together=self._together):
            yield from self._asked(group, deadline, log)

    def _asked(self, group: Sequence[Record], deadline: float, log: Log) -> Iterator[Told]:
        answers, why = self._invoke(group, deadline, log)
        if answers is not None:
            yield from ((record, answer, "") for record, answer in zip(group, answers, strict=True))
        elif why or len(group) == 1:
            yield from ((record, None, why or "failed") for record in group)
        else:
            # A container that does not answer line by line is asked for each record alone, from now on.
            self._together = False
            for record in group:
                yield from self._asked([record], deadline, log)

    def _invoke(self, group: Sequence[Record], deadline: float, log: Log) -> tuple[list[str] | None, str]:
        """The answers of a request, or why it gave none, or nothing where it gave another number of them."""
        if self._clock() >= deadline:
            return None, "no time"
        try:
            if not self.serves():
                return None, "deploying"
            answer = self._runtime.invoke_endpoint(
                EndpointName=self._settings.endpoint_name,
                ContentType=self._settings.content_type,
                Accept=self._settings.accept,
                InferenceId=log.correlation_id,
                Body=logic.body_of(group),
            )
            return logic.answers_of(answer["Body"].read(), len(group), self._settings), ""
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            _note(log, group, code, OriginalStatusCode=error.response.get("OriginalStatusCode"))
            return None, "throttled" if code in _THROTTLED else "failed"
        except BotoCoreError as error:
            _note(log, group, type(error).__name__)
            return None, "failed"


def _note(log: Log, group: Sequence[Record], code: str, **more: object) -> None:
    """Without the words of the container, which may be those of a payload; its own log has them."""
    log.write({"Outcome": "NotAnswered", "Records": len(group), "Error": code, **more})
