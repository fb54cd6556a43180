"""Tells a CDK token from a literal without starting Node.

CDK encodes a value that is known only at deploy time in three ways: as text that holds ``${Token[...]}``, as a list
with one ``#{Token[...]}``, and as a number whose 16 highest bits are ``0xFBFF``. Everything that is no text, number,
truth value, mapping or list is an object of CDK's own and counts as unresolved too.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

_NUMBER_TOKEN = 0xFBFF


def is_token(value: object) -> bool:
    """Whether ``value`` is known only at deploy time, and so must not be judged."""
    if value is None or isinstance(value, (bool, bytes)):
        return False
    if isinstance(value, str):
        return "${Token[" in value or "#{Token[" in value
    if isinstance(value, (int, float)):
        return _is_number_token(value)
    if isinstance(value, (list, tuple)):
        return any(is_token(item) for item in value)
    return not isinstance(value, Mapping)


def _is_number_token(value: float) -> bool:
    try:
        encoded = struct.pack(">d", float(value))
    except OverflowError:
        return False
    return int.from_bytes(encoded[:2], "big") == _NUMBER_TOKEN
