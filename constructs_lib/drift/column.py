"""One column of a training file in short: bins and knots of numbers, counts of categories."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from constructs_lib.drift.values import category_of, is_missing, number_of

BINS = 10
# As many points of a distribution are kept: the KS distance is found to 1 / 500.
KNOTS = 501
# Categories beyond the most frequent ones are counted together.
MOST_CATEGORIES = 100
# From so many names on, and if most records have one of their own, a text is no category.
_MANY, _MOST = 100, 0.5

Row = dict[str, Any]


def summarize(name: str, texts: Sequence[str], *, kind: str | None = None) -> Row:
    """A column as the baseline holds it. ``kind`` is ``number`` or ``category``, by default what the values are.

    :raises ValueError: with the first value that is no number where numbers are asked for.
    """
    present = [text for text in texts if not is_missing(text)]
    row: Row = {"name": name, "records": len(texts), "missing": len(texts) - len(present)}
    numbers = [number_of(text) for text in present]
    if kind == "number" and None in numbers:
        raise ValueError(f"{name} must hold numbers, got {present[numbers.index(None)]!r}")
    found = [number for number in numbers if number is not None]
    if kind == "number" or (kind is None and found and len(found) == len(numbers)):
        return {**row, "kind": "number", **_of_numbers(sorted(found))}
    names = Counter(category_of(text) for text in present)
    if kind is None and len(names) > max(_MANY, _MOST * len(present)):
        return {**row, "kind": "text"}
    return {**row, "kind": "category", **_of_categories(names)}


def _of_numbers(values: Sequence[float]) -> Row:
    edges = _edges(values)
    bounds = [0, *(bisect_right(values, edge) for edge in edges), len(values)]
    return {
        "edges": edges,
        "counts": [upper - lower for lower, upper in pairwise(bounds)],
        "knots": [[value, bisect_left(values, value), bisect_right(values, value)] for value in _knots(values)],
    }


def _edges(values: Sequence[float]) -> list[float]:
    """Between bins of about as many values each; every value is an edge where there are few, one of them in a constant.

    The last bin is for what lies above all values, or above the last edge.
    """
    distinct = sorted(set(values))
    if len(distinct) <= BINS:
        return distinct
    return sorted({values[len(values) * part // BINS - 1] for part in range(1, BINS)})


def _knots(values: Sequence[float]) -> list[float]:
    distinct = sorted(set(values))
    if len(distinct) <= KNOTS:
        return distinct
    last = len(values) - 1
    return sorted({values[last * part // (KNOTS - 1)] for part in range(KNOTS)})


def _of_categories(names: Counter[str]) -> Row:
    kept = sorted(name for name, _ in names.most_common(MOST_CATEGORIES))
    others = names.total() - sum(names[name] for name in kept)
    return {"names": kept, "counts": [*(names[name] for name in kept), others]}
