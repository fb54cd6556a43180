"""A function that scores a stream between services in memory, and a mapping that delivers until all is through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from stream_score.deadline import Deadline, HandBack
from stream_score.puts import CannotPut
from stream_score.sinks import ResultStream
from tests.handlers.stream_events import (
    BEGIN,
    RESERVE,
    SETTINGS,
    TIMEOUT,
    stream_record,
)
from tests.handlers.streams import (
    Bucket,
    Clock,
    Ended,
    Model,
    Plan,
    Results,
    Table,
)

KEYS = ("a", "b", "c")


def rides(texts: Sequence[str], seconds_apart: float = 0.1) -> list[dict[str, Any]]:
    return [
        stream_record(number, f"{text}{number}" if text else "", KEYS[number % 3], BEGIN + number * seconds_apart)
        for number, text in enumerate(texts)
    ]


def check(world: World, records: Sequence[dict[str, Any]]) -> None:
    """Counts in are results and failures, nothing twice, order kept."""
    tally = world.tally()
    ids = [record["eventID"] for record in records]
    assert tally.results + tally.failures == Counter(ids)
    for numbers in tally.order.values():
        assert numbers == sorted(numbers, key=int)


@dataclass
class Tally:
    """How the records of a stream ended."""

    results: Counter[str]
    failures: Counter[str]
    order: dict[str, list[str]]


class World:
    """All services, and the function between them."""

    def __init__(self, handler: ModuleType, faults: Iterable[str | Callable[[], None]] = (), **changed: Any) -> None:
        self.clock = Clock()
        self.plan = Plan(self.clock, faults)
        self.table = Table(self.plan)
        self.bucket = Bucket(self.plan)
        self.results = Results(self.plan)
        self.model = Model(self.plan)
        settings = replace(SETTINGS, **changed)
        self.settings = settings
        self._scorer = handler.Scorer(
            settings,
            runtime=self.model,
            dynamodb=self.table,
            s3=self.bucket,
            sink=ResultStream(self.results, self.results, settings.result_stream_name),
            function_name="score",
            clock=self.clock,
        )

    def invoke(self, records: Sequence[Mapping[str, Any]], timeout: float = TIMEOUT) -> Mapping[str, Any]:
        """One invocation; ``Ended`` also when it runs longer than it may."""
        end = self.clock() + timeout
        deadline = Deadline(
            lambda: end - RESERVE - self.clock(), reserve=RESERVE, sleep=self.clock.sleep, draw=lambda: 1.0
        )
        try:
            answer: Mapping[str, Any] = self._scorer.score({"Records": list(records)}, deadline)
        finally:
            self.plan.has_ended = False
        if self.clock() > end:
            raise Ended
        return answer

    def deliver(self, records: Sequence[Mapping[str, Any]], *, timeout: float = TIMEOUT) -> int:
        """As the mapping does, until all is through; how many invocations it took."""
        waiting, count = [list(records)], 0
        while waiting:
            batch = waiting.pop(0)
            count += 1
            assert count < 1000, "it never ends"
            try:
                response = self.invoke(batch, timeout)
            except Ended:
                self.clock.sleep(timeout)
                waiting.insert(0, batch)
            except HandBack:
                middle = len(batch) // 2
                waiting[:0] = [batch[:middle], batch[middle:]] if middle else [batch]
            except Exception as error:
                if not is_of_a_service(error):
                    raise
                waiting.insert(0, batch)
            else:
                again = [each["itemIdentifier"] for each in response["batchItemFailures"]]
                numbers = [record["kinesis"]["sequenceNumber"] for record in batch]
                if again:
                    waiting.insert(0, batch[numbers.index(again[0]) :])
        self.clock.sleep(10)
        return count

    def tally(self) -> Tally:
        lines = self.results.lines()
        order: dict[str, list[str]] = {}
        for line in lines:
            order.setdefault(line["partition_key"], []).append(line["sequence_number"])
        failures = Counter(item["id"] for item in self.bucket.objects.values())
        return Tally(Counter(line["id"] for line in lines), failures, order)


def is_of_a_service(error: Exception) -> bool:
    """Whether it is an error as the fakes make them, or says that a service failed; not one of the code under test."""
    return isinstance(error, (ClientError, BotoCoreError, HandBack, CannotPut))
