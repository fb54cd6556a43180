"""The columns of a baseline, and what a window of records has in them. Pure.

A column counts and keeps numbers, and never anything that a sender could make grow: texts that no baseline knows are
counted together.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from drift.values import INVALID, LONGEST, MISSING, Unusable, category_of, number_of, text_of

VERSION = 1
# What is greater is no number that a difference can be reckoned with; nor is NaN, which is not less than it.
_GREATEST = 1e300


class BadBaseline(ValueError):
    """The baseline is not one that this code reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A column as it was in training: how many records, how many of them without a value, and the others by kind.

    ``counts`` are those of bins or of categories. A number has ``edges`` between the bins, each belonging to the lower
    one, and ``knots`` of its distribution; a category has ``names``, and its last count is of all other names. A
    ``text`` has too many different values to be compared.
    """

    name: str
    kind: str
    records: int
    missing: int
    counts: tuple[float, ...] = ()
    edges: tuple[float, ...] = ()
    knots: tuple[tuple[float, float, float], ...] = ()
    names: tuple[str, ...] = ()

    @property
    def usable(self) -> int:
        """Records with a value."""
        return self.records - self.missing


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a model was trained on, column by column, and what it answered there."""

    inputs: tuple[Feature, ...]
    predictions: tuple[Feature, ...]

    @classmethod
    def read(cls, document: Any) -> Baseline:
        """Read the JSON of a baseline; raises ``BadBaseline``."""
        try:
            if document["version"] != VERSION:
                raise BadBaseline(f"version must be {VERSION}, got {document['version']!r}; make the baseline anew")
            return cls(*(tuple(map(_feature, document[part])) for part in ("inputs", "predictions")))
        except BadBaseline:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadBaseline(f"this is no baseline: {type(error).__name__} {error!s:.200}") from error


def _feature(row: Mapping[str, Any]) -> Feature:
    feature = Feature(
        name=str(row["name"]),
        kind=str(row["kind"]),
        records=row["records"],
        missing=row["missing"],
        counts=tuple(row.get("counts", ())),
        edges=tuple(row.get("edges", ())),
        knots=tuple((value, below, up_to) for value, below, up_to in row.get("knots", ())),
        names=tuple(map(str, row.get("names", ()))),
    )
    if feature.kind not in _KINDS:
        raise BadBaseline(f"kind must be one of {', '.join(_KINDS)}, got {feature.kind!r:.100}; make the baseline anew")
    if not _is_sound(feature):
        raise BadBaseline(f"this is no baseline: the numbers of {feature.name!r:.100} do not fit each other")
    return feature


def _is_sound(feature: Feature) -> bool:
    """Whether what is reckoned with are numbers, and as many as there are bins or categories."""
    sizes = (feature.records, feature.missing, *feature.counts)
    points = (*feature.edges, *(each for knot in feature.knots for each in knot))
    if not all(_is_number(each) for each in (*sizes, *points)) or min(sizes) < 0 or feature.missing > feature.records:
        return False
    names = feature.edges if feature.kind == "number" else feature.names
    return not feature.counts or len(feature.counts) == len(names) + 1


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and abs(value) < _GREATEST


class Column(Protocol):
    """What a window has of one feature."""

    feature: Feature
    missing: int
    invalid: int

    @property
    def usable(self) -> int: ...

    @property
    def counts(self) -> Sequence[float]: ...

    def add(self, value: object) -> None: ...


@dataclass(slots=True)
class _Counted:
    feature: Feature
    missing: int = 0
    invalid: int = 0

    def _is_unusable(self, value: object) -> bool:
        self.missing += value is MISSING
        self.invalid += value is INVALID
        return isinstance(value, Unusable)


@dataclass(slots=True)
class Numbers(_Counted):
    """A column of numbers, all of them kept."""

    values: array[float] = None  # type: ignore[assignment]  # made below: an array is no default to share

    def __post_init__(self) -> None:
        self.values = array("d")

    def add(self, value: object) -> None:
        """Take one more value."""
        number = number_of(value)
        if isinstance(number, float):
            self.values.append(number)
        else:
            self._is_unusable(number)

    @property
    def usable(self) -> int:
        """How many are numbers."""
        return len(self.values)

    @property
    def counts(self) -> Sequence[float]:
        """How many lie in each bin of the baseline."""
        edges = self.feature.edges
        counts = [0] * (len(edges) + 1)
        for value in self.values:
            counts[bisect_left(edges, value)] += 1
        return counts


class Categories(_Counted):
    """A column of categories: those of the baseline, and all others together."""

    def __init__(self, feature: Feature) -> None:
        super().__init__(feature)
        self._index = {name: index for index, name in enumerate(feature.names)}
        self.counts = [0.0] * (len(feature.names) + 1)

    def add(self, value: object) -> None:
        """Take one more value."""
        name = category_of(value)
        if isinstance(name, str):
            self.counts[self._index.get(name, -1)] += 1
        else:
            self._is_unusable(name)

    @property
    def usable(self) -> int:
        """How many are categories, known or not."""
        return int(sum(self.counts))


class Texts(_Counted):
    """A column of which only the gaps are counted."""

    def __init__(self, feature: Feature) -> None:
        super().__init__(feature)
        self.usable = 0
        self.counts: Sequence[float] = ()

    def add(self, value: object) -> None:
        """Take one more value."""
        # A text is as long as its sender likes; the bound of text_of is for categories.
        is_long = isinstance(value, str) and len(value) > LONGEST
        if is_long or not self._is_unusable(text_of(value)):
            self.usable += 1


_KINDS = {"number": Numbers, "category": Categories, "text": Texts}


class Table:
    """The columns of inputs or of predictions, filled record by record."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.columns: list[Column] = [_KINDS[feature.kind](feature) for feature in features]
        self.records = 0
        self.misshapen = 0
        self._header = [feature.name for feature in features]

    def add(self, record: object) -> None:
        """Take one record: an object by the names of its members, a list by position, or a value alone.

        A row that holds the names of the columns is a header, and no record. Where there is one column, a list is as
        many records: servers answer several predictions so.
        """
        if isinstance(record, list) and len(self.columns) == 1:
            for value in record:
                self._add_row([value])
        elif isinstance(record, Mapping):
            if record.keys().isdisjoint(column.feature.name for column in self.columns):
                self._add_row(_only_list(record))
            else:
                self._add_row([record.get(column.feature.name) for column in self.columns])
        else:
            self._add_row(record if isinstance(record, list) else [record])

    def _add_row(self, row: Sequence[object] | None) -> None:
        if row == self._header:
            return
        if row is None or len(row) != len(self.columns):
            self.misshapen += 1
            return
        self.records += 1
        for column, value in zip(self.columns, row, strict=True):
            column.add(value)


def _only_list(record: Mapping[str, object]) -> list[object] | None:
    """The values of ``{"features": [...]}``, whatever the member is called."""
    lists = [value for value in record.values() if isinstance(value, list)]
    return lists[0] if len(lists) == 1 else None
