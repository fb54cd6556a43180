"""One lane of an event source mapping: a shard's records of some partition keys, handed to the function in order."""

from __future__ import annotations

import base64
import contextvars
import hashlib
import logging
import threading
import time
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from ministack.services import cloudwatch, lambda_svc

from constructs_lib.facts.lambdas import BATCH_PAYLOAD
from constructs_lib.local.arns import ACCOUNT, REGION
from constructs_lib.local.streams.batches import Answer, Batch, GivenUp, Terms, left_of, number_of, sifted
from constructs_lib.local.streams.failures import Source, tell

if TYPE_CHECKING:
    from constructs_lib.local.clock import Clock
    from constructs_lib.local.s3io import S3
    from constructs_lib.local.store import Payload

# Each invocation at the same time is a process of its own here.
_MOST_AT_ONCE = 8
# Real seconds: a window is never shorter, however fast the clock runs, for then it would gather nothing.
_LEAST_WINDOW = 0.1
# Real seconds: records are never too old before, for functions compute at their own speed.
_LEAST_AGE = 2.0
# Real seconds between an invocation that failed and the next one, doubled each time.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
_LOOK_EVERY = 0.02

_places = threading.BoundedSemaphore(_MOST_AT_ONCE)
_logger = logging.getLogger("constructs_lib.local")


@dataclass(frozen=True, slots=True)
class Part:
    """The records of a shard whose partition keys fall to one of so many lanes."""

    stream: Payload
    shard_id: str
    lane: int
    lanes: int

    def after(self, position: str) -> list[Payload]:
        """The records behind a sequence number, as in the event of a function."""
        records = self.stream["shards"].get(self.shard_id, {"records": []})["records"]
        begin = bisect_right(records, position, key=lambda record: str(record["SequenceNumber"]))
        return [self._event(record) for record in records[begin:] if self._is_mine(record["PartitionKey"])]

    def _is_mine(self, key: str) -> bool:
        return self.lanes == 1 or int(hashlib.sha256(key.encode()).hexdigest(), 16) % self.lanes == self.lane

    def _event(self, record: Payload) -> Payload:
        data = record["Data"]
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record["PartitionKey"],
                "sequenceNumber": record["SequenceNumber"],
                "data": base64.b64encode(data).decode() if isinstance(data, bytes) else data,
                "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"],
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{self.shard_id}:{record['SequenceNumber']}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": f"arn:aws:iam::{ACCOUNT}:role/any",
            "awsRegion": REGION,
            "eventSourceARN": self.stream["StreamARN"],
        }


class Lane:
    """Reads in a thread of its own while there is something to read; `position` is behind the last record done with."""

    def __init__(self, mapping: Payload, part: Part, position: str, clock: Clock, services: S3) -> None:
        self.position = position
        self._mapping = mapping
        self._part = part
        self._clock = clock
        self._services = services
        self._lock = threading.Lock()
        self._is_running = False
        self._has_ended = threading.Event()

    def wake(self) -> None:
        """Begin to read, unless there is nothing or it is being read already."""
        with self._lock:
            if self._is_running or not self._is_wanted or not self._part.after(self.position):
                return
            self._is_running = True
        # In the account and region of whoever woke it.
        threading.Thread(target=contextvars.copy_context().run, args=(self._run,), daemon=True).start()

    def end(self) -> None:
        """Read no more, as soon as the invocation under way is over."""
        self._has_ended.set()

    @property
    def _is_wanted(self) -> bool:
        return not self._has_ended.is_set() and str(self._mapping.get("Enabled", True)).lower() != "false"

    def _run(self) -> None:
        try:
            while (records := self._gathered()) and self._is_wanted:
                self._work_off(records)
        except Exception:
            _logger.exception("mapping %s, %s", self._mapping["UUID"], self._part.shard_id)
        finally:
            with self._lock:
                self._is_running = False

    def _gathered(self) -> list[Payload]:
        """The next batch, once the window is over or no more goes into it."""
        terms = Terms.of(self._mapping)
        window = max(terms.window / self._clock.speed, _LEAST_WINDOW) if terms.window else 0.0
        deadline = time.monotonic() + window
        while True:
            found = self._part.after(self.position)
            batch = _fitting(found[: terms.batch_size])
            if len(batch) < len(found) or len(batch) == terms.batch_size or time.monotonic() >= deadline:
                return batch
            time.sleep(_LOOK_EVERY)

    def _work_off(self, records: list[Payload]) -> None:
        """Hand the records to the function until each is done with or given up."""
        passed = lambda_svc._apply_filter_criteria(records, self._mapping)
        waiting, tries = deque([Batch(tuple(passed))] if passed else []), 0
        was_answered = False
        while waiting and self._is_wanted:
            terms = Terms.of(self._mapping)
            given_up, batch = sifted(waiting.popleft(), terms, self._age)
            for each in given_up:
                self._tell(each, was_answered)
            if batch is None:
                continue
            answer = self._invoke(batch)
            was_answered = not answer.has_failed
            left = left_of(batch, answer, terms)
            waiting.extendleft(reversed(left))
            tries = tries + 1 if left else 0
            if left:
                self._has_ended.wait(min(_FIRST_PAUSE * 2 ** min(tries - 1, 9), _LONGEST_PAUSE))
        if not waiting:
            self.position = number_of(records[-1])

    def _age(self, record: Payload) -> float:
        """In seconds of this AWS's clock."""
        age = time.time() - float(record["kinesis"]["approximateArrivalTimestamp"])
        return age * self._clock.speed if age >= _LEAST_AGE else 0.0

    def _invoke(self, batch: Batch) -> Answer:
        name, qualifier = self._mapping["FunctionName"], self._mapping.get("Qualifier")
        function, _ = lambda_svc._get_func_record_for_qualifier(name, qualifier)
        if function is None:
            return Answer(is_throttled=True)
        age = (time.time() - float(batch.records[-1]["kinesis"]["approximateArrivalTimestamp"])) * 1000
        cloudwatch.record_metric("AWS/Lambda", "IteratorAge", age, "Milliseconds", {"FunctionName": name})
        # Of metrics that come this way ministack tells no alarm.
        cloudwatch._evaluate_all_alarms()
        with _places:
            result = lambda_svc._execute_function(function, {"Records": list(batch.records)})
        throttled, failed = bool(result.get("throttle")), bool(result.get("error"))
        self._mapping["LastProcessingResult"] = "PROBLEM: Function call failed" if failed else "OK"
        if failed and not throttled:
            _logger.warning("function %s failed on %s: %s", name, self._part.shard_id, result.get("body"))
        return Answer(result.get("body"), has_failed=failed and not throttled, is_throttled=throttled)

    def _tell(self, given_up: GivenUp, was_answered: bool) -> None:
        destination = ((self._mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        if destination is None:
            return
        source = Source(
            mapping_id=self._mapping["UUID"],
            function_arn=self._mapping["FunctionArn"],
            stream_arn=self._mapping["EventSourceArn"],
            shard_id=self._part.shard_id,
        )
        try:
            tell(self._services, destination, source, given_up, was_answered)
        except ClientError:
            _logger.exception("mapping %s: %s takes nothing", source.mapping_id, destination)


def _fitting(records: list[Payload]) -> list[Payload]:
    """As many of the first records as an event holds, but one at least."""
    size = 0
    for place, record in enumerate(records):
        size += len(record["kinesis"]["data"]) + len(record["kinesis"]["partitionKey"])
        if place and not BATCH_PAYLOAD.allows(size):
            return records[:place]
    return records
