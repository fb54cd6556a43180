"""The services around the scoring of streams, in memory: they fail, lose answers and end functions as they are told.

Time is simulated: waiting moves it, and nothing else.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.handlers.fakes import client_error
from tests.handlers.stream_events import BEGIN

# What the fakes can be told to do at a call.
WORKS, BUSY, LOST, LATE, VANISHED = "works", "busy", "lost", "late", "vanished"
ENDED_BEFORE, ENDED_AFTER = "ended before", "ended after"
FAULTS = (BUSY, LOST, LATE, VANISHED, ENDED_BEFORE, ENDED_AFTER)


class Ended(BaseException):
    """The function was ended here: no handler of errors runs."""


class Clock:
    """Simulated time; what is ``late`` happens as it passes."""

    def __init__(self) -> None:
        self.now = BEGIN + 60.0
        self._late: list[tuple[float, Callable[[], None]]] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        end = self.now + seconds
        while self._late and self._late[0][0] <= end:
            self.now, act = self._late.pop(0)
            act()
        self.now = end

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        self._late.append((self.now + seconds, act))


class Plan:
    """What each call does, one after the other; when the plan is over, all calls work."""

    def __init__(self, clock: Clock, faults: Iterable[str | Callable[[], None]] = ()) -> None:
        self.clock = clock
        self.faults: Iterator[str | Callable[[], None]] = iter(faults)
        self.has_ended = False

    def call(self, act: Callable[[], Any], *, busy: str, can_be_late: bool = False) -> Any:
        """Act, as the plan has it; a function that was ended makes no further call."""
        if self.has_ended:
            raise Ended
        try:
            return self._call(next(self.faults, WORKS), act, busy, can_be_late)
        except Ended:
            self.has_ended = True
            raise

    def _call(self, fault: str | Callable[[], None], act: Callable[[], Any], busy: str, can_be_late: bool) -> Any:
        if callable(fault):
            fault()
            fault = WORKS
        if fault == ENDED_BEFORE:
            raise Ended
        if fault == BUSY:
            raise client_error(busy)
        if fault == VANISHED:
            raise ReadTimeoutError(endpoint_url="https://aws")
        if fault == LATE and can_be_late:
            self.clock.later(1.0, act)
            raise ReadTimeoutError(endpoint_url="https://aws")
        answer = act()
        if fault == ENDED_AFTER:
            raise Ended
        if fault in (LOST, LATE):
            raise ReadTimeoutError(endpoint_url="https://aws")
        return answer


class Table:
    """DynamoDB, one table of a span and an entry."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.writes = 0

    def put_item(self, *, TableName: str, Item: dict[str, Any]) -> None:  # noqa: N803 as boto3 calls them
        self.writes += 1
        place = (Item["span"]["S"], Item["entry"]["S"])
        self._plan.call(lambda: self.items.__setitem__(place, Item), busy="ThrottlingException")

    def get_paginator(self, operation: str) -> Table:
        assert operation == "query"
        return self

    def paginate(self, *, ConsistentRead: bool, ExpressionAttributeValues: Any, **_: Any) -> list[Any]:  # noqa: N803 as boto3 calls them
        assert ConsistentRead
        span, position = (ExpressionAttributeValues[name]["S"] for name in (":span", ":position"))

        def found() -> list[dict[str, Any]]:
            places = sorted(place for place in self.items if place[0] == span and place[1] >= position)
            return [self.items[place] for place in places]

        items = self._plan.call(found, busy="ThrottlingException")
        return [{"Items": items[:1]}, {"Items": items[1:]}]


