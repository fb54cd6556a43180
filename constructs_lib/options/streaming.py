"""How a stream is cut into batches and requests, and what becomes of the records that cannot be scored."""

from __future__ import annotations

import re
from dataclasses import dataclass

from constructs_lib.checks import Checks
from constructs_lib.facts import calls, lambdas, streams
from constructs_lib.facts.limit import Limit
from constructs_lib.tokens import is_token

REQUEST_TIMEOUT_IN_SECONDS = calls.SOCKET_TIMEOUT.minimum
"""For which the function waits for the answer to a request."""
RESERVE_IN_SECONDS = 10
"""Before its end in which the function begins nothing new."""
_HOUR = 3600
# What is a record a line; a JSON document is not.
_LINES = re.compile(r"text/.+|application/(x-)?(jsonlines|jsonl|ndjson)")


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamBatching:
    """Batches that a function gets, and requests that it makes of them.

    A batch comes when it is full or its window is over. Its records are joined, each a line, into requests that the
    function makes one after the other, since the results of a key stay in order. More at once is more of
    ``parallelization_factor``, which keeps the order of each key too, or of shards.

    :param content_type: of the records, one line each; ``application/jsonlines`` by default, or ``text/csv``.
    :param accept: the content type of the answers, which must be a line for each record; ``content_type`` by default.
    :param batch_size: records that a function gets at most, 1 to 10,000; 500 by default.
    :param max_batching_window_in_seconds: how long a batch may take to fill, 0 to 300 s; 1 by default.
    :param parallelization_factor: batches of a shard at once, 1 to 10; 1 by default.
    :param max_records_per_request: records in a request at most; 100 by default.
    :param max_bytes_per_request: bytes in a request at most; by default as many as the endpoint takes.
    :param timeout_in_seconds: how long a function may work on a batch, more than 80 s, as the answer to a request may
        take 70, and at most 900 s; 300 by default. While an endpoint throttles, the function waits within that time.
    :raises InvalidConfiguration: with every wrong value.
    """

    content_type: str = "application/jsonlines"
    accept: str | None = None
    batch_size: int = 500
    max_batching_window_in_seconds: int = 1
    parallelization_factor: int = 1
    max_records_per_request: int = 100
    max_bytes_per_request: int | None = None
    timeout_in_seconds: int = 300

    def __post_init__(self) -> None:
        checks = Checks("StreamBatching")
        for name in ("content_type", "accept"):
            given = getattr(self, name)
            lines = given is None or is_token(given) or _LINES.fullmatch(given.partition(";")[0].strip().lower())
            problem = f"{name} must be a format of lines such as text/csv or application/jsonlines, got {given}"
            checks.require(bool(lines), f"{problem}; records are joined line by line", lambdas.BATCH_PAYLOAD)
        checks.limit("batch_size", self.batch_size, lambdas.BATCH_SIZE)
        checks.limit("max_batching_window_in_seconds", self.max_batching_window_in_seconds, lambdas.BATCHING_WINDOW)
        checks.limit("parallelization_factor", self.parallelization_factor, streams.PARALLELIZATION_FACTOR)
        for name in ("max_records_per_request", "max_bytes_per_request"):
            _at_least_one(checks, name, getattr(self, name), lambdas.BATCH_SIZE)
        checks.limit("timeout_in_seconds", self.timeout_in_seconds, lambdas.TIMEOUT)
        least = REQUEST_TIMEOUT_IN_SECONDS + RESERVE_IN_SECONDS
        checks.require(
            is_token(self.timeout_in_seconds) or self.timeout_in_seconds > least,
            f"timeout_in_seconds must be above {least}, got {self.timeout_in_seconds}; the answer to one request may "
            f"take {REQUEST_TIMEOUT_IN_SECONDS} s, and {RESERVE_IN_SECONDS} s are for putting what there is",
            lambdas.CALLER_TIMEOUT,
        )
        checks.done()


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamRecovery:
    """What becomes of a batch that fails: it is tried again until it succeeds or is too old.

    A record that the model refuses is put into the failure bucket by the function, and holds up nothing. So what fails
    is an endpoint that throttles or is away, a permission, or a fault of the function: a later try can succeed, and
    waiting keeps the order. Without a bound, one batch could hold up its shard until the stream forgets it; here the
    age is the bound. What is given up lies in the failure bucket, with its records, and the shard goes on.

    :param max_record_age_in_seconds: an older record is given up, 60 to 604,800 s; 6 hours by default. It must be
        less than the retention of the stream, or records vanish without a trace.
    :param max_retry_attempts: tries of a batch after the first, 0 to 10,000, or -1 for no bound but the age, the
        default. An endpoint that throttles for long uses them up too.
    :param bisect_on_error: cut a batch that fails as a whole in two and try both, so that one record which breaks the
        function stands alone; that does not count as a try. True by default.
    :param failures_expire_in_days: after how many days the failure bucket deletes what it holds, ``None`` for never; 30
        by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    max_record_age_in_seconds: int = 6 * _HOUR
    max_retry_attempts: int = -1
    bisect_on_error: bool = True
    failures_expire_in_days: int | None = 30

    def __post_init__(self) -> None:
        checks = Checks("StreamRecovery")
        remedy = "an age without bound lets one record hold up its shard until the stream forgets it"
        checks.limit("max_record_age_in_seconds", self.max_record_age_in_seconds, streams.RECORD_AGE, remedy)
        checks.limit("max_retry_attempts", self.max_retry_attempts, streams.RETRY_ATTEMPTS)
        _at_least_one(checks, "failures_expire_in_days", self.failures_expire_in_days, streams.RETENTION)
        checks.done()

    def check_retention(self, checks: Checks, retention_in_hours: int) -> None:
        """Note a problem where the stream forgets records before they are given up."""
        age = self.max_record_age_in_seconds
        known = not is_token(age) and not is_token(retention_in_hours)
        checks.require(
            not known or age < retention_in_hours * _HOUR,
            f"recovery.max_record_age_in_seconds must be below source.retention_in_hours {retention_in_hours} "
            f"({retention_in_hours * _HOUR} s), got {age}; lower it, or keep records for longer: what the stream "
            "forgets first is neither scored nor in the failure bucket",
            streams.RETENTION,
        )


def _at_least_one(checks: Checks, name: str, value: int | None, limit: Limit) -> None:
    problem = f"{name} must be at least 1, got {value}; raise it, or leave it out"
    checks.require(value is None or is_token(value) or value >= 1, problem, limit)
