"""Many asynchronous requests at once: sent a few at a time, waited for together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TYPE_CHECKING, overload

from constructs_lib.client.deadline import Deadline
from constructs_lib.client.errors import TimedOut
from constructs_lib.client.notifications import Outcome, Status
from constructs_lib.client.progress import Progress, Tell
from constructs_lib.client.results import AsyncResult

if TYPE_CHECKING:
    from constructs_lib.client.watch import Watch


class AsyncResults(Sequence[AsyncResult]):
    """The results of many requests, in the order of their payloads.

    A request that failed, or could not even be sent, stands among the others: its own ``result()`` raises why.
    """

    def __init__(self, results: Sequence[AsyncResult], watch: Watch, tell: Tell, longest: float) -> None:
        self._results = list(results)
        self._watch = watch
        self._tell = tell
        self._longest = longest

    @overload
    def __getitem__(self, index: int) -> AsyncResult: ...
    @overload
    def __getitem__(self, index: slice) -> list[AsyncResult]: ...
    def __getitem__(self, index: int | slice) -> AsyncResult | list[AsyncResult]:
        return self._results[index]

    def __len__(self) -> int:
        return len(self._results)

    def as_completed(self, timeout: float | None = None) -> Iterator[AsyncResult]:
        """Each result as soon as it is known what became of it, failed ones too.

        :param timeout: seconds for all of them; by default the longest that SageMaker may take for one.
        :raises TimedOut: if some are still under way then.
        """
        deadline = Deadline(self._longest if timeout is None else timeout, f"waiting for {len(self)} requests")
        done = failed = 0
        with self.awaited() as waiting:
            try:
                for outcome in as_completed(waiting, deadline.left):
                    done += 1
                    failed += outcome.exception() is not None or outcome.result().status is Status.FAILED
                    self._tell(Progress(what="results", done=done, total=len(self), failed=failed))
                    yield waiting[outcome]
            except TimeoutError:
                raise TimedOut(f"{deadline.over()}; {len(self) - done} of them are still under way") from None

    @contextmanager
    def awaited(self) -> Iterator[dict[Future[Outcome], AsyncResult]]:
        """The results by futures that get done inside once it is known what became of each; not to be cancelled."""
        with self._watch.waiting([result.request for result in self._results]):
            yield {result.request.outcome: result for result in self._results}

    def wait(self, timeout: float | None = None) -> AsyncResults:
        """Wait until it is known what became of every one; returns itself. Failures are not raised here."""
        for _ in self.as_completed(timeout):
            pass
        return self


def submit_each(
    payloads: Iterable[object], submit: Callable[[object], AsyncResult], concurrency: int, tell: Tell
) -> list[AsyncResult]:
    """Submit every payload, ``concurrency`` at a time; payloads are taken from their source no faster than that."""
    if concurrency < 1:
        raise ValueError(f"concurrency must be at least 1, got {concurrency}; 1 is one after the other")
    sent = 0
    total = len(payloads) if isinstance(payloads, Sequence) else None
    lock, slots = threading.Lock(), threading.Semaphore(2 * concurrency)

    def send(payload: object) -> AsyncResult:
        nonlocal sent
        try:
            return submit(payload)
        finally:
            slots.release()
            with lock:
                sent += 1
                if total is not None:
                    tell(Progress(what="submitted", done=sent, total=total))

    with ThreadPoolExecutor(concurrency, thread_name_prefix="inference-submit") as pool:
        futures = []
        try:
            for payload in payloads:
                slots.acquire()
                futures.append(pool.submit(send, payload))
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
