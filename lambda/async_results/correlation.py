"""The id by which all is found that belongs to one request: log lines, captured data, the result.

The same file in each function that takes such an id.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any, TypeGuard

FIELD = "correlation_id"
# What SageMaker takes as an inference id, in characters that mean nothing in a header, a key, a query, or a log.
_PLAIN = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class Log:
    """Writes lines of JSON, each with the id of one request."""

    def __init__(self, correlation_id: str) -> None:
        self.correlation_id = correlation_id

    @classmethod
    def of(cls, given: object, own: str | None) -> Log:
        """That of a request, by the id that came with it; by ``own`` or a new one, where none or an unusable one did.

        Whatever came may be hostile: that it was replaced is noted, without a character of it.
        """
        if is_plain(given):
            return cls(given)
        log = cls(own if is_plain(own) else str(uuid.uuid4()))
        if given is not None:
            form = f"{len(given)} characters" if isinstance(given, str) else type(given).__name__
            log.write({"Outcome": "CorrelationIdReplaced", "Given": form})
        return log

    def write(self, line: Mapping[str, Any]) -> None:
        """Log a line."""
        print(json.dumps({FIELD: self.correlation_id, **line}))


def is_plain(value: object) -> TypeGuard[str]:
    """Whether a value may be the id of a request: 1 to 64 letters, digits, and ``_.:-``."""
    return isinstance(value, str) and _PLAIN.fullmatch(value) is not None
