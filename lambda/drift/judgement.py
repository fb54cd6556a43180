"""Whether a window of records still looks like the baseline. Pure.

A feature has drifted where the difference is large *and* chance would hardly make it. Samples of millions make any
difference certain, so certainty alone says nothing; small samples make large differences by chance, so size alone does
not, either. Where there is too little to go by, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from drift import measures
from drift.columns import Column, Numbers, Table

DRIFTED, STABLE, NOT_JUDGED = "drifted", "stable", "not judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From where on a difference is large, how improbable it must be, and how many records it takes to say so."""

    population_stability_index: float
    distance: float
    missing_share: float
    significance: float
    min_records: int
    min_drifted_features: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found of one feature; what was not measured is ``None``.

    ``distance`` is the KS distance of numbers, the total variation of categories. ``chi_square_p`` is of the bins or
    categories, ``distance_p`` of the KS distance. Both samples' counts are there for the picture.
    """

    name: str
    kind: str
    status: str
    reasons: tuple[str, ...]
    records: int
    missing_share: float | None = None
    baseline_missing_share: float | None = None
    invalid: int = 0
    unseen: int = 0
    population_stability_index: float | None = None
    distance: float | None = None
    chi_square: float | None = None
    chi_square_p: float | None = None
    distance_p: float | None = None
    labels: tuple[str, ...] = ()
    baseline_counts: tuple[float, ...] = ()
    counts: tuple[float, ...] = field(default=())


def judge(table: Table, thresholds: Thresholds, prefix: str = "") -> list[Verdict]:
    """The verdict on every column, in their order; ``prefix`` goes before the names."""
    return [_judge_column(column, table.records, thresholds, prefix) for column in table.columns]


def overall(verdicts: Sequence[Verdict], thresholds: Thresholds) -> str:
    """``drifted`` if enough features have; ``not judged`` if none could be judged."""
    statuses = [verdict.status for verdict in verdicts]
    if statuses.count(DRIFTED) >= thresholds.min_drifted_features:
        return DRIFTED
    return NOT_JUDGED if all(status == NOT_JUDGED for status in statuses) else STABLE


def _judge_column(column: Column, records: int, thresholds: Thresholds, prefix: str) -> Verdict:
    feature = column.feature
    known: dict[str, Any] = {"name": f"{prefix}{feature.name}", "kind": feature.kind, "records": records}
    if records < thresholds.min_records:
        reason = f"{records} records, and {thresholds.min_records} are needed"
        return Verdict(**known, status=NOT_JUDGED, reasons=(reason,))
    if feature.records < thresholds.min_records:
        reason = f"the baseline has {feature.records} records, and {thresholds.min_records} are needed"
        return Verdict(**known, status=NOT_JUDGED, reasons=(reason,))
    known |= _gaps(column, records)
    reasons = [*_reasons_of_gaps(known, feature.records, records, thresholds)]
    enough = min(column.usable, feature.usable) >= thresholds.min_records
    if enough and feature.counts:
        found = _measured(column)
        reasons += _reasons(found, thresholds)
        known |= found
    elif not reasons:
        return Verdict(**known, status=NOT_JUDGED, reasons=(_why_not(column, thresholds),))
    return Verdict(**known, status=DRIFTED if reasons else STABLE, reasons=tuple(reasons))


def _why_not(column: Column, thresholds: Thresholds) -> str:
    if not column.feature.counts and column.feature.kind == "text":
        return "a text with too many different values to compare; only its gaps are watched"
    usable = min(column.usable, column.feature.usable)
    return f"{usable} values to compare, and {thresholds.min_records} are needed"


def _gaps(column: Column, records: int) -> dict[str, Any]:
    """What has no value, or one of another kind, counts as missing."""
    return {
        "missing_share": (column.missing + column.invalid) / records,
        "baseline_missing_share": column.feature.missing / column.feature.records,
        "invalid": column.invalid,
    }


def _reasons_of_gaps(known: dict[str, Any], then: int, now: int, thresholds: Thresholds) -> Iterator[str]:
    before, after = known["baseline_missing_share"], known["missing_share"]
    if abs(after - before) < thresholds.missing_share:
        return
    pairs = [(share * size, (1 - share) * size) for share, size in ((before, then), (after, now))]
    _, p = measures.chi_square(*pairs)
    if p < thresholds.significance:
        yield f"{after:.1%} have no usable value, and {before:.1%} had none in the baseline"


def _measured(column: Column) -> dict[str, Any]:
    feature, now = column.feature, list(column.counts)
    statistic, p = measures.chi_square(feature.counts, now)
    found: dict[str, Any] = {
        "population_stability_index": measures.population_stability_index(feature.counts, now),
        "chi_square": statistic,
        "chi_square_p": p,
        "labels": tuple(_labels(column)),
        "baseline_counts": feature.counts,
        "counts": tuple(now),
    }
    if isinstance(column, Numbers):
        current = sorted(column.values)
        distance = measures.kolmogorov_smirnov(feature.knots, feature.usable, current)
        return {
            **found,
            "distance": distance,
            "distance_p": measures.kolmogorov_tail(distance, feature.usable, len(current)),
        }
    distance = measures.total_variation(feature.counts, now)
    # All names that the baseline does not hold, where it holds every name that there was.
    unseen = int(now[-1]) if not feature.counts[-1] else 0
    return {**found, "distance": distance, "unseen": unseen}


def _reasons(found: dict[str, Any], thresholds: Thresholds) -> Iterator[str]:
    index, distance = found["population_stability_index"], found["distance"]
    is_certain = found["chi_square_p"] < thresholds.significance
    if index >= thresholds.population_stability_index and is_certain:
        yield f"population stability index {index:.3g}, from {thresholds.population_stability_index:g} on it is drift"
    if distance >= thresholds.distance and found.get("distance_p", found["chi_square_p"]) < thresholds.significance:
        name = "KS distance" if "distance_p" in found else "distance of the categories"
        yield f"{name} {distance:.3g}, from {thresholds.distance:g} on it is drift"


def _labels(column: Column) -> Iterator[str]:
    """What the bins or categories are called in a picture."""
    feature = column.feature
    if feature.kind == "category":
        yield from feature.names
        yield "others"
        return
    edges = [f"{edge:.4g}" for edge in feature.edges]
    if not edges:
        yield "all"
        return
    yield f"to {edges[0]}"
    yield from (f"to {edge}" for edge in edges[1:])
    yield f"above {edges[-1]}"


def document_of(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON has it, without what is not known."""
    return {name: value for name, value in asdict(verdict).items() if value not in (None, ())}
