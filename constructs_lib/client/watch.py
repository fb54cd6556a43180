"""The one thread of a client that finds out what became of its requests, while somebody waits for any of them."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from constructs_lib.client.notifications import Outcome, Status
from constructs_lib.client.pending import Pending
from constructs_lib.client.retries import passes

if TYPE_CHECKING:
    from constructs_lib.client.objects import Objects
    from constructs_lib.client.queue import NotificationQueue
    from constructs_lib.client.status_table import StatusTable

_logger = logging.getLogger("constructs_lib.client")

# Seconds to the first look-up of a request, and between the later ones: with a queue S3 is asked in case of a loss,
# without one it is all that there is.
_BESIDE_A_QUEUE = (5.0, 15.0)
_ALONE = (0.5, 15.0)
# Requests looked up between two readings of the queue.
_AT_ONCE = 25
# Seconds without reading after messages of others were given back, so that their own readers get them.
_COURTESY = 0.15
# The longest reading of the queue, which goes on after the last waiter has left.
_LONGEST_POLL = 5.0
# Seconds after which S3 or the table is asked again when it did not answer.
_AFTER_TROUBLE = 1.0
_SERVER_ERROR = 500


@dataclass(eq=False, kw_only=True)
class Request:
    """One asynchronous request that was sent, or is about to be."""

    inference_id: str
    output_location: str = ""
    failure_location: str | None = None
    outcome: Future[Outcome] = field(default_factory=Future)
    unsent: Exception | None = None
    """Why it could not be sent."""
    is_noted: bool = False
    """Whether the status table has something of it."""

    @property
    def is_settled(self) -> bool:
        """Whether it is known what became of it."""
        return self.outcome.done() and self.outcome.exception() is None

    @property
    def unsettled_status(self) -> Status:
        """What may be said of it before it is known what became of it."""
        return Status.SUBMITTED if self.output_location or self.is_noted else Status.UNKNOWN

    def renew(self) -> None:
        """Forget an error that ended an earlier wait."""
        if self.outcome.done() and self.outcome.exception():
            self.outcome = Future()


class Watch:
    """Learns of outcomes from the queue or the status table where there is one, and from S3 in any case.

    The thread is started by the first who waits, and ends with the last.
    """

    def __init__(
        self,
        objects: Objects,
        queue: NotificationQueue | None = None,
        table: StatusTable | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._objects = objects
        self._queue = queue
        self._table = table
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._pending = Pending(*(_BESIDE_A_QUEUE if queue else _ALONE))
        self._requests: WeakValueDictionary[str, Request] = WeakValueDictionary()
        self._thread: threading.Thread | None = None
        self._woken = threading.Event()

    def follow(self, request: Request) -> None:
        """Make a request known; before it is sent, so that no message about it is taken for somebody else's."""
        with self._lock:
            self._requests[request.inference_id] = request
            self._pending.add(request.inference_id)

    def known(self, inference_id: str) -> Request | None:
        """The request of this id, if somebody holds it."""
        with self._lock:
            return self._requests.get(inference_id)

    @contextmanager
    def waiting(self, requests: Sequence[Request]) -> Iterator[None]:
        """Somebody waits for these inside; an earlier wait that broke off with an error does not count."""
        for request in requests:
            request.renew()
        ids = [request.inference_id for request in requests if not request.outcome.done()]
        with self._lock:
            generation = self._pending.want(ids, self._clock())
            if ids and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="inference-results", daemon=True)
                self._thread.start()
        self._woken.set()
        try:
            yield
        finally:
            with self._lock:
                self._pending.unwant(ids, generation)
            self._woken.set()

    def ask(self, request: Request) -> Outcome | None:
        """What became of a request by now; None while it is under way."""
        request.renew()
        if not request.is_settled:
            self._look_up([request])
        return request.outcome.result() if request.is_settled else None

    def _run(self) -> None:
        while True:
            self._woken.clear()
            with self._lock:
                if self._pending.is_idle:
                    self._thread = None
                    return
                now = self._clock()
                due = [self._requests.get(each) for each in self._pending.take_due(now, _AT_ONCE)]
                wait = self._pending.until_due(now)
            try:
                self._look_up([request for request in due if request])
                self._listen(wait)
            except Exception as error:  # noqa: BLE001 - those who wait get it
                self._trouble(error)

    def _listen(self, wait: float) -> None:
        """Wait for news, or for the next look-up."""
        if self._queue is None:
            self._woken.wait(wait)
            return
        try:
            others = self._queue.read(self._is_own, self._settle, min(wait, _LONGEST_POLL))
        except (BotoCoreError, ClientError) as error:
            if _may_pass(error):
                raise
            _logger.warning("the notification queue is read no longer, S3 is asked instead: %s", error)
            with self._lock:
                self._queue = None
                self._pending.ask_every(*_ALONE)
            return
        if others:
            self._sleep(random.uniform(0, 2 * _COURTESY))

    def _is_own(self, inference_id: str) -> bool:
        with self._lock:
            return self._pending.is_own(inference_id)

    def _look_up(self, requests: Sequence[Request]) -> None:
        known = self._table.outcomes(each.inference_id for each in requests) if self._table and requests else {}
        for request in requests:
            outcome = known.get(request.inference_id)
            request.is_noted = outcome is not None
            if (outcome is None or outcome.status is Status.SUBMITTED) and request.output_location:
                outcome = self._objects.outcome(request.output_location, request.failure_location)
            if outcome is not None and outcome.status is not Status.SUBMITTED:
                self._settle(request.inference_id, outcome)

    def _settle(self, inference_id: str, outcome: Outcome) -> None:
        """The first who tells of a request settles it; whoever tells of it again is not heard."""
        with self._lock:
            self._pending.settled(inference_id)
            request = self._requests.get(inference_id)
        if request is not None:
            # Outside of the lock: whoever is called back may wait for the next one.
            with suppress(InvalidStateError):
                request.outcome.set_result(outcome)

    def _trouble(self, error: Exception) -> None:
        """What passes is tried again; for the rest, whoever waits has to know."""
        if _may_pass(error):
            _logger.warning("outcomes could not be asked for, which is tried again: %s", error)
            self._sleep(_AFTER_TROUBLE)
            return
        with self._lock:
            requests = [self._requests.get(each) for each in self._pending.take_all()]
        for request in requests:
            if request is not None:
                with suppress(InvalidStateError):
                    request.outcome.set_exception(error)


def _may_pass(error: Exception) -> bool:
    """Whether a service may answer a little later: it is busy, broken, or out of reach."""
    response = getattr(error, "response", {})
    is_broken = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= _SERVER_ERROR
    return is_broken or passes(error) or isinstance(error, HTTPClientError)
