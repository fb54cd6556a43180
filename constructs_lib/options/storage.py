"""How long buckets keep what they hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Expiration:
    """After how many days S3 deletes the objects of a construct's own buckets; ``None`` keeps them for ever."""

    inputs_in_days: int | None = 7
    outputs_in_days: int | None = 30
