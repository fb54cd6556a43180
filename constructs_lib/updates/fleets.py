"""How many instances of which types an endpoint has before, during and after an update."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from constructs_lib.facts import deployment, scaling, updates
from constructs_lib.templates.relations import Variant
from constructs_lib.templates.values import literals
from constructs_lib.updates.endpoint import ROLLING, Side, Update
from constructs_lib.updates.steps import steps_of

Instances = Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Instances of one type: before the update, the most during it, and after it.

    With ``scaled_out`` they are counted as if scaling had reached its maximum, else as the configurations begin.
    ``rollback`` is what a rollback may add to ``peak``.
    """

    instance_type: str
    scaled_out: bool
    before: int
    peak: int
    after: int
    rollback: int = 0


def capacities(update: Update, *, in_place: bool) -> tuple[Capacity, ...] | None:
    """What the update takes by instance type; empty without instances, ``None`` where counts are not known."""
    found: list[Capacity] = []
    for scaled_out in (False, True):
        before = _instances(update.old, scaled_out=scaled_out)
        after = _after(update, scaled_out=scaled_out, in_place=in_place)
        if before is None or after is None:
            return None
        rows = _rows(update, before, after, scaled_out=scaled_out, in_place=in_place)
        if rows is None:
            return None
        told = {(row.instance_type, row.before, row.peak, row.after) for row in found}
        found += [row for row in rows if (row.instance_type, row.before, row.peak, row.after) not in told]
    return tuple(found)


def _rows(
    update: Update, before: Instances, after: Instances, *, scaled_out: bool, in_place: bool
) -> list[Capacity] | None:
    rolling = in_place and not update.falls_back and update.deployment.at(ROLLING).given
    batch = _batch(update, sum(after.values())) if rolling else 0
    if batch is None:
        return None
    rows = []
    for type_ in sorted(before | after):
        moved = before[type_] + after[type_] if not rolling else max(before[type_], after[type_])
        peak = min(moved + batch, before[type_] + after[type_])
        back = _rollback(update, before[type_]) if rolling else 0
        rows.append(
            Capacity(
                instance_type=type_,
                scaled_out=scaled_out,
                before=before[type_],
                peak=peak,
                after=after[type_],
                rollback=max(0, min(back, before[type_] + after[type_] - peak)),
            )
        )
    return rows


def _batch(update: Update, instances: int) -> int | None:
    """How many instances a rolling update adds at a time; ``None`` where that is not known."""
    config = update.deployment.value
    if not literals(config):
        return None
    try:
        return steps_of(config, instances)[0].instances(instances)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def _rollback(update: Update, before: int) -> int:
    """How many instances of the old fleet a rollback brings up at once: all of them unless told otherwise."""
    size = update.deployment.at(ROLLING, "RollbackMaximumBatchSize")
    value = size.at("Value").number
    if value is None:
        return before
    whole = deployment.ROLLBACK_BATCH_SIZE.maximum if size.at("Type").text == "CAPACITY_PERCENT" else before
    return min(before, -int(-before * value // max(1, whole)))


def _instances(side: Side, *, scaled_out: bool) -> Instances | None:
    counts: Instances = Counter()
    for variant in side.variants:
        if variant.is_serverless:
            continue
        count = _most(side, variant) if scaled_out else variant.node.at("InitialInstanceCount").number
        types = [place.text or "" for place in variant.instance_types]
        if count is None or not types:
            return None
        counts[" or ".join(types)] += int(count)
    return counts


def _most(side: Side, variant: Variant) -> float | None:
    """The instances of a variant when scaling has gone as far as it may."""
    initial = variant.node.at("InitialInstanceCount").number
    target = side.targets(scaling.INSTANCE_COUNT_DIMENSION).get(variant.name or "")
    scaled = target.target.at("MaxCapacity").number if target is not None else None
    managed = variant.node.at("ManagedInstanceScaling", "MaxInstanceCount").number
    return max((number for number in (initial, scaled, managed) if number is not None), default=None)


def _after(update: Update, *, scaled_out: bool, in_place: bool) -> Instances | None:
    """The new fleet: as large as the live one where the update keeps counts, else as its configuration begins."""
    if not (in_place and update.retains(updates.RETAINED_COUNT)):
        return _instances(update.new, scaled_out=False)
    counts: Instances = Counter()
    before: Mapping[str, Variant] = update.old.by_name or {}
    for variant in update.new.variants:
        if variant.is_serverless:
            continue
        live = before.get(variant.name or "") if not variant.is_shadow else None
        side, counted = (update.old, live) if live is not None and not live.is_serverless else (update.new, variant)
        count = _most(side, counted) if scaled_out else counted.node.at("InitialInstanceCount").number
        types = [place.text or "" for place in variant.instance_types]
        if count is None or not types:
            return None
        counts[" or ".join(types)] += int(count)
    return counts
