"""What ends a part of an execution before its time: an abort, a time-out, a failure beside it."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from constructs_lib.local.clock import Clock

POLL = 0.05
# Work takes real time, however fast the clock runs: a time-out leaves it so many real seconds, or all that it has.
LEAST_REAL_TIMEOUT = 5.0

_Result = TypeVar("_Result")


class Ended(Exception):
    """The execution, or this part of it, goes no further. No error of a state: no Retry and no Catch applies."""


class Aborted(Ended):
    """Somebody stopped the execution, or another iteration or branch of the same state failed."""


class TimedOut(Ended):
    """The execution ran longer than its TimeoutSeconds."""


class Scope:
    """A part of an execution; what ends a scope ends all scopes within it.

    `timeout` is in seconds of the execution's time.
    """

    def __init__(self, clock: Clock, parent: Scope | None = None, timeout: float | None = None) -> None:
        self._clock = clock
        self._parent = parent
        self._ended: Ended | None = None
        self._deadline = None if timeout is None else time.monotonic() + self.real(timeout)

    def real(self, timeout: float) -> float:
        """The real seconds of a time-out."""
        return max(timeout / self._clock.speed, min(timeout, LEAST_REAL_TIMEOUT))

    def child(self) -> Scope:
        """A scope within this one."""
        return Scope(self._clock, self)

    def end(self, reason: Ended) -> None:
        """End this scope; the first reason counts."""
        self._ended = self._ended or reason

    @property
    def ended(self) -> Ended | None:
        """Why this scope is at its end; `None` while it goes on."""
        if self._ended is None and self._deadline is not None and time.monotonic() > self._deadline:
            self._ended = TimedOut()
        return self._ended or (self._parent.ended if self._parent else None)

    def check(self) -> None:
        """Raise Ended where this scope is at its end."""
        reason = self.ended
        if reason is not None:
            raise type(reason)

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of the execution's time; raise Ended as soon as the scope ends."""
        until = time.monotonic() + max(0.0, seconds) / self._clock.speed
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, POLL))


_current: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("scope", default=None)


def current() -> Scope:
    """The scope in which this thread works; outside of executions one in real time that nothing ends."""
    return _current.get() or Scope(Clock())


def within(scope: Scope, work: Callable[[], _Result]) -> _Result:
    """Do `work` in a scope."""
    token = _current.set(scope)
    try:
        return work()
    finally:
        _current.reset(token)


def together(scope: Scope, works: Sequence[Callable[[], _Result]], at_once: int) -> list[_Result]:
    """The results of all works, at most `at_once` at a time, each in a scope within `scope`.

    The first failure aborts the others and is raised when all have ended; so is the end of `scope`.
    """
    inner = scope.child()

    def run(work: Callable[[], _Result]) -> _Result:
        is_done = False
        try:
            inner.check()
            result = work()
            is_done = True
        finally:
            if not is_done:
                inner.end(Aborted())
        return result

    with ThreadPoolExecutor(max(1, min(at_once, len(works)))) as pool:
        # A context each: two threads cannot be in the same one.
        futures = [pool.submit(contextvars.copy_context().run, within, inner, partial(run, work)) for work in works]
    scope.check()
    for future in futures:
        failure = future.exception()
        if failure is not None and not isinstance(failure, Ended):
            raise failure
    return [future.result() for future in futures]
