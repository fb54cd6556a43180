"""The client for asyncio: ``constructs_lib.client.aio.InferenceClient``.

boto3 knows no asyncio, so each call runs in a thread of the client's own. Waiting for asynchronous requests takes no
thread: thousands may be awaited at once. A call whose task is cancelled is left alone, and ends with its own time-out;
a request that was submitted goes on, and so does an execution of a pipeline.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, cast

from constructs_lib.client import inference
from constructs_lib.client.many import AsyncResults
from constructs_lib.client.notifications import Status
from constructs_lib.client.prediction import Prediction
from constructs_lib.client.results import AsyncResult as BlockingResult
from constructs_lib.client.streaming import PredictionStream

P = ParamSpec("P")
T = TypeVar("T")
U = TypeVar("U")
_THREADS = 32


class _Threads:
    """Runs blocking calls beside the loop, each in a thread that does not keep the program from ending."""

    def __init__(self, count: int) -> None:
        self._slots = asyncio.Semaphore(count)

    async def run(self, call: Callable[P, T], /, *arguments: P.args, **options: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[T] = loop.create_future()

        def deliver(answer: T | None, error: BaseException | None) -> None:
            if answered.done():  # nobody waits for it any longer
                return
            if error is not None:
                answered.set_exception(error)
            else:
                answered.set_result(cast(T, answer))

        def work() -> None:
            answer, error = None, None
            try:
                answer = call(*arguments, **options)
            except BaseException as raised:  # noqa: BLE001 - the one who waits gets it
                error = raised
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(deliver, answer, error)

        async with self._slots:
            threading.Thread(target=work, name="inference-aio", daemon=True).start()
            return await answered


def _awaited(
    method: Callable[Concatenate[inference.InferenceClient, P], T], finish: Callable[[InferenceClient, T], U]
) -> Callable[Concatenate[InferenceClient, P], Awaitable[U]]:
    """A method of the blocking client, awaited, and what is made of its answer."""

    async def awaited(self: InferenceClient, /, *arguments: P.args, **options: P.kwargs) -> U:
        return finish(self, await self._threads.run(method, self._client, *arguments, **options))

    awaited.__doc__ = method.__doc__
    return awaited


def _streamed(
    method: Callable[Concatenate[inference.InferenceClient, P], PredictionStream],
) -> Callable[Concatenate[InferenceClient, P], AsyncIterator[bytes]]:
    """The parts of a stream; leaving the loop ends it."""

    async def streamed(self: InferenceClient, /, *arguments: P.args, **options: P.kwargs) -> AsyncIterator[bytes]:
        stream = await self._threads.run(method, self._client, *arguments, **options)
        try:
            while (part := await self._threads.run(next, stream, None)) is not None:
                yield part
        finally:
            stream.close()

    streamed.__doc__ = method.__doc__
    return streamed


def _completed(
    method: Callable[Concatenate[inference.InferenceClient, P], AsyncResults],
) -> Callable[Concatenate[InferenceClient, P], AsyncIterator[AsyncResult]]:
    """Results as soon as it is known what became of them."""

    async def completed(
        self: InferenceClient, /, *arguments: P.args, **options: P.kwargs
    ) -> AsyncIterator[AsyncResult]:
        results = await self._threads.run(method, self._client, *arguments, **options)
        loop, ended = asyncio.get_running_loop(), asyncio.Queue[BlockingResult]()

        def tell(result: BlockingResult) -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(ended.put_nowait, result)

        with results.awaited() as outcomes:
            for outcome, result in outcomes.items():
                outcome.add_done_callback(partial(lambda result, _: tell(result), result))
            for _ in outcomes:
                yield AsyncResult(await ended.get(), self._threads)

    completed.__doc__ = method.__doc__
    return completed


class AsyncResult:
    """What will become of an asynchronous request, awaited."""

    def __init__(self, result: BlockingResult, threads: _Threads) -> None:
        self._result = result
        self._threads = threads
        self.inference_id = result.inference_id
        self.output_location = result.output_location
        self.failure_location = result.failure_location

    async def status(self) -> Status:
        """What became of it by now."""
        return await self._threads.run(self._result.status)

    async def wait(self, timeout: float | None = None) -> AsyncResult:
        """Wait until it has an answer; parameters and errors are those of the blocking ``wait``."""
        deadline = self._result.deadline(timeout)
        with self._result.awaited() as outcome:
            try:
                # Shielded: others may wait for the same request.
                await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(outcome)), deadline.left)
            except TimeoutError:
                raise deadline.over() from None
        await self._threads.run(self._result.wait)
        return self

    async def result(self, timeout: float | None = None) -> Prediction:
        """The answer; waits for it."""
        await self.wait(timeout)
        return await self._threads.run(self._result.result)


class InferenceClient:
    """Calls what was deployed from asyncio; methods, parameters and errors are those of the blocking client.

    ``predict``, ``submit``, ``run_batch`` and the look-ups are awaited. ``predict_stream`` is an asynchronous iterator
    over parts, ``submit_all`` one over results: each comes as soon as it is known what became of it, failed ones too.

    :param client: the blocking client that makes the calls.
    :param threads: how many calls run at once.
    """

    def __init__(self, client: inference.InferenceClient, *, threads: int = _THREADS) -> None:
        self._client = client
        self._threads = _Threads(threads)

    @classmethod
    async def for_stack(cls, stack_name: str, *, prefix: str = "", session: Any = None) -> Self:
        """A client of what a stack's outputs name."""
        make = partial(inference.InferenceClient.for_stack, stack_name, prefix=prefix, session=session)
        return cls(await asyncio.to_thread(make))

    predict = _awaited(inference.InferenceClient.predict, lambda _, answer: answer)
    run_batch = _awaited(inference.InferenceClient.run_batch, lambda _, result: result)
    submit = _awaited(inference.InferenceClient.submit, lambda client, result: AsyncResult(result, client._threads))
    lookup = _awaited(inference.InferenceClient.lookup, lambda _, answer: answer)
    lookup_all = _awaited(inference.InferenceClient.lookup_all, lambda _, answers: answers)
    override = _awaited(inference.InferenceClient.override, lambda _, since: since)
    predict_stream = _streamed(inference.InferenceClient.predict_stream)
    submit_all = _completed(inference.InferenceClient.submit_all)
