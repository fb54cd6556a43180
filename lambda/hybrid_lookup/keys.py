"""Where things stand in the table, and what may be part of a key. The same file in each function that uses the table.

Batches and versions hold no slash, and an id stands last: no two things ever have the same key, whatever ids hold.
"""

from __future__ import annotations

import unicodedata

POINTER = "pointer"
_LONGEST_NAME = 256


def row(batch: str, record: str) -> str:
    """The answer of a batch for a record."""
    return f"row/{batch}/{record}"


def fresh(model_version: str, record: str) -> str:
    """The answer that the endpoint gave for a record."""
    return f"fresh/{model_version}/{record}"


def override(record: str) -> str:
    """Since when the stored answers for a record are out of date."""
    return f"override/{record}"


def load(batch: str, index: int) -> str:
    """How far an object of answers is loaded."""
    return f"load/{batch}/{index}"


def checked_name(what: str, value: object) -> str:
    """A batch or a version as it is; raises ``ValueError`` for what cannot be part of a key."""
    if isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and "/" not in value:
        return value
    raise ValueError(f"{what} must be a text of 1 to {_LONGEST_NAME} characters without a slash, got {value!r:.100}")


def problem_of(record: object, longest: int) -> str | None:
    """Why a value is no id of a record: a text of at most ``longest`` bytes, without control characters."""
    if not isinstance(record, str) or not record:
        return f"an id must be a text that is not empty, got {record!r:.100}"
    try:
        size = len(record.encode())
    except UnicodeEncodeError:
        return f"an id must be text in Unicode, got {record!r:.100}"
    if size > longest:
        return f"an id must have at most {longest} bytes, got {size}"
    if any(unicodedata.category(character) == "Cc" for character in record):
        return f"an id must have no control characters, got {record!r:.100}"
    return None
