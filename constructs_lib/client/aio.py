"""The client for asyncio: ``constructs_lib.client.aio.InferenceClient``.

boto3 knows no asyncio, so each call runs in a thread of the client's own. Waiting for asynchronous requests takes no
thread: thousands may be awaited at once. A call whose task is cancelled is left alone, and ends with its own time-out;
a request that was submitted goes on, and so does an execution of a pipeline.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from constructs_lib.client import inference
from constructs_lib.client.notifications import Status
from constructs_lib.client.prediction import Prediction
from constructs_lib.client.results import AsyncResult as BlockingResult

P = ParamSpec("P")
T = TypeVar("T")
_THREADS = 32


class _Threads:
    """Runs blocking calls beside the loop."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="inference-aio")

    async def run(self, call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(call, *arguments, **options))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _in_a_thread(
    method: Callable[Concatenate[inference.InferenceClient, P], T],
) -> Callable[Concatenate[InferenceClient, P], Awaitable[T]]:
    """The same method, awaited."""

    async def awaited(self: InferenceClient, /, *arguments: P.args, **options: P.kwargs) -> T:
        return await self._threads.run(partial(method, self._client), *arguments, **options)

    awaited.__doc__ = method.__doc__
    return awaited


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

    predict = _in_a_thread(inference.InferenceClient.predict)
    run_batch = _in_a_thread(inference.InferenceClient.run_batch)
    _begin_stream = _in_a_thread(inference.InferenceClient.predict_stream)
    _submit = _in_a_thread(inference.InferenceClient.submit)

    async def predict_stream(
        self,
        payload: object,
        *,
        content_type: str | None = None,
        accept: str | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[bytes]:
        """The parts of one answer as they come; leaving the loop ends the stream."""
        stream = await self._begin_stream(payload, content_type=content_type, accept=accept, timeout=timeout)
        try:
            while (part := await self._threads.run(next, stream, None)) is not None:
                yield part
        finally:
            stream.close()

    async def submit(
        self,
        payload: object = None,
        *,
        input_location: str | None = None,
        content_type: str | None = None,
        accept: str | None = None,
        inference_id: str | None = None,
        request_ttl_seconds: int | None = None,
        invocation_timeout_seconds: int | None = None,
    ) -> AsyncResult:
        """Hand a request to an asynchronous endpoint."""
        result = await self._submit(
            payload,
            input_location=input_location,
            content_type=content_type,
            accept=accept,
            inference_id=inference_id,
            request_ttl_seconds=request_ttl_seconds,
            invocation_timeout_seconds=invocation_timeout_seconds,
        )
        return AsyncResult(result, self._threads)

    async def submit_all(
        self,
        payloads: Iterable[object],
        *,
        content_type: str | None = None,
        accept: str | None = None,
        request_ttl_seconds: int | None = None,
        invocation_timeout_seconds: int | None = None,
        timeout: float | None = None,
    ) -> AsyncIterator[AsyncResult]:
        """Submit many payloads, then give each result as soon as it is known what became of it, failed ones too.

        :param timeout: seconds for all of them once they are submitted.
        :raises TimedOut: if some are still under way then.
        """
        submit = _in_a_thread(inference.InferenceClient.submit_all)
        sent = await submit(
            self,
            payloads,
            content_type=content_type,
            accept=accept,
            request_ttl_seconds=request_ttl_seconds,
            invocation_timeout_seconds=invocation_timeout_seconds,
        )
        completed = sent.as_completed(timeout)
        while (result := await self._threads.run(next, completed, None)) is not None:
            yield AsyncResult(result, self._threads)

    def close(self) -> None:
        """End the client's threads once their calls are over."""
        self._threads.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
