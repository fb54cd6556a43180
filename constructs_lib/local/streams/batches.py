"""What becomes of a batch of a stream's records: done, tried again, cut in two or given up, as Lambda decides it.

Pure: records, answers and ages in, batches out. https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from constructs_lib.local.store import Payload

RETRIES_EXHAUSTED, TOO_OLD = "RetryAttemptsExhausted", "RecordAgeExceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an event source mapping asks for; times in seconds, None: no limit."""

    batch_size: int
    window: float
    parallelization_factor: int
    most_retries: int | None
    oldest: float | None
    bisects: bool
    reports_failures: bool

    @classmethod
    def of(cls, mapping: Payload) -> Terms:
        """Read a mapping with Lambda's defaults for a stream."""
        return cls(
            batch_size=int(mapping.get("BatchSize", 100)),
            window=float(mapping.get("MaximumBatchingWindowInSeconds", 0)),
            parallelization_factor=int(mapping.get("ParallelizationFactor", 1)),
            most_retries=_limit(mapping.get("MaximumRetryAttempts", -1)),
            oldest=_limit(mapping.get("MaximumRecordAgeInSeconds", -1)),
            bisects=str(mapping.get("BisectBatchOnFunctionError", False)).lower() == "true",
            reports_failures="ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or ()),
        )


def _limit(value: Any) -> int | None:
    return None if int(value) == -1 else int(value)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records in their order, and how often an invocation with them has failed."""

    records: tuple[Payload, ...]
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an invocation; one that was throttled has not taken place."""

    body: Any = None
    has_failed: bool = False
    is_throttled: bool = False


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Records that are not going to be tried again, and why."""

    batch: Batch
    condition: str


def left_of(batch: Batch, answer: Answer, terms: Terms) -> tuple[Batch, ...]:
    """What is still to be done of a batch after an invocation, in order.

    Cutting in two costs no retry. Whether progress within a batch renews its retries AWS does not say: here not.
    """
    if answer.is_throttled:
        return (batch,)
    first = _first_failed(batch, answer, terms)
    left = batch.records[first:]
    if not left:
        return ()
    if answer.has_failed and terms.bisects and len(left) > 1:
        middle = (len(left) + 1) // 2
        return replace(batch, records=left[:middle]), replace(batch, records=left[middle:])
    return (Batch(left, batch.failures + 1),)


def _first_failed(batch: Batch, answer: Answer, terms: Terms) -> int:
    """Where the records begin that have to be tried again: the lowest one that is reported, or behind the last."""
    if answer.has_failed:
        return 0
    failures = answer.body.get("batchItemFailures") if isinstance(answer.body, dict) else None
    if not terms.reports_failures or not failures:
        return len(batch.records)
    places = {number_of(record): place for place, record in enumerate(batch.records)}
    # An item that names no record of the batch makes all of it a failure.
    return min(places.get(item.get("itemIdentifier"), 0) for item in failures)


def sifted(batch: Batch, terms: Terms, age: Callable[[Payload], float]) -> tuple[tuple[GivenUp, ...], Batch | None]:
    """What of a batch is given up before it is tried, and what remains; records too old are its first ones."""
    if terms.most_retries is not None and batch.failures > terms.most_retries:
        return (GivenUp(batch, RETRIES_EXHAUSTED),), None
    fresh = next((place for place, record in enumerate(batch.records) if _is_fresh(age(record), terms)), None)
    if fresh == 0:
        return (), batch
    given_up = (GivenUp(replace(batch, records=batch.records[:fresh]), TOO_OLD),)
    return given_up, None if fresh is None else replace(batch, records=batch.records[fresh:])


def _is_fresh(age: float, terms: Terms) -> bool:
    return terms.oldest is None or age <= terms.oldest


def number_of(record: Payload) -> str:
    """The sequence number of a record of an event."""
    return str(record["kinesis"]["sequenceNumber"])
