"""The client for asyncio: the same answers, many waits without threads, and tasks that may be cancelled."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from constructs_lib.client import InferenceClient as BlockingClient
from constructs_lib.client import InferenceFailed, Status, TimedOut
from constructs_lib.client.aio import InferenceClient
from constructs_lib.local import LocalAws
from tests.client.conftest import AsyncStack
from tests.local.conftest import Serve

T = TypeVar("T")
SOON = 20.0
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def blocking(local_aws: LocalAws, serve: Serve) -> BlockingClient:
    return BlockingClient(endpoint_name=serve(), session=local_aws.session())


def run(client: BlockingClient, use: Callable[[InferenceClient], Awaitable[T]]) -> T:
    """What a coroutine answers that uses an asyncio client."""

    async def main() -> T:
        return await use(InferenceClient(client))

    return asyncio.run(main())


def test_predictions_run_side_by_side(blocking: BlockingClient) -> None:
    async def use(client: InferenceClient) -> list[str]:
        began = time.monotonic()
        answers = await asyncio.gather(*(client.predict("!sleep 1") for _ in range(4)))
        assert time.monotonic() - began < 3.8
        return [answer.text for answer in answers]

    assert run(blocking, use) == ["slept"] * 4


def test_errors_are_those_of_the_blocking_client(blocking: BlockingClient) -> None:
    async def use(client: InferenceClient) -> None:
        with pytest.raises(InferenceFailed, match="as you wished"):
            await client.predict("!status 500")

    run(blocking, use)


def test_a_cancelled_call_comes_back_at_once(blocking: BlockingClient) -> None:
    async def use(client: InferenceClient) -> float:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.predict("!sleep 2"), 0.1)
        return time.monotonic() - began

    assert run(blocking, use) < 1.5


def test_a_cancelled_call_does_not_keep_the_program_from_ending() -> None:
    code = """
import asyncio, time
from types import SimpleNamespace
from constructs_lib.client import inference
from constructs_lib.client.aio import InferenceClient
slow = SimpleNamespace(client=lambda *_, **__: SimpleNamespace(invoke_endpoint=lambda **_: time.sleep(60)))
client = InferenceClient(inference.InferenceClient(endpoint_name="e", inference_option="realtime", session=slow))
async def main():
    try:
        await asyncio.wait_for(client.predict("x"), 0.1)
    except TimeoutError:
        print("cancelled")
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("cancelled\n", "")


def test_a_stream_is_an_asynchronous_iterator(blocking: BlockingClient) -> None:
    async def use(client: InferenceClient) -> list[bytes]:
        return [part async for part in client.predict_stream("!stream a,b,c")]

    assert run(blocking, use) == [b"a", b"b", b"c"]


def test_many_waits_take_no_threads(async_stack: AsyncStack) -> None:
    async def use(client: InferenceClient) -> tuple[list[str], int]:
        results = await asyncio.gather(*(client.submit(f"!sleep 0.{number}") for number in range(8)))
        waits = [asyncio.create_task(result.wait(SOON)) for result in results]
        before = threading.active_count()
        await asyncio.sleep(0.05)
        more = threading.active_count() - before
        await asyncio.gather(*waits)
        return [(await result.result()).text for result in results], more

    texts, more = run(async_stack.client(), use)
    assert texts == ["slept"] * 8
    assert more <= 1  # the one that listens


def test_a_cancelled_wait_leaves_the_request_to_be_waited_for(async_stack: AsyncStack) -> None:
    async def use(client: InferenceClient) -> str:
        result = await client.submit("!sleep 2")
        with pytest.raises(TimedOut, match=result.inference_id):
            await result.wait(0.1)
        task = asyncio.create_task(result.wait(SOON))
        await asyncio.sleep(0.05)
        task.cancel()
        assert await result.status() is Status.SUBMITTED
        return (await result.result(SOON)).text

    assert run(async_stack.client(), use) == "slept"


def test_submitting_many_gives_each_as_soon_as_it_is_known(async_stack: AsyncStack) -> None:
    async def use(client: InferenceClient) -> list[Status]:
        sent = client.submit_all(["one", "!status 400", "two"])
        return [await result.status() async for result in sent]

    assert sorted(run(async_stack.client(), use)) == ["Completed", "Completed", "Failed"]


def test_leaving_the_results_of_many_leaves_no_wait_behind(async_stack: AsyncStack) -> None:
    client = async_stack.client()

    async def use(made: InferenceClient) -> None:
        async def all_of_them() -> None:
            async for _ in made.submit_all(["!sleep 3", "!sleep 3"]):
                pass

        task = asyncio.create_task(all_of_them())
        await asyncio.sleep(0.4)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    began = time.monotonic()
    run(client, use)
    assert time.monotonic() - began < 2.5
    assert client._watch._pending.is_idle
