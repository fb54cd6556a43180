"""From a training file to a baseline."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from constructs_lib.drift.column import Row, summarize
from constructs_lib.errors import InvalidConfiguration

VERSION = 1
_SUBJECT = "make_baseline"
_SHOWN = 3


def make_baseline(
    training_file: str | Path,
    *,
    predictions: Sequence[str] = (),
    categories: Collection[str] = (),
    numbers: Collection[str] = (),
    ignore: Collection[str] = (),
    has_header: bool = True,
) -> dict[str, Any]:
    """What ``DriftWatch`` and ``DriftGate`` compare with, as a JSON document, from a CSV file that is read whole.

    The columns of the file are to stand in the order of those of a request. A column of numbers alone is compared as
    numbers, any other one as categories; a column of more than 100 texts, most of them different, only by its gaps.
    Empty fields, ``NA``, ``N/A``, ``NaN``, ``null`` and ``None`` are missing values, in any case.

    :param predictions: columns that hold what the model answered to the rows, in the order of its answers.
    :param categories: columns of numbers that are names, such as a postcode.
    :param numbers: columns that must be numbers; the first other value is an error.
    :param ignore: columns that are not in the requests, such as the label or an id.
    :param has_header: whether the first row has the names; without, columns are called ``0``, ``1`` and so on.
    :raises InvalidConfiguration: for a file without records, rows of unequal length, unknown or repeated columns, and
        texts where ``numbers`` were promised.
    :raises OSError: for a file that cannot be read.
    """
    names, rows = _read(Path(training_file), has_header=has_header)
    _check_names(names, predictions, categories, numbers, ignore)
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    kinds = dict.fromkeys(numbers, "number") | dict.fromkeys(categories, "category")
    inputs = [name for name in names if name not in {*predictions, *ignore}]
    problems: list[str] = []

    def summarized(wanted: Iterable[str]) -> list[Row]:
        found = []
        for name in wanted:
            try:
                found.append(summarize(name, columns[name], kind=kinds.get(name)))
            except ValueError as error:
                problems.append(f"{error}; leave it out of numbers, or mend the file")
        return found

    document = {"version": VERSION, "inputs": summarized(inputs), "predictions": summarized(predictions)}
    _raise(problems)
    return document


def _read(path: Path, *, has_header: bool) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            rows = [row for row in csv.reader(file) if row]
        except (csv.Error, UnicodeDecodeError) as error:
            raise InvalidConfiguration(_SUBJECT, [f"{path} must be CSV in UTF-8, got {error}; write it so"]) from error
    names = rows.pop(0) if has_header and rows else [str(index) for index in range(len(rows[0]) if rows else 0)]
    if not rows:
        raise InvalidConfiguration(_SUBJECT, [f"{path} must hold records, got none; each is a row below the header"])
    wrong = [index for index, row in enumerate(rows, start=1) if len(row) != len(names)]
    shown = ", ".join(map(str, wrong[:_SHOWN]))
    _raise([f"every record must have {len(names)} fields, {len(wrong)} have not, such as {shown}"] if wrong else [])
    return [name.strip() for name in names], rows


def _check_names(names: Sequence[str], *asked: Collection[str]) -> None:
    problems = [f"column {name!r} is there twice; name each" for name in sorted(set(names)) if names.count(name) > 1]
    unknown = sorted({name for part in asked for name in part} - set(names))
    problems += [f"column {name!r} is not in the file; give one of {', '.join(names[:20])}" for name in unknown]
    predictions, categories, numbers, ignore = map(set, asked)
    problems += [f"column {name!r} is ignored and a prediction; choose one" for name in sorted(predictions & ignore)]
    problems += [f"column {name!r} is a number and a category; choose one" for name in sorted(categories & numbers)]
    if not set(names) - predictions - ignore:
        problems.append("one column at least must be an input of the model")
    _raise(problems)


def _raise(problems: Sequence[str]) -> None:
    if problems:
        raise InvalidConfiguration(_SUBJECT, problems)
