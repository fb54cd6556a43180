"""Writes rows, many requests at once; what is throttled or left over is written again, later and later."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from hybrid_load.logic import Item

_Thing = TypeVar("_Thing")
_FIRST_WAIT = 0.05
_LONGEST_WAIT = 5.0
_PASSING = (
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
)


class OutOfTime(Exception):
    """The call has to end before all was written."""


def until_nothing_is_left(
    left: Sequence[_Thing], attempt: Callable[[Sequence[_Thing]], Sequence[_Thing]], has_time: Callable[[], bool]
) -> None:
    """Attempt what is left until nothing is, with back-off and jitter; raises ``OutOfTime``."""
    wait = _FIRST_WAIT
    while left := attempt(left):
        if not has_time():
            raise OutOfTime(f"{len(left)} are left")
        time.sleep(random.uniform(0, wait))
        wait = min(2 * wait, _LONGEST_WAIT)


class Rows:
    """The table that rows are written to. The client is handed in; it is asked ``at_once`` at a time."""

    def __init__(self, dynamodb: Any, *, table_name: str, rows_per_write: int, at_once: int) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._rows_per_write = rows_per_write
        self._at_once = at_once

    def write(self, items: Sequence[Item], has_time: Callable[[], bool]) -> None:
        """Write all of them, the last one of those with the same key; raises ``OutOfTime``."""
        latest = list({item["pk"]["S"]: item for item in items}.values())
        size = self._rows_per_write
        writes = [latest[start : start + size] for start in range(0, len(latest), size)]
        with ThreadPoolExecutor(self._at_once) as pool:
            list(pool.map(lambda each: until_nothing_is_left(each, self._left_of, has_time), writes))

    def _left_of(self, items: Sequence[Item]) -> Sequence[Item]:
        """What the table did not take."""
        requests = [{"PutRequest": {"Item": item}} for item in items]
        try:
            answer = self._dynamodb.batch_write_item(RequestItems={self._table_name: requests})
        except ClientError as error:
            if error.response["Error"]["Code"] in _PASSING:
                return items
            raise
        unprocessed = answer.get("UnprocessedItems", {}).get(self._table_name, [])
        return [request["PutRequest"]["Item"] for request in unprocessed]
