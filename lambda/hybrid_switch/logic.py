"""Whether a batch may be served, and what the pointer to it says. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hybrid_switch import keys

_SHOWN = 5


class LoadIncomplete(Exception):
    """Not all answers of the batch are in the table."""


class TooManyFailed(Exception):
    """More records than allowed are no rows; what they are is in the dead letter queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that was loaded from so many objects. ``computed_at`` is in seconds of the epoch."""

    name: str
    objects: int
    model_version: str
    feature_version: str
    computed_at: int
    rows: int | None

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Batch:
        """Read it; raises ``ValueError`` for names that cannot be part of a key, and for what is no such event."""
        try:
            expected = event.get("rows")
            return cls(
                name=keys.checked_name("batch", event["batch"]),
                objects=int(event["objects"]),
                model_version=keys.checked_name("model_version", event["model_version"]),
                feature_version=str(event["feature_version"]),
                computed_at=int(event["computed_at"]),
                rows=None if expected is None else int(expected),
            )
        except (KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"the event names no batch: {error!r:.100}") from error

    @property
    def checkpoints(self) -> list[str]:
        """The keys of the checkpoints of its objects."""
        return [keys.load(self.name, index) for index in range(self.objects)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of the records of a batch."""

    loaded: int
    failed: int


def judged(batch: Batch, found: Mapping[str, Mapping[str, Any]], max_failed_share: float) -> Counts:
    """What became of its records; raises ``LoadIncomplete`` or ``TooManyFailed`` where it must not be served.

    ``found`` are the checkpoints that there are, by key.
    """
    missing = [str(index) for index, key in enumerate(batch.checkpoints) if not _is_done(found.get(key))]
    if missing:
        some = ", ".join(missing[:_SHOWN])
        raise LoadIncomplete(f"{len(missing)} of {batch.objects} objects of {batch.name} are not loaded: {some}")
    counts = Counts(
        loaded=sum(int(item["loaded"]["N"]) for item in found.values()),
        failed=sum(int(item["failed"]["N"]) for item in found.values()),
    )
    records = counts.loaded + counts.failed
    if batch.rows is not None and records != batch.rows:
        raise LoadIncomplete(f"{batch.name} has {batch.rows} records, of which {records} were read")
    if counts.failed > max_failed_share * records:
        raise TooManyFailed(
            f"{counts.failed} of {records} records of {batch.name} cannot be rows, allowed is a share of "
            f"{max_failed_share:g}; the dead letter queue says why"
        )
    return counts


def _is_done(item: Mapping[str, Any] | None) -> bool:
    return item is not None and bool(item["done"]["BOOL"])


def pointer(batch: Batch, counts: Counts, now: float) -> dict[str, Any]:
    """The arguments of ``put_item`` that move the pointer to the batch, unless it is at a newer one.

    One write moves all readers; the same batch may come again.
    """
    item = {
        "pk": {"S": keys.POINTER},
        "batch": {"S": batch.name},
        "model_version": {"S": batch.model_version},
        "feature_version": {"S": batch.feature_version},
        "computed_at": {"N": str(batch.computed_at)},
        "rows": {"N": str(counts.loaded)},
        "switched_at": {"N": str(int(now))},
    }
    return {
        "Item": item,
        "ConditionExpression": "attribute_not_exists(pk) OR computed_at < :computed_at OR #batch = :batch",
        "ExpressionAttributeNames": {"#batch": "batch"},
        "ExpressionAttributeValues": {":computed_at": item["computed_at"], ":batch": item["batch"]},
    }