class Bucket:
    """S3, one bucket whose writes are conditional."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.objects: dict[str, dict[str, Any]] = {}

    def put_object(self, *, Key: str, Body: bytes, IfNoneMatch: str, **_: Any) -> None:  # noqa: N803 as boto3 calls them
        assert IfNoneMatch == "*"

        def put() -> None:
            if Key in self.objects:
                raise client_error("PreconditionFailed", "PutObject", 412)
            self.objects[Key] = json.loads(Body)

        self._plan.call(put, busy="SlowDown")


class Results:
    """Kinesis, a result stream of two shards. ``refuse`` says which records of a request it does not take."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.records: list[tuple[str, float, bytes]] = []
        self.looks = 0
        self.refuse: Callable[[int], str | None] = lambda _: None
        self._shards: dict[str, tuple[int, int]] = {"s-0": (0, 2**127 - 1), "s-1": (2**127, 2**128 - 1)}

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> Any:  # noqa: N803 as boto3 calls them
        assert len({record["PartitionKey"] for record in Records}) == len(Records), "the order of these is not certain"

        def put() -> dict[str, Any]:
            answers = []
            for number, record in enumerate(Records):
                code = self.refuse(number)
                if code != "ProvisionedThroughputExceededException" and (code is None or number % 2):
                    self.records.append((record["PartitionKey"], self._plan.clock(), record["Data"]))
                answers.append({"ErrorCode": code} if code else {"SequenceNumber": "1"})
            return {"Records": answers}

        return self._plan.call(put, busy="LimitExceededException", can_be_late=True)

    def list_shards(self, **_: Any) -> dict[str, Any]:
        self.looks += 1
        shards = [
            {"ShardId": name, "HashKeyRange": {"StartingHashKey": str(first), "EndingHashKey": str(last)}}
            for name, (first, last) in self._shards.items()
        ]
        found: dict[str, Any] = self._plan.call(lambda: {"Shards": shards}, busy="LimitExceededException")
        return found

    def get_shard_iterator(self, *, ShardId: str, Timestamp: float, **_: Any) -> dict[str, str]:  # noqa: N803 as boto3 calls them
        return {"ShardIterator": f"{ShardId}/{Timestamp}/0"}

    def get_records(self, *, ShardIterator: str) -> dict[str, Any]:  # noqa: N803 as boto3 calls it
        shard, since, place = ShardIterator.split("/")
        first, last = self._shards[shard]
        inside = [
            {"Data": data, "ApproximateArrivalTimestamp": datetime.fromtimestamp(when, UTC)}
            for key, when, data in self.records
            if when >= float(since) and first <= _hash(key) <= last
        ]
        page, left = inside[int(place) : int(place) + 2], inside[int(place) + 2 :]
        again = f"{shard}/{since}/{int(place) + 2}"
        answer = {"Records": page, "NextShardIterator": again, "MillisBehindLatest": 1000 * len(left)}
        read: dict[str, Any] = self._plan.call(lambda: answer, busy="ProvisionedThroughputExceededException")
        return read

    def lines(self) -> list[dict[str, Any]]:
        """Every result in the order in which it was put."""
        return [json.loads(line) for _, _, data in self.records for line in data.splitlines()]


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest(), "big")


class Model:
    """Answers each line with ``=LINE``, but for the next ``throttles`` requests.

    ``poison`` in a request is refused, ``bomb`` breaks it, ``two`` is answered by two lines,
    ``hang`` not at all.
    It can be made to break on all, or to take poison.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.is_broken = False
        self.is_lenient = False
        self.throttles = 0
        self.requests: list[list[str]] = []
        self.ids: list[str] = []

    def invoke_endpoint(self, *, Body: bytes, InferenceId: str, **_: Any) -> Any:  # noqa: N803 as boto3 calls them
        if self.throttles:
            self.throttles -= 1
            raise client_error("ThrottlingException", "InvokeEndpoint")
        lines = Body.decode().split("\n")
        self.requests.append(lines)
        self.ids.append(InferenceId)

        def answer() -> dict[str, Any]:
            if any("hang" in line for line in lines):
                self._plan.clock.sleep(30)
                raise ReadTimeoutError(endpoint_url="https://model")
            if self.is_broken or any("bomb" in line for line in lines):
                raise model_error(500, "it broke")
            if not self.is_lenient and any("poison" in line for line in lines):
                raise model_error(400, "no such ride")
            text = "\n".join(f"={line}\n=" if "two" in line else f"={line}" for line in lines)
            return {"Body": io.BytesIO(text.encode()), "ContentType": "text/csv"}

        return self._plan.call(answer, busy="ThrottlingException")


def model_error(status: int, text: str) -> ClientError:
    """As the runtime tells of an error of the container."""
    error = client_error("ModelError", "InvokeEndpoint", 424)
    error.response.update({"OriginalStatusCode": status, "OriginalMessage": text})
    return error
