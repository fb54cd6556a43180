"""The load of a stream at its peak, held against everything between its first shard and its last."""

from __future__ import annotations

import math
from dataclasses import dataclass

from constructs_lib.checks import Checks
from constructs_lib.facts import lambdas, streams
from constructs_lib.options.streaming import StreamBatching
from constructs_lib.tokens import is_token

# Lambda hands records on in base64, which leaves three quarters of what it takes.
_BATCH_BYTES = lambdas.BATCH_PAYLOAD.maximum * 3 // 4
_SHARDS_ON_DEMAND = streams.ON_DEMAND_WRITE.maximum // streams.SHARD_WRITE.maximum


@dataclass(frozen=True, kw_only=True, slots=True)
class Throughput:
    """What a stream carries at its peak; nothing is made of it, and what cannot carry it is refused.

    :param records_per_second: at the peak, over all keys.
    :param bytes_per_record: with the partition key, before base64.
    :param seconds_per_request: that the endpoint takes for a request of as many records as ``StreamBatching`` lets
        there be; measure it.
    :param bytes_per_result: that the model answers for a record; as many as a record has by default.
    :param endpoint_concurrency: requests that the endpoint answers at once: ``max_concurrency`` of a serverless one,
        workers of all instances of another. Not held against anything by default.
    :param function_concurrency: functions that the account may run at once for this stream; 1000 by default, which new
        accounts do not have.
    :raises InvalidConfiguration: with every wrong value.
    """

    records_per_second: float
    bytes_per_record: int
    seconds_per_request: float
    bytes_per_result: int | None = None
    endpoint_concurrency: int | None = None
    function_concurrency: int = lambdas.CONCURRENCY.maximum

    def __post_init__(self) -> None:
        checks = Checks("Throughput")
        for name in (
            "records_per_second",
            "bytes_per_record",
            "seconds_per_request",
            "bytes_per_result",
            "endpoint_concurrency",
            "function_concurrency",
        ):
            value = getattr(self, name)
            problem = f"{name} must be a number above 0 that is known in the synthesis, got {value}; measure it"
            checks.require(value is None or (not is_token(value) and value > 0), problem, streams.SHARD_WRITE)
        checks.done()

    @property
    def shards_in(self) -> int:
        """Shards that take the records, where keys spread evenly."""
        return self._shards(self.bytes_per_record)

    @property
    def shards_out(self) -> int:
        """Shards that take the results, where keys spread evenly."""
        return self._shards(self.bytes_per_result or self.bytes_per_record)

    def _shards(self, size: int) -> int:
        by_bytes = self.records_per_second * size / streams.SHARD_WRITE.maximum
        by_records = self.records_per_second / streams.SHARD_WRITE_RECORDS.maximum
        return max(1, math.ceil(max(by_bytes, by_records)))

    def check_shards(self, checks: Checks, argument: str, shard_count: int | None, needed: int, size: str) -> None:
        """Note a problem where so many shards cannot take the load; on demand there are as many as it needs."""
        if shard_count is None or is_token(shard_count):
            return
        checks.require(
            shard_count >= needed,
            f"{argument} must be at least {needed} for {self.records_per_second:g} records/s of {size}, "
            f"got {shard_count}; a shard takes {streams.SHARD_WRITE_RECORDS.maximum} records and "
            f"{streams.SHARD_WRITE.maximum} bytes a second: raise it, or leave it out for a stream on demand",
            streams.SHARD_WRITE,
        )

    def records_per_request(self, batching: StreamBatching, max_bytes: int) -> int:
        """Records in a request, where there are enough of them."""
        of_a_batch = min(batching.batch_size, _BATCH_BYTES // self.bytes_per_record)
        return max(1, min(of_a_batch, batching.max_records_per_request, max_bytes // self.bytes_per_record))

    def check_lanes(self, checks: Checks, batching: StreamBatching, shard_count: int | None, max_bytes: int) -> None:
        """Note every problem of the functions at work on so many shards with the load; ``None``: on demand."""
        numbers = (batching.batch_size, batching.max_records_per_request, batching.parallelization_factor, max_bytes)
        if is_token(shard_count) or any(map(is_token, numbers)):
            return
        shards = shard_count or max(self.shards_in, _SHARDS_ON_DEMAND)
        lanes = shards * batching.parallelization_factor
        product = f"{shards} shards x parallelization_factor {batching.parallelization_factor}"
        needed = self.requests_at_once(batching, max_bytes)
        checks.require(
            needed <= lanes,
            f"{self._load(batching, max_bytes)} needs {math.ceil(needed)} functions at once, and {product} are "
            f"{lanes}; {_remedy(shards, needed)}",
            streams.PARALLELIZATION_FACTOR,
        )
        checks.require(
            lanes <= self.function_concurrency,
            f"{product} are {lanes} functions at once, and throughput.function_concurrency is "
            f"{self.function_concurrency}; lower the factor, or raise the quota of the account and say so there",
            lambdas.CONCURRENCY,
        )

    def check_readers(
        self, checks: Checks, batching: StreamBatching, max_concurrency: int | None, max_bytes: int
    ) -> None:
        """Note a problem where so many functions at once do not keep up with a queue; ``None``: without bound."""
        if any(map(is_token, (batching.batch_size, batching.max_records_per_request, max_bytes))):
            return
        checks.at_most(
            (
                f"functions at once, {self._load(batching, max_bytes)},",
                math.ceil(self.requests_at_once(batching, max_bytes)),
            ),
            ("source.max_concurrency", max_concurrency),
            lambdas.MAXIMUM_CONCURRENCY,
            "raise it, or put more records into a request",
        )

    def check_endpoint(self, checks: Checks, batching: StreamBatching, max_bytes: int) -> None:
        """Note every problem of a request, of the endpoint, and of a full batch with the load."""
        if any(map(is_token, (batching.batch_size, batching.max_records_per_request, max_bytes))):
            return
        checks.at_most(
            ("throughput.bytes_per_record", self.bytes_per_record),
            ("the largest request,", max_bytes),
            lambdas.BATCH_PAYLOAD,
            "a larger record is never scored",
        )
        needed = self.requests_at_once(batching, max_bytes)
        checks.at_most(
            (f"requests at once, {self._load(batching, max_bytes)},", math.ceil(needed)),
            ("throughput.endpoint_concurrency", self.endpoint_concurrency),
            lambdas.BATCH_PAYLOAD,
            "let the endpoint answer more at once, or take less time for a record",
        )
        records = self.records_per_request(batching, max_bytes)
        full = min(batching.batch_size, max(1, _BATCH_BYTES // self.bytes_per_record))
        checks.at_most(
            (
                f"the time of a batch, {full} records / {records} a request x {self.seconds_per_request:g} s,",
                math.ceil(full / records) * self.seconds_per_request,
            ),
            ("batching.timeout_in_seconds", batching.timeout_in_seconds),
            lambdas.TIMEOUT,
            "lower batch_size, or a batch is never done at once",
        )

    def requests_at_once(self, batching: StreamBatching, max_bytes: int) -> float:
        """Requests that are under way at any moment of the peak."""
        return self.records_per_second / self.records_per_request(batching, max_bytes) * self.seconds_per_request

    def _load(self, batching: StreamBatching, max_bytes: int) -> str:
        records = self.records_per_request(batching, max_bytes)
        return f"{self.records_per_second:g} records/s / {records} a request x {self.seconds_per_request:g} s"


def _remedy(shards: int, needed: float) -> str:
    factor = math.ceil(needed / shards)
    if factor in streams.PARALLELIZATION_FACTOR.allowed:
        return f"give parallelization_factor {factor}, or more records a request"
    wanted = math.ceil(needed / streams.PARALLELIZATION_FACTOR.maximum)
    return f"give more records a request, or at least {wanted} shards"
