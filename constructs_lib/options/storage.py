"""How long buckets keep what they hold."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_lib.checks import Checks
from constructs_lib.facts import asynchronous_output as facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Expiration:
    """After how many days S3 deletes the objects of a construct's own buckets; ``None`` keeps them for ever.

    :param inputs_in_days: 1 or more; 7 by default.
    :param outputs_in_days: 1 or more; 30 by default.
    :raises InvalidConfiguration: with every wrong value.
    """

    inputs_in_days: int | None = 7
    outputs_in_days: int | None = 30

    def __post_init__(self) -> None:
        checks = Checks("Expiration")
        for name in ("inputs_in_days", "outputs_in_days"):
            checks.limit(name, getattr(self, name), facts.EXPIRATION, "give None to keep them for ever")
        checks.done()
